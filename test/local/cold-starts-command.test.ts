import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { coldStartsCommand } from '../../src/local/coldstarts/cold-starts-command.ts';
import { isEveryRow, someOf } from '../every-row.ts';

const root = new URL('../../', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'coldframe-command-'));
afterAll(() => rmSync(dir, { recursive: true }));

const coldStarts = (args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/local/main.ts', 'coldstarts', ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};
/** What it refuses with, run in this process: thrown, for the program to say, or said. */
async function refusal(args: readonly string[]): Promise<string> {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  try {
    expect(await coldStartsCommand(args)).toBe(2);
    return said.mock.calls.flat().join('\n');
  } catch (error) {
    return error instanceof Error ? error.message : '';
  } finally {
    said.mockRestore();
  }
}

const real = join(root, 'test/fixtures/coldstart/report-lines.txt');

/** Two functions, two days: one is called every minute, the other every twenty. */
function csv(): string {
  const startMs = Date.parse('2026-11-21T00:00:00Z');
  const line = (ms: number, name: string, stream: string, init: string): string =>
    `${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')},"REPORT RequestId: a\tDuration: 10.00 ms\tBilled Duration: 11 ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\t${init}",${stream},1:/aws/lambda/${name}`;
  const rows = Array.from({ length: 2 * 1_440 }, (_, minute) => {
    const ms = startMs + minute * 60_000;
    const often = line(ms, 'often', 'a', minute === 0 ? 'Init Duration: 300.00 ms\t' : '');
    return minute % 20 === 7 ? [often, line(ms + 5_000, 'rare', `b${minute}`, 'Init Duration: 400.00 ms\t')] : [often];
  });
  return ['@timestamp,@message,@logStream,@log', ...rows.flat()].join('\n');
}

describe('coldframe coldstarts', () => {
  const file = join(dir, 'log.csv');
  writeFileSync(file, csv());
  writeFileSync(join(dir, 'broken.gz'), gzipSync(csv()).subarray(0, 2_000));

  it('prints totals and functions as JSON, of a window and the one before', () => {
    const { status, stdout } = coldStarts(['--from-file', file, '--window', '24h', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      invocations: 1_512,
      coldStarts: 72,
      preInitialised: 0,
      reInits: 0,
      functions: { often: { invocations: 1_440, coldStarts: 0 }, rare: { invocations: 72, coldStarts: 72, initMs: { p50: 400 } } },
      before: { invocations: 1_512, coldStarts: 73 },
    });
  });

  it('foresees a merge from the same file, and says what it assumed', () => {
    const { status, stdout } = coldStarts(['--from-file', file, '--what-if', 'merge']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/The model reproduces 145 of 145 cold starts; idle environments are taken to live 5 min to 7 min, because/);
    expect(stdout).toMatch(/all merged +1 /);
  });

  it('reads standard input', () => {
    expect(JSON.parse(coldStarts(['--from-file', '-', '--json'], csv()).stdout)).toMatchObject({ invocations: 3_024 });
  });

  const writings: readonly (readonly [string, (text: string) => Uint8Array | string])[] = [
    ['as PowerShell writes it', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['compressed, as CloudWatch exports it to S3', gzipSync],
    ['with the line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
  ];
  it.each(someOf(writings, 3))('reads a file %s', (_, written) => {
    const path = join(dir, 'written');
    writeFileSync(path, written(csv()));
    expect(JSON.parse(coldStarts(['--from-file', path, '--window', '24h', '--json']).stdout)).toMatchObject({ invocations: 1_512 });
  });

  it.runIf(isEveryRow)('reads a pipe that has a name', () => {
    const { stdout } = spawnSync(
      'bash',
      ['-c', `"${process.execPath}" src/local/main.ts coldstarts --json --window 24h --from-file <(cat "${file}")`],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(stdout)).toMatchObject({ invocations: 1_512 });
  });

  it('ends quietly when nobody reads on', () => {
    const { stderr } = spawnSync('bash', ['-c', `"${process.execPath}" src/local/main.ts coldstarts --from-file "${file}" | true`], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
  });

  const others = [
    ['a file of other lines', 'hello\nworld\n', 'None of its 2 events is a line of Lambda'],
    ['an empty file', '', 'There is no event of a log in it.'],
    ['a line of ten megabytes', 'x'.repeat(10_000_000), 'None of its 1 events'],
  ] as const;
  it.each(someOf(others, 3))('%s has no invocation, and it says what to do', (_, text, because) => {
    const path = join(dir, 'other');
    writeFileSync(path, text);
    expect(coldStarts(['--from-file', path])).toMatchObject({ status: 0, stdout: expect.stringContaining(because) });
    expect(JSON.parse(coldStarts(['--from-file', path, '--json']).stdout)).toMatchObject({ invocations: 0, coldStarts: 0, functions: {} });
  });

  it.each([
    [['--from-file', dir], 'is a folder'],
    [['--from-file', ''], '--from-file is missing'],
    [['--from-file', join(dir, 'broken.gz')], 'broken.gz is cut off or damaged'],
    [['--from-file', file, '--from-log', 'x'], "Unknown option '--from-log'"],
    [['--from-file', file, '--what-if='], 'A change is merge, merge=a,b, ping=5m or provisioned=2.'],
    [['--from-file', file, '--what-if', 'ping=0m'], 'ping= takes how often'],
    [['--from-file', file, '--what-if', 'provisioned=-1'], 'provisioned= takes how many'],
    [['--from-file', file, '--window', '-1h'], '--window'],
    [['--from-file', file, '--window', ''], '--window takes 1h, 24h, 7d'],
    [['--from-file', real, '--what-if', 'merge'], 'time (@timestamp) and stream (@logStream) and function (@log) are missing'],
    [['--from-file', real, '--window', '1h'], 'the column time (@timestamp) is missing in 26 reports'],
    [['--from-file', file, '--window', 'soon'], '--window takes 1h, 24h, 7d'],
    [['--from-file', file, '--what-if', 'magic'], "I don't know the change magic"],
    [['--from-file', file, '--what-if', 'merge=often,seldom'], 'There is no function seldom'],
    [['--from-file', 'nowhere.log'], 'There is no file nowhere.log'],
    [[], '--from-file is missing'],
  ])('refuses %s and says why', async (args, because) => expect(await refusal(args)).toContain(because));

  it('says a refusal in a line, without a stack, and ends with 2', () => {
    const { status, stderr } = coldStarts(['--from-file', 'nowhere.log']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('There is no file nowhere.log')]);
    expect(stderr).not.toMatch(/^\s+at |Error:/m);
  });
});
