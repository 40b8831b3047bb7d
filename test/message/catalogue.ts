import type { ModalView } from '@slack/types';
import { figuresOf, newTally } from '../../src/coldstart/tally.ts';
import type { KnownJump } from '../../src/coldstart/watch.ts';
import { usualHearing } from '../../src/hearing/settings.ts';
import { alikeMessage, alikeText } from '../../src/message/alike.ts';
import * as answers from '../../src/message/answers.ts';
import { auditMessage } from '../../src/message/audit.ts';
import { coldStartsMessage, expensiveMessage, lookingMessage } from '../../src/message/cold-starts.ts';
import { alertMessage, blindMessage } from '../../src/message/cold-starts-alert.ts';
import { digestMessage } from '../../src/message/cold-starts-digest.ts';
import { coldStartsHelp } from '../../src/message/cold-starts-help.ts';
import { endReply } from '../../src/message/end-reply.ts';
import { confirmView, loadingView, noteView, savingView, settingsLoadingView } from '../../src/message/form-loading.ts';
import { heldMessage } from '../../src/message/held.ts';
import { historyMessage } from '../../src/message/history.ts';
import { type Home, homeView } from '../../src/message/home.ts';
import type { Message } from '../../src/message/message.ts';
import { onMessage, type RunOn } from '../../src/message/on-now.ts';
import { runFormView } from '../../src/message/run-form.ts';
import { runMessage } from '../../src/message/run-message.ts';
import type { EndView, RunView } from '../../src/message/run-view.ts';
import * as schedules from '../../src/message/schedules.ts';
import { settingsFormView } from '../../src/message/settings-form.ts';
import { code, cut, escapeText } from '../../src/message/text.ts';
import { whyMessage } from '../../src/message/why.ts';
import type { Failure, Outcome } from '../../src/outcome/outcome.ts';
import type { Standing } from '../../src/outcome/standing.ts';
import type { AuditEntry } from '../../src/run/audit.ts';
import type { Schedule } from '../../src/schedule/schedule.ts';
import { catalogueOf, environmentOf } from '../catalogue.ts';
import * as views from './views.ts';

/**
 * Everything that Coldframe says in Slack, each from its own builder: what the tests hold against Slack's limits, and what the gallery shows
 * (docs/messages.md). `text` stands wherever somebody else's words do: names of scenarios, errors, tags, refs.
 */

/** Something that we can say. */
export interface Said {
  /** Also the name of its picture. */
  readonly name: string;
  /** The functions of src/message that make it. */
  readonly builders: readonly string[];
  readonly when: string;
  readonly who: string;
  /** @param size how many there are of what it is about: failures, environments, schedules, functions, runs */
  readonly make: (size: number, text: string) => Message | ModalView | Home;
}

const at = '2026-11-27T09:15:15.000Z';
const atMs = Date.parse(at);
const reportUrl = 'https://coldframe.example.com/reports/staging/run/report.html?s=signed';
const historyUrl = 'https://coldframe.example.com/reports/staging/history/history.html?s=signed';
/** A picture that the gallery puts there. */
export const screenshotUrl = 'https://coldframe.example.com/reports/staging/run/shards/1/attachments/0a1b2c3d4e5f6071.png?s=signed';

const many = <T>(size: number, make: (index: number) => T): readonly T[] => Array.from({ length: size }, (_, index) => make(index));
const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa'];
const wordOf = (index: number): string => `${words[index % 10]}${index < 10 ? '' : `-${words[Math.floor(index / 10) % 10]}`}`;

const names = ['A user with a provider logs in', 'A wrong password is refused', 'The basket survives a reload'];
const nameOf = (index: number, text: string): string => (text === usual ? (names[index % names.length] ?? usual) : text);

const runOn = (index: number, text: string): RunOn => ({
  environment: 'staging',
  runId: `staging-20261127-0412-k3f9q${index % 10}`,
  words: text === usual ? 'staging: running, 12 of 41 scenarios done' : text,
});

const auditEntry = (index: number, text: string): AuditEntry => ({
  ...{ version: 1, at, environment: 'staging', text: text === usual ? 'staging @smoke' : text },
  ...(index % 2 === 0
    ? { deed: 'run', by: { kind: 'slack', userId: 'U0ADA' }, came: { kind: 'run', runId: 'staging-20261127-0412-k3f9q0' } }
    : {
        deed: 'run',
        by: { kind: 'http', keyId: text === usual ? 'merges' : text },
        came: { kind: 'refused', because: text === usual ? 'that is older than 15 minutes' : escapeText(text) },
      }),
});

/** One where there is one; many for as many reasons. */
const failuresOf = (size: number, text: string): readonly Failure[] =>
  many(size, (index) =>
    views.failureOf({
      ...{ id: `id-${index}`, line: index + 1, uri: index === 0 || text === usual ? 'features/login.feature' : `features/${text}.feature` },
      scenario: nameOf(index, text),
      ...(index === 0
        ? {}
        : {
            step: text === usual ? 'Then the page says why' : text,
            error:
              text === usual
                ? `TimeoutError: locator.click: ${wordOf(index)} did not appear`
                : `${wordOf(index)}Error: ${text}\n    at features/steps.ts:1:1`,
          }),
      ...{ screenshot: '0a1b2c3d4e5f6071.png', owners: ['S0QA'] },
    }),
  );

const countsOf = (failed: number) => views.countsOf({ passed: 38, failed });
const failedOf = (size: number, text: string): Outcome => ({
  ...{ kind: 'failed', counts: countsOf(size), failures: failuresOf(size, text), durationMs: 192_000 },
  flaky: many(Math.min(size, 3), (index) => ({
    ...{ feature: text, uri: text, line: index, scenario: nameOf(index + 1, text), attempts: 2, error: text },
  })),
});
const comparisonOf = (size: number, text: string) => {
  const named = ({ id = '', feature, uri, line, scenario }: Failure) => ({ id, feature, uri, line, scenario });
  const mark = (day: number) => ({
    id: `staging-202611${day}-0412-k3f9qa`,
    at: `2026-11-${day}T04:15:15.000Z`,
    ref: text === usual ? 'main' : cut(text, 100),
  });
  const [first, ...others] = failuresOf(size, text).map(named);
  return views.comparisonOf({
    newlyFailing: { count: first ? 1 : 0, first: first ? [{ ...first, since: mark(23), runs: 1, lastPassed: mark(22) }] : [] },
    stillFailing: { count: others.length, first: others.map((one) => ({ ...one, since: mark(18), runs: 5 })) },
    fixed: { count: others.length, first: others.map((one) => ({ ...one, since: mark(21), runs: 2 })) },
  });
};

const plan = (text: string, view: RunView): RunView => ({
  ...view,
  plan: {
    ...view.plan,
    suite: { ...view.plan.suite, tags: text === usual ? '@smoke' : text, ...(text !== usual && { ref: text, features: [text, text] }) },
    expected: { startMs: 38_000, scenariosMs: 200_000 },
  },
});
/** What stands for other people's words in the gallery. */
export const usual = 'A user with a provider logs in';

const on = (text: string, fields: Parameters<typeof views.viewOf>[0] = {}): RunView => ({
  ...plan(text, views.viewOf({ text: `/run-tests staging ${text === usual ? '@smoke' : text}`, ...fields })),
  historyUrl,
  screenshotUrl: () => screenshotUrl,
});
function ended(outcome: Outcome, text: string, size = 1): EndView {
  const end = views.ended(on(text, { heard: views.heardBy(['S0QA']) }), outcome, { comparison: comparisonOf(size, text) });
  return { ...end, reportUrl, run: { ...end.run, phase: { ...end.run.phase, again: size, commit: '4170951c0ffee'.padEnd(40, '0') } } };
}
const stopOf = (text: string) => ({
  what: text === usual ? 'The container was killed because it ran out of memory.' : text,
  next: text === usual ? 'Give the task more memory (memoryMb in coldframe.yml) or run fewer workers.' : text,
  raw: text === usual ? 'OutOfMemoryError: Container killed due to memory usage (exit code 137)' : text,
  isTransient: false,
  lastLines: ['Starting the suite', '............', text === usual ? 'Killed' : text],
});
const notBegunOf = (size: number, text: string) => ({ count: size, first: many(Math.min(size, 20), (index) => nameOf(index + 1, text)) });
const cutShort = (size: number, text: string) => ({
  counts: views.countsOf({ passed: 12, failed: size, unknown: 28 }),
  failures: failuresOf(size, text),
  lastSeen: `${text} › When they wait`,
  notBegun: notBegunOf(size, text),
});

const schedule = (index: number, text: string): Schedule => ({
  id: `staging-${wordOf(index)}`,
  command: { environment: 'staging', tags: text === usual ? '@smoke' : text, features: [] },
  times: { kind: 'days', days: [1, 2, 3, 4, 5], hour: 6, minute: 30, zone: 'Europe/Berlin' } as Schedule['times'],
  by: 'U0ADA',
  channel: 'C0UITESTS',
  madeAt: at,
  ...(index % 3 === 1 && { rest: { kind: 'paused', by: 'U0GRACE', at } as Schedule['rest'] & object }),
});
const scheduleView = (index: number, text: string): schedules.ScheduleView => ({
  schedule: schedule(index, text),
  next: many(5, (day) => atMs + day * 86_400_000),
  changes: [{ kind: 'skipped', day: '2027-03-28' }],
});

const standing = (size: number, text: string): Standing =>
  ({
    runs: many(Math.min(30, size), (index) => ({ kind: index % 4 === 0 ? 'failed' : 'passed' })),
    flakiest: many(Math.min(10, size), () => ({ scenario: text, uri: text, flakiness: { flakyRuns: 3, runs: 20, level: 'medium' } })),
  }) as unknown as Standing;
const environments = (size: number): readonly string[] =>
  many(size, (index) => (index === 0 ? 'staging' : `${wordOf(index)}-${index}`.slice(0, 28)));

function figures(invocations: number, cold: number) {
  const tally = newTally();
  for (let index = 0; index < cold; index += 1) tally.inits.add(280 + (index % 60));
  return figuresOf({ ...tally, invocations, onDemand: cold });
}
const functionName = (index: number, text: string): string =>
  `${text === usual ? 'orders-' : text}${wordOf(index)}${index < 10 ? '' : index}`;
function summaryOf(size: number, text: string): Parameters<typeof coldStartsMessage>[0] {
  const functions = new Map(many(size, (index) => [functionName(index, text), figures(41_000 - index, Math.max(1, 40 - index))] as const));
  const all = figures(size * 41_000, size * 20);
  return {
    ...{ all, functions, hours: [], initBuckets: new Map(), monthlyInitCost: 0.12 },
    before: { all: figures(size * 40_000, size * 9), functions: new Map() },
    untold: text === usual ? [] : [cut(text.trim(), 1_000) || 'one'],
    advice: [
      text === usual
        ? '`orders-alpha` starts cold on 6 % of its 5 calls an hour; merged into `orders-beta` it would be 0.2 %.'
        : text.trim() || 'one',
    ],
  };
}
/** A function's name as the command has it: parsed, so without spaces. */
const typedOf = (text: string): string => cut(text.replace(/\s+/g, ''), 200) || 'x';
const coldView = (size: number, text: string) => ({
  command: { functions: [text === usual ? 'orders-*' : typedOf(text)], windowMs: 86_400_000, whatIfs: [], isConfirmed: false },
  ...{ askedBy: 'U0ADA', functions: size, bytesScanned: 6.2e9 },
});
const since = Math.floor(atMs / 3_600_000);
const jump = (index: number, text: string): KnownJump => ({
  ...{ kind: 'rate', functionName: functionName(index, text), since, found: since + 3 },
  ...{ was: { calls: 8_400, cold: 118 }, is: { calls: 1_210, cold: 110 }, cause: { kind: 'busy', busy: 96 } },
});

const channel = 'everybody in the channel';
const asker = 'whoever asked';
const presser = 'whoever pressed';

const ofRuns: readonly Said[] = [
  {
    ...{ name: 'run-approval', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'a run is asked for where a second person has to say yes',
    make: (size, text) =>
      runMessage(
        views.awaited(
          on(text),
          1,
          [],
          many(size, (index) => ['U0GRACE', 'U0LINUS'][index] ?? `U0A${index}`),
        ),
      ),
  },
  {
    ...{ name: 'run-queued', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'a run waits for its turn',
    make: (size, text) => runMessage(on(text, { place: { kind: 'queued', position: size + 1 } })),
  },
  {
    ...{ name: 'run-starting', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'Fargate starts the tasks of a run',
    make: (_, text) => runMessage(views.started(on(text))),
  },
  {
    ...{ name: 'run-tried-again', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'AWS has not started a task, and it is tried again',
    make: (_, text) => {
      const stop = text === usual ? views.noCapacity : stopOf(text);
      return runMessage(views.retried(on(text), [views.lostAt(12, stop)], { kind: 'waiting', at: '2026-11-23T04:13:03.000Z' }));
    },
  },
  {
    ...{ name: 'run-running', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'the scenarios of a run are on: edited as it goes on',
    make: (size, text) => {
      const shards = many(
        Math.min(size, 40),
        (index) => (['running', 'finishing', 'preparing', 'starting'] as const)[index % 4] ?? 'running',
      );
      const progress = { step: 'running', counts: views.countsOf({ passed: 11, failed: size, unknown: 29 }), leftMs: 171_000 } as const;
      return runMessage(
        views.started(
          on(text, { progress: { ...progress, now: many(size, (index) => nameOf(index, text)), ...(size > 1 && { shards }) } }),
        ),
      );
    },
  },
  {
    ...{ name: 'run-cancelling', builders: ['runMessage', 'progressMessage'], who: channel },
    when: 'somebody has pressed _Cancel_, and its tasks are being stopped',
    make: (_, text) => runMessage(views.cancelling(views.started(on(text)))),
  },
  {
    ...{ name: 'run-passed', builders: ['runMessage', 'passedMessage'], who: channel },
    when: 'a run has passed',
    make: (size, text) => {
      const counts = views.countsOf({ passed: 41, flaky: size });
      return runMessage(ended({ kind: 'passed', counts, flaky: [], durationMs: 192_000 }, text, size));
    },
  },
  {
    ...{ name: 'run-failed', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'scenarios of a run have failed',
    make: (size, text) => runMessage(ended(failedOf(size, text), text, size)),
  },
  {
    ...{
      name: 'run-failed-thread',
      builders: ['endReply'],
      who: `${channel}, in the thread; it notifies whoever asked, and the owners of what is new`,
    },
    when: 'scenarios of a run have failed: the one reply, with up to ten failures in full',
    make: (size, text) => endReply(ended(failedOf(size, text), text, size)) ?? answers.refusedMessage('nothing'),
  },
  {
    ...{ name: 'run-broken', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'the suite could not be run',
    make: (size, text) => {
      const error = text === usual ? "Error: Cannot find module './pages/login.ts'\n    at features/steps/login.ts:3:1" : text;
      return runMessage(ended({ kind: 'broken', counts: views.countsOf({}), error, failures: failuresOf(size - 1, text) }, text, size));
    },
  },
  {
    ...{ name: 'run-checked-nothing', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'no scenario fitted the tags, or all were skipped',
    make: (_, text) => runMessage(ended({ kind: 'empty', counts: views.countsOf({}) }, text, 0)),
  },
  {
    ...{ name: 'run-did-not-finish', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'the container went away before the end',
    make: (size, text) => runMessage(ended({ kind: 'unfinished', ...cutShort(size, text), stop: stopOf(text) }, text, size)),
  },
  {
    ...{ name: 'run-timed-out', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'a run was stopped after its limit',
    make: (size, text) => runMessage(ended({ kind: 'timed-out', ...cutShort(size, text), limitMs: 1_200_000 }, text, size)),
  },
  {
    ...{ name: 'run-cancelled', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'a run was cancelled',
    make: (size, text) =>
      runMessage(ended({ kind: 'cancelled', ...cutShort(size, text), by: { kind: 'slack', userId: 'U0GRACE' } }, text, size)),
  },
  {
    ...{ name: 'run-did-not-start', builders: ['runMessage', 'finishedMessage'], who: channel },
    when: 'AWS has not started any task',
    make: (_, text) => runMessage(ended({ kind: 'not-started', stop: text === usual ? views.noCapacity : stopOf(text) }, text, 0)),
  },
  {
    ...{ name: 'run-why', builders: ['whyMessage'], who: `${presser}, alone` },
    when: 'somebody presses _Why?_',
    make: (size, text) => {
      const lines = text === usual ? stopOf(text).lastLines.slice(0, 2) : [text, text];
      return whyMessage(
        ended(failedOf(size, text), text, size),
        many(Math.min(size, 3), (index) => ({ shard: index + 1, lines })),
      );
    },
  },
  {
    ...{ name: 'run-alike', builders: ['alikeMessage'], who: `${asker}, alone` },
    when: 'what somebody asks for is on already',
    make: (_, text) => {
      const { plan: of } = on(text);
      const because = alikeText(of, 'https://example.slack.com/archives/C0UITESTS/p1');
      return alikeMessage(because, { environment: 'staging', alike: of.runId, typed: `staging ${text === usual ? '@smoke' : text}` });
    },
  },
  {
    ...{ name: 'digest', builders: ['heldMessage'], who: `${channel}; it pings the owners of what is new` },
    when: 'quiet hours or the time of a digest are over',
    make: (size, text) =>
      heldMessage(
        'staging',
        many(size, (index) => ({
          ...{
            runId: `staging-20261123-0412-k3f9q${index % 10}`,
            at,
            kind: 'failed',
            why: 'digest',
            pings: ['S0QA'],
            isOpen: index % 2 === 0,
          },
          ...{ news: { newly: 2, known: 1, muted: 0, flaky: 1, fixed: 0 }, newly: [nameOf(index, text), nameOf(index + 1, text)] },
        })) as unknown as Parameters<typeof heldMessage>[1],
        historyUrl,
      ),
  },
];

const ofAnswers: readonly Said[] = [
  {
    ...{ name: 'help', builders: ['helpMessage'], who: `${asker}, alone` },
    when: '`/run-tests help`',
    make: (size, text) =>
      answers.helpMessage(catalogueOf(...environments(size).map((name) => ({ name, tags: text === usual ? '@smoke' : text })))),
  },
  {
    ...{ name: 'refused', builders: ['refusedMessage'], who: `${asker}, alone` },
    when: 'what somebody asks for cannot be done: a typo, no permission, a question answered before',
    make: (_, text) =>
      answers.refusedMessage(`There is no environment ${code(cut(text === usual ? 'stagin' : text, 300))}; did you mean \`staging\`?`),
  },
  {
    ...{ name: 'not-handed-over', builders: ['handOverFailedMessage'], who: `${asker}, alone` },
    when: 'AWS did not take the request',
    make: () => answers.handOverFailedMessage,
  },
  {
    ...{ name: 'confirm', builders: ['confirmMessage'], who: `${asker}, alone` },
    when: 'the environment asks before a run (`confirm: true`), where no dialog can be shown',
    make: (_, text) =>
      answers.confirmMessage({ environment: 'production', features: [] }, `production ${text === usual ? '@smoke' : text}`),
  },
  {
    ...{ name: 'confirmed', builders: ['confirmedMessage'], who: `${asker}, alone` },
    when: 'that question is answered',
    make: (_, text) => answers.confirmedMessage(`production ${text === usual ? '@smoke' : text}`),
  },
  {
    ...{ name: 'confirm-rerun', builders: ['confirmRerunMessage'], who: `${presser}, alone` },
    when: 'the same before _Re-run failed_',
    make: () => answers.confirmRerunMessage('production', 'production-20261123-0412-k3f9qa'),
  },
  {
    ...{ name: 'confirmed-rerun', builders: ['confirmedRerunMessage'], who: `${presser}, alone` },
    when: 'that question is answered',
    make: (_, text) => answers.confirmedRerunMessage(`production/${text === usual ? 'production-20261123-0412-k3f9qa' : text}`),
  },
  {
    ...{ name: 'revoke-links', builders: ['confirmRevokeMessage'], who: `${asker}, alone` },
    when: '`/run-tests revoke-links staging`',
    make: () => answers.confirmRevokeMessage('staging'),
  },
  {
    ...{ name: 'revoking-links', builders: ['confirmedRevokeMessage'], who: `${presser}, alone` },
    when: 'that question is answered',
    make: () => answers.confirmedRevokeMessage('staging'),
  },
  {
    ...{ name: 'revoked-links', builders: ['revokedMessage'], who: `${presser}, alone` },
    when: 'the links lead nowhere',
    make: () => answers.revokedMessage('staging', historyUrl),
  },
  {
    ...{ name: 'history', builders: ['historyMessage'], who: `${asker}, alone` },
    when: '`/run-tests history`',
    make: (size, text) =>
      historyMessage(environments(size).map((environment) => ({ environment, standing: standing(30, text), historyUrl }))),
  },
  {
    ...{ name: 'on', builders: ['onMessage'], who: `${asker}, alone` },
    when: '`/run-tests cancel`',
    make: (size, text) => onMessage(many(size, (index) => runOn(index, text))),
  },
  {
    ...{ name: 'audit', builders: ['auditMessage'], who: `${asker}, alone` },
    when: '`/run-tests audit`',
    make: (size, text) =>
      auditMessage(
        ['staging'],
        many(size, (index) => auditEntry(index, text)),
        7,
      ),
  },
  {
    ...{ name: 'scheduled', builders: ['scheduledMessage'], who: channel },
    when: '`/run-tests schedule staging @smoke weekdays 06:30 Europe/Berlin`',
    make: (_, text) => schedules.scheduledMessage(scheduleView(0, text)),
  },
  {
    ...{ name: 'schedules', builders: ['schedulesMessage'], who: `${asker}, alone` },
    when: '`/run-tests schedules`',
    make: (size, text) =>
      schedules.schedulesMessage(
        ['staging'],
        many(size, (index) => scheduleView(index, text)),
      ),
  },
  {
    ...{ name: 'schedule-missed', builders: ['missedScheduleMessage'], who: `${channel}; it pings who made it` },
    when: 'a schedule could not run once',
    make: (_, text) => schedules.missedScheduleMessage(schedule(0, text), at, 'AWS delivered it an hour late.'),
  },
  {
    ...{ name: 'schedule-stopped', builders: ['stoppedScheduleMessage'], who: `${channel}; it pings who made it` },
    when: 'a schedule can no longer run',
    make: (_, text) => schedules.stoppedScheduleMessage(schedule(0, text), 'you may not run on *staging* any more.'),
  },
];

const ofColdStarts: readonly Said[] = [
  {
    ...{ name: 'cold-starts-help', builders: ['coldStartsHelp'], who: `${asker}, alone` },
    when: '`/coldstarts help`',
    make: (size, text) =>
      coldStartsHelp({
        ...{ functions: many(size, () => (text === usual ? 'orders-' : text)), askAboveGb: 100, channels: [] },
        allow: { users: [], userGroups: [], channels: [] },
      }),
  },
  {
    ...{ name: 'cold-starts-looking', builders: ['lookingMessage'], who: channel },
    when: '`/coldstarts orders-*`, while CloudWatch looks',
    make: (size, text) => lookingMessage(coldView(size, text)),
  },
  {
    ...{ name: 'cold-starts-expensive', builders: ['expensiveMessage'], who: channel },
    when: 'the answer would cost more than `askAboveGb` lets pass',
    make: (_, text) => expensiveMessage(420e9, text === usual ? 'orders-* 7d' : cut(text, 1_000)),
  },
  {
    ...{ name: 'cold-starts', builders: ['coldStartsMessage'], who: channel },
    when: 'the answer',
    make: (size, text) => coldStartsMessage(summaryOf(size, text), coldView(size, text), reportUrl, { kind: 'block' }),
  },
  {
    ...{ name: 'cold-starts-digest', builders: ['digestMessage'], who: channel },
    when: 'once a week',
    make: (size, text) =>
      digestMessage(summaryOf(size, text), { ...coldView(size, text), schedule: 'monday 09:00 Europe/Berlin' }, reportUrl),
  },
  {
    ...{ name: 'cold-starts-alert', builders: ['alertMessage'], who: channel },
    when: 'functions start cold more often, or slower, than before',
    make: (size, text) => alertMessage(many(Math.max(1, size), (index) => jump(index, text))),
  },
  {
    ...{ name: 'cold-starts-blind', builders: ['blindMessage'], who: channel },
    when: 'the watch can no longer look',
    make: (_, text) => blindMessage(since, text === usual ? '`askAboveGb` is 1: raise it.' : code(cut(text, 300))),
  },
];

const form = (size: number, text: string): Parameters<typeof runFormView>[0] => {
  const scenarios = many(size, (index) => ({
    ...{
      id: `s${index}`,
      uri: `features/${text === usual ? wordOf(index) : text}.feature`,
      tags: ['@all', `@${text === usual ? wordOf(index) : text}`],
    },
  }));
  return {
    ...{
      environments: ['staging', ...environments(size).slice(1)],
      environment: environmentOf({ name: 'staging', tasksAtOnce: 40, refs: ['main'] }),
    },
    filled: { choice: { environment: 'staging', tags: text === usual ? '' : text, features: [] }, isOwn: false, isStale: false },
    ...{ suite: { scenarios, durations: new Map(scenarios.map(({ id }) => [id, 6_000])), startMs: 35_000 }, closed: [], metadata: '{}' },
  };
};

const ofViews: readonly Said[] = [
  { ...{ name: 'form-loading', builders: ['loadingView'], who: asker }, when: '`/run-tests`, for a moment', make: () => loadingView('{}') },
  {
    ...{ name: 'form', builders: ['runFormView'], who: asker },
    when: '`/run-tests`, a shortcut, or a button in the Home',
    make: (size, text) => runFormView(form(size, text)),
  },
  {
    ...{ name: 'form-confirm', builders: ['confirmView'], who: asker },
    when: 'the form is sent for an environment that asks before a run',
    make: (_, text) => confirmView('production', `/run-tests production ${text === usual ? '@smoke' : text}`, '{}'),
  },
  {
    ...{ name: 'form-note', builders: ['noteView'], who: asker },
    when: 'the form cannot be shown, or what it asks for cannot be done',
    make: (_, text) => noteView(`There is no environment ${code(cut(text === usual ? 'stagin' : text, 300))} any more.`),
  },
  {
    ...{ name: 'settings-loading', builders: ['settingsLoadingView'], who: asker },
    when: '`/run-tests settings`, for a moment',
    make: () => settingsLoadingView,
  },
  {
    ...{ name: 'settings', builders: ['settingsFormView'], who: asker },
    when: '`/run-tests settings`, or _Settings_ in the Home',
    make: (size, text) =>
      settingsFormView({
        ...{ environments: ['staging', ...environments(size).slice(1)], environment: 'staging', place: 'C0UITESTS', home: 'C0UITESTS' },
        ...{
          places: ['C0UITESTS', ...many(size, (index) => (index === 0 ? 'C0DEV' : `C0PLACE${index}`))],
          written: usualHearing,
          closed: many(size - 1, () => (text === usual ? 'Only <@U0GRACE> may run on *production*.' : code(cut(text, 100)))),
        },
        holding: {
          ...{ kind: 'changed', by: 'U0GRACE', at, change: 'c0ffee00c0ffee00' },
          settings: { ...usualHearing, quiet: text === usual ? '20:00-07:00 Europe/Berlin weekends' : text },
        },
        ...{ given: undefined, note: undefined, lostAt: undefined, channelId: undefined },
      } as unknown as Parameters<typeof settingsFormView>[0]),
  },
  { ...{ name: 'settings-saving', builders: ['savingView'], who: asker }, when: 'the settings are sent', make: () => savingView },
  {
    ...{ name: 'home', builders: ['homeView'], who: 'each person, in the app’s Home' },
    when: 'somebody opens the Home, and as things change',
    make: (size, text) =>
      homeView({
        environments: environments(size).map((environment) => ({
          ...{ environment, standing: standing(30, text), historyUrl, waiting: size, mayCancel: true },
          on: many(Math.min(size, 10), (index) => runOn(index, text)),
        })),
        mine: many(size, (index) => ({
          ...{
            environment: 'staging',
            runId: `staging-20261127-0412-k3f9q${index % 10}`,
            at,
            outcome: { kind: 'failed' as const },
            durationMs: 192_000,
          },
          ...{ typed: 'staging @smoke', rerunText: 'Re-run failed (2)', reportUrl, isConfirmed: false },
        })),
        schedules: many(size, (index) => scheduleView(index, text)),
        coldStarts: { at, text: text === usual ? '0.27 % of 41,000 invocations started cold' : text.trim() || 'one' },
        at,
      }),
  },
];

export const said: readonly Said[] = [...ofRuns, ...ofAnswers, ...ofColdStarts, ...ofViews];
