import { describe, expect, it } from 'vitest';
import { type Looked, nextStep } from '../../src/app/step-cold-starts.ts';
import type { QueryState } from '../../src/aws/log-insights.ts';
import type { AskedQuery, UnderWay } from '../../src/coldstart/request.ts';

const hour = 3_600_000;
const underWay: UnderWay = { pass: 1, queries: [], waiting: [], toMs: 24 * hour };
const query = (fields: Partial<AskedQuery> = {}): AskedQuery => ({ queryId: 'q', groups: ['g'], fromMs: 0, toMs: 24 * hour, ...fields });
const complete = (matched: number, bytesScanned = 10): QueryState => ({ kind: 'complete', matched, bytesScanned });
const look = (state: QueryState, fields: Partial<AskedQuery> = {}): Looked => ({ query: query(fields), state });

describe('a question', () => {
  it('is answered when all its queries are complete, and its price is that of all of them', () => {
    const step = nextStep({ ...underWay, spentBytes: 5 }, [look(complete(100_000)), look(complete(7), { queryId: 'r' })]);
    expect(step).toMatchObject({ kind: 'found', bytesScanned: 25, isHot: false });
  });

  it('waits for one that runs, and for one that could not be asked yet', () => {
    const waiting = [{ groups: ['g'], fromMs: 0, toMs: hour }];
    expect(nextStep(underWay, [look({ kind: 'running', bytesScanned: 1, matched: 1 })])).toMatchObject({ kind: 'go-on', stopped: [] });
    expect(nextStep({ ...underWay, waiting }, [look(complete(1))])).toMatchObject({ kind: 'go-on', underWay: { waiting } });
  });

  it.each([100_001, 250_000, 399_999])(
    'asks again in parts of time, which touch and leave out nothing, where a query found %i lines',
    (matched) => {
      const step = nextStep(underWay, [look(complete(matched, 11), { wanted: 'cold-lines' })]);
      if (step.kind !== 'go-on') throw new Error(step.kind);
      const { waiting, queries, spentBytes } = step.underWay;
      expect([queries, spentBytes]).toEqual([[], 11]);
      expect(waiting.length).toBeGreaterThan(matched / 100_000);
      expect(waiting.map(({ fromMs }) => fromMs)).toEqual([0, ...waiting.slice(0, -1).map(({ toMs }) => toMs)]);
      expect(waiting.at(-1)?.toMs).toBe(24 * hour);
      expect(waiting.every(({ wanted }) => wanted === 'cold-lines')).toBe(true);
    },
  );

  it.each([
    ['while it still runs', { kind: 'running', matched: 400_001, bytesScanned: 9 } as const],
    ['when it is complete', complete(400_001, 9)],
  ])('lets CloudWatch count the warm calls where there are more lines than we read: seen %s', (_, state) => {
    const waiting = [{ groups: ['h'], fromMs: 0, toMs: hour }];
    const step = nextStep({ ...underWay, waiting }, [look(state)]);
    const hot = (groups: readonly string[], toMs: number) =>
      (['cold-lines', 'warm-calls'] as const).map((wanted) => ({ groups, fromMs: 0, toMs, wanted }));
    expect(step).toMatchObject({
      kind: 'go-on',
      underWay: { queries: [], waiting: [...hot(['g'], 24 * hour), ...hot(['h'], hour)], isHot: true, spentBytes: 9 },
      stopped: [look(state)],
    });
  });

  it('never asks again for warm calls that were counted, however many', () => {
    const counted = look(complete(9_000_000), { wanted: 'warm-calls' });
    expect(nextStep({ ...underWay, isHot: true }, [counted])).toMatchObject({ kind: 'found', isHot: true });
  });

  it.each([
    [
      'too many cold starts even so',
      look(complete(400_001), { wanted: 'cold-lines' }),
      'That is more than I can count: 400,001 cold starts',
    ],
    ['a query that failed', look({ kind: 'failed', status: 'Failed' }), 'CloudWatch ended the query (Failed). Please ask again'],
    ['a query that timed out', look({ kind: 'failed', status: 'Timeout' }), 'CloudWatch gave up after an hour. Ask for a shorter window'],
  ])('is refused with the way out: %s', (_, looked, because) => {
    expect(nextStep({ ...underWay, isHot: true }, [looked])).toEqual({ kind: 'refused', because: expect.stringContaining(because) });
  });
});
