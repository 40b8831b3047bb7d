/**
 * What `npm test` does: format, lint, types and unused code are looked at while the tests run, which mostly wait. `--all` runs
 * every row of the tables that are shortened otherwise (CONTRIBUTING.md, "Tests"); what else is named goes to vitest.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One after the other: each takes more than one processor for itself. Several checkers of tsc would look at much of it several times. */
const checks = [['biome', 'check', '--error-on-warnings'], ['tsc', '--noEmit', '--checkers', '1'], ['knip']];

const args = process.argv.slice(2);
const compiled = await mkdtemp(join(tmpdir(), 'coldframe-compiled-'));
const env = {
  ...process.env,
  // Hundreds of processes load the same modules: Node keeps what it has compiled of them.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? compiled,
  ...(args.includes('--all') && { COLDFRAME_TEST_ALL: '1' }),
};

interface Told {
  readonly command: string;
  readonly isWell: boolean;
  readonly output: string;
}

try {
  const tests = ['vitest', 'run', '--project', 'fast', '--project', 'world', ...args.filter((arg) => arg !== '--all')];
  const [checked, tested] = await Promise.all([runChecks(), run(tests, 'inherit')]);
  // Last, and not among the tests, where nobody would see it.
  for (const { command, isWell, output } of checked) if (!isWell) console.error(`\n${command} failed:\n${output}`);
  console.log([...checked, tested].map(({ command, isWell }) => `${isWell ? '✓' : '✗'} ${command}`).join('\n'));
  process.exitCode = [...checked, tested].every(({ isWell }) => isWell) ? 0 : 1;
} finally {
  await rm(compiled, { recursive: true, force: true, maxRetries: 5 });
}

async function runChecks(): Promise<readonly Told[]> {
  const told: Told[] = [];
  for (const check of checks) told.push(await run(check, 'pipe'));
  return told;
}

/** Runs one of our packages' programs, which npm has put on the path. */
async function run([program = '', ...rest]: readonly string[], out: 'inherit' | 'pipe'): Promise<Told> {
  const child = spawn(program, rest, { env, stdio: ['inherit', out, out] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = await once(child, 'close');
  return { command: [program, ...rest].join(' '), isWell: code === 0, output };
}
