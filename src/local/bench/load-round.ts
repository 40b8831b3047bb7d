import type { RunId } from '../../run/run-id.ts';
import { perChannel, tiers } from '../slack/slack-limits.ts';
import type { SlackMessage } from '../slack/slack-message.ts';
import type { JournalEntry } from '../wire/journal.ts';

/** What a load came to. */
export interface LoadRound {
  readonly name: string;
  /** From the first request to the last word about the last run. */
  readonly tookMs: number;
  readonly runs: number;
  /** Messages in the channel about these runs. */
  readonly messages: number;
  /** Of requests by people. */
  readonly acknowledged: { readonly requests: number; readonly perSecond: number; readonly slowestMs: number; readonly failed: number };
  readonly slackCalls: readonly SlackCalls[];
  /** Conditional writes that somebody else was faster with, or that were told to try again; and all writes. */
  readonly conflicts: number;
  readonly writes: number;
}

/** Calls of one method of Slack's. */
export interface SlackCalls {
  readonly method: string;
  readonly calls: number;
  readonly refused: number;
  /** The most in any minute. */
  readonly mostAMinute: number;
  /** What Slack grants a minute. */
  readonly limit: number;
}

const minuteMs = 60_000;
const limits: Readonly<Record<string, number>> = {
  'chat.update': tiers.tier3.calls,
  // One a second and channel: this is what a single channel takes.
  'chat.postMessage': (perChannel.calls * minuteMs) / perChannel.windowMs,
};

/** Reads the figures from what has happened. */
export function roundOf(
  name: string,
  seen: {
    readonly entries: readonly JournalEntry[];
    readonly messages: readonly SlackMessage[];
    readonly runs: readonly RunId[];
    readonly tookMs: number;
  },
): LoadRound {
  const { entries, messages, tookMs } = seen;
  const runs = new Set<string>(seen.runs);
  const calls = Map.groupBy(
    entries.filter(({ source, name: method }) => source === 'slack' && limits[method] !== undefined),
    (entry) => entry.name,
  );
  const puts = entries.filter(({ source, name: operation }) => source === 's3' && operation === 'PutObject');
  return {
    ...{ name, tookMs, runs: runs.size },
    messages: messages.filter(({ metadata }) => runs.has(String(metadata?.event_payload.run_id))).length,
    acknowledged: acknowledgements(entries),
    slackCalls: [...calls].map(([method, all]) => ({
      method,
      calls: all.length,
      refused: all.filter(({ status }) => status === 429).length,
      mostAMinute: mostInAMinute(all.map(({ at }) => at)),
      limit: limits[method] ?? 0,
    })),
    conflicts: puts.filter(({ status }) => status === 409 || status === 412).length,
    writes: puts.length,
  };
}

function acknowledgements(entries: readonly JournalEntry[]): LoadRound['acknowledged'] {
  const asked = entries.filter(({ source, name }) => source === 'gateway' && name === 'POST /slack/events');
  const first = Math.min(...asked.map(({ at }) => at));
  const last = Math.max(...asked.map(({ at, durationMs = 0 }) => at + durationMs));
  return {
    requests: asked.length,
    perSecond: asked.length === 0 ? 0 : asked.length / ((last - first) / 1_000),
    slowestMs: Math.max(0, ...asked.map(({ durationMs = 0 }) => durationMs)),
    failed: asked.filter(({ status = 500 }) => status !== 200).length,
  };
}

/** @param times in milliseconds, in any order */
function mostInAMinute(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? at) <= at - minuteMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

/** As people read it. */
export function roundAsText({ name, tookMs, runs, messages, acknowledged, slackCalls, conflicts, writes }: LoadRound): string {
  const { requests, perSecond, slowestMs, failed } = acknowledged;
  const lines = [
    `${name}: ${(tookMs / 1_000).toFixed(0)} s`,
    ...(requests > 0
      ? [
          `acknowledged ${requests - failed} of ${requests}: ${perSecond.toFixed(1)} a second, the slowest after ${Math.round(slowestMs)} ms`,
        ]
      : []),
    `runs ${runs}, messages ${messages}, Slack calls per run ${(slackCalls.reduce((sum, { calls }) => sum + calls, 0) / runs).toFixed(1)}`,
    ...slackCalls.map(
      ({ method, calls, refused, mostAMinute, limit }) =>
        `${method.padEnd(16)} ${String(calls).padStart(4)} calls, ${String(mostAMinute).padStart(2)} in the fullest minute (Slack takes ${limit}), ${refused} refused`,
    ),
    `S3: ${conflicts} conflicts in ${writes} writes`,
  ];
  return lines.map((line, index) => (index === 0 ? line : `  ${line}`)).join('\n');
}
