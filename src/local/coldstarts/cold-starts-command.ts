import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { arrivalBook } from '../../coldstart/arrivals.ts';
import { summaryAsJson } from '../../coldstart/as-json.ts';
import { summaryAsText } from '../../coldstart/as-text.ts';
import { parseWhatIf, parseWindow } from '../../coldstart/command.ts';
import { coldStartCounter, type Window } from '../../coldstart/count.ts';
import { exportedLog, type LogLine } from '../../coldstart/exported-log.ts';
import { parseReportLine } from '../../coldstart/report-line.ts';
import { summarise, whatIfRefusal } from '../../coldstart/summary.ts';
import type { WhatIf } from '../../coldstart/what-if.ts';
import { eachLine } from './log-lines.ts';

const usage = `npm run coldframe -- coldstarts --from-file LOG      how often, how slow, what it costs: from exported log lines; - is standard input
  --window 24h               only the last 24 hours of the file (1h, 7d, …), and the same before for comparison
  --what-if merge            all functions as one; merge=a,b: these two
  --what-if ping=5m          a call every five minutes to keep them warm; ping=5mx2: two at once
  --what-if provisioned=2    two environments of each that are always there
  --json                     for programs`;

/** `coldstarts`: reads exported log lines and prints the report. Gives the exit code: 0, or 2 for what could not be done. */
export async function coldStartsCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'from-file': { type: 'string' },
      window: { type: 'string' },
      'what-if': { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const file = values['from-file'];
  if (file === undefined) return refuse(`--from-file is missing.\n\n${usage}`);
  const windowMs = values.window === undefined ? undefined : parseWindow(values.window);
  if (values.window !== undefined && windowMs === undefined)
    return refuse(`--window takes 1h, 24h, 7d and the like, not ${values.window}.`);
  const whatIfs: WhatIf[] = [];
  for (const word of values['what-if'] ?? []) {
    const parsed = parseWhatIf(word);
    if (parsed.kind === 'refused') return refuse(parsed.because.replaceAll('`', ''));
    whatIfs.push(parsed.whatIf);
  }
  await using source = await openLog(file, windowMs !== undefined);
  const window = windowMs === undefined ? undefined : await lastOf(source, windowMs);
  if (window === 'timeless')
    return refuse('--window needs the time of each event, and no line has one: the column time (@timestamp) is missing.');
  return await report(source, { window, windowMs, whatIfs, isJson: values.json === true });
}

interface Options {
  readonly window: Window | undefined;
  readonly windowMs: number | undefined;
  readonly whatIfs: readonly WhatIf[];
  readonly isJson: boolean;
}

async function report(source: LogSource, { window, windowMs, whatIfs, isJson }: Options): Promise<number> {
  const book = whatIfs.length > 0 ? arrivalBook() : undefined;
  const counter = coldStartCounter({ ...(window && { window }), ...(book && { tell: book.add }) });
  await eachEvent(source, counter.read);
  const counted = counter.end();
  if (window !== undefined && counted.missing.time > 0)
    return refuse(`--window needs the time of each event: the column time (@timestamp) is missing in ${counted.missing.time} reports.`);
  const refusal = whatIfs.length === 0 ? undefined : whatIfRefusal(counted, whatIfs);
  if (refusal !== undefined) return refuse(refusal);
  const summary = summarise({
    counted,
    whatIfs,
    ...(book && { arrivals: book.close() }),
    ...(windowMs !== undefined && { spanMs: windowMs }),
  });
  console.log(isJson ? JSON.stringify(summaryAsJson(summary), null, 2) : summaryAsText(summary));
  return 0;
}

function refuse(because: string): number {
  console.error(because);
  return 2;
}

interface LogSource extends AsyncDisposable {
  open(): AsyncIterable<Uint8Array>;
}

const pieceBytes = 1024 * 1024;

/** A file, or standard input, which is put into a file when it must be read twice. */
async function openLog(file: string, isReadTwice: boolean): Promise<LogSource> {
  if (file !== '-') {
    if (!(await stat(file)).isFile()) throw new Error(`${file} is no file: name an exported log, or - for standard input`);
    return { open: () => createReadStream(file, { highWaterMark: pieceBytes }), [Symbol.asyncDispose]: async () => {} };
  }
  if (!isReadTwice) return { open: () => process.stdin, [Symbol.asyncDispose]: async () => {} };
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-log-'));
  const copy = join(dir, 'log');
  await pipeline(process.stdin, createWriteStream(copy));
  return {
    open: () => createReadStream(copy, { highWaterMark: pieceBytes }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

async function eachEvent(source: LogSource, tell: (event: LogLine) => void): Promise<void> {
  const log = exportedLog(tell);
  await eachLine(source.open(), log.read);
  log.end();
}

/** The window that ends with the newest event of the log. */
async function lastOf(source: LogSource, windowMs: number): Promise<Window | 'timeless'> {
  let newestMs = Number.NEGATIVE_INFINITY;
  await eachEvent(source, ({ atMs, message }) => {
    const parsed = atMs === undefined ? parseReportLine(message) : undefined;
    const eventMs = parsed !== undefined && 'atMs' in parsed ? parsed.atMs : atMs;
    if (eventMs !== undefined && eventMs > newestMs) newestMs = eventMs;
  });
  if (newestMs === Number.NEGATIVE_INFINITY) return 'timeless';
  return { fromMs: newestMs + 1 - windowMs, toMs: newestMs + 1 };
}
