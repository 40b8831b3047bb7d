import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** What runs inside a function's process, and fetches its events. */
export interface LambdaRuntime {
  /** `aws-lambda-ric 4.0.2`. */
  readonly name: string;
  /** What Node is started with. */
  readonly program: string;
}

const version = '4.0.2';
/** Kept with the other things that can be made again: its build takes a minute or more. */
const folder = fileURLToPath(new URL(`../../../node_modules/.cache/coldframe-ric-${version}/`, import.meta.url));

/**
 * AWS's own runtime client, which runs in Lambda's nodejs24.x: installed when it is first needed, and built from sources that its package
 * brings (cmake, make, g++, xz). Where that fails, the local world's, which does the same in JavaScript.
 */
export async function lambdaRuntime(note: (words: string) => void): Promise<LambdaRuntime> {
  const program = join(folder, 'node_modules/aws-lambda-ric/index.mjs');
  const native = join(folder, 'node_modules/aws-lambda-ric/rapid-client.node');
  try {
    if (!existsSync(native)) await install(note);
    if (existsSync(native)) return { name: `aws-lambda-ric ${version}`, program };
    throw new Error('its build made no rapid-client.node');
  } catch (error) {
    note(
      `AWS's runtime client (npm's aws-lambda-ric ${version}) cannot be had here, so that the local world's own is used: ${reasonOf(error)}`,
    );
    return {
      name: "the local world's own runtime client",
      program: fileURLToPath(new URL('../lambda/runtime-client.mjs', import.meta.url)),
    };
  }
}

async function install(note: (words: string) => void): Promise<void> {
  note(`installing aws-lambda-ric ${version}: it is built from source, which takes a minute or more`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', `aws-lambda-ric@${version}`, '--no-audit', '--no-fund', '--no-save', '--foreground-scripts'];
  await promisify(execFile)('npm', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
}

/** The last line that npm or the build said of it. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const [line] = said
    .split('\n')
    .filter((one) => /error/i.test(one) && !/npm (?:error|ERR!) (?:code|path|command|A complete log)/.test(one));
  return line?.trim() ?? (error instanceof Error ? error.message : String(error));
}
