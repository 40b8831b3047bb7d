import { expect, it } from 'vitest';
import { takeJudging } from '../../src/run/judging.ts';

it('a run is judged by one at a time, and again when that one has died over it', () => {
  const first = takeJudging(undefined, 'a', 0);
  expect(first.owner).toBe('a');
  expect(takeJudging(first, 'b', 149_000)).toBe(first);
  expect(takeJudging(first, 'b', 151_000).owner).toBe('b');
  expect(takeJudging(first, 'a', 1_000).owner).toBe('a');
});
