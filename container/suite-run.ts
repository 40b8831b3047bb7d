import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { SuitePlan } from '../src/run/plan.ts';
import { unlessAborted, whenAborted } from './abort.ts';
import { writeChromeCommand } from './chrome-command.ts';
import { type CucumberProcess, type ProcessEnd, startCucumber } from './cucumber-process.ts';
import type { DealOrder } from './dealer.ts';
import type { Mask } from './mask.ts';
import { messageTail } from './message-tail.ts';
import { forwardOutput } from './output.ts';
import type { Prepared } from './pre-flight.ts';
import { removeFolder } from './remove-folder.ts';
import type { Limits } from './scenario-limits.ts';
import { suiteEnvironment } from './suite-environment.ts';
import { hasPlugins } from './suite-folder.ts';

/** How the suite's process came to its end. */
export type SuiteEnd =
  /** `ended`: by itself. `halted`: we ended it, as we were told. `overdue`: its run was over and it did not end, so we ended it. */
  | (ProcessEnd & { readonly kind: 'ended' | 'halted' | 'overdue'; readonly errorOutput: string })
  /** The plan cannot be carried out, and nothing was run. */
  | { readonly kind: 'not-run'; readonly because: string };

export interface SuiteRun {
  readonly plan: SuitePlan;
  /** Which part of the scenarios is run; absent: all. */
  readonly deal: DealOrder | undefined;
  readonly prepared: Prepared;
  readonly chromePath: string | undefined;
  readonly base: Readonly<Record<string, string | undefined>>;
  readonly mask: Mask;
  /** Words for the mark on its processes that no other run has. */
  readonly mark: string;
  readonly print: (text: string) => Promise<void>;
  /** Settles when the suite may begin, while its process is on its way; rejects if it may not. */
  readonly mayBegin: () => Promise<void>;
  /** Takes a line of messages; answers whether cucumber has finished its run. */
  readonly take: (line: string) => Promise<boolean>;
  /** Takes the whole deal as JSON, before the first message of a scenario. */
  readonly takeDeal: (json: Uint8Array) => Promise<void>;
  /** Called again and again while messages may come. */
  readonly tick: () => void;
  /** Called whenever everything that was written until now has been taken. */
  readonly caughtUp: () => void;
  /** When a scenario's time is over. */
  readonly limits: Limits;
  /** The suite is ended at once when it is aborted. */
  readonly halt: AbortSignal;
  /** How long a process may live on after its run is over. */
  readonly graceMs: number;
}

/** How often we look for new messages. */
const lookEveryMs = 200;

/** Runs the suite to its end and takes every message; leaves no process and no file behind. */
export async function runSuite(run: SuiteRun): Promise<SuiteEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-'));
  try {
    return await runIn(folder, run);
  } finally {
    await removeFolder(folder);
  }
}

async function runIn(folder: string, run: SuiteRun): Promise<SuiteEnd> {
  const files = { messages: join(folder, 'messages.ndjson'), refusal: join(folder, 'refusal'), temporary: join(folder, 'tmp') };
  const record = join(folder, 'deal.json');
  await mkdir(files.temporary);
  await writeFile(files.messages, '');
  const { plan, deal, prepared, chromePath } = run;
  const chrome = chromePath === undefined ? undefined : { path: chromePath, command: join(folder, 'chrome') };
  if (chrome !== undefined) await writeChromeCommand(chrome.command, chrome.path);
  const cucumber = await startCucumber({
    suite: prepared.suite.folder,
    folder,
    mark: run.mark,
    limits: run.limits,
    order: {
      ...files,
      api: prepared.suite.api,
      program: prepared.suite.program,
      profiles: plan.profiles ?? [],
      tags: plan.tags,
      retry: plan.retry,
      ...(plan.parallel !== undefined && { parallel: plan.parallel }),
      features: plan.features,
      ...(deal !== undefined && { deal: { ...deal, record, hasPlugins: hasPlugins(prepared.suite) } }),
    },
    environment: suiteEnvironment({ ...run, ...prepared, ...files, url: plan.url, chrome }),
  });
  try {
    await run.mayBegin();
    cucumber.begin();
    const end = await follow(cucumber, { messages: files.messages, record }, run);
    const because = await readFile(files.refusal, 'utf8').catch(() => undefined); // none: nothing was refused
    return because === undefined ? end : { kind: 'not-run', because };
  } finally {
    await cucumber.end();
  }
}

/** Takes output and messages until the process and all it started have ended and everything was read. */
async function follow(cucumber: CucumberProcess, files: WrittenFiles, run: SuiteRun): Promise<SuiteEnd> {
  const output = forwardOutput(cucumber.stdout, run.mask, run.print);
  const errors = forwardOutput(cucumber.stderr, run.mask, run.print);
  const over = new AbortController();
  const closed = new AbortController();
  const reading = readMessages(files, run, { over, closed: closed.signal });
  try {
    // Messages that cannot be taken end the run: `reading` rejects, and the process is ended on the way out.
    const first = firstToHappen(cucumber, run, over.signal);
    await Promise.race([first, reading]);
    const kind = await first;
    await cucumber.end();
    const end = await cucumber.ended;
    await cucumber.closed;
    closed.abort();
    await Promise.all([reading, output.done, errors.done]);
    return { kind, ...end, errorOutput: errors.tail() };
  } finally {
    closed.abort();
    reading.catch(() => {
      // it was heard of in the race, or what goes wrong now comes after something worse
    });
  }
}

/** What ends the run: the process itself, a halt, or our patience with a process whose run is over. */
function firstToHappen(cucumber: CucumberProcess, { halt, graceMs }: SuiteRun, over: AbortSignal): Promise<'ended' | 'halted' | 'overdue'> {
  const { promise, resolve, reject } = Promise.withResolvers<'ended' | 'halted' | 'overdue'>();
  cucumber.ended.then(() => resolve('ended'), reject);
  whenAborted(halt, () => resolve('halted'));
  whenAborted(over, () => {
    const timer = setTimeout(() => resolve('overdue'), graceMs);
    const forget = () => clearTimeout(timer);
    promise.then(forget, forget);
  });
  return promise;
}

/** What cucumber's process writes. */
interface WrittenFiles {
  readonly messages: string;
  /** The whole deal, if there is to be one. */
  readonly record: string;
}

async function readMessages(
  { messages, record }: WrittenFiles,
  run: SuiteRun,
  { over, closed }: { over: AbortController; closed: AbortSignal },
): Promise<void> {
  const tail = await messageTail(messages);
  let isDealt = run.deal === undefined;
  try {
    for (;;) {
      // Looked at before reading: what was written until then is read now.
      const isLast = closed.aborted;
      const { lines, isAtEnd } = await tail.read();
      // It is there before cucumber says what it will run.
      if (!isDealt && existsSync(record)) {
        await run.takeDeal(await readFile(record));
        isDealt = true;
      }
      for (const line of lines) if (await run.take(line)) over.abort();
      run.tick();
      if (isAtEnd && isLast) return;
      if (isAtEnd) run.caughtUp();
      if (isAtEnd) await unlessAborted(pause(lookEveryMs), closed).catch(wake);
    }
  } finally {
    await tail.close();
  }
}

/** The wait was cut short, as it should. */
const wake = (): void => {};
