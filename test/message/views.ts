import type { Heard } from '../../src/hearing/hearing.ts';
import type { RunView } from '../../src/message/run-view.ts';
import type { Comparison, FailingScenario, Listed } from '../../src/outcome/comparison.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import type { Asker, Counts, Failure, Outcome } from '../../src/outcome/outcome.ts';
import { explainRunTaskFailure, explainStop, type StopReason } from '../../src/outcome/stop.ts';
import { newApproval } from '../../src/run/approval.ts';
import type { LostAttempt, Retry } from '../../src/run/attempt.ts';
import type { ShardChoice } from '../../src/run/forecast.ts';
import { planRun } from '../../src/run/plan.ts';
import { changeRun, newRun, type Run } from '../../src/run/run.ts';
import { environmentOf } from '../catalogue.ts';

/** Views of runs, as `publish` makes them, for the tests of messages. */

const askedAt = '2026-11-23T04:12:00.000Z';
const startedAt = '2026-11-23T04:12:03.000Z';
const endedAt = '2026-11-23T04:15:15.000Z';
const fargate = {
  cluster: 'coldframe-prod',
  taskFamilyPrefix: 'coldframe-prod',
  subnets: ['subnet-1'],
  securityGroups: ['sg-1'],
  assignPublicIp: true,
};

const ada: Asker = { kind: 'slack', userId: 'U0ADA' };

export const countsOf = (counts: Partial<Counts>): Counts => {
  const { passed = 0, failed = 0, undefined: missing = 0, ambiguous = 0, pending = 0, skipped = 0, unknown = 0 } = counts;
  return { ...noCounts, total: passed + failed + missing + ambiguous + pending + skipped + unknown, ...counts };
};

export const failureOf = (fields: Partial<Failure> = {}): Failure => ({
  status: 'failed',
  feature: 'Logging in',
  uri: 'features/login.feature',
  line: 12,
  scenario: 'A user with a provider logs in',
  step: 'Then they are taken to the "Stacks" page',
  error: 'AssertionError: expected "Log in" to be "Stacks"\n    at World.<anonymous> (features/steps/login.ts:31:10)',
  attempts: 1,
  durationMs: 4_210,
  ...fields,
});

export function viewOf(
  fields: { text?: string; asker?: Asker; chosen?: ShardChoice } & Partial<
    Pick<RunView, 'progress' | 'place' | 'reportUrl' | 'heard'>
  > = {},
): RunView {
  const { text = '/run-tests staging @smoke', asker = ada, chosen, ...rest } = fields;
  const tags = /@.*/.exec(text)?.[0];
  const plan = planRun(
    {
      version: 1,
      key: 'command:1',
      askedAt,
      asker,
      text,
      channel: 'C0UITESTS',
      command: {
        environment: 'staging',
        features: [],
        ...(tags !== undefined && { tags }),
        ...(chosen !== undefined && { shards: 'auto' }),
      },
    },
    environmentOf({ name: 'staging', url: 'https://staging.example.com', ...(chosen !== undefined && { tasksAtOnce: 12 }) }),
    fargate,
    { chosen },
  );
  const run = newRun(plan.runId, 'staging');
  return {
    plan,
    run,
    screenshotUrl: (name) => `https://bot.example.com/reports/staging/${plan.runId}/shards/1/attachments/${name}?s=abc`,
    ...rest,
  };
}

/** Who hears of it: its asker, and these. */
export const heardBy = (pings: readonly string[] = [], fields: Partial<Heard> = {}): Heard => ({
  place: { kind: 'standing' },
  pings,
  news: { newly: 0, known: 0, muted: 0, flaky: 0, fixed: 0 },
  tellsAsker: true,
  ...fields,
});

const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-prod/0123456789abcdef0123456789abcdef';

export const started = (view: RunView): RunView => ({
  ...view,
  run: changeRun(view.run, { kind: 'started', at: startedAt, deadlineAt: '2026-11-23T04:32:03.000Z', tasks: [{ shard: 1, taskArn }] }),
});

/** Started at the attempt after those that were lost, or waiting for it. @param next absent: its task is there */
export function retried(view: RunView, lost: readonly LostAttempt[], next?: Retry['next']): RunView {
  const run = started(view).run;
  if (run.phase.kind !== 'started') throw new Error('a started run has started');
  const phase = { ...run.phase, tasks: next === undefined ? run.phase.tasks : [], retries: [{ shard: 1, lost, ...(next && { next }) }] };
  return { ...view, run: { ...run, phase } };
}

/** What RunTask says when there is no capacity. */
export const noCapacity = explainRunTaskFailure({
  reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
});
/** What ECS says of a task that never came to its container. */
export const interfaceLate = explainStop({
  taskArn,
  stopCode: 'TaskFailedToStart',
  stoppedReason: 'Timeout waiting for network interface provisioning to complete.',
});
export const lostAt = (minute: number, stop: StopReason): LostAttempt => ({ at: `2026-11-23T04:${minute}:03.000Z`, stop });

/** One that `needed` others have to approve, after these have. */
export function awaited(view: RunView, needed: number, by: readonly string[] = [], approvers?: readonly string[]): RunView {
  const { plan } = view;
  const run = newRun(plan.runId, 'staging', newApproval(needed, plan));
  const yes = (now: Run, userId: string) => changeRun(now, { kind: 'approved', userId, at: startedAt });
  return { ...view, run: by.reduce(yes, run), ...(approvers && { approvers }) };
}

export const cancelling = (view: RunView): RunView => ({
  ...view,
  run: changeRun(view.run, { kind: 'cancel-asked', by: ada, at: startedAt }),
});

export function ended(
  view: RunView,
  outcome: Outcome,
  { hasReport = true, comparison }: { hasReport?: boolean; comparison?: Comparison } = {},
) {
  const on = view.run.phase.kind === 'queued' ? started(view) : view;
  const run: Run = changeRun(on.run, { kind: 'finished', at: endedAt, outcome, hasReport, ...(comparison && { comparison }) });
  if (run.phase.kind !== 'finished') throw new Error('a finished run is finished');
  return {
    heard: heardBy(),
    ...view,
    run: { ...run, phase: run.phase },
    ...(hasReport && { reportUrl: `https://bot.example.com/reports/staging/${run.id}/report.html?s=abc` }),
  };
}

const stop = {
  what: 'The container was killed because it ran out of memory.',
  next: 'Give the task more memory (memoryMb in coldframe.yml) or run fewer workers.',
  raw: 'OutOfMemoryError: Container killed due to memory usage (exit code 137)',
  isTransient: false,
};

const durationMs = 192_000;
const flaky = [
  { feature: 'Stacks', uri: 'features/stacks.feature', line: 9, scenario: 'The stacks are refreshed', attempts: 2, error: 'Error: 503' },
];

/** One of each outcome, as people will meet it. */
export const outcomes: Readonly<Record<string, Outcome>> = {
  passed: { kind: 'passed', counts: countsOf({ passed: 41 }), flaky: [], durationMs },
  'passed-flaky': { kind: 'passed', counts: countsOf({ passed: 41, flaky: 1 }), flaky, durationMs },
  'passed-some-skipped': { kind: 'passed', counts: countsOf({ passed: 40, skipped: 1 }), flaky: [], durationMs },
  failed: {
    kind: 'failed',
    counts: countsOf({ passed: 39, failed: 2 }),
    flaky: [],
    failures: [failureOf({ screenshot: '0a1b2c3d4e5f6071.png' }), failureOf({ line: 20, scenario: 'A wrong password', attempts: 2 })],
    durationMs,
  },
  'failed-all-kinds': {
    kind: 'failed',
    counts: countsOf({ passed: 30, flaky: 1, failed: 3, undefined: 2, ambiguous: 1, pending: 1, skipped: 2, unknown: 1 }),
    flaky,
    failures: [
      failureOf(),
      failureOf({ status: 'undefined', step: 'When I dance', error: 'No step definition fits this step.' }),
      failureOf({ status: 'ambiguous', step: 'When I log in', error: 'Two step definitions fit.' }),
      failureOf({ status: 'pending', step: 'Then it is written', error: 'The step is not written yet.' }),
      ...Array.from({ length: 3 }, (_, index) => failureOf({ line: 30 + index, scenario: `Row ${index + 1}` })),
    ],
    durationMs,
  },
  empty: { kind: 'empty', counts: noCounts },
  'empty-all-skipped': { kind: 'empty', counts: countsOf({ skipped: 3 }) },
  broken: {
    kind: 'broken',
    counts: noCounts,
    error: "Error: Cannot find module './pages/login.ts'\n    at features/steps/login.ts:3:1",
  },
  'broken-next': {
    kind: 'broken',
    counts: noCounts,
    error: 'The environment under test does not answer: https://staging.example.com/ answers 503 (5 tries). Nothing was run.',
    next: 'It is there, but not well: wait until its deployment is over, or look at its log; then run it again.',
  },
  'broken-at-end': {
    kind: 'broken',
    counts: countsOf({ passed: 40, failed: 1 }),
    error: 'hook AfterAll (features/support/hooks.ts:61) failed: Error: the account is gone',
  },
  unfinished: {
    kind: 'unfinished',
    counts: countsOf({ passed: 12, failed: 1, unknown: 28 }),
    failures: [failureOf()],
    lastSeen: 'A user logs in › When they wait',
    stop,
  },
  'unfinished-with-log': {
    kind: 'unfinished',
    counts: countsOf({ passed: 12, unknown: 29 }),
    failures: [],
    stop: {
      ...stop,
      what: 'AWS stopped the task and gave a reason that we do not know.',
      raw: 'Something new',
      lastLines: ['Starting the suite', '............', 'Killed'],
    },
  },
  'shard-lost': {
    kind: 'unfinished',
    counts: countsOf({ passed: 26, failed: 1, unknown: 14 }),
    failures: [failureOf({ shard: 1, screenshot: '0a1b2c3d4e5f6071.png' })],
    notBegun: { count: 14, first: ['A user logs out', 'A stack is added'] },
    stop,
    shards: { of: 3, lost: [{ shard: 2, kind: 'unfinished', because: stop.what }] },
  },
  'shards-broken': {
    kind: 'broken',
    counts: countsOf({ passed: 12, unknown: 29 }),
    error: 'hook BeforeAll (features/support/hooks.ts:9) failed: Error: there is no account left',
    shards: {
      of: 40,
      lost: Array.from({ length: 7 }, (_, index) => ({
        ...({ shard: index + 2, kind: index === 0 ? 'not-started' : 'broken' } as const),
        because: index === 0 ? 'Fargate has no capacity for this task right now.' : 'hook BeforeAll failed: Error: <no> account',
      })),
    },
  },
  'timed-out': {
    kind: 'timed-out',
    counts: countsOf({ passed: 12, unknown: 29 }),
    failures: [],
    lastSeen: 'A user logs in › When they wait',
    notBegun: {
      count: 28,
      first: ['A user logs out', 'A <wrong> password is refused', 'A password is changed', '', 'A stack is added', 'A stack is removed'],
    },
    limitMs: 1_200_000,
  },
  'timed-out-before-start': { kind: 'timed-out', counts: noCounts, failures: [], limitMs: 1_200_000 },
  'timed-out-before-all': {
    kind: 'timed-out',
    counts: noCounts,
    failures: [],
    lastSeen: 'hook BeforeAll (features/support/hooks.ts:9)',
    limitMs: 1_200_000,
  },
  'timed-out-after-all': {
    kind: 'timed-out',
    counts: countsOf({ passed: 41 }),
    failures: [],
    lastSeen: 'hook AfterAll (features/support/hooks.ts:20)',
    limitMs: 1_200_000,
  },
  'passed-some-pending': { kind: 'passed', counts: countsOf({ passed: 40, pending: 1 }), flaky: [], durationMs: 192_000 },
  'timed-out-scenario': {
    kind: 'timed-out',
    counts: countsOf({ passed: 12, unknown: 29 }),
    failures: [],
    lastSeen: 'A user logs in › When they wait',
    limitMs: 180_000,
    limit: 'scenario',
  },
  cancelled: { kind: 'cancelled', counts: countsOf({ passed: 12, unknown: 29 }), failures: [], by: ada },
  'cancelled-before-start': { kind: 'cancelled', counts: noCounts, failures: [], by: ada },
  'not-started': {
    kind: 'not-started',
    stop: {
      what: 'Fargate has no capacity for this task right now.',
      next: 'Run it again in a few minutes.',
      raw: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
      isTransient: true,
    },
  },
};

const none = { count: 0, first: [] };
const listed = <T>(first: readonly T[], count = first.length): Listed<T> => ({ count, first });
const mark = (day: number, ref?: string) => ({
  id: `staging-202611${day}-0412-k3f9qa`,
  at: `2026-11-${day}T04:15:15.000Z`,
  ...(ref !== undefined && { ref, commit: '4170951c0ffee'.padEnd(40, '0') }),
});
const named = ({ id, feature, uri, line, scenario }: Failure) => ({ ...(id !== undefined && { id }), feature, uri, line, scenario });
const failing = (failure: Failure, fields: Partial<FailingScenario> = {}): FailingScenario => ({
  ...named(failure),
  since: mark(23),
  runs: 1,
  lastPassed: mark(22),
  ...fields,
});
export const comparisonOf = (fields: Partial<Comparison>): Comparison => ({
  ...{ runs: 20, against: mark(22), newlyFailing: none, stillFailing: none, fixed: none, newlyFlaky: none, knownFlaky: none },
  ...{ slower: none, added: none, removed: none, healed: none },
  ...fields,
});

const fresh = failureOf({ id: 'fresh', scenario: 'A user with a provider logs in', screenshot: '0a1b2c3d4e5f6071.png' });
const old = failureOf({
  id: 'old',
  line: 20,
  scenario: 'A wrong password',
  error: 'TimeoutError: locator.click: Timeout 5000ms exceeded.',
});
const shaky = failureOf({ id: 'shaky', line: 31, scenario: 'A password is changed', error: 'Error: 503' });
const unknown = failureOf({ id: 'unknown', line: 40, scenario: 'A user with two factors', error: 'Error: no code' });
const refused = Array.from({ length: 298 }, (_, index) =>
  failureOf({
    id: `refused-${index}`,
    line: 10 + index,
    scenario: `Row ${index + 1}`,
    step: 'Given the page',
    error: 'page.goto: net::ERR_CONNECTION_REFUSED at https://staging.example.com/',
  }),
);
const flakiness = { flakyRuns: 3, runs: 20, level: 'medium' } as const;
const fixed = (scenario: string, runs: number, day: number) => ({ ...named(failureOf({ scenario })), since: mark(day), runs });

/** Runs beside the runs before them. */
export const compared: Readonly<Record<string, readonly [Outcome, Comparison]>> = {
  'failed-new-and-old': [
    { kind: 'failed', counts: countsOf({ passed: 37, failed: 4 }), flaky: [], failures: [old, fresh, shaky, unknown], durationMs },
    comparisonOf({
      newlyFailing: listed(
        [failing(fresh, { lastPassed: mark(22, 'main') }), failing(unknown, { lastPassed: undefined as never })].map(
          ({ lastPassed, ...one }) => (lastPassed === undefined ? one : { ...one, lastPassed }),
        ),
      ),
      stillFailing: listed([
        failing(old, { since: mark(20), runs: 5 }),
        failing(shaky, { since: mark(10), runs: 40, isLonger: true, flakiness }),
      ]),
      fixed: listed([fixed('A stack is added', 3, 21), fixed('A stack is removed', 1, 22)]),
      removed: listed([{ id: 'gone', uri: 'features/old.feature', scenario: 'A user is forgotten' }]),
      added: listed([named(fresh), named(old), named(shaky)]),
    }),
  ],
  'failed-for-one-reason': [
    { kind: 'failed', counts: countsOf({ passed: 100, failed: 300 }), flaky: [], failures: [...refused, old, fresh], durationMs },
    comparisonOf({
      newlyFailing: listed([...refused, fresh].map((one) => failing(one))),
      stillFailing: listed([failing(old, { since: mark(20), runs: 5 })]),
    }),
  ],
  'failed-for-one-old-reason': [
    { kind: 'failed', counts: countsOf({ passed: 100, failed: 298 }), flaky: [], failures: refused, durationMs },
    comparisonOf({ stillFailing: listed(refused.map((one) => failing(one, { since: mark(20), runs: 5 }))) }),
  ],
  'failed-beside-quarantine': [
    {
      kind: 'failed',
      counts: countsOf({ passed: 38, failed: 3, quarantined: 2 }),
      flaky: [],
      failures: [fresh],
      quarantined: [old, shaky],
      durationMs,
    },
    comparisonOf({ newlyFailing: listed([failing(fresh)]) }),
  ],
  'passed-but-quarantine': [
    {
      kind: 'passed',
      counts: countsOf({ passed: 39, failed: 1, undefined: 1, quarantined: 2 }),
      flaky: [],
      quarantined: [old, { ...shaky, status: 'undefined' }],
      durationMs,
    },
    comparisonOf({ healed: listed([named(fresh)]) }),
  ],
  'passed-fixed': [
    {
      kind: 'passed',
      counts: countsOf({ passed: 41, flaky: 2 }),
      flaky: [...flaky.map((one) => ({ ...one, id: 'flake' })), { ...named(fresh), attempts: 3, error: 'Error: 503' }],
      durationMs,
    },
    comparisonOf({
      fixed: listed(
        [fixed('A stack is added', 3, 21), fixed('A <wrong> *password*', 1, 22), fixed('A third', 12, 10), fixed('A fourth', 1, 22)],
        7,
      ),
      newlyFlaky: listed(flaky.map((one) => ({ ...one, id: 'flake', flakiness }))),
      knownFlaky: listed([{ ...named(fresh), flakiness }]),
      slower: listed([{ ...named(old), tookMs: 12_400, usualMs: 4_100 }]),
      pace: 1.7,
    }),
  ],
  'empty-but-quarantine': [{ kind: 'empty', counts: countsOf({ failed: 1, quarantined: 1 }), quarantined: [old] }, comparisonOf({})],
  'unfinished-new': [
    { kind: 'unfinished', counts: countsOf({ passed: 12, failed: 1, unknown: 28 }), failures: [fresh], stop },
    comparisonOf({ newlyFailing: listed([failing(fresh)]) }),
  ],
};
