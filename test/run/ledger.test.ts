import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, emptyLedger, type Ledger, placeOf, release, seat, settle } from '../../src/run/ledger.ts';
import { runIdOf } from '../../src/run/run-id.ts';

const id = (key: string) => runIdOf({ environment: 'staging', key, askedAt: '2026-11-23T04:12:00Z' });
const entry = (key: string, tasks = 1) => ({ runId: id(key), tasks });
const used = (ledger: Ledger) => ledger.active.reduce((sum, { tasks }) => sum + tasks, 0);

describe('a ledger', () => {
  it('gives a place while there is one, and a number in line when there is none', () => {
    const ledger = admit(admit(admit(emptyLedger, entry('a'), 1), entry('b'), 1), entry('c'), 1);
    expect([placeOf(ledger, id('a')), placeOf(ledger, id('b')), placeOf(ledger, id('c'))]).toEqual([
      { kind: 'active' },
      { kind: 'queued', position: 1 },
      { kind: 'queued', position: 2 },
    ]);
  });

  it('gives a free place to the head of the queue', () => {
    const ledger = release(admit(admit(emptyLedger, entry('a'), 1), entry('b'), 1), id('a'), 1);
    expect(placeOf(ledger, id('b'))).toEqual({ kind: 'active' });
    expect(placeOf(ledger, id('a'))).toEqual({ kind: 'ended' });
    expect(placeOf(settle(ledger, id('a')), id('a'))).toBeUndefined();
  });

  it('does not let small runs overtake a big one for ever', () => {
    const full = admit(emptyLedger, entry('a', 2), 3);
    const waiting = admit(admit(full, entry('big', 3), 3), entry('small', 1), 3);
    expect(placeOf(waiting, id('small'))).toEqual({ kind: 'queued', position: 2 });
    expect(placeOf(release(waiting, id('a'), 3), id('big'))).toEqual({ kind: 'active' });
  });

  it('starts a run that is larger than the limit alone rather than never', () => {
    expect(placeOf(admit(emptyLedger, entry('huge', 9), 2), id('huge'))).toEqual({ kind: 'active' });
  });

  it('never counts a run twice, never loses one, and never holds more tasks than its limit', () => {
    const step = fc.record({
      act: fc.constantFrom('admit', 'release', 'seat', 'settle'),
      who: fc.integer({ min: 0, max: 7 }),
      tasks: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 3, max: 6 }), (steps, limit) => {
        let ledger = emptyLedger;
        let seated = 0;
        const settled = new Set<string>();
        const seen = new Set<string>();
        for (const { act, who, tasks } of steps) {
          const runId = id(String(who));
          const isKnown = placeOf(ledger, runId) !== undefined;
          if (act === 'admit' && !settled.has(runId)) ledger = admit(ledger, { runId, tasks }, limit);
          if (act === 'seat' && !isKnown && !settled.has(runId)) seated += tasks;
          if (act === 'seat' && !settled.has(runId)) ledger = seat(ledger, { runId, tasks });
          if (act === 'release' && isKnown) ledger = release(ledger, runId, limit);
          if (act === 'settle' && placeOf(ledger, runId)?.kind === 'ended') {
            ledger = settle(ledger, runId);
            settled.add(runId);
          }
          if (act === 'admit' || act === 'seat') seen.add(runId);
          const all = [...ledger.active, ...ledger.queue, ...ledger.settling].map((one) => one.runId);
          expect(new Set(all).size).toBe(all.length);
          for (const one of seen) expect(all.includes(id0(one)) || settled.has(one)).toBe(true);
          expect(used(ledger)).toBeLessThanOrEqual(limit + seated);
        }
      }),
    );
  });
});

const id0 = (text: string) => text as ReturnType<typeof id>;
