import { duration } from '../src/message/text.ts';
import { nowMs } from './true-time.ts';

/** When a scenario's time is over: its own, and the run's. */
export interface Limits {
  /** For each attempt of a scenario. */
  readonly scenarioMs?: number | undefined;
  /** When the run's time is over, in milliseconds since 1970: then no further scenario begins. */
  readonly runEndsAtMs: number;
}

/** How a process of the suite is told; its workers inherit it. */
export const limitsVariable = 'COLDFRAME_PROCESS_LIMITS';

/** The limits that this process was told, if it was. */
export function readLimits(environment: Readonly<Record<string, string | undefined>>): Limits | undefined {
  const written = environment[limitsVariable];
  return written === undefined ? undefined : (JSON.parse(written) as Limits);
}

/** How long the hooks after a step that was ended may take, all of them together: a screenshot, closing a browser. */
const hooksMs = 15_000;

/** Between two steps there is nothing to end: a moment later there is. */
const lookAgainMs = 10;

/** A suite may put a clock of its own into these. */
const { setTimeout, clearTimeout } = globalThis;

/**
 * Takes the messages of the scenarios that run in this thread, each at the moment when it is made, and ends a step that is
 * on when the time is over: it fails, with words that say so, and the suite's After hooks run as after any failure, so that
 * they can take their screenshots.
 *
 * The way is cucumber's own, in all its versions: an exception that nobody caught is the running step's. A step that never
 * gives the processor back cannot be ended like that; the container ends the run then.
 */
export function scenarioLimits({ scenarioMs, runEndsAtMs }: Limits): (message: unknown) => void {
  const isRunOver = () => nowMs() >= runEndsAtMs;
  const runIsOver = "The run's time was over while this step was on.";
  let timer: NodeJS.Timeout | undefined;
  let runTimer: NodeJS.Timeout | undefined;
  let listeners = new Set<unknown>();

  /** Fails the step that is on, and after a while whatever is on then. */
  function end(because: string): void {
    clearTimeout(timer);
    const isEnded = failStep(because, listeners);
    timer = setTimeout(() => end(because), isEnded ? hooksMs : lookAgainMs);
  }

  function begin(): void {
    // Nothing that is begun now would count any more: the container ends this process within a moment.
    if (isRunOver()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    if (scenarioMs !== undefined) {
      const words = `This scenario took longer than ${duration(scenarioMs)}, its limit (scenarioLimit in coldframe.yml), and was ended.`;
      timer = setTimeout(() => end(words), scenarioMs);
    }
    // A suite that has nothing left to wait for shall not be kept by this.
    runTimer = setTimeout(() => end(runIsOver), runEndsAtMs - nowMs()).unref();
  }

  function finish(): void {
    clearTimeout(timer);
    clearTimeout(runTimer);
  }

  return (message) => {
    if (typeof message !== 'object' || message === null) return;
    if ('testCaseStarted' in message) begin();
    if ('testStepStarted' in message) listeners = new Set(process.listeners('uncaughtException'));
    if ('testCaseFinished' in message) finish();
  };
}

/** Whether there was a step to fail: one that gives the processor back before it is over. */
function failStep(because: string, before: ReadonlySet<unknown>): boolean {
  const error = new Error(because);
  // No frame of ours is of interest to anybody.
  error.stack = `Error: ${because}`;
  // Those that were there before the step are the suite's own, and may end the process.
  const waiting = process.listeners('uncaughtException').filter((listener) => !before.has(listener));
  for (const listener of waiting) listener(error, 'uncaughtException');
  return waiting.length > 0;
}
