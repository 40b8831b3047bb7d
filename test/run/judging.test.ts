import { expect, it } from 'vitest';
import { afterFailure, takeJudging } from '../../src/run/judging.ts';

it('a run is judged by one at a time, and again when that one has died over it', () => {
  const first = takeJudging(undefined, 'a', 0);
  expect(first.owner).toBe('a');
  expect(takeJudging(first, 'b', 149_000)).toBe(first);
  expect(takeJudging(first, 'b', 151_000).owner).toBe('b');
  expect(takeJudging(first, 'a', 1_000).owner).toBe('a');
});

it('it is known how many have died over a run; who has failed, or begins again, is none of them', () => {
  const first = takeJudging(undefined, 'a', 0);
  expect(first.died).toBeUndefined();
  expect(takeJudging(first, 'a', 151_000).died).toBeUndefined();
  expect(takeJudging(afterFailure(first, 1), 'b', 2).died).toBeUndefined();
  const second = takeJudging(first, 'b', 151_000);
  expect(second.died).toBe(1);
  expect(takeJudging(second, 'c', 302_000).died).toBe(2);
  expect(takeJudging(afterFailure(second, 1), 'c', 302_000).died).toBe(1);
});
