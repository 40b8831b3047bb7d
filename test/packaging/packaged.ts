import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from '../../src/local/build.ts';
import { oneBuild } from '../one-build.ts';
import { runNode } from './run-node.ts';
import { resolveTemplate, type Template } from './template.ts';

export interface Packaged {
  /** Where osls has put the template and the archives. */
  readonly folder: string;
  /** As CloudFormation gets it. */
  readonly raw: Template;
  /** With its intrinsic functions resolved. */
  readonly template: Template;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, 'node_modules/.cache/coldframe-packaged');
const template = 'cloudformation-template-update-stack.json';

/**
 * What `npm run package` makes of a stage, with neither credentials nor a home nor a network. It takes osls ten seconds, so
 * that it is kept for the other tests, as long as nothing has changed that it is made of.
 */
export async function packaged(stage: string): Promise<Packaged> {
  const folder = join(cache, madeOf(), stage);
  const isThere = () => existsSync(join(folder, template));
  mkdirSync(dirname(folder), { recursive: true });
  // Several files of tests want it at once, each in a process of its own: one makes it.
  while (!isThere()) {
    const release = taken(`${folder}.lock`);
    if (release === undefined) await pause(100);
    else if (isThere()) release();
    else await packageStage(stage, folder).finally(release);
  }
  const raw: Template = JSON.parse(readFileSync(join(folder, template), 'utf8'));
  return { folder, raw, template: resolveTemplate(raw) };
}

/** What gives the lock back; undefined while a living process has it. */
function taken(lock: string): (() => void) | undefined {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return () => rmSync(lock, { force: true });
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true });
    return undefined;
  }
}

function isAlive(lock: string): boolean {
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')) || process.pid, 0);
  } catch {
    return false;
  }
}

async function packageStage(stage: string, folder: string): Promise<void> {
  // A folder of its own, so that nobody's dist is touched, and nobody sees half of it.
  const work = join(cache, randomUUID());
  mkdirSync(work, { recursive: true });
  try {
    symlinkSync(join(root, 'src'), join(work, 'src'));
    copyFileSync(join(root, 'serverless.yml'), join(work, 'serverless.yml'));
    await makeDist(stage, join(work, 'dist'));
    const osls = join(root, 'node_modules/osls/bin/serverless.js');
    const environment = { HOME: work, PATH: join(root, 'node_modules/.bin') };
    await runNode([osls, 'package', '--stage', stage, '--package', join(work, 'package')], environment, work);
    forgetOlder();
    if (!existsSync(folder)) renameSync(join(work, 'package'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The stage `local` takes the bundles that the tests have already. Others are built anew, so that the two can be compared. */
async function makeDist(stage: string, dist: string): Promise<void> {
  const made = stage === 'local' ? await oneBuild() : undefined;
  if (made === undefined) return void (await build({ outDir: dist }));
  for (const { file } of made.built) {
    const copy = join(dist, relative(made.folder, file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
  }
}

/** Everything the package is made of, in one word. */
function madeOf(): string {
  const hash = createHash('sha256');
  const files = globSync(['src/**/*', 'handlers/**/*', 'container/**/*.ts', '*.yml', 'package-lock.json'], {
    cwd: root,
    withFileTypes: true,
  });
  for (const file of files
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .toSorted())
    hash.update(`${file}\n`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function forgetOlder(): void {
  const mine = madeOf();
  for (const name of readdirSync(cache))
    if (/^[0-9a-f]{16}$/.test(name) && name !== mine) rmSync(join(cache, name), { recursive: true, force: true });
}
