import { existsSync, realpathSync } from 'node:fs';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import type { Quarantine } from '../../outcome/suite-so-far.ts';
import { tagExpressionFault, tagFilter } from '../../run/tag-expression.ts';
import { openSource, type Source, type SourceOptions } from '../source.ts';
import { outcomeAsJson } from './as-json.ts';
import { outcomeAsText } from './as-text.ts';
import { judgeFiles } from './judge-files.ts';
import { type MessageFile, messageFile, refusalOf } from './message-file.ts';
import { readingProgress } from './reading-progress.ts';
import { writeHtml, writeJunit } from './report-files.ts';

const usage = `npm run coldframe -- outcome FILE …    what a run came to, from the messages that cucumber wrote (--format message:FILE)

  FILE               NDJSON, plain or compressed by gzip; several are the shards of one run; - is standard input
  --quarantine TAGS  a tag expression: scenarios with such tags run and are reported, and fail no run
  --json             for programs
  --html FILE        also writes a report: one page with every scenario, its steps, errors and pictures
  --junit FILE       also writes JUnit XML

Exit code 0: passed, 1: failed, 2: anything else, nothing checked included.`;

const options = {
  quarantine: { type: 'string' },
  json: { type: 'boolean', default: false },
  html: { type: 'string' },
  junit: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns the exit code: 0 passed, 1 failed, 2 anything else */
export async function outcomeCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  if (positionals.length === 0) throw new Error(`Which messages? Name the file that cucumber wrote them to.\n\n${usage}`);
  const twice = namedTwice(positionals);
  if (twice !== undefined) throw new Error(`${twice} is named twice: each file is a shard of its own.`);
  if (!positionals.some(isThere)) throw new Error(nowhere(positionals));
  await using opened = new AsyncDisposableStack();
  const isReadTwice = positionals.length > 1 || values.html !== undefined;
  const progress = readingProgress(process.stderr);
  const files: MessageFile[] = [];
  for (const name of positionals) files.push(messageFile(opened.use(await open(name, { isReadTwice, onRead: progress.tell }))));
  const judged = await judgeFiles(files, quarantineOf(values.quarantine));
  progress.end();
  const refusal = files.map(refusalOf).find((said) => said !== undefined);
  if (refusal !== undefined) throw new Error(refusal);
  console.log(values.json ? JSON.stringify(outcomeAsJson(judged, files), null, 2) : outcomeAsText(judged, files));
  if (values.junit !== undefined) await writeJunit(values.junit, judged);
  if (values.html !== undefined) await writeHtml(values.html, files, judged);
  return judged.outcome.kind === 'passed' ? 0 : judged.outcome.kind === 'failed' ? 1 : 2;
}

/** @throws for what is not a tag expression */
function quarantineOf(expression: string | undefined): Quarantine | undefined {
  if (expression === undefined || expression.trim() === '') return undefined;
  const fault = tagExpressionFault(expression);
  if (fault !== undefined) throw new Error(`--quarantine: ${fault}`);
  return tagFilter(expression);
}

const what = "the messages of cucumber's run";

const isThere = (name: string): boolean => name === '-' || existsSync(name);

const nowhere = (names: readonly string[]): string =>
  names.length === 1
    ? `There is no file ${names[0]} in ${process.cwd()}: name ${what}, or - for standard input.`
    : `None of the ${names.length} files is there, seen from ${process.cwd()}: ${names.slice(0, 3).join(', ')}.`;

/** Of several shards, one that left no file is missed as one that left no message; the others have something to tell. */
async function open(name: string, options: Pick<SourceOptions, 'isReadTwice' | 'onRead'>): Promise<Source> {
  if (isThere(name)) return await openSource(name, { what, ...options });
  return { name, open: () => Readable.from([]), [Symbol.asyncDispose]: async () => {} };
}

const realName = (name: string): string => {
  try {
    return name === '-' ? name : realpathSync(name);
  } catch {
    return name; // it is not there: whoever opens it says so
  }
};

const namedTwice = (names: readonly string[]): string | undefined =>
  names.find((name, index) => names.findIndex((other) => realName(other) === realName(name)) < index);
