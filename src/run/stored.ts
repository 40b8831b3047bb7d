import * as v from 'valibot';
import type { Hearing } from '../hearing/hearing.ts';
import { someSettingsSchema } from '../hearing/settings.ts';
import type { History } from '../outcome/history.ts';
import type { Standing } from '../outcome/standing.ts';
import type { Schedules } from '../schedule/schedule.ts';
import type { Again } from './again.ts';
import type { DealBasis, Dealt } from './dealt.ts';
import { type ErrandRequest, ofEnvironments, scheduleChanges } from './errand.ts';
import type { Homes } from './homes.ts';
import type { Judging } from './judging.ts';
import type { Ledger } from './ledger.ts';
import type { LinkGeneration } from './link-generation.ts';
import type { RunPlan, SuitePlan } from './plan.ts';
import type { RunRequest } from './request.ts';
import type { Run } from './run.ts';
import { parseRunId, type RunId } from './run-id.ts';
import type { Said } from './said.ts';
import type { Progress, ShardResult, ShardStopped } from './shard.ts';

/**
 * Readers of the JSON we keep in S3. What only our own functions can write (run.json, ledger.json, said.json) is checked
 * for its version; what a container writes is checked in every field and in size: the code of the suite could have
 * written it.
 */

const ours = v.looseObject({ version: v.literal(1) });

/** @throws for anything that is not a version of ours */
export const parseRun = (json: unknown): Run => v.parse(ours, json) as unknown as Run;
/** @throws for anything that is not a version of ours */
export const parseLedger = (json: unknown): Ledger => v.parse(ours, json) as unknown as Ledger;
/** @throws for anything that is not a version of ours */
export const parseSaid = (json: unknown): Said => v.parse(ours, json) as unknown as Said;

/** Each setting is looked at where it is used: a damaged one is as if there were none. */
const hearing = v.looseObject({
  version: v.literal(1),
  ...{ open: v.array(v.looseObject({})), pinged: v.array(v.looseObject({})), mutes: v.array(v.looseObject({})) },
  ...{ decided: v.array(v.looseObject({})), held: v.array(v.looseObject({})) },
  settings: v.exactOptional(v.record(v.string(), v.unknown())),
});
/** @throws for anything that is not a version of ours */
export const parseHearing = (json: unknown): Hearing => v.parse(hearing, json) as unknown as Hearing;
/** @throws for anything that is not a version of ours */
export const parseJudging = (json: unknown): Judging => v.parse(ours, json) as unknown as Judging;
/** @throws for anything that is not a version of ours */
export const parseStanding = (json: unknown): Standing => v.parse(ours, json) as unknown as Standing;
/** @throws for anything that is not a version of ours */
export const parseStopped = (json: unknown): ShardStopped => v.parse(ours, json) as unknown as ShardStopped;

const outcomeKinds = ['passed', 'failed', 'empty', 'broken', 'unfinished', 'timed-out', 'cancelled', 'not-started'] as const;

const history = v.pipe(
  v.looseObject({
    version: v.literal(1),
    hasForgotten: v.boolean(),
    runs: v.array(
      v.looseObject({ id: v.string(), at: v.string(), tags: v.string(), features: v.array(v.string()), kind: v.picklist(outcomeKinds) }),
    ),
    scenarios: v.array(v.looseObject({ id: v.string(), uri: v.string(), scenario: v.string(), marks: v.string(), took: v.string() })),
  }),
  v.check(
    ({ runs, scenarios }) => scenarios.every(({ marks, took }) => marks.length === runs.length && took.length === runs.length),
    'has scenarios with another number of runs than there are',
  ),
);

/** @throws for what is not a history of this version */
export const parseHistory = (json: unknown): History => v.parse(history, json) as unknown as History;

const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10_000_000));
const line = v.pipe(v.string(), v.maxLength(1_000));
/** What a person typed: longer than `parseCommand` takes, as nothing that it took may be refused later. */
const typed = v.pipe(v.string(), v.maxLength(4_000));
const time = v.pipe(v.string(), v.isoTimestamp());

const counts = v.object({
  total: count,
  passed: count,
  failed: count,
  undefined: count,
  ambiguous: count,
  pending: count,
  skipped: count,
  unknown: count,
  flaky: count,
  quarantined: v.exactOptional(count),
});

const progress = v.object({
  version: v.literal(1),
  runId: line,
  shard: count,
  at: time,
  step: v.picklist(['preparing', 'running', 'finishing']),
  counts,
  now: v.pipe(v.array(line), v.maxLength(100)),
  dealt: v.exactOptional(count),
});

const shardResult = v.object({
  version: v.literal(1),
  runId: line,
  shard: count,
  startedAt: time,
  endedAt: time,
  how: v.picklist(['ended', 'stopped', 'timed-out', 'not-run']),
  exitCode: v.exactOptional(v.number()),
  signal: v.exactOptional(line),
  limit: v.exactOptional(v.literal('scenario')),
  stopAskedAt: v.exactOptional(time),
  chunks: count,
  error: v.exactOptional(v.pipe(v.string(), v.maxLength(16_384))),
  versions: v.object({ cucumber: v.exactOptional(line), node: line, browser: v.exactOptional(line), suite: v.exactOptional(line) }),
});

const asker = v.variant('kind', [
  v.object({ kind: v.literal('slack'), userId: v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,20}$/)) }),
  v.object({ kind: v.literal('http'), keyId: line }),
  v.object({ kind: v.literal('oidc'), subject: line }),
  v.object({ kind: v.literal('schedule'), name: line }),
  v.object({ kind: v.literal('unasked'), startedBy: v.exactOptional(line) }),
]);

const suite = v.object({
  url: line,
  tags: line,
  retry: count,
  quarantine: v.exactOptional(line),
  features: v.pipe(v.array(line), v.maxLength(1_000)),
  limitMs: count,
  scenarioLimitMs: v.exactOptional(count),
  profiles: v.exactOptional(v.pipe(v.array(line), v.maxLength(20))),
  parallel: v.exactOptional(count),
  ref: v.exactOptional(line),
  commit: v.exactOptional(line),
  source: v.exactOptional(v.object({ repository: line, path: v.exactOptional(line) })),
  secretsPath: v.exactOptional(line),
  together: v.exactOptional(v.pipe(v.array(line), v.maxLength(50))),
  progressEveryMs: count,
});

const plan = v.looseObject({
  version: v.literal(1),
  runId: line,
  environment: line,
  key: line,
  askedAt: time,
  asker,
  text: typed,
  channel: line,
  suite,
  expected: v.exactOptional(v.object({ startMs: milliseconds, scenariosMs: v.exactOptional(milliseconds) })),
  tasks: v.pipe(v.array(v.looseObject({ shard: count })), v.maxLength(100)),
});

const scenarioRef = v.object({ id: line, uri: line, line: count, scenario: line });
/** More is no suite. */
const mostScenarios = 200_000;

const dealBasis = v.object({
  version: v.literal(1),
  durations: v.record(line, count),
  only: v.exactOptional(v.pipe(v.array(scenarioRef), v.maxLength(mostScenarios))),
});

/** A container writes it: the code of a suite could have. */
const dealt = v.object({
  version: v.literal(1),
  shards: count,
  scenarios: v.pipe(v.array(v.object({ ...scenarioRef.entries, shard: count })), v.maxLength(mostScenarios)),
  missing: v.pipe(v.array(scenarioRef), v.maxLength(mostScenarios)),
});

const again = v.object({
  version: v.literal(1),
  scenarios: v.pipe(
    v.array(v.object({ ...scenarioRef.entries, was: v.picklist(['failed', 'undefined', 'ambiguous', 'pending', 'not-run']) })),
    v.maxLength(mostScenarios),
  ),
});

/** It becomes a part of keys. */
const environmentName = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,27}$/));

const command = v.object({
  environment: environmentName,
  tags: v.exactOptional(line),
  ref: v.exactOptional(line),
  shards: v.exactOptional(v.union([count, v.literal('auto')])),
  retry: v.exactOptional(count),
  features: v.pipe(v.array(line), v.maxLength(100)),
});

const runId = v.pipe(
  line,
  v.transform(parseRunId),
  v.check((id) => id !== undefined, 'is not the id of a run'),
  v.transform((id) => id as RunId),
);

const times = v.variant('kind', [
  v.object({
    kind: v.literal('days'),
    days: v.pipe(v.array(v.picklist([0, 1, 2, 3, 4, 5, 6])), v.minLength(1), v.maxLength(7)),
    hour: v.pipe(count, v.maxValue(23)),
    minute: v.pipe(count, v.maxValue(59)),
    zone: line,
  }),
  v.object({ kind: v.literal('every'), minutes: v.pipe(count, v.minValue(15)) }),
]);
const environments = v.pipe(v.array(environmentName), v.maxLength(100));

/** A channel whose settings are kept by its id. */
const channelId = v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9]{2,20}$/));

const homes = v.object({ version: v.literal(1), opened: v.array(v.object({ userId: v.string(), at: time })) });

const viewId = v.pipe(v.string(), v.maxLength(100));
const ofSettings = { viewId, environment: environmentName, place: channelId, seen: v.exactOptional(line) };

const errandRequest = v.object({
  version: v.literal(1),
  key: line,
  askedAt: time,
  userId: v.pipe(v.string(), v.regex(/^[UW][A-Z0-9]{2,20}$/)),
  channel: v.exactOptional(line),
  responseUrl: v.exactOptional(line),
  errand: v.variant('kind', [
    v.object({ kind: v.picklist(ofEnvironments), environments }),
    v.object({ kind: v.literal('cancel'), environment: environmentName, runId: line }),
    v.object({ kind: v.literal('revoke-links'), environment: environmentName }),
    v.object({ kind: v.literal('schedule'), command, times }),
    v.object({ kind: v.literal('change-schedule'), change: v.picklist(scheduleChanges), environment: environmentName, id: line }),
    v.object({ kind: v.literal('why'), environment: environmentName, runId: line }),
    v.object({
      kind: v.picklist(['mute', 'unmute']),
      environment: environmentName,
      runId: line,
      cause: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
    }),
    v.object({
      kind: v.literal('show-settings'),
      viewId,
      environment: v.exactOptional(environmentName),
      place: v.exactOptional(channelId),
    }),
    v.object({ kind: v.literal('change-settings'), ...ofSettings, settings: someSettingsSchema }),
    v.object({ kind: v.literal('reset-settings'), ...ofSettings }),
    v.object({ kind: v.literal('home'), notice: v.exactOptional(v.pipe(v.string(), v.maxLength(3_000))) }),
  ]),
});

const runRequest = v.object({
  version: v.literal(1),
  key: line,
  askedAt: time,
  asker,
  command,
  text: typed,
  rerun: v.exactOptional(runId),
  beside: v.exactOptional(v.literal(true)),
  instead: v.exactOptional(runId),
  channel: v.exactOptional(line),
  threadTs: v.exactOptional(line),
  responseUrl: v.exactOptional(line),
});

const runWish = v.object({
  version: v.literal(1),
  runId: line,
  environment: environmentName,
  askedAt: time,
  asker,
  channel: v.exactOptional(line),
  responseUrl: v.exactOptional(line),
});

/** What an idempotency key leads to: claimed by the door before it hands the request over. */
export interface Claimed {
  readonly version: 1;
  /** Hash of what was asked for. */
  readonly command: string;
  readonly runId: RunId;
  readonly askedAt: string;
}

/** Which run's report is an environment's newest. */
export interface Latest {
  readonly version: 1;
  readonly runId: RunId;
  /** ISO 8601, UTC. */
  readonly endedAt: string;
}

/** The door's promise of a run: it is there before the first answer that names the run. */
export interface Accepted {
  readonly version: 1;
  readonly askedAt: string;
}

const claimed = v.object({ version: v.literal(1), command: line, runId, askedAt: time });
const links = v.object({ version: v.literal(1), generation: count, key: v.string(), at: time });
const latest = v.object({ version: v.literal(1), runId, endedAt: time });
const accepted = v.object({ version: v.literal(1), askedAt: time });

/** @throws naming the field that is not a claim's */
export const parseClaimed = (json: unknown): Claimed => v.parse(claimed, json);
/** @throws naming the field that is not a count's of revocations */
export const parseLinks = (json: unknown): LinkGeneration => v.parse(links, json);
/** @throws naming the field that is not a newest run's */
export const parseLatest = (json: unknown): Latest => v.parse(latest, json);
/** @throws naming the field that is not an acceptance's */
export const parseAccepted = (json: unknown): Accepted => v.parse(accepted, json);

/** @throws naming the field that is not a progress's */
export const parseProgress = (json: unknown): Progress => v.parse(progress, json);
/** @throws naming the field that is not a result's */
export const parseShardResult = (json: unknown): ShardResult => v.parse(shardResult, json);
/** @throws naming the field that is not a suite's plan's */
export const parseSuitePlan = (json: unknown): SuitePlan => v.parse(suite, json);
/** @throws naming the field that is not a plan's */
export const parsePlan = (json: unknown): RunPlan => v.parse(plan, json) as unknown as RunPlan;
/** @throws naming the field that is not a deal's */
export const parseDealBasis = (json: unknown): DealBasis => v.parse(dealBasis, json);
/** @throws naming the field that is not a deal's */
export const parseDealt = (json: unknown): Dealt => v.parse(dealt, json);
/** @throws naming the field that is not a list's of what can be run again */
export const parseAgain = (json: unknown): Again => v.parse(again, json);
/** @throws naming the field that is not an errand's */
export const parseErrandRequest = (json: unknown): ErrandRequest => v.parse(errandRequest, json);
/** @throws for anything that is not a version of ours */
export const parseHomes = (json: unknown): Homes => v.parse(homes, json);
/** @throws naming the field that is not a schedule's */
export const parseSchedules = (json: unknown): Schedules => v.parse(ours, json) as unknown as Schedules;
/** @throws naming the field that is not a request's */
export const parseRunRequest = (json: unknown): RunRequest => v.parse(runRequest, json);
/** @throws naming the field that is not a wish's about a run */
export const parseRunWish = (json: unknown) => v.parse(runWish, json);
