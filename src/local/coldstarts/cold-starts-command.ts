import { parseArgs } from 'node:util';
import { arrivalBook } from '../../coldstart/arrivals.ts';
import { summaryAsJson } from '../../coldstart/as-json.ts';
import { summaryAsText } from '../../coldstart/as-text.ts';
import { parseWhatIf, parseWindow } from '../../coldstart/command.ts';
import { coldStartCounter, type Window } from '../../coldstart/count.ts';
import { exportedLog, type LogLine } from '../../coldstart/exported-log.ts';
import { parseReportLine } from '../../coldstart/report-line.ts';
import { type Summary, summarise, whatIfRefusal } from '../../coldstart/summary.ts';
import type { WhatIf } from '../../coldstart/what-if.ts';
import { number } from '../../coldstart/words.ts';
import { openSource, type Source } from '../source.ts';
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
  if (!file) return refuse(`--from-file is missing.\n\n${usage}`);
  const windowMs = values.window === undefined ? undefined : parseWindow(values.window);
  if (values.window !== undefined && windowMs === undefined)
    return refuse(`--window takes 1h, 24h, 7d and the like, not ${values.window}.`);
  const whatIfs: WhatIf[] = [];
  for (const word of values['what-if'] ?? []) {
    const parsed = parseWhatIf(word);
    if (parsed.kind === 'refused') return refuse(parsed.because.replaceAll('`', ''));
    whatIfs.push(parsed.whatIf);
  }
  await using source = await openSource(file, { what: 'an exported log', isInPlace: true, isReadTwice: windowMs !== undefined });
  const window = windowMs === undefined ? undefined : await lastOf(source, windowMs);
  if (window === 'timeless')
    return refuse('--window needs the time of each event, and no line has one: the column time (@timestamp) is missing.');
  return await report(source, { window, whatIfs, isJson: values.json === true });
}

interface Options {
  readonly window: Window | undefined;
  readonly whatIfs: readonly WhatIf[];
  readonly isJson: boolean;
}

async function report(source: Source, { window, whatIfs, isJson }: Options): Promise<number> {
  const book = whatIfs.length > 0 ? arrivalBook() : undefined;
  const counter = coldStartCounter({ ...(window && { window }), ...(book && { tell: book.add }) });
  let events = 0;
  await eachEvent(source, (event) => {
    events += 1;
    counter.read(event);
  });
  const counted = counter.end();
  if (window !== undefined && counted.missing.time > 0)
    return refuse(`--window needs the time of each event: the column time (@timestamp) is missing in ${counted.missing.time} reports.`);
  const refusal = whatIfs.length === 0 ? undefined : whatIfRefusal(counted, whatIfs);
  if (refusal !== undefined) return refuse(refusal);
  const summary = summarise({
    counted,
    whatIfs,
    ...(book && { arrivals: book.close() }),
    ...(window && { window }),
  });
  const told = isSilent(summary) && window === undefined ? { ...summary, untold: [...summary.untold, nothingOf(events)] } : summary;
  console.log(isJson ? JSON.stringify(summaryAsJson(told), null, 2) : summaryAsText(told));
  return 0;
}

const isSilent = ({ all: { invocations, coldStarts, preInitialised, notCounted } }: Summary): boolean =>
  invocations + coldStarts + preInitialised + notCounted.managedInstances + notCounted.webFunctions === 0;

const nothingOf = (events: number): string =>
  events === 0
    ? 'There is no event of a log in it.'
    : `None of its ${number(events)} events is a line of Lambda's own that tells of an invocation (REPORT, platform.report): export the log of a function, its lines as they are.`;

function refuse(because: string): number {
  console.error(because);
  return 2;
}

async function eachEvent(source: Source, tell: (event: LogLine) => void): Promise<void> {
  const log = exportedLog(tell);
  await eachLine(source.open(), log.read);
  log.end();
}

/** The window that ends with the newest event of the log. */
async function lastOf(source: Source, windowMs: number): Promise<Window | 'timeless'> {
  let newestMs = Number.NEGATIVE_INFINITY;
  await eachEvent(source, ({ atMs, message }) => {
    const parsed = atMs === undefined ? parseReportLine(message) : undefined;
    const eventMs = parsed !== undefined && 'atMs' in parsed ? parsed.atMs : atMs;
    if (eventMs !== undefined && eventMs > newestMs) newestMs = eventMs;
  });
  if (newestMs === Number.NEGATIVE_INFINITY) return 'timeless';
  return { fromMs: newestMs + 1 - windowMs, toMs: newestMs + 1 };
}
