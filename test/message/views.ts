import type { RunView } from '../../src/message/run-view.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import type { Asker, Counts, Failure, Outcome } from '../../src/outcome/outcome.ts';
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
  fields: { text?: string; asker?: Asker; mention?: string[] } & Partial<Pick<RunView, 'progress' | 'place' | 'reportUrl'>> = {},
): RunView {
  const { text = '/run-tests staging @smoke', asker = ada, mention = [], ...rest } = fields;
  const tags = /@.*/.exec(text)?.[0];
  const plan = planRun(
    {
      version: 1,
      key: 'command:1',
      askedAt,
      asker,
      text,
      channel: 'C0UITESTS',
      command: { environment: 'staging', features: [], ...(tags !== undefined && { tags }) },
    },
    environmentOf({ name: 'staging', url: 'https://staging.example.com' }),
    fargate,
  );
  const run = newRun(plan.runId, 'staging');
  return {
    plan,
    run,
    mention,
    screenshotUrl: (name) => `https://bot.example.com/reports/staging/${plan.runId}/shards/1/attachments/${name}?s=abc`,
    ...rest,
  };
}

const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/coldframe-prod/0123456789abcdef0123456789abcdef';

export const started = (view: RunView): RunView => ({
  ...view,
  run: changeRun(view.run, { kind: 'started', at: startedAt, deadlineAt: '2026-11-23T04:32:03.000Z', tasks: [{ shard: 1, taskArn }] }),
});

export const cancelling = (view: RunView): RunView => ({
  ...view,
  run: changeRun(view.run, { kind: 'cancel-asked', by: ada, at: startedAt }),
});

export function ended(view: RunView, outcome: Outcome, { hasReport = true } = {}) {
  const run: Run = changeRun(started(view).run, { kind: 'finished', at: endedAt, outcome, hasReport });
  if (run.phase.kind !== 'finished') throw new Error('a finished run is finished');
  return {
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
