import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { outcomeCommand } from '../../src/local/outcome/outcome-command.ts';
import { older, recorded, recordedShards, samples } from '../outcome/streams.ts';

const root = new URL('../../', import.meta.url).pathname;
const dir = mkdtempSync(join(tmpdir(), 'coldframe-outcome-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

/** Runs the command in this process: what it printed, and its exit code. */
const run = async (...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const code = await outcomeCommand(args);
    return { code, text: printed.mock.calls.flat().join('\n') };
  } finally {
    printed.mockRestore();
  }
};

/** … as people do. */
const shell = (command: string, input = '') => {
  const program = `"${process.execPath}" src/local/main.ts outcome`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command.replaceAll('OUTCOME', program)], {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

const stream = (name: string): string => recorded.get(name) ?? samples.get(name) ?? '';
const shards = [...recordedShards].filter(([name]) => name.startsWith('everything')).map(([name, text]) => file(`${name}.ndjson`, text));

describe('coldframe outcome', () => {
  it('calls a run passed of which only scenarios in quarantine failed, and names them', async () => {
    const path = file('messages.ndjson', stream('everything'));
    const { code, text } = await run(path, '--quarantine', '@broken or @wip or @pending or @admin');
    expect(code).toBe(0);
    expect(text).toMatch(/^✅ passed · 4 of 13 scenarios passed, 7 in quarantine failed/);
    expect(text).toContain('7 scenarios failed in quarantine\n  features/shop.feature:17  Shop › A visitor pays with a wrong card');
    const some = await run(path, '--json', '--quarantine', '@broken');
    expect(some.code).toBe(1);
    expect(JSON.parse(some.text)).toMatchObject({ kind: 'failed', counts: { failed: 3, quarantined: 2 }, quarantined: [{}, {}] });
    expect(JSON.parse(some.text).failures).toHaveLength(5);
    await expect(run(path, '--quarantine', 'broken')).rejects.toThrow('--quarantine: `broken` is not a tag');
  });

  it.each([...samples, ...older, ...recorded])(
    'judges %s as reviewed, in text and JSON, with the exit code that fits',
    async (name, text) => {
      const path = file('messages.ndjson', text);
      const { code, text: json } = await run(path, '--json');
      const told = JSON.parse(json);
      expect(code).toBe(told.kind === 'passed' ? 0 : told.kind === 'failed' ? 1 : 2);
      const { total, flaky, ...states } = told.counts;
      expect(Object.values<number>(states).reduce((sum, count) => sum + count, 0)).toBe(total);
      expect(flaky).toBe(told.flaky.length);
      expect(told).toMatchObject({ failures: expect.any(Array), durationMs: expect.any(Number), files: [{ name: path }] });
      expect(told.causes.flatMap((cause: { failures: number[] }) => cause.failures).toSorted((a: number, b: number) => a - b)).toEqual(
        told.failures.map((_: unknown, place: number) => place),
      );
      const people = await run(path);
      expect(people.code).toBe(code);
      for (const { uri, line } of told.failures.slice(0, 10)) expect(people.text).toContain(`${uri}:${line}`);
      // How these two ended is not in their messages.
      if (name === 'process-exit' || name === 'stopped') expect(told.kind).toBe('unfinished');
    },
  );

  it('tells people the verdict, the failures by their causes, and the flaky ones', async () => {
    const { text } = await run(file('everything.ndjson', stream('everything')));
    await expect(`${text}\n`).toMatchFileSnapshot('../golden/local/outcome.txt');
  });

  it('takes several files as the shards of one run, packed or not', async () => {
    const [first = '', second = '', third = ''] = shards;
    const packed = file('second.ndjson.gz', gzipSync(readFileSync(second)));
    const whole = JSON.parse((await run(file('whole.ndjson', stream('everything')), '--json')).text);
    const { code, text } = await run(first, packed, third, '--json');
    const { counts, kind, failures } = JSON.parse(text);
    expect({ code, counts, kind }).toEqual({ code: 1, counts: whole.counts, kind: whole.kind });
    const places = (all: { line: number; scenario: string }[]) => all.map(({ line, scenario }) => `${line} ${scenario}`);
    expect(places(failures)).toEqual(places(whole.failures));
  });

  it('says which shard did not come to its end', async () => {
    const lines = stream('all-well').split('\n');
    const good = file('good.ndjson', lines.join('\n'));
    const cut = file('cut.ndjson', lines.slice(0, -10).join('\n'));
    const empty = file('empty.ndjson', '');
    const { code, text } = await run(good, cut, empty, '/nowhere/4.ndjson');
    expect(code).toBe(2);
    expect(text).toContain(
      `1 of 4 shards reported: ${cut} ends before its run does; ${empty} holds no message; there is no file /nowhere/4.ndjson.`,
    );
  });

  it('does not call a run passed whose file is damaged, however well it ends', async () => {
    const packed = gzipSync(stream('all-well'));
    const { code, text } = await run(file('damaged.gz', packed.subarray(0, -6)), '--json');
    expect({ code, kind: JSON.parse(text).kind }).toEqual({ code: 2, kind: 'unfinished' });
    const half = await run(file('half.gz', packed.subarray(0, packed.length / 2)), '--json');
    expect(JSON.parse(half.text)).toMatchObject({
      kind: 'unfinished',
      stop: { what: expect.stringContaining('half.gz is cut off or damaged') },
    });
  });

  it('reads what PowerShell kept, and what somebody wrote between the messages', async () => {
    const utf16 = file('powershell.ndjson', Buffer.from(`\ufeff${stream('all-well')}`, 'utf16le'));
    expect((await run(utf16)).code).toBe(0);
    const { code, text } = await run(file('junk.ndjson', `npm warn\n${stream('all-well')}{"half`));
    expect(code).toBe(0);
    expect(text).toContain('junk.ndjson has 1 line that is no message and half a last line.');
  });

  it('says of an empty file what that means', async () => {
    const { code, text } = await run(file('nothing.ndjson', ''));
    expect(code).toBe(2);
    expect(text).toContain('nothing.ndjson holds no message.');
    expect(text).toContain('a step file does not load');
  });

  it('writes reports beside it, of shards, too', async () => {
    const [html, junit] = [join(dir, 'new/report.html'), join(dir, 'new/junit.xml')];
    expect((await run(...shards, '--html', html, '--junit', junit)).code).toBe(1);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('7 of 13 scenarios failed');
    expect(page.match(/"anchor":/g)).toHaveLength(13);
    expect(readFileSync(junit, 'utf8')).toContain('<testsuites name="Cucumber" tests="13" failures="7" errors="0" skipped="2"');
  });

  it('puts attachments that lie beside the messages into the report', async () => {
    file('shot.png', Buffer.from('not really a picture'));
    const stored = stream('everything').replace(/"body":"[^"]*"(,"contentEncoding":"BASE64")/, '"body":"","url":"./shot.png"$1');
    const html = join(dir, 'with-shot.html');
    await run(file('stored.ndjson', stored), '--html', html);
    expect(readFileSync(html, 'utf8')).toContain(Buffer.from('not really a picture').toString('base64'));
  });

  it.each<[string, readonly string[], string | RegExp]>([
    ['nothing', [], 'Which messages? Name the file'],
    ['a file that is not there', ['/nowhere/a.ndjson'], 'There is no file /nowhere/a.ndjson in '],
    ['files that are not there', ['/nowhere/a.ndjson', '/nowhere/b.ndjson'], 'None of the 2 files is there'],
    ['a folder', [dir], 'is a folder: name the messages'],
    [
      'a file and the same file',
      [file('same.ndjson', '{}'), join(dir, '../', dir.split('/').at(-1) ?? '', 'same.ndjson')],
      'is named twice',
    ],
    ["cucumber's JSON report", [file('report.json', '[\n{"id": "a", "elements": []}\n]')], "looks like cucumber's JSON report. It takes"],
    ['a page', [file('page.html', '<!DOCTYPE html>\n<p>hello')], 'looks like HTML or XML'],
    ['something else', [file('notes.txt', 'hello\nworld\n')], 'none of its 2 lines is one'],
    ['JSON of others', [file('other.ndjson', '{"level":"info"}\n')], 'none of its 1 line is one'],
    ['bytes', [file('random', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)))], 'is no stream of Cucumber messages'],
    ['an option there is not', ['--xml', 'a'], "Unknown option '--xml'"],
    ['a report in the place of a folder', [file('ok.ndjson', stream('minimal')), '--html', dir], 'cannot be written: EISDIR'],
  ])('refuses %s in one sentence', async (_, args, because) => {
    await expect(run(...args)).rejects.toThrow(because);
  });

  it('works in a pipe', () => {
    expect(shell('OUTCOME - --json', stream('retry'))).toMatchObject({
      status: 1,
      stderr: '',
      stdout: expect.stringContaining('"flaky": 2'),
    });
    expect(shell(`OUTCOME - --html "${dir}/piped.html"`, stream('minimal'))).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(`${dir}/piped.html`, 'utf8')).toContain('standard input passed');
    const large = file('large.ndjson', stream('everything'));
    expect(shell(`OUTCOME "${large}" --json | true; echo \${PIPESTATUS[0]}`)).toMatchObject({ stdout: '1\n', stderr: '' });
    expect(shell('OUTCOME /nowhere')).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^There is no file \/nowhere in [^\n]*\n$/),
    });
  });
});
