import { describe, expect, it } from 'vitest';
import { nextTime, parseDaily } from '../../src/hearing/daily.ts';
import { type ChangedSettings, holdingIn, nothingHeard, withSettings } from '../../src/hearing/hearing.ts';
import { ownersBy } from '../../src/hearing/owners.ts';
import { parseQuiet, quietUntil } from '../../src/hearing/quiet.ts';
import { usualHearing } from '../../src/hearing/settings.ts';
import { parseHearing } from '../../src/run/stored.ts';

describe('quiet hours', () => {
  it.each([
    ['20:00-07:00 Europe/Berlin', '2026-11-24T18:59:00Z', undefined],
    ['20:00-07:00 Europe/Berlin', '2026-11-24T19:00:00Z', '2026-11-25T06:00:00.000Z'],
    ['20:00-07:00 Europe/Berlin', '2026-11-25T05:59:59Z', '2026-11-25T06:00:00.000Z'],
    ['20:00-07:00 Europe/Berlin', '2026-11-25T06:00:00Z', undefined],
    ['12:00–13:30 UTC', '2026-11-25T13:00:00Z', '2026-11-25T13:30:00.000Z'],
    // The night in which Berlin's clocks go back has an hour more.
    ['20:00-07:00 Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T06:00:00.000Z'],
    ['20:00-07:00 Europe/Berlin weekends', '2026-11-27T19:30:00Z', '2026-11-30T06:00:00.000Z'],
    ['20:00-07:00 Europe/Berlin weekends', '2026-11-28T12:00:00Z', '2026-11-30T06:00:00.000Z'],
    ['12:00-13:00 UTC weekends', '2026-11-28T12:30:00Z', '2026-11-30T13:00:00.000Z'],
  ])('%s at %s last until %s', (text, now, until) => {
    const quiet = parseQuiet(text);
    if (typeof quiet === 'string') throw new Error(quiet);
    const untilMs = quietUntil(quiet, Date.parse(now));
    expect(untilMs && new Date(untilMs).toISOString()).toBe(until);
  });

  it.each([
    ['20:00', 'must be two times'],
    ['20:00-07:00', 'names no time zone: write it'],
    ['20:00-07:00 Europe/Berin', 'did you mean `Europe/Berlin`?'],
    ['20:00-20:00 UTC', 'begins when it ends'],
    ['25:00-07:00 UTC', 'must be two times'],
    ['20:00-07:00 UTC tuesdays', 'must be two times'],
  ])('are not %s: %s', (text, because) => {
    expect(parseQuiet(text)).toContain(because);
  });
});

describe('the time of a digest', () => {
  it.each([
    ['daily 09:00 Europe/Berlin', '2026-11-24T08:00:00Z', '2026-11-25T08:00:00.000Z'],
    ['daily 09:00 Europe/Berlin', '2026-11-24T07:59:59Z', '2026-11-24T08:00:00.000Z'],
    ['weekdays 09:00 UTC', '2026-11-27T10:00:00Z', '2026-11-30T09:00:00.000Z'],
    ['monday 09:00 UTC', '2026-11-30T09:00:00Z', '2026-12-07T09:00:00.000Z'],
    // A time that the clocks skip: as the wall shows it then.
    ['daily 02:30 Europe/Berlin', '2026-03-29T00:00:00Z', '2026-03-29T01:30:00.000Z'],
  ])('%s comes after %s at %s', (text, now, next) => {
    const daily = parseDaily(text);
    if (typeof daily === 'string') throw new Error(daily);
    expect(new Date(nextTime(daily, Date.parse(now))).toISOString()).toBe(next);
  });

  it.each([
    ['09:00 UTC', 'must be days'],
    ['weekdays 9 UTC', 'has no time'],
    ['weekdays 09:00', 'must be days'],
    ['weekdays 09:00 CEST+2', 'names no time zone'],
  ])('is not %s: %s', (text, because) => {
    expect(parseDaily(text)).toContain(because);
  });
});

describe('the owner of a scenario', () => {
  const owners = ownersBy([
    { for: 'features/', ping: ['S0QA'] },
    { for: '@login or @stacks', ping: ['S0PLATFORM'] },
    { for: 'features/billing/', ping: ['S0BILLING', 'U0GRACE'] },
    { for: 'features/**/pay*.feature', ping: ['U0PAY'] },
    { for: 'legacy.feature', ping: [] },
  ]);
  it.each([
    ['features/other.feature', [], ['S0QA']],
    ['features/other.feature', ['@login'], ['S0PLATFORM']],
    ['features/billing/a.feature', ['@login'], ['S0BILLING', 'U0GRACE']],
    ['features/billing/deep/payment.feature', [], ['U0PAY']],
    ['features/pay.feature', [], ['U0PAY']],
    ['features/x/legacy.feature', ['@login'], []],
    ['features/x/not-legacy.feature', [], ['S0QA']],
    ['specs/a.feature', [], undefined],
    ['./features/billing/a.feature', [], ['S0BILLING', 'U0GRACE']],
  ])('of %s with %j is %j: the last rule that fits', (uri, tags, expected) => {
    expect(owners({ uri, tags })).toEqual(expected);
  });
});

describe('what holds in a channel', () => {
  const changed: ChangedSettings = {
    settings: { ...usualHearing, runs: 'every run' },
    by: 'U0GRACE',
    at: '2026-11-27T09:00:00.000Z',
    change: 'c1',
  };
  const held = (of: unknown) => holdingIn(parseHearing({ ...nothingHeard, settings: { C0UITESTS: of } }), 'C0UITESTS', usualHearing);

  it('is what somebody has changed there, and only there, until it is taken back', () => {
    const hearing = withSettings(nothingHeard, 'C0UITESTS', changed);
    expect(holdingIn(hearing, 'C0UITESTS', usualHearing)).toEqual({ kind: 'changed', ...changed });
    expect(holdingIn(hearing, 'C0OTHER', usualHearing)).toEqual({ kind: 'written', settings: usualHearing });
    expect(holdingIn(hearing, 'constructor', usualHearing).kind).toBe('written');
    expect(withSettings({ ...hearing, lostAt: changed.at }, 'C0UITESTS', undefined)).toEqual(nothingHeard);
  });

  it.each([
    null,
    'digest',
    [],
    {},
    { ...changed, settings: { ...usualHearing, quiet: 'whenever' } },
    { ...changed, settings: { runs: 'digest' } },
    { ...changed, by: 7 },
    { ...changed, change: undefined },
    { ...changed, at: 'yesterday' },
  ])('is what coldframe.yml says where %j is kept', (of) => {
    expect(held(of)).toEqual({ kind: 'damaged', settings: usualHearing });
  });

  it.each([{}, { version: 1 }, { ...nothingHeard, open: {} }, { ...nothingHeard, held: undefined }, []])(
    'is read out of nothing like %j',
    (json) => expect(() => parseHearing(json)).toThrow(),
  );
});
