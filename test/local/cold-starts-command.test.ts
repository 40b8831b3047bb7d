import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

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

  it.each([
    [['--from-file', real, '--what-if', 'merge'], 'time (@timestamp) and stream (@logStream) and function (@log) are missing'],
    [['--from-file', real, '--window', '1h'], 'the column time (@timestamp) is missing in 26 reports'],
    [['--from-file', file, '--window', 'soon'], '--window takes 1h, 24h, 7d'],
    [['--from-file', file, '--what-if', 'magic'], "I don't know the change magic"],
    [['--from-file', file, '--what-if', 'merge=often,seldom'], 'There is no function seldom'],
    [['--from-file', 'nowhere.log'], 'ENOENT'],
    [[], '--from-file is missing'],
  ])('refuses %s and says why', (args, because) => {
    const { status, stderr } = coldStarts(args);
    expect([status, stderr]).toEqual([2, expect.stringContaining(because)]);
  });
});
