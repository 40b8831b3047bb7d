import type { ShardResult } from '../run/shard.ts';
import { cut, longestError, trimError } from './error-text.ts';
import type { Asker, Counts, Failure, InQuarantine, NotBegun, Outcome } from './outcome.ts';
import { explainProcessEnd, howItEnded, isUnsettled } from './process-end.ts';
import type { StopReason } from './stop.ts';
import type { Suite, TimedFailure } from './suite.ts';

/** All that is known of a run that is over, or of which nothing more will come. */
export interface Ending {
  /** What the messages said, as far as they came. */
  readonly suite: Suite;
  /** Every chunk of messages that `result` promises was read. */
  readonly isComplete: boolean;
  /** The container was running at some time: ECS gave a start time, or the container wrote anything. */
  readonly hasStarted: boolean;
  /** What the container said last of all; undefined when it could not say anything any more. */
  readonly result?: ShardResult | undefined;
  /** Why the task stopped, as `explainStop` reads what ECS said. */
  readonly stop?: StopReason | undefined;
  /** Somebody asked for the end; `at` in ISO 8601. */
  readonly cancel?: { readonly by: Asker; readonly at?: string } | undefined;
  readonly limitMs: number;
  readonly scenarioLimitMs?: number | undefined;
  /** We stopped the task, or gave it up, because its time was over. */
  readonly timedOut: boolean;
}

const noStop: StopReason = {
  what: 'The container went away, and nobody said why.',
  next: 'Look at the task in the ECS console, and at its log, if they are still there; then run it again.',
  raw: '',
  isTransient: false,
};

/** When the stop was asked for, if one was and we know. The container's own clock comes first: it is the messages' clock. */
export const stopAskedAtMs = ({ result, cancel }: Ending): number | undefined => {
  if (result !== undefined && result.how !== 'stopped' && result.how !== 'timed-out') return undefined;
  const at = result?.stopAskedAt ?? cancel?.at;
  const atMs = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(atMs) ? undefined : atMs;
};

/** The counts with these failures as scenarios of which nothing is known. */
const asUnknown = (counts: Counts, failures: readonly TimedFailure[]): Counts => {
  const changed = { ...counts };
  for (const { failure } of failures) {
    changed[failure.status] -= 1;
    changed.unknown += 1;
  }
  return withQuarantined(changed, (counts.quarantined ?? 0) - failures.filter(({ isQuarantined }) => isQuarantined).length);
};

const withQuarantined = ({ quarantined: _, ...counts }: Counts, quarantined: number): Counts =>
  quarantined > 0 ? { ...counts, quarantined } : counts;

/** What fails after a stop was asked for is no failure: a browser that is closed under a step fails every step to come. */
const whatCounts = (ending: Ending): { readonly counts: Counts; readonly failures: readonly Failure[] } & InQuarantine => {
  const { counts, failures } = ending.suite;
  const untilMs = stopAskedAtMs(ending) ?? Number.POSITIVE_INFINITY;
  const late = failures.filter(({ atMs }) => atMs >= untilMs);
  const inTime = Object.groupBy(
    failures.filter(({ atMs }) => atMs < untilMs),
    ({ isQuarantined }) => (isQuarantined ? 'quarantined' : 'failing'),
  );
  const quarantined = inTime.quarantined?.map(({ failure }) => failure);
  return {
    counts: asUnknown(counts, late),
    failures: inTime.failing?.map(({ failure }) => failure) ?? [],
    ...(quarantined !== undefined && { quarantined }),
  };
};

const lastSeenOf = (ending: Ending): { readonly lastSeen?: string } => {
  const untilMs = stopAskedAtMs(ending) ?? Number.POSITIVE_INFINITY;
  // What was on when the time was over was ended by that: it is the first thing that failed afterwards.
  const [late] = ending.suite.failures.filter(({ atMs }) => atMs >= untilMs).toSorted((a, b) => a.atMs - b.atMs);
  const lastSeen = late === undefined ? ending.suite.lastSeen : `${late.failure.scenario} › ${late.failure.step}`;
  return lastSeen === undefined ? {} : { lastSeen };
};

/** Enough to know what is missing; the report has them all. */
const mostNotBegun = 20;

const notBegunOf = ({ suite: { notRun } }: Ending): { readonly notBegun?: NotBegun } => {
  if (notRun.length === 0) return {};
  return { notBegun: { count: notRun.length, first: notRun.slice(0, mostNotBegun).map(({ scenario }) => cut(scenario, 200)) } };
};

const unfinished = (ending: Ending, stop: StopReason): Outcome => ({
  kind: 'unfinished',
  ...whatCounts(ending),
  ...lastSeenOf(ending),
  ...notBegunOf(ending),
  stop,
});

const brokenBy = ({ suite }: Ending, error: string, next = ''): Outcome => ({
  kind: 'broken',
  counts: suite.counts,
  error: cut(error, longestError),
  ...(next !== '' && { next }),
});

const withOutput = (sentence: string, { error }: ShardResult): string => {
  const output = error === undefined ? '' : trimError(error);
  return output === '' ? sentence : `${sentence}\n${output}`;
};

const rawOf = (ending: Ending): string =>
  [ending.stop?.raw, ending.result?.error].filter((part) => part !== undefined && part !== '').join('\n');

const brokenByWaiting = (ending: Ending): Outcome => {
  const at = ending.suite.lastSeen === undefined ? '' : ` (last seen: ${ending.suite.lastSeen})`;
  return brokenBy(
    ending,
    `Before the first scenario, the suite waits for something that can never come${at}: Node found nothing left to do, and ended.`,
    'Look for a promise that nobody resolves: awaited at the top of a file that is loaded, in the configuration, or in a BeforeAll hook without a timeout.',
  );
};

const afterUnknownProfile = ({ error = '' }: ShardResult): string =>
  /Requested profile "[^"]*" doesn't exist/.test(error)
    ? '`profiles` in coldframe.yml names it: check the spelling there, or give the configuration of the suite a profile of that name.'
    : '';

/** The suite's process ended by itself and left its run unfinished. */
const withoutEnd = (ending: Ending, result: ShardResult): Outcome => {
  const { suite } = ending;
  if (suite.broken?.kind === 'parse-error') return brokenBy(ending, suite.broken.error);
  if (isUnsettled(result) && !suite.hasBegun) return brokenByWaiting(ending);
  const didFail = result.exitCode !== undefined && result.exitCode !== 0;
  if (didFail && !suite.hasBegun) {
    const error = suite.broken?.error ?? withOutput(`Cucumber ended with exit code ${result.exitCode} before the first scenario.`, result);
    return brokenBy(ending, error, afterUnknownProfile(result));
  }
  // What ECS says of a container that ended in good order explains nothing.
  return unfinished(ending, { ...explainProcessEnd(result), isTransient: false });
};

/** A formatter that cannot write its file ends cucumber in this way. */
const afterUnwrittenReport = ({ error = '' }: ShardResult): string =>
  /ERR_STREAM_DESTROYED|\b(?:EACCES|EROFS|ENOTDIR|EISDIR|ENOENT|EPERM)\b[^\n]*\b(?:open|mkdir)\b/.test(error)
    ? 'A formatter of the suite could not write its file: let its configuration name a place that may be written, or leave the formatter out. Coldframe makes a report of its own.'
    : '';

const hasArrived = ({ isComplete, suite }: Ending): boolean => isComplete && suite.notRun.length + suite.cutOff.length === 0;

const notArrived = (ending: Ending): Outcome =>
  unfinished(ending, {
    what: "The suite says it succeeded, but not all of its messages arrived, so that we can't tell.",
    next: "Run it again; look at the task's log if it happens again.",
    raw: rawOf(ending),
    isTransient: true,
  });

/** Cucumber says that all is well; we look whether it is. */
const successful = (ending: Ending, result: ShardResult): Outcome => {
  const { suite } = ending;
  const { counts } = suite;
  if (result.exitCode !== 0) {
    const ended = withOutput(`No scenario failed, but cucumber's process ended ${howItEnded(result)}.`, result);
    return brokenBy(ending, ended, afterUnwrittenReport(result));
  }
  if (!hasArrived(ending)) return notArrived(ending);
  if (counts.passed === 0) return { kind: 'empty', counts };
  return { kind: 'passed', counts, flaky: suite.flaky, durationMs: suite.durationMs };
};

const hasFailed = ({ counts, end }: Suite): boolean => {
  if (end?.isSuccess === false || counts.failed > 0) return true;
  // A dry run calls itself a success whatever is undefined; it ends as empty. A real one never does.
  return counts.passed > 0 && counts.undefined + counts.ambiguous > 0;
};

/**
 * Nothing has failed but what is in quarantine. Cucumber knows no quarantine and calls that a failure: this exit code, and
 * nothing else about the run, may be as it is after one.
 */
const allInQuarantine = (ending: Ending, result: ShardResult): Outcome => {
  const { suite } = ending;
  const { counts, quarantined } = whatCounts(ending);
  if (result.exitCode !== (suite.end?.isSuccess === true ? 0 : 1)) {
    const ended = `Only scenarios in quarantine failed, but cucumber's process ended ${howItEnded(result)}.`;
    return brokenBy(ending, withOutput(ended, result), afterUnwrittenReport(result));
  }
  if (!hasArrived(ending)) return notArrived(ending);
  if (suite.untried > 0) return stoppedByQuarantine(ending);
  const inQuarantine = quarantined === undefined ? {} : { quarantined };
  if (counts.passed === 0) return { kind: 'empty', counts, ...inQuarantine };
  return { kind: 'passed', counts, flaky: suite.flaky, ...inQuarantine, durationMs: suite.durationMs };
};

const stoppedByQuarantine = (ending: Ending): Outcome =>
  brokenBy(
    ending,
    `Only scenarios in quarantine failed, but cucumber did not run ${ending.suite.untried} others after that: the suite's configuration says \`failFast\`.`,
    'Take `failFast` out of it, or leave what is in quarantine out of the run: `not` its tag in the tag expression.',
  );

/** Which scenarios an exception cut off: it was probably one of them. */
const whatWasOn = ({ cutOff }: Suite): string =>
  cutOff.length === 0
    ? ''
    : `\nThis was on: ${cutOff
        .slice(0, 3)
        .map(({ uri, line, scenario }) => `${scenario} (${uri}:${line})`)
        .join('; ')}`;

/** The container did not start the suite. The first line says why, the others what to do. */
const notRun = (ending: Ending, { error = '' }: ShardResult): Outcome => {
  const [why = '', ...rest] = trimError(error).split('\n');
  const next = rest.join('\n').trim();
  return brokenBy(ending, why || 'The suite was not started, and nobody said why.', next);
};

/** The suite's process came to an end by itself. */
const ended = (ending: Ending, result: ShardResult): Outcome => {
  const { suite } = ending;
  if (suite.end === undefined) return withoutEnd(ending, result);
  if (suite.broken !== undefined) return brokenBy(ending, [suite.broken.error, whatWasOn(suite)].join(''));
  if (!hasFailed(suite)) return successful(ending, result);
  const { counts, failures, quarantined } = whatCounts(ending);
  const inQuarantine = quarantined === undefined ? {} : { quarantined };
  if (failures.length > 0) return { kind: 'failed', counts, flaky: suite.flaky, failures, ...inQuarantine, durationMs: suite.durationMs };
  if (quarantined !== undefined) return allInQuarantine(ending, result);
  return brokenBy(ending, withOutput('Cucumber says that the run failed, but no scenario did.', result));
};

/** The limit that was reached. */
const limitOf = ({ result, limitMs, scenarioLimitMs }: Ending): { readonly limitMs: number; readonly limit?: 'scenario' } =>
  result?.limit === 'scenario' ? { limitMs: scenarioLimitMs ?? limitMs, limit: 'scenario' } : { limitMs };

/** The run was ended, or the container went away before it could say how it ended. */
const stopped = (ending: Ending): Outcome => {
  const { suite, result, stop, cancel, timedOut, hasStarted } = ending;
  const cameToLife = hasStarted || suite.hasMessages || result !== undefined;
  if (cancel !== undefined && result?.how !== 'timed-out')
    return { kind: 'cancelled', ...whatCounts(ending), ...notBegunOf(ending), by: cancel.by };
  if (!cameToLife) return { kind: 'not-started', stop: stop ?? { ...noStop, what: 'The task never started, and nobody said why.' } };
  if (timedOut || result?.how === 'timed-out')
    return { kind: 'timed-out', ...whatCounts(ending), ...lastSeenOf(ending), ...notBegunOf(ending), ...limitOf(ending) };
  if (suite.broken?.kind === 'parse-error') return brokenBy(ending, suite.broken.error);
  return unfinished(ending, stop ?? noStop);
};

/**
 * What a run came to: a function of its messages, the exit code and the reason the task stopped, never of one of them
 * alone. Passed is only what cucumber finished and called a success, whose process ended well, of which every message
 * arrived, and in which at least one scenario passed.
 */
export const verdict = (ending: Ending): Outcome => {
  const { result, cancel } = ending;
  if (result?.how === 'not-run') return notRun(ending, result);
  if (result?.how !== 'ended') return stopped(ending);
  const outcome = ended(ending, result);
  // A run that came to its end before the cancel took effect keeps what it came to.
  return outcome.kind === 'unfinished' && cancel !== undefined ? stopped(ending) : outcome;
};
