import type { Outcome } from '../outcome/outcome.ts';
import { mostAttempts, type Retry } from '../run/attempt.ts';
import { sweepEveryMs } from '../run/deadline.ts';
import { isOnSpot, shardCount } from '../run/plan.ts';
import { context } from './blocks.ts';
import { named } from './lost-shards.ts';
import type { Message } from './message.ts';
import type { RunView } from './run-view.ts';
import { cut, elapsed, escapeText, oneLine, plural } from './text.ts';

/** So many kinds of trouble are told apart; more would be a list nobody reads. */
const shownKinds = 2;

/** What a message says of shards that ECS did not start at the first attempt; empty when it started all. */
export function retriedPart(view: RunView): Message['blocks'] {
  const { phase } = view.run;
  const retries = phase.kind === 'queued' ? [] : (phase.retries ?? []);
  const sentence = (retry: Retry) => (phase.kind === 'finished' ? howItCame(retry, phase.outcome) : whatIsTried(retry, onDemand));
  // Only the first attempt is on Spot.
  const onDemand = view.plan.tasks.some(isOnSpot) ? ' on demand' : '';
  const alike = [...Map.groupBy(retries, sentence)];
  const sentences = alike
    .slice(0, shownKinds)
    .map(([said, group]) => (shardCount(view.plan) > 1 ? `${named(numbers(group))}: ${said}` : said));
  const more = alike.slice(shownKinds).flatMap(([, group]) => group).length;
  if (sentences.length === 0) return [];
  return [context([...sentences, ...(more > 0 ? [`… and ${plural(more, 'more shard')}`] : [])].join('\n'))];
}

/** `started at the third attempt`, of a run that needed more than one; `ran again on demand` where AWS took a task back. */
export function startedAtAttempt({ run: { phase } }: RunView): string | undefined {
  const retries = phase.kind === 'queued' ? [] : (phase.retries ?? []);
  if (retries.some(wasTakenBack)) return 'ran again on demand, as AWS took Spot capacity back';
  const most = Math.max(0, ...retries.map(({ lost }) => lost.length));
  return most === 0 ? undefined : `started at the ${ordinal(most + 1)} attempt`;
}

/** Whether a container of the shard had begun when AWS took it back. */
const wasTakenBack = ({ lost }: Retry): boolean => lost.some(({ begun }) => begun !== undefined);

const numbers = (retries: readonly Retry[]): readonly number[] => retries.map(({ shard }) => shard);

/** While the run is on. */
function whatIsTried({ lost, next }: Retry, onDemand: string): string {
  const because = escapeText(cut(oneLine(lost.at(-1)?.stop.what ?? ''), 300));
  const attempt = Math.min(lost.length + 1, mostAttempts);
  switch (next?.kind) {
    case 'waiting':
      return `${because} Trying again${onDemand} (${attempt} of ${mostAttempts}) by ${slackTime(Date.parse(next.at) + sweepEveryMs)}.`;
    case 'doubtful':
      return `${because} Tried ${plural(lost.length, 'time')}; within five minutes we know whether there is a task all the same.`;
    case 'none':
      return `${because} Tried ${plural(lost.length, 'time')}.`;
    default:
      if (lost.at(-1)?.begun !== undefined) return `${because} All that it had to run runs again${onDemand}, from the beginning.`;
      return `${because} This is attempt ${attempt} of ${mostAttempts}.`;
  }
}

/** Of a shard of a run that has ended. */
function howItCame(retry: Retry, outcome: Outcome): string {
  const { shard, lost, next } = retry;
  const kinds = [...Map.groupBy(lost, ({ stop }) => stop.what)];
  const reasons = kinds.map(([what, { length }]) => `${cut(oneLine(what), 300)}${kinds.length > 1 ? ` (${plural(length, 'time')})` : ''}`);
  const because = escapeText(reasons.join(' '));
  // Without a next one, the last attempt is not among the lost.
  const tried = lost.length + (next === undefined ? 1 : 0);
  if (next === undefined && wasTakenBack(retry) && !hasNotStarted(outcome, shard))
    return `Ran again from the beginning, on demand. Before: ${because}`;
  if (next === undefined && !hasNotStarted(outcome, shard)) return `Started at the ${ordinal(tried)} attempt. Before: ${because}`;
  const [first, last] = [lost.at(0), lost.at(-1)].map((one) => Date.parse(one?.at ?? ''));
  const within = lost.length > 1 ? ` within ${elapsed((last ?? 0) - (first ?? 0))}` : '';
  const isTold = 'stop' in outcome && kinds.every(([what]) => what === outcome.stop.what);
  return `Tried ${tried === 1 ? 'once' : plural(tried, 'time')}${within}${isTold ? '.' : `: ${because}`}`;
}

const hasNotStarted = (outcome: Outcome, shard: number): boolean =>
  outcome.kind === 'not-started' || (outcome.shards?.lost ?? []).some((lost) => lost.shard === shard && lost.kind === 'not-started');

const ordinal = (attempt: number): string => ['first', 'second', 'third'][attempt - 1] ?? `${attempt}th`;

/** A time of the day as each reader's own clock shows it. */
const slackTime = (atMs: number): string => `<!date^${Math.ceil(atMs / 1_000)}^{time}|${new Date(atMs).toISOString().slice(11, 16)} UTC>`;
