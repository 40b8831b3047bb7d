import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';
import { judge } from '../../src/outcome/suite-so-far.ts';
import type { SuitePlan } from '../../src/run/plan.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { type ContainerWorld, type Files, noProcessWith, openContainerWorld } from './container-world.ts';
import { type GitServer, hasGit, processTable, startGitServer } from './git-server.ts';

/** Words that no log, file, message or process list may hold, in no form. */
const token = 'ghp_Kanarienvogel7Xk2/+ä&"9q';
const secretsPath = '/coldframe/test/suite/git';

let world: ContainerWorld;
let git: GitServer;
let registry: LocalServer;
let downloads = 0;
let integrity = '';
/** A suite in the image, with nothing installed. */
let imageSuite: string;

beforeAll(async () => {
  if (!hasGit) return;
  world = await openContainerWorld();
  const folder = world.environment().TMPDIR ?? '';
  // Suites are fetched below the temporary folder, so this is where they find cucumber: nobody downloads it for a test.
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'));
  await mkdir(join(folder, 'git'));
  git = await startGitServer(join(folder, 'git'), token);
  const tarball = await packGreeting(folder);
  integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  registry = await serve(() => {
    downloads += 1;
    return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: tarball };
  });
  imageSuite = await world.suite({ 'package.json': '{}' }, {});
  world.ssm.putSecret(`${secretsPath}/GIT_TOKEN`, token);
  world.ssm.putSecret(`${secretsPath}/NPM_TOKEN`, 'npm_Kanarienvogel');
  world.ssm.putSecret(`${secretsPath}/LOGIN_PASSWORD`, 'Zaunkoenig');
});
afterAll(async () => {
  if (!hasGit) return;
  await Promise.all([git.stop(), registry.stop()]);
  await world.stop();
});

/** A package of one word, with an install script that must not be run. */
async function packGreeting(folder: string): Promise<Buffer> {
  const source = join(folder, 'greeting');
  await mkdir(source);
  const scripts = { install: "node -e \"require('fs').writeFileSync('was-run', '')\"" };
  await writeFile(join(source, 'package.json'), JSON.stringify({ name: 'greeting', version: '1.0.0', main: 'index.js', scripts }));
  await writeFile(join(source, 'index.js'), `exports.word = 'hello'; exports.wasRun = require('fs').existsSync(__dirname + '/was-run');`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: source });
  return readFileSync(join(folder, 'greeting-1.0.0.tgz'));
}

const suiteFiles = (): Files => ({
  'package.json': JSON.stringify({ name: 'suite', version: '1.0.0', type: 'module', dependencies: { greeting: '1.0.0' } }),
  'package-lock.json': JSON.stringify({
    name: 'suite',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'suite', version: '1.0.0', dependencies: { greeting: '1.0.0' } },
      'node_modules/greeting': { version: '1.0.0', resolved: `${registry.url}/greeting-1.0.0.tgz`, integrity, hasInstallScript: true },
    },
  }),
  'features/a.feature': 'Feature: a\n  Scenario: from git\n    Given I look around\n',
  'features/steps.js': `
    import { Given } from '@cucumber/cucumber';
    import { word, wasRun } from 'greeting';
    Given('I look around', function () {
      this.log(JSON.stringify({ word, wasRun, cwd: process.cwd(), names: Object.keys(process.env) }));
      this.log('said: ' + process.env.LOGIN_PASSWORD);
    });`,
});

const planFor = (repository: string, ref: string, path?: string): Partial<SuitePlan> => ({
  ref,
  source: { repository: `${git.url}/${repository}`, ...(path !== undefined && { path }) },
  secretsPath,
});

let runs = 0;
async function runAt(plan: Partial<SuitePlan>, more: { image?: string; env?: Record<string, string> } = {}) {
  runs += 1;
  const runId = `local-20261123-0600-${String(runs).padStart(6, '0')}`;
  const container = await world.start({
    suite: more.image ?? imageSuite,
    runId,
    plan,
    env: { npm_config_registry: registry.url, ...more.env },
  });
  await container.ended;
  const shard = world.of(runId);
  const logs = () =>
    shard.messages().flatMap((message) => ('attachment' in message ? [(message.attachment as { body: string }).body] : []));
  return { runId, shard, result: shard.result(), output: container.output(), logs };
}

const leftOver = () => readdirSync(world.environment().TMPDIR ?? '').filter((name) => name.startsWith('coldframe-suite-'));

/** Ways in which the token could be written. */
const forms = [
  token,
  encodeURIComponent(token),
  JSON.stringify(token).slice(1, -1),
  Buffer.from(token).toString('base64').slice(0, -4),
  Buffer.from(`x-access-token:${token}`).toString('base64').slice(24, -4),
  'Kanarienvogel',
];
const tellsIn = (text: string): readonly string[] => forms.filter((form) => text.includes(form));

describe.skipIf(!hasGit)('a suite from git (there must be a git on this machine)', () => {
  it('is what the ref names, with the packages of its lock file, and the commit is in the result', async () => {
    const commit = await git.push('suites.git', 'release/2.4', suiteFiles());
    const seen: ReturnType<typeof processTable>[] = [];
    git.onFetch = () => void seen.push(processTable(Buffer.from(`x-access-token:${token}`).toString('base64')));
    const { runId, shard, result, output, logs } = await runAt(planFor('suites.git', 'release/2.4'));
    git.onFetch = undefined;

    expect(result, output).toMatchObject({ how: 'ended', exitCode: 0, versions: { suite: commit, cucumber: '13.3.0' } });
    expect(judge(shard.messages()).counts).toMatchObject({ total: 1, passed: 1 });
    const { word, wasRun, cwd, names } = JSON.parse(logs()[0] ?? '');
    expect([word, wasRun, downloads]).toEqual(['hello', false, 1]);
    expect(cwd).toContain('coldframe-suite-');
    expect(existsSync(cwd)).toBe(false);
    expect(logs()[1]).toBe('said: ***');
    expect(names).toContain('LOGIN_PASSWORD');
    expect(names.filter((name: string) => /^GIT_|NPM_TOKEN/.test(name))).toEqual([]);

    // The token: in the environment of git while it fetches, and nowhere else at any time.
    expect(seen.length).toBeGreaterThan(0);
    for (const { commandLines, knowing } of seen) {
      expect(tellsIn(commandLines.join('\n'))).toEqual([]);
      expect(knowing.length).toBeGreaterThan(0);
      expect(knowing.filter((program) => !program.startsWith('git'))).toEqual([]);
    }
    for (const { key, content } of await shard.everything()) expect(tellsIn(content.toString('latin1')), key).toEqual([]);
    expect(tellsIn(output)).toEqual([]);
    const temporary = world.environment().TMPDIR ?? '';
    for (const file of globSync('**/*', { cwd: temporary, withFileTypes: true, exclude: ['node_modules', 'parameters.json', 'git'] }))
      if (file.isFile()) expect(tellsIn(readFileSync(join(file.parentPath, file.name), 'latin1')), file.name).toEqual([]);
    await noProcessWith(runId);
  });

  it.runIf(isEveryRow)('with the lock file of the image, uses what the image has installed', async () => {
    const files: Files = { ...suiteFiles(), 'features/b.feature': 'Feature: b\n  Scenario: another\n    Given I look around\n' };
    const commit = await git.push('suites.git', 'same-lock', files);
    const image = await world.suite({ 'package.json': '{}', 'package-lock.json': files['package-lock.json'] ?? '' }, {});
    await mkdir(join(image, 'node_modules/greeting'), { recursive: true });
    await writeFile(join(image, 'node_modules/greeting/index.js'), `exports.word = 'baked'; exports.wasRun = false;`);
    const before = downloads;
    const { result, output, logs, shard } = await runAt(planFor('suites.git', 'same-lock'), { image });
    expect(result, output).toMatchObject({ how: 'ended', exitCode: 0, versions: { suite: commit } });
    expect(JSON.parse(logs()[0] ?? '').word).toBe('baked');
    expect(judge(shard.messages()).counts.passed).toBe(2);
    expect([downloads, output.includes('"dependencies":"as in the image"')]).toEqual([before, true]);
  });

  it.runIf(isEveryRow)('of a run that is run again is the commit it was, though its ref has moved', async () => {
    const commit = await git.push('suites.git', 'moving', suiteFiles());
    await git.push('suites.git', 'moving', {
      ...suiteFiles(),
      'features/b.feature': 'Feature: b\n  Scenario: new\n    Given I look around\n',
    });
    const { result, output } = await runAt({ ...planFor('suites.git', 'moving'), commit });
    expect(result, output).toMatchObject({ how: 'ended', exitCode: 0, versions: { suite: commit } });
  });

  it.runIf(isEveryRow)('may be a folder of its repository, and of a workspace whose lock file is above it', async () => {
    const files = suiteFiles();
    const inFolder = Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name.includes('lock') ? name : `tests/ui/${name}`, content]),
    );
    await git.push('open.git', 'main', { ...inFolder, 'package.json': files['package.json'] ?? '' });
    const { result, output } = await runAt({ ...planFor('open.git', 'main', 'tests/ui'), secretsPath: '/coldframe/test/none' });
    expect(result, output).toMatchObject({ how: 'ended', exitCode: 0 });
  });

  describe('that cannot be had, says why in one sentence and what to do', () => {
    const without = (...names: string[]) => Object.fromEntries(Object.entries(suiteFiles()).filter(([name]) => !names.includes(name)));
    beforeAll(async () => {
      if (!hasGit) return;
      await git.push('broken.git', 'no-lock', without('package-lock.json'));
      await git.push('broken.git', 'yarn', { ...without('package-lock.json'), 'yarn.lock': '' });
      await git.push('broken.git', 'bare', { ...suiteFiles(), 'package.json': '{}', 'package-lock.json': '{' });
      world.ssm.putSecret('/coldframe/test/suite/wrong/GIT_TOKEN', 'ghp_WrongToken99');
    });

    it.each(
      someOf(
        [
          ['no such ref', () => planFor('broken.git', 'gone'), 'broken.git: it has no `gone`. Is it pushed, and spelled like this?'],
          [
            'no ref at all',
            () => planFor('broken.git', '--upload-pack=touch x'),
            '`--upload-pack=touch x` cannot be the name of a git ref',
          ],
          ['no such repository', () => planFor('nothing.git', 'main'), 'there is no such repository, or the token may not see it.'],
          [
            'no token',
            () => ({ ...planFor('broken.git', 'yarn'), secretsPath: '/coldframe/test/none' }),
            'it asks who we are. Put a token that may read it into the SSM parameter `/coldframe/test/none/GIT_TOKEN`.',
          ],
          [
            'a token that is not accepted',
            () => ({ ...planFor('broken.git', 'yarn'), secretsPath: '/coldframe/test/suite/wrong' }),
            'it does not accept the token in `/coldframe/test/suite/wrong/GIT_TOKEN`.',
          ],
          ['no host', () => ({ ...planFor('a', 'main'), source: { repository: 'http://127.0.0.1:9/a.git' } }), 'its host does not answer.'],
          ['no folder', () => planFor('broken.git', 'yarn', 'tests'), 'broken.git has no folder `tests` at `yarn`: `suite.path`'],
          [
            'no lock file',
            () => planFor('broken.git', 'no-lock'),
            'there is no package-lock.json. Commit the one that `npm install` writes.',
          ],
          ['the lock file of another', () => planFor('broken.git', 'yarn'), 'It has a yarn.lock, but Coldframe installs with npm.'],
          [
            'a lock file that npm cannot use',
            () => planFor('broken.git', 'bare'),
            '`npm ci` failed. Does it work in a fresh copy of the suite?\nnpm error code EUSAGE',
          ],
          ['no repository', () => ({ ref: 'main' }), 'coldframe.yml names no `suite.repository` for this environment.'],
        ],
        3,
      ),
    )('%s', async (_, plan, sentence) => {
      const { result, output, shard } = await runAt(plan());
      expect(result).toMatchObject({ how: 'not-run', chunks: 0 });
      expect(result.error).toContain(sentence);
      for (const { key, content } of await shard.everything()) expect(tellsIn(content.toString('latin1')), key).toEqual([]);
      expect([...tellsIn(output), ...['WrongToken99'].filter((word) => output.includes(word))]).toEqual([]);
      expect(leftOver()).toEqual([]);
    });

    it('no git in the image', async () => {
      const { result } = await runAt(planFor('broken.git', 'yarn'), { env: { PATH: '/nowhere' } });
      expect(result.error).toContain('there is no git in this image. Install it there, or leave out `ref=`.');
    });
  });

  it('is not waited for when the task is stopped meanwhile, and leaves nothing behind', async () => {
    const runId = 'local-20261123-0601-stoppd';
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    git.onFetch = async () => {
      ask();
      await released;
    };
    const container = await world.start({ suite: imageSuite, runId, plan: planFor('suites.git', 'release/2.4') });
    await asked;
    container.process.kill('SIGTERM');
    const { code } = await container.ended;
    git.onFetch = undefined;
    release();
    expect([code, world.of(runId).result().how]).toEqual([143, 'stopped']);
    expect(leftOver()).toEqual([]);
    await noProcessWith(runId);
  });
});
