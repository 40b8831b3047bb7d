import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkMessage } from '../../src/local/slack/block-kit.ts';
import { endReply } from '../../src/message/end-reply.ts';
import type { Message } from '../../src/message/message.ts';
import { runMessage } from '../../src/message/run-message.ts';
import type { RunView } from '../../src/message/run-view.ts';
import type { Asker, Outcome } from '../../src/outcome/outcome.ts';
import { cases } from '../every-row.ts';
import {
  awaited,
  cancelling,
  compared,
  countsOf,
  ended,
  failureOf,
  heardBy,
  interfaceLate,
  lostAt,
  noCapacity,
  outcomes,
  retried,
  started,
  viewOf,
} from './views.ts';

const golden = (name: string) => `../golden/message/${name}.json`;
const asJson = (message: Message | undefined) => `${JSON.stringify(message ?? null, null, 2)}\n`;
const problems = (message: Message) => checkMessage({ text: message.text, blocks: message.blocks });

const { passed, failed } = outcomes;
if (passed === undefined || failed === undefined) throw new Error('there is a view of both');

describe('the message of a run', () => {
  it.each(Object.entries(outcomes))('that ended as %s is what we read in review, and Slack takes it', async (name, outcome) => {
    const view = ended(viewOf(), outcome);
    const message = runMessage(view);
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden(`end-${name}`));
    await expect(asJson(endReply(view))).toMatchFileSnapshot(golden(`reply-${name}`));
  });

  it.each(Object.entries({ passed, failed }))(
    'that %s without a report says that there is none, as we read in review',
    async (name, outcome) => {
      const message = runMessage(ended(viewOf(), outcome, { hasReport: false }));
      expect(problems(message)).toEqual([]);
      await expect(asJson(message)).toMatchFileSnapshot(golden(`end-${name}-without-report`));
    },
  );

  it.each(Object.entries(compared))(
    'beside those before it, %s, is what we read in review, and Slack takes it',
    async (name, [outcome, comparison]) => {
      const view = ended(viewOf(), outcome, { comparison });
      const message = runMessage(view);
      expect(problems(message)).toEqual([]);
      await expect(asJson(message)).toMatchFileSnapshot(golden(`compared-${name}`));
      await expect(asJson(endReply(view))).toMatchFileSnapshot(golden(`reply-compared-${name}`));
    },
  );

  it.each([
    [{ shards: 6, ms: 250_000, nextSavesMs: 9_000 }, '6 shards: about 4 min 10 s; a seventh would save 9 s'],
    [{ shards: 1, ms: 42_000, nextSavesMs: 400 }, '1 shard: about 42 s; a second would save nothing'],
    [{ shards: 7, ms: 60_000, nextSavesMs: 2_000 }, '7 shards: about 1 min; an eighth would save 2 s'],
    [{ shards: 11, ms: 60_000, nextSavesMs: 2_000 }, 'a 12th would save 2 s'],
    [{ shards: 12, ms: 60_000 }, '12 shards: about 1 min; there is no room for more'],
    [{ shards: 4 }, '4 shards: nobody knows yet how long its scenarios take'],
  ])('whose shards were left to us says why it has as many, until it has ended: %j', (chosen, words) => {
    const view = started(viewOf({ chosen }));
    expect(JSON.stringify(runMessage(view).blocks)).toContain(words);
    expect(JSON.stringify(runMessage(ended(view, { kind: 'empty', counts: countsOf({}) })).blocks)).not.toMatch(
      /would save|nobody knows|about/,
    );
  });

  const running = {
    step: 'running' as const,
    counts: countsOf({ passed: 11, failed: 1, unknown: 29 }),
    now: ['A user logs in', 'A wrong password'],
  };
  const forecast = { startMs: 38_000, scenariosMs: 200_000 };
  const foreseen = (view: RunView): RunView => ({ ...view, plan: { ...view.plan, expected: forecast } });
  it.each([
    ['queued-foreseen', foreseen(viewOf({ place: { kind: 'queued', position: 3 } }))],
    ['started-foreseen', foreseen(started(viewOf()))],
    ['started-unforeseen', { ...started(viewOf()), plan: { ...started(viewOf()).plan, expected: { startMs: 38_000 } } }],
    ['preparing-foreseen', foreseen(started(viewOf({ progress: { step: 'preparing', counts: countsOf({}), now: [] } })))],
    ['running-foreseen', foreseen(started(viewOf({ progress: { ...running, leftMs: 171_000 } })))],
    ['queued', viewOf({ place: { kind: 'queued', position: 3 } })],
    ['queued-next', viewOf({ place: { kind: 'queued', position: 1 } })],
    ['admitted', viewOf({ place: { kind: 'active' } })],
    ['started', started(viewOf())],
    ['preparing', started(viewOf({ progress: { step: 'preparing', counts: countsOf({}), now: [] } }))],
    ['running-uncounted', started(viewOf({ progress: { step: 'running', counts: countsOf({}), now: [] } }))],
    ['running', started(viewOf({ progress: running }))],
    ['running-quarantine', started(viewOf({ progress: { ...running, counts: { ...running.counts, quarantined: 1 } } }))],
    ['finishing', started(viewOf({ progress: { ...running, step: 'finishing', now: [] } }))],
    ['running-shards', started(viewOf({ progress: { ...running, shards: ['finishing', 'running', 'preparing', 'starting'] } }))],
    [
      'preparing-shards',
      started(viewOf({ progress: { step: 'preparing', counts: countsOf({}), now: [], shards: ['preparing', 'starting'] } })),
    ],
    ['awaited', awaited(viewOf(), 1, [], ['S0RELEASERS', 'U0ADA', 'U0GRACE'])],
    ['awaited-by-two', awaited(viewOf(), 3, ['U0GRACE'])],
    ['approved', awaited(viewOf({ place: { kind: 'active' } }), 1, ['U0GRACE'])],
    ['cancelling', cancelling(started(viewOf({ progress: running })))],
    ['no-capacity', retried(viewOf(), [lostAt(12, noCapacity)], { kind: 'waiting', at: '2026-11-23T04:13:03.000Z' })],
    ['second-attempt', retried(viewOf(), [lostAt(12, interfaceLate)])],
    ['nobody-asked', started(viewOf({ text: '', asker: { kind: 'unasked' } }))],
  ])('%s is what we read in review, and Slack takes it', async (name, view) => {
    const message = runMessage(view);
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden(`on-${name}`));
  });

  it.each<[string, RunView]>([
    ['passed-third-attempt', retried(viewOf(), [lostAt(12, noCapacity), lostAt(17, noCapacity)])],
    [
      'not-started-third-attempt',
      retried(
        viewOf(),
        [12, 17, 22].map((minute) => lostAt(minute, noCapacity)),
        { kind: 'none' },
      ),
    ],
  ])('that ended as %s is what we read in review, and Slack takes it', async (name, view) => {
    const outcome = name.startsWith('passed') ? outcomes.passed : ({ kind: 'not-started', stop: noCapacity } as const);
    if (outcome === undefined) throw new Error('no run has passed');
    const message = runMessage(ended(view, outcome, { hasReport: name.startsWith('passed') }));
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden(`end-${name}`));
  });

  it('of a suite from git names the ref, and at its end the commit', () => {
    const view = viewOf();
    const fromGit = { ...view, plan: { ...view.plan, suite: { ...view.plan.suite, ref: 'release/2.4' } } };
    const end = ended(fromGit, { kind: 'empty', counts: countsOf({}) });
    const withCommit = { ...end, run: { ...end.run, phase: { ...end.run.phase, commit: '4170951c0ffee'.padEnd(40, '0') } } };
    expect(JSON.stringify(runMessage(started(fromGit)))).toContain('ref `release/2.4`  ·');
    expect(JSON.stringify(runMessage(withCommit))).toContain('ref `release/2.4` (4170951)  ·');
  });

  const nightly: Asker = { kind: 'schedule', name: 'nightly' };
  it('of a run that nobody in Slack asked for pings with its post, and not again with what failed in its thread', () => {
    const view = ended(
      viewOf({ asker: nightly, heard: heardBy(['S0QA', 'U0GRACE'], { place: { kind: 'channel' }, tellsAsker: false }) }),
      failed,
    );
    expect(JSON.stringify(runMessage(view).blocks)).toContain('<!subteam^S0QA> <@U0GRACE>: please look at what is new.');
    const reply = JSON.stringify(endReply(view));
    expect(reply).toContain('AssertionError');
    expect(reply).not.toMatch(/<[@!]/);
  });

  it('that stands in the thread of another one, which has told it all, has no reply', () => {
    const place = { kind: 'thread', channel: 'C0UITESTS', ts: '1.0' } as const;
    expect(endReply(ended(viewOf({ asker: nightly, heard: heardBy([], { place, tellsAsker: false }) }), failed))).toBeUndefined();
  });

  it('whose message stands pings in its thread, since an edit notifies nobody', () => {
    const view = ended(viewOf({ heard: heardBy(['S0QA']) }), failed);
    expect(JSON.stringify(runMessage(view))).not.toContain('S0QA');
    expect(JSON.stringify(endReply(view))).toContain('<@U0ADA> <!subteam^S0QA> *staging failed*');
  });

  it('tells nobody in its thread of a green end whose asker wants failures only', () => {
    expect(endReply(ended(viewOf({ heard: heardBy([], { tellsAsker: false }) }), passed))).toBeUndefined();
  });

  it('tells whoever asked when somebody else has cancelled it, and not who has done so', () => {
    const cancelled = (userId: string): Outcome => ({
      kind: 'cancelled',
      counts: countsOf({}),
      failures: [],
      by: { kind: 'slack', userId },
    });
    expect(endReply(ended(viewOf(), cancelled('U0ADA')))).toBeUndefined();
    expect(endReply(ended(viewOf(), cancelled('U0GRACE')))?.text).toContain('staging cancelled');
  });

  it('is green for nothing but a passed run', () => {
    for (const outcome of Object.values(outcomes)) {
      const text = JSON.stringify(runMessage(ended(viewOf(), outcome)));
      expect(text.includes('✅')).toBe(outcome.kind === 'passed');
    }
  });

  it('says how many failures it left out', () => {
    const failures = Array.from({ length: 300 }, (_, index) =>
      failureOf({ line: index + 1, scenario: `Row ${index + 1}`, error: `${'ABCDEFGHIJKLMNOPQRST'[index % 20]}Error: why` }),
    );
    const view = ended(viewOf(), { kind: 'failed', counts: countsOf({ failed: 300 }), flaky: [], failures, durationMs: 1 });
    expect(JSON.stringify(runMessage(view))).toContain('… and 225 more failures');
    expect(JSON.stringify(endReply(view))).toContain('… and 150 more failures');
  });

  it.each([1, 4, 10, 11, 400])('tells in its thread of up to ten failures in full, of %i', (count) => {
    const shown = Math.min(10, count);
    const letter = (index: number) => String.fromCharCode(97 + (index % 26)).repeat(3 + Math.floor(index / 26));
    const failures = Array.from({ length: count }, (_, index) =>
      failureOf({
        ...{
          id: `id${index}`,
          line: index + 1,
          scenario: `Row ${index + 1} of a table of ordinary length`,
          screenshot: '0a1b2c3d4e5f6071.png',
        },
        error: `${letter(index)}Error: expected "Log in" to be "Stacks"\n${'    at World.<anonymous> (features/steps/login.ts:31:10)\n'.repeat(12)}`,
      }),
    );
    const view = ended(viewOf(), { kind: 'failed', counts: countsOf({ failed: count }), flaky: [], failures, durationMs: 1 });
    const reply = endReply(view);
    if (reply === undefined) throw new Error('who asked is told');
    expect(problems(reply)).toEqual([]);
    const of = (type: string) => reply.blocks.filter((block) => block.type === type).length;
    expect(of('rich_text')).toBe(shown);
    const said = JSON.stringify(reply);
    expect(said.match(/"Mute"/g)).toHaveLength(shown);
    expect(of('image') + (said.match(/\|Screenshot>/g) ?? []).length).toBe(shown);
    expect(said.includes('more failure')).toBe(count > 10);
  });

  it.each([true, false])('that has no room for all that failed leads to its report only where there is one (%s)', (hasReport) => {
    // What is escaped becomes five times as long.
    const failures = [...'abcdefgh'].map((letter) =>
      failureOf({
        id: letter,
        uri: `features/${'&'.repeat(900)}.feature`,
        scenario: `${letter}${'&'.repeat(900)}`,
        error: letter.repeat(3) + '&'.repeat(900),
      }),
    );
    const outcome = { kind: 'broken', counts: countsOf({ failed: 8 }), failures, error: 'no', next: '&'.repeat(500) } as const;
    const message = runMessage(ended(viewOf(), outcome, { hasReport }));
    expect(problems(message)).toEqual([]);
    expect(JSON.stringify(message)).toContain(hasReport ? '… and more; the report has all of it.' : '… and more.');
  });

  it('can be made of counts that contradict each other: a suite could have written them', () => {
    const counts = { ...countsOf({ passed: 1 }), unknown: 5 };
    expect(problems(runMessage(started(viewOf({ progress: { step: 'running', counts, now: [] } }))))).toEqual([]);
  });

  it('is taken by Slack with four hundred failures of a hundred causes, and says how many it leaves out', () => {
    const letters = 'abcdefghij';
    const failures = Array.from({ length: 400 }, (_, index) => {
      const word = `${letters[index % 10]}${letters[Math.floor(index / 10) % 10]}`;
      const error = `Error: <!channel> *${word}* ${'&<>'.repeat(300)}\n    at World.<anonymous> (features/${word}.ts:1:1)`;
      return failureOf({
        scenario: `<${index}> ${'*_~`&'.repeat(80)}`,
        error,
        id: `id${index}`,
        uri: `features/${'x'.repeat(200)}.feature`,
      });
    });
    const outcome = { kind: 'failed', counts: countsOf({ failed: 400 }), flaky: [], failures, durationMs: 1 } as const;
    const message = runMessage(ended(viewOf(), outcome));
    expect(problems(message)).toEqual([]);
    expect(JSON.stringify(message)).toMatch(/… and 3\d\d more failures, see </);
    expect(JSON.stringify(message.blocks.filter(({ type }) => type !== 'rich_text'))).not.toContain('<!channel>');
  });

  it('is taken by Slack whatever the suite says, and pings nobody it should not', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        '<!channel>',
        '<@U0GRACE>',
        '*bold*',
        '```',
        '',
        ' ',
        '\u0000\u001b[31m',
        'x'.repeat(20_000),
        '\n'.repeat(3_000),
        '&lt;!here&gt;',
        '\ud83e',
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, fc.integer({ min: 0, max: 60 }), (name, error, step, count) => {
        const failures = Array.from({ length: count }, () =>
          failureOf({ scenario: name, error, step, uri: name, feature: name, screenshot: 'a.png' }),
        );
        const flaky = [{ feature: name, uri: name, line: 1, scenario: name, attempts: 2, error }];
        const stop = { what: name, next: step, raw: error, isTransient: false };
        const counts = countsOf({ failed: count, passed: 1, flaky: 1 });
        for (const outcome of [
          { kind: 'failed', counts, flaky, failures, durationMs: 1 },
          { kind: 'broken', counts, error },
          { kind: 'unfinished', counts, failures, lastSeen: name, stop },
          { kind: 'not-started', stop },
        ] as const) {
          const view = ended(viewOf(), outcome);
          for (const message of [runMessage(view), endReply(view)]) {
            if (message === undefined) continue;
            expect(problems(message)).toEqual([]);
            expect(JSON.stringify(message.blocks.filter(({ type }) => type !== 'rich_text' && type !== 'image'))).not.toMatch(
              /<!(?:channel|here|everyone)|<@U0GRACE/,
            );
            expect(message.text).not.toMatch(/<!(?:channel|here|everyone)|<@U0GRACE/);
          }
        }
      }),
      { numRuns: cases(60) },
    );
  });
});
