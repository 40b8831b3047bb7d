import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { outcomeWord } from '../../src/message/words.ts';
import type { OutcomeKind } from '../../src/outcome/outcome.ts';
import type { Run } from '../../src/run/run.ts';
import type { Act, Asked } from './asked.ts';
import type { Truth } from './soak-world.ts';

/** All that is known of a run when the soak is over. */
export interface Seen {
  readonly asked: Asked;
  readonly run: Run;
  /** Whether the act hit it: the run may have been over before. */
  readonly isHit: boolean;
  /** Tasks of it that did not end by themselves, in ECS's words. */
  readonly stops: readonly string[];
  /** ECS has started a task for each of its shards, at whichever attempt. */
  readonly hasStarted: boolean;
  readonly truth: Truth;
  readonly parents: readonly SlackMessage[];
  readonly replies: readonly SlackMessage[];
}

/** What an act may make of a run, beside what it would have come to. */
const may: Readonly<Record<Act, readonly OutcomeKind[]>> = {
  nothing: [],
  cancel: ['cancelled'],
  sigkill: ['unfinished'],
  spot: ['unfinished', 'not-started'],
  stop: ['unfinished', 'not-started'],
  delete: [],
};

/** What of a run's end is not as it should be. */
export function faultsOf(seen: Seen): readonly string[] {
  const { asked, run, parents, replies } = seen;
  if (run.phase.kind !== 'finished') return [`it is ${run.phase.kind} for ever`];
  const { outcome } = run.phase;
  const isDeleted = asked.act === 'delete' && seen.isHit;
  // A green end whose message somebody deleted is not said again.
  const mayBeNone = isDeleted && outcome.kind === 'passed';
  // Who asked has cancelled it, too, and knows.
  const reply = outcome.kind === 'cancelled' ? 0 : 1;
  const heading = `${asked.environment} ${outcomeWord(outcome).word}`;
  return [
    ...(parents.length === 1 || (mayBeNone && parents.length === 0) ? [] : [`the channel has ${parents.length} messages of it`]),
    ...parents.filter(({ text }) => !text.startsWith(heading)).map(({ text }) => `its message says "${text}", and it ended as ${heading}`),
    // The thread of a deleted message is gone with what was said in it, or stands.
    ...(replies.length === reply || (isDeleted && replies.length < 2)
      ? []
      : [`${replies.length} replies notify people of it, not ${reply}`]),
    ...untrue(seen, outcome.kind),
    ...('counts' in outcome && outcome.counts.passed > seen.truth.done.size
      ? [`${outcome.counts.passed} scenarios are called passed, and ${seen.truth.done.size} came to their end`]
      : []),
    ...('failures' in outcome ? outcome.failures : [])
      .filter(({ scenario }) => scenario !== 'fails')
      .map(({ scenario, error }) => `"${scenario}" is called failed: ${error}`),
  ];
}

/** Whether what really happened to the run can have come to this. */
function untrue({ asked, isHit, truth, hasStarted, stops }: Seen, kind: OutcomeKind): readonly string[] {
  const { wanted, act } = asked;
  const isAsWanted = kind === wanted.comesTo;
  const isByAct = isHit && may[act].includes(kind);
  // What ECS did not start, however often it was tried, did not start; of a run of several shards the others may have.
  const isByWeather = (kind === 'not-started' || kind === 'unfinished') && !hasStarted;
  if (!isAsWanted && !isByAct && !isByWeather)
    return [`it is called ${kind}, and was ${wanted.comesTo}${isHit ? ` or hit by ${act}` : ''}; stopped: ${stops.join('; ') || 'no'}`];
  if (kind === 'passed' && truth.done.size !== wanted.scenarios)
    return [`it is called passed, and ${truth.done.size} of ${wanted.scenarios} scenarios came to their end`];
  if (kind === 'failed' && !truth.begun.has('fails')) return ['it is called failed, and what fails has not begun'];
  if (kind === 'empty' && truth.begun.size > 0) return [`it is called empty, and ${truth.begun.size} scenarios began`];
  return [];
}
