import type { ShardResult } from '../run/shard.ts';
import { cut, trimError } from './error-text.ts';
import type { StopReason } from './stop.ts';

/** Why the suite's process ended before its run did, and what to do. */
export type ProcessEnd = Pick<StopReason, 'what' | 'next' | 'raw'>;

/**
 * What a process says last of all, on standard error, and what that means; the first that fits is the one. Of the output only
 * the line that says it is of interest, but for a stack.
 */
const lastWords: readonly (Omit<ProcessEnd, 'raw'> & { readonly says: RegExp; readonly hasStack?: true })[] = [
  {
    says: /JavaScript heap out of memory|Reached heap limit|ERR_WORKER_OUT_OF_MEMORY/,
    what: "The suite's process ran out of JavaScript memory.",
    next: 'Look for what its steps keep from scenario to scenario, or allow it more: NODE_OPTIONS=--max-old-space-size in the image, and memoryMb in coldframe.yml.',
  },
  {
    says: /\b(?:ENOSPC|EDQUOT|EFBIG)\b|no space left on device/i,
    what: "The task's disk is full.",
    next: 'Let the suite write less (downloads, films, large attachments), or give the task definition more ephemeral storage.',
  },
  {
    says: /^Node\.js v\d+\.\d+\.\d+\s*$/m,
    what: "An error that nobody caught ended the suite's process.",
    next: 'Its stack is below: a promise without await or catch, a timer, or an event of a library.',
    hasStack: true,
  },
];

/** How it ended, for a sentence: `with exit code 3`, `by SIGKILL`. */
export const howItEnded = ({ exitCode, signal }: ShardResult): string => {
  if (exitCode !== undefined) return `with exit code ${exitCode}`;
  return signal === undefined ? 'in a way nobody noted' : `by ${signal}`;
};

/** Why the suite's process came to its end in the middle of its run. */
export const explainProcessEnd = (result: ShardResult): ProcessEnd => {
  const { error = '' } = result;
  const said = lastWords.find(({ says }) => says.test(error));
  if (said !== undefined) return { what: said.what, next: said.next, raw: said.hasStack ? trimError(error) : lineWith(said.says, error) };
  return byItself(result);
};

/** Of Node's report of a crash, the stack of our JavaScript is for people; what stands before it are addresses. */
const withoutNativeStack = (error: string): string =>
  error.replace(/----- Native stack trace -----[\s\S]*?(?=----- JavaScript stack trace -----|$)/, '');

const lineWith = (says: RegExp, output: string): string => cut(output.split('\n').find((line) => says.test(line)) ?? '', 500).trim();

/** Whether Node ended it for want of anything to do, while something was still awaited. */
export const isUnsettled = ({ exitCode }: ShardResult): boolean => exitCode === 13;

/** What others send to a process to end it; a crash has other signals. */
const isAskedToEnd = (signal: string): boolean => ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'].includes(signal);

function byItself(result: ShardResult): ProcessEnd {
  const { exitCode, signal, error = '' } = result;
  const what = `The suite's process ended ${howItEnded(result)} before cucumber had finished.`;
  const raw = trimError(error);
  if (signal === 'SIGKILL') {
    const next = 'Somebody killed it, most often the system for want of memory: give the task more (memoryMb in coldframe.yml).';
    return { what, next, raw };
  }
  if (signal !== undefined && isAskedToEnd(signal)) {
    return { what, next: 'Something in the container sent it that: look for process.kill, kill, pkill or killall in the steps.', raw };
  }
  if (exitCode === undefined) {
    return { what, next: "It crashed: look at the last lines of the task's log.", raw: trimError(withoutNativeStack(error)) };
  }
  if (isUnsettled(result)) {
    return {
      what: 'A step waits for something that can never come: Node found nothing left to do, and ended.',
      next: 'Look at the step it was at: a promise that nobody resolves, in a step without a timeout.',
      raw: '',
    };
  }
  return { what, next: 'Probably something in the steps, hooks or support code called process.exit(): look for it there.', raw };
}
