import type { ShardResult } from '../run/shard.ts';
import type { Outcome } from './outcome.ts';
import type { Suite } from './suite.ts';
import { verdict } from './verdict.ts';

/** What messages can't tell, and what is taken for granted of a run that has an end: that its process ended as it says. */
const assumed = (isSuccess: boolean): ShardResult => ({
  version: 1,
  runId: '',
  shard: 1,
  startedAt: '',
  endedAt: '',
  how: 'ended',
  exitCode: isSuccess ? 0 : 1,
  chunks: 0,
  versions: { node: '' },
});

/** What a run came to of which its messages are all that is known: neither how its process ended, nor why. */
export const verdictOnMessages = (suite: Suite, { isComplete }: { readonly isComplete: boolean }): Outcome =>
  verdict({
    suite,
    isComplete,
    hasStarted: true,
    result: suite.end === undefined ? undefined : assumed(suite.end.isSuccess),
    stop: {
      what: suite.hasMessages ? 'The messages end before the run does.' : 'There is no message.',
      next: suite.hasMessages
        ? "The suite's process was killed, crashed, or called process.exit(): look at what it printed last."
        : 'Cucumber did not get as far as its first message: look at what it printed, most often that a step file does not load.',
      raw: '',
      isTransient: false,
    },
    limitMs: 0,
    timedOut: false,
  });
