import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type End, hear } from '../../src/hearing/hear.ts';
import { type Heard, type Hearing, nothingHeard } from '../../src/hearing/hearing.ts';
import { type HearSettings, hearable, usualHearing } from '../../src/hearing/settings.ts';
import { causeHash } from '../../src/hearing/troubles.ts';
import type { FailingScenario, FixedScenario } from '../../src/outcome/comparison.ts';
import type { Asker, Failure, Outcome } from '../../src/outcome/outcome.ts';
import { cases } from '../every-row.ts';
import { comparisonOf, countsOf, failureOf, noCapacity, outcomes } from '../message/views.ts';

const nightMs = Date.UTC(2026, 10, 24, 2);
const dayMs = 86_400_000;
const ada: Asker = { kind: 'slack', userId: 'U0ADA' };
const nightly: Asker = { kind: 'schedule', name: 'nightly' };

const scenarioOf = (name: string) => ({ id: `id-${name}`, feature: 'F', uri: `features/${name}.feature`, line: 3, scenario: name });
const failing = (name: string, owners?: readonly string[]): Failure =>
  failureOf({ ...scenarioOf(name), error: `Error: ${name}`, ...(owners && { owners }) });
const mark = { id: 'staging-1', at: '2026-11-23T02:00:00.000Z' };
const asFailing = (name: string, isFlaky = false): FailingScenario => ({
  ...scenarioOf(name),
  since: mark,
  runs: 1,
  ...(isFlaky && { flakiness: { level: 'high', flakyRuns: 6, runs: 10 } as FailingScenario['flakiness'] & object }),
});
const asFixed = (name: string): FixedScenario => ({ ...scenarioOf(name), since: mark, runs: 2 });
const listed = <T>(first: readonly T[]) => ({ count: first.length, first });

interface Night {
  readonly failing?: readonly string[];
  readonly still?: readonly string[];
  readonly fixed?: readonly string[];
  readonly flaky?: readonly string[];
  readonly owners?: readonly string[];
}

/** A run in which these failed, as the history sees it. */
function nightOf({ failing: fresh = [], still = [], fixed = [], flaky = [], owners }: Night): Pick<End, 'outcome' | 'comparison'> {
  const all = [...fresh, ...still, ...flaky];
  const comparison = comparisonOf({
    newlyFailing: listed([...fresh.map((name) => asFailing(name)), ...flaky.map((name) => asFailing(name, true))]),
    stillFailing: listed(still.map((name) => asFailing(name))),
    fixed: listed(fixed.map(asFixed)),
  });
  const counts = countsOf({ passed: 100 - all.length, failed: all.length });
  const outcome: Outcome =
    all.length === 0
      ? { kind: 'passed', counts, flaky: [], durationMs: 1 }
      : { kind: 'failed', counts, flaky: [], durationMs: 1, failures: all.map((name) => failing(name, owners)) };
  return { outcome, comparison };
}

const ids = (function* () {
  for (let number = 1; ; number += 1) yield `staging-${number}`;
})();
const endOf = (fields: Partial<End> & Pick<End, 'outcome'>): End => ({
  runId: ids.next().value,
  asker: nightly,
  channel: 'C0UITESTS',
  isStanding: false,
  settings: usualHearing,
  everybody: ['S0EVERYBODY'],
  ...fields,
});
const settings = (runs: HearSettings['runs'], fields: Partial<HearSettings> = {}): HearSettings => ({ ...usualHearing, runs, ...fields });
const whole = ({ place }: Heard): string => (place.kind === 'nowhere' ? `nowhere: ${place.because}` : place.kind);

/** What is known after a night in which `old` failed, and the channel was told. */
const afterOld: Hearing = {
  ...hear(nothingHeard, endOf(nightOf({ failing: ['old'] })), nightMs - dayMs).hearing,
  last: { channel: 'C0UITESTS', ts: '1.0', at: new Date(nightMs - dayMs).toISOString() },
};
const muted: Hearing = {
  ...afterOld,
  mutes: [
    {
      cause: causeHash(failing('old')),
      words: 'Error: old',
      scenarios: ['id-old'],
      run: 'staging-1',
      by: 'U0ADA',
      at: new Date(nightMs - dayMs).toISOString(),
      until: new Date(nightMs + 7 * dayMs).toISOString(),
    },
  ],
};

describe('a run that nobody in Slack asked for', () => {
  // What a night came to; in each setting, from every run to the digest, where it is said; and whether somebody is pinged.
  it.each<[string, Hearing, Pick<End, 'outcome' | 'comparison'>, readonly string[], boolean]>([
    ['all passed', nothingHeard, nightOf({}), ['channel', 'nowhere: green', 'nowhere: green', 'nowhere: digest'], false],
    ['something new failed', nothingHeard, nightOf({ failing: ['new'] }), ['channel', 'channel', 'channel', 'nowhere: digest'], true],
    ['the same failed', afterOld, nightOf({ still: ['old'] }), ['channel', 'channel', 'thread', 'nowhere: digest'], false],
    [
      'the same and something new failed',
      afterOld,
      nightOf({ still: ['old'], failing: ['new'] }),
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      true,
    ],
    ['it is mended', afterOld, nightOf({ fixed: ['old'] }), ['channel', 'channel', 'channel', 'nowhere: digest'], false],
    [
      'one of two is mended',
      afterOld,
      nightOf({ still: ['other'], fixed: ['old'] }),
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      false,
    ],
    ['only what is flaky failed', afterOld, nightOf({ flaky: ['shaky'] }), ['channel', 'channel', 'thread', 'nowhere: digest'], false],
    ['only what is muted failed', muted, nightOf({ still: ['old'] }), ['channel', 'thread', 'nowhere: muted', 'nowhere: digest'], false],
    [
      'what is muted failed, and something new',
      muted,
      nightOf({ still: ['old'], failing: ['new'] }),
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      true,
    ],
    [
      'it did not start',
      nothingHeard,
      { outcome: { kind: 'not-started', stop: noCapacity } },
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      true,
    ],
    [
      'nothing was checked',
      nothingHeard,
      { outcome: outcomes.empty as Outcome },
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      true,
    ],
    [
      'somebody cancelled it',
      nothingHeard,
      { outcome: outcomes.cancelled as Outcome },
      ['channel', 'channel', 'channel', 'nowhere: digest'],
      false,
    ],
  ])('in which %s is said as each setting has it', (_, known, night, places, isPing) => {
    for (const [index, runs] of hearable.entries()) {
      const { heard } = hear(known, endOf({ ...night, settings: settings(runs) }), nightMs);
      expect([runs, whole(heard)]).toEqual([runs, places[index]]);
      expect(heard.pings.length > 0).toBe(isPing && runs !== 'digest');
      expect(heard.heldUntil !== undefined).toBe(runs === 'digest');
      expect(heard.tellsAsker).toBe(false);
    }
  });

  it('that does not start twice for the same reason pings once, and again after it has once started', () => {
    const down = { outcome: { kind: 'not-started', stop: noCapacity } } as const;
    const first = hear(nothingHeard, endOf(down), nightMs);
    const second = hear(first.hearing, endOf(down), nightMs + dayMs);
    const well = hear(second.hearing, endOf(nightOf({})), nightMs + 2 * dayMs);
    const again = hear(well.hearing, endOf(down), nightMs + 3 * dayMs);
    expect([first, second, well, again].map(({ heard }) => heard.pings.length)).toEqual([1, 0, 0, 1]);
    expect(whole(well.heard)).toBe('channel');
  });

  it('pings the owners of what is new, everybody for what nobody owns, and nobody for what is to ping nobody', () => {
    const pings = (night: Night) => hear(nothingHeard, endOf(nightOf(night)), nightMs).heard.pings;
    expect(pings({ failing: ['a'], owners: ['S0BILLING', 'U0GRACE'] })).toEqual(['S0BILLING', 'U0GRACE']);
    expect(pings({ failing: ['a'] })).toEqual(['S0EVERYBODY']);
    expect(pings({ failing: ['a'], owners: [] })).toEqual([]);
  });

  it('in which most failed pings everybody, and not each owner for what is nobody’s fault', () => {
    const most = Array.from({ length: 60 }, (_, index) => `s${index}`);
    const { heard } = hear(nothingHeard, endOf(nightOf({ failing: most, owners: ['S0BILLING'] })), nightMs);
    expect(heard.pings).toEqual(['S0EVERYBODY']);
  });

  it('in quiet hours is said without a ping, which comes when they end', () => {
    const quiet = settings('only changes', { quiet: '20:00-07:00 Europe/Berlin' });
    const { heard, hearing } = hear(nothingHeard, endOf({ ...nightOf({ failing: ['new'] }), settings: quiet }), nightMs);
    expect(heard).toMatchObject({ place: { kind: 'channel' }, pings: [], heldUntil: '2026-11-24T06:00:00.000Z' });
    expect(hearing.held).toMatchObject([{ why: 'quiet', newly: ['new'], pings: ['S0EVERYBODY'], until: '2026-11-24T06:00:00.000Z' }]);
  });
});

describe('a scenario that comes and goes', () => {
  it('pings once a day, and is said each time', () => {
    let hearing = nothingHeard;
    const pings = [0, 1, 2, 3, 4].map((step) => {
      const night = nightOf(step % 2 === 0 ? { failing: ['shaky'] } : { fixed: ['shaky'] });
      const decided = hear(hearing, endOf(night), nightMs + step * 3_600_000);
      hearing = decided.hearing;
      expect(whole(decided.heard)).toBe('channel');
      return decided.heard.pings.length;
    });
    expect(pings).toEqual([1, 0, 0, 0, 0]);
    hearing = hear(hearing, endOf(nightOf({ fixed: ['shaky'] })), nightMs + 6 * 3_600_000).hearing;
    expect(hear(hearing, endOf(nightOf({ failing: ['shaky'] })), nightMs + 25 * 3_600_000).heard.pings).toHaveLength(1);
  });
});

describe('a run that a person asked for', () => {
  const asked = (night: Night, fields: Partial<End> = {}) =>
    hear(nothingHeard, endOf({ ...nightOf(night), asker: ada, isStanding: true, ...fields }), nightMs).heard;

  it('ends where it was asked for, in every setting, and its asker is told', () => {
    for (const runs of hearable)
      for (const night of [{}, { failing: ['new'] }, { still: ['old'] }])
        expect(asked(night, { settings: settings(runs) })).toMatchObject({ place: { kind: 'standing' }, tellsAsker: true });
  });

  it('tells its asker of a green end unless they want failures only', () => {
    const quietAsker = settings('only changes', { asker: 'failures' });
    expect(asked({}, { settings: quietAsker }).tellsAsker).toBe(false);
    expect(asked({ failing: ['new'] }, { settings: quietAsker }).tellsAsker).toBe(true);
  });

  it('pings the owners of what is newly failing, but not for a branch of their own', () => {
    expect(asked({ failing: ['a'], owners: ['S0BILLING'] }).pings).toEqual(['S0BILLING']);
    expect(asked({ failing: ['a'], owners: ['S0BILLING'] }, { ref: 'my-branch' }).pings).toEqual([]);
  });
});

describe('a mute', () => {
  it('is over when what it is about passes, and then a failure pings again', () => {
    const mended = hear(muted, endOf(nightOf({ fixed: ['old'] })), nightMs);
    expect(mended.hearing.mutes).toEqual([]);
    expect(hear(mended.hearing, endOf(nightOf({ failing: ['old'] })), nightMs + dayMs).heard.pings).toEqual(['S0EVERYBODY']);
  });

  it('is over when its time is, and what still fails pings nobody a second time', () => {
    const later = hear(muted, endOf(nightOf({ still: ['old'] })), nightMs + 8 * dayMs);
    expect(later.hearing.mutes).toEqual([]);
    expect(later.heard).toMatchObject({ pings: [], news: { known: 1, muted: 0 } });
  });

  it('is not about the same scenario when it fails for another reason', () => {
    const other = nightOf({ still: ['old'] });
    const outcome = { ...other.outcome, failures: [failureOf({ ...scenarioOf('old'), error: 'TypeError: another' })] } as Outcome;
    expect(hear(muted, endOf({ ...other, outcome }), nightMs).heard.news).toMatchObject({ muted: 0, known: 1 });
  });
});

describe('whatever happens', () => {
  const names = ['a', 'b', 'c', 'd'];
  const night = fc.record({
    failing: fc.subarray(names),
    how: fc.constantFrom('whole', 'whole', 'whole', 'not-started', 'cancelled', 'unfinished'),
    asker: fc.constantFrom(ada, nightly, nightly),
    ref: fc.constantFrom(undefined, undefined, 'main'),
    hour: fc.integer({ min: 0, max: 23 }),
    knowsHistory: fc.boolean(),
    mute: fc.option(fc.constantFrom(...names), { nil: undefined }),
  });
  const chosen = fc.record({
    runs: fc.constantFrom(...hearable),
    digest: fc.constantFrom('weekdays 09:00 Europe/Berlin', 'monday 08:00 America/New_York'),
    quiet: fc.constantFrom('', '20:00-07:00 Europe/Berlin', '00:00-23:59 UTC', '20:00-07:00 Europe/Berlin weekends'),
    asker: fc.constantFrom<HearSettings['asker']>('every end', 'failures'),
  });

  it('nobody is pinged for a green end or twice for the same failure, and what is neither green nor muted is said', () => {
    fc.assert(
      fc.property(fc.array(night, { maxLength: 12 }), chosen, (nights, how) => {
        let hearing: Hearing = nothingHeard;
        /** By ref: what failed the last time that it was seen, and what its owners were pinged for since it last passed. */
        const failed = new Map<string, ReadonlySet<string>>();
        const pinged = new Set<string>();
        for (const [index, one] of nights.entries()) {
          const nowMs = nightMs + index * dayMs + one.hour * 3_600_000;
          const ref = one.ref ?? '';
          const last = failed.get(ref) ?? new Set();
          const fixed = names.filter((name) => last.has(name) && !one.failing.includes(name));
          const seen = one.how === 'whole';
          const known = {
            failing: one.failing.filter((name) => !last.has(name)),
            still: one.failing.filter((name) => last.has(name)),
            fixed,
          };
          const ended = nightOf(known);
          const failures =
            'failures' in ended.outcome
              ? (ended.outcome.failures ?? []).map((failure) => ({ ...failure, owners: [`U0${failure.scenario.toUpperCase()}`] }))
              : [];
          const outcome: Outcome = !seen
            ? ((one.how === 'not-started' ? { kind: 'not-started', stop: noCapacity } : outcomes[one.how]) as Outcome)
            : ended.outcome.kind === 'failed'
              ? { ...ended.outcome, failures }
              : ended.outcome;
          const isCompared = seen && (one.knowsHistory || fixed.length > 0);
          if (seen) failed.set(ref, new Set(one.failing));
          for (const name of seen ? fixed : []) pinged.delete(`${ref} U0${name.toUpperCase()}`);
          if (one.mute !== undefined)
            hearing = {
              ...hearing,
              mutes: [
                ...hearing.mutes,
                {
                  ...(muted.mutes[0] as Hearing['mutes'][number]),
                  cause: causeHash(failing(one.mute)),
                  scenarios: [`id-${one.mute}`],
                  until: new Date(nowMs + 3 * dayMs).toISOString(),
                  ...(one.ref && { ref: one.ref }),
                },
              ],
            };
          const end = endOf({
            outcome,
            ...(isCompared && ended.comparison && { comparison: ended.comparison }),
            ...(one.ref && { ref: one.ref }),
            asker: one.asker,
            isStanding: one.asker === ada,
            settings: how,
            everybody: [],
          });
          const before = hearing;
          const { heard, hearing: after } = hear(hearing, end, nowMs);
          expect(hear(after, end, nowMs + 1)).toEqual({ hearing: after, heard });
          hearing = after;
          const held = after.held.length > before.held.length ? after.held.at(-1) : undefined;
          const pings = [...heard.pings, ...(held?.pings ?? [])];
          if (outcome.kind === 'passed') expect(pings).toEqual([]);
          for (const ping of pings) {
            expect(pinged).not.toContain(`${ref} ${ping}`);
            pinged.add(`${ref} ${ping}`);
          }
          const isMutedOnly = outcome.kind === 'failed' && heard.news.newly + heard.news.known + heard.news.flaky === 0;
          const isSaid = heard.place.kind !== 'nowhere' || heard.heldUntil !== undefined;
          if (outcome.kind !== 'passed' && !isMutedOnly) expect(isSaid).toBe(true);
          if (one.asker === ada) expect(heard.place.kind).toBe('standing');
          if (heard.heldUntil !== undefined) expect(Date.parse(heard.heldUntil)).toBeGreaterThan(nowMs);
        }
      }),
      { numRuns: cases(500) },
    );
  });
});
