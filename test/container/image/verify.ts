/**
 * What container/verify.sh runs: builds the image in both of its forms, looks at each, and runs suites in them as Fargate
 * would. Prints a line for each look, and last of all `passed` or `failed`: exit code 0 or 1.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startExampleApp } from '../../../features/support/example-app.ts';
import { judge } from '../../../src/outcome/suite-so-far.ts';
import type { SuitePlan } from '../../../src/run/plan.ts';
import { seleniumSuite } from '../../suites/kinds.ts';
import { type ContainerWorld, openContainerWorld } from '../container-world.ts';
import { type Engine, findEngine } from './engine.ts';
import { ownSuiteDockerfile } from './own-suite.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const dockerfile = `--file=${join(root, 'container/Dockerfile')}`;

/** Megabytes as a registry counts them. The fuller form may be larger: who chooses it has a reason. */
const forms = [
  { browser: 'chromium-headless-shell', maxMb: 250 },
  { browser: 'chromium', maxMb: 350 },
] as const;

const seleniumVersion = '4.49.0';

let failures = 0;

async function verify(): Promise<void> {
  const engine = findEngine(process.env.ENGINE);
  const world = await openContainerWorld();
  try {
    for (const { browser, maxMb } of forms) {
      console.log(`\n${browser} (built by ${engine.name})`);
      const image = `coldframe-example:${browser}`;
      await look('is built', async () => {
        await engine.build([dockerfile, `--build-arg=BROWSER=${browser}`, `--tag=${image}`], root);
        return '';
      });
      await look(`is at most ${maxMb} MB, compressed`, () => lookAtSize(engine, image, maxMb));
      await look('is what Fargate allows', () => lookAtPlace(engine, image));
      await look('has a browser', () => lookAtBrowser(engine, image));
      await look('runs the example suite', () => runExampleSuite(engine, image, world));
    }
    await look('runs a Selenium suite, built from coldframe-runner as docs/suite.md says', () => runSeleniumSuite(engine, world));
  } finally {
    await world.stop();
  }
}

/** Prints what was claimed, and what was seen. */
async function look(claim: string, see: () => Promise<string>): Promise<void> {
  try {
    const seen = await see();
    console.log(`  ✓ ${claim}${seen && `: ${seen}`}`);
  } catch (error) {
    failures += 1;
    console.log(`  ✗ ${claim}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function lookAtSize(engine: Engine, image: string, maxMb: number): Promise<string> {
  const layers = await engine.layers(image);
  const inMb = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 0);
  const sum = layers.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  const seen = `${inMb(sum)} MB (layers, lowest first: ${layers.map(({ sizeBytes }) => inMb(sizeBytes)).join(', ')})`;
  if (sum > maxMb * 1e6) throw new Error(`it has ${seen}`);
  return seen;
}

const place = `
  id -un; id -u; df -m /dev/shm | awk 'NR == 2 { print $2 }'; awk '/^CapEff/ { print $2 }' /proc/self/status
  for folder in / /suite /tmp "$HOME"; do touch "$folder/probe" 2>/dev/null && echo writable || echo read-only; done`;

async function lookAtPlace(engine: Engine, image: string): Promise<string> {
  const { stdout, stderr } = await engine.run(image, { command: ['sh', '-c', place] });
  const [user, id, shmMb, capabilities, ...folders] = stdout.trim().split('\n');
  const [rootFolder, suite, temporary, home] = folders;
  const writable = `root folder ${rootFolder}, /suite ${suite}, /tmp ${temporary}, home ${home}`;
  const seen = `user ${user} (${id}), /dev/shm of ${shmMb} MB, capabilities ${capabilities}, ${writable}`;
  const isSmall = id !== '0' && shmMb === '64' && Number(`0x${capabilities}`) === 0;
  const isAllowed = isSmall && folders.join() === 'read-only,read-only,writable,writable';
  if (!isAllowed) throw new Error(`${seen}${stderr}`);
  return seen;
}

async function lookAtBrowser(engine: Engine, image: string): Promise<string> {
  const script = await readFile(new URL('browser-in-image.mjs', import.meta.url), 'utf8');
  const { stdout, stderr, code } = await engine.run(image, { command: ['node', '--input-type=module', '-'], stdin: script });
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  const { version, firstLaunchMs, launchMs, pageMs, memoryMb } = JSON.parse(stdout);
  return `Chromium ${version} starts in ${launchMs} ms (the first time ${firstLaunchMs}), shows a page, clicks and takes a picture in ${pageMs} ms, keeps ${memoryMb} MB`;
}

async function runExampleSuite(engine: Engine, image: string, world: ContainerWorld): Promise<string> {
  const app = await startExampleApp();
  try {
    const env = { LOGIN_USERNAME: app.account.username, LOGIN_PASSWORD: app.account.password };
    return await runInImage({ engine, image, world, env, plan: { url: app.url, tags: 'not @broken', retry: 1, limitMs: 300_000 } });
  } finally {
    await app.stop();
  }
}

/** As somebody does who has a suite of their own: the Dockerfile of docs/suite.md beside it, and the runner without a suite. */
async function runSeleniumSuite(engine: Engine, world: ContainerWorld): Promise<string> {
  const runner = 'coldframe-runner:chromium';
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-own-suite-'));
  try {
    await engine.build([dockerfile, '--build-arg=BROWSER=chromium', '--target=runner', `--tag=${runner}`], root);
    const { dockerfile: own, dockerignore } = await ownSuiteDockerfile();
    const { devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const dependencies = { '@cucumber/cucumber': devDependencies['@cucumber/cucumber'], 'selenium-webdriver': seleniumVersion };
    for (const [name, content] of Object.entries({
      ...seleniumSuite.files,
      'package.json': JSON.stringify({ name: 'suite', private: true, dependencies }),
      // As so many suites do: a report of its own, beside its files.
      'cucumber.json': JSON.stringify({ default: { format: ['json:reports/cucumber.json'] } }),
      Dockerfile: own,
      '.dockerignore': dockerignore,
    })) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    await promisify(execFile)('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
    await engine.build([`--build-arg=RUNNER=${runner}`, '--tag=coldframe-selenium'], folder);
    return await runInImage({ engine, image: 'coldframe-selenium', world, env: {}, plan: { ...seleniumSuite.plan, limitMs: 300_000 } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

let runs = 0;

interface InImage {
  readonly engine: Engine;
  readonly image: string;
  readonly world: ContainerWorld;
  readonly env: Readonly<Record<string, string>>;
  readonly plan: Partial<SuitePlan>;
}

/** Runs the image's own entry point on a plan, with the local S3 and SSM for AWS. Gives what the suite came to. */
async function runInImage({ engine, image, world, env, plan }: InImage): Promise<string> {
  runs += 1;
  const runId = `local-20261123-0600-${String(runs).padStart(6, '0')}`;
  await world.putPlan(runId, plan);
  const told = Object.entries(world.environment()).filter(([name]) => /^(?:AWS|COLDFRAME)_/.test(name));
  const startedMs = Date.now();
  const { code, stdout, stderr } = await engine.run(image, {
    env: { ...Object.fromEntries(told), ...env, COLDFRAME_RUN: runId, COLDFRAME_SHARD: '1' },
  });
  if (code !== 0) throw new Error(`the container ended with exit code ${code}:\n${stdout}${stderr}`);
  const { counts, failures: failed } = judge(world.of(runId).messages());
  if (counts.passed === 0 || counts.passed !== counts.total) {
    throw new Error(`${JSON.stringify(counts)}\n${JSON.stringify(failed, undefined, 2)}\n${stdout}${stderr}`);
  }
  return `${counts.passed} of ${counts.total} passed, ${counts.flaky} of them flaky, in ${Math.round((Date.now() - startedMs) / 1_000)} s`;
}

process.exitCode = await verify().then(
  () => (failures === 0 ? 0 : 1),
  (error: unknown) => {
    console.log(`  ✗ ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  },
);
console.log(process.exitCode === 0 ? '\npassed' : '\nfailed');
