import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../src/outcome/counts.ts';
import { approvalMs, isAwaited, isExpired, newApproval, whyNot } from '../../src/run/approval.ts';
import { changeRun, newRun, type Run, type RunChange } from '../../src/run/run.ts';
import { runIdOf } from '../../src/run/run-id.ts';

const askedAt = '2026-11-23T04:12:00.000Z';
const runId = runIdOf({ environment: 'production', key: 'a', askedAt });
const laterBy = (ms: number) => new Date(Date.parse(askedAt) + ms).toISOString();
const ada = { kind: 'slack', userId: 'U0ADA' } as const;

const people = ['U0ADA', 'U0GRACE', 'U0LINUS', 'U0ALAN', 'U0MARY'];
const yes = fc
  .record({ userId: fc.constantFrom(...people), ms: fc.integer({ min: -60_000, max: approvalMs + 60_000 }) })
  .map(({ userId, ms }): RunChange => ({ kind: 'approved', userId, at: laterBy(ms) }));
const started: RunChange = { kind: 'started', at: askedAt, deadlineAt: askedAt, tasks: [] };
const cancelled: RunChange = { kind: 'cancel-asked', by: ada, at: askedAt };
const refused: RunChange = {
  kind: 'finished-unstarted',
  at: askedAt,
  outcome: { kind: 'cancelled', counts: noCounts, failures: [], by: ada },
};

describe('a run that needs the yes of others', () => {
  it('never starts without enough people, none of them the one who asked, all of them in time', () => {
    const change = fc.oneof({ weight: 6, arbitrary: yes }, fc.constantFrom(started, cancelled, refused));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(change, { maxLength: 20 }), (needed, changes) => {
        const said = new Set<string>();
        let run: Run = newRun(runId, 'production', newApproval(needed, { asker: ada, askedAt }));
        for (const one of changes) {
          const isInTime = one.kind === 'approved' && one.at < laterBy(approvalMs);
          if (one.kind === 'approved' && isInTime && one.userId !== ada.userId) said.add(one.userId);
          run = changeRun(run, one);
          if (run.phase.kind === 'started') expect(said.size).toBeGreaterThanOrEqual(needed);
          expect(new Set(run.approval?.by.map(({ userId }) => userId)).size).toBe(run.approval?.by.length);
          expect(run.approval?.by.length).toBeLessThanOrEqual(needed);
        }
      }),
    );
  });

  it('says why a yes does not count', () => {
    const approval = newApproval(1, { asker: ada, askedAt });
    const given = { ...approval, by: [{ userId: 'U0GRACE', at: askedAt }] };
    const at = laterBy(1_000);
    expect(whyNot(approval, { userId: 'U0ADA', at })).toBe('asker');
    expect(whyNot(approval, { userId: 'U0GRACE', at })).toBeUndefined();
    expect(whyNot(given, { userId: 'U0GRACE', at })).toBe('twice');
    expect(whyNot(given, { userId: 'U0LINUS', at })).toBe('enough');
    expect(whyNot(approval, { userId: 'U0GRACE', at: laterBy(approvalMs) })).toBe('late');
  });

  it('waits an hour, and no longer; what nobody has to approve waits for nobody', () => {
    const approval = newApproval(1, { asker: { kind: 'http', keyId: 'merges' }, askedAt });
    expect(isAwaited(approval)).toBe(true);
    expect([approvalMs - 1, approvalMs].map((ms) => isExpired(approval, Date.parse(askedAt) + ms))).toEqual([false, true]);
    expect(isAwaited(undefined)).toBe(false);
    expect(isExpired(undefined, Number.MAX_SAFE_INTEGER)).toBe(false);
  });
});
