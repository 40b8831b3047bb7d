import type { Outcome } from './outcome.ts';

/**
 * What is wrong with the run itself, whatever its scenarios came to, and what to do about it; undefined when it came to its own
 * end and checked something.
 */
export const problemOf = (outcome: Outcome): string | undefined => {
  switch (outcome.kind) {
    case 'passed':
    case 'failed':
      return undefined;
    case 'empty':
      return outcome.counts.quarantined === undefined
        ? 'Nothing was checked: no scenario passed or failed.'
        : 'Nothing passed; what failed is in quarantine, and is not counted. A run in which nothing passed is never called passed.';
    case 'broken':
      return [outcome.error, outcome.next].filter((part) => part !== undefined).join('\n');
    case 'unfinished':
    case 'not-started':
      return `${outcome.stop.what}\n${outcome.stop.next}`;
    case 'timed-out':
      return 'The run was stopped at its time limit.';
    case 'cancelled':
      return 'The run was cancelled.';
  }
};
