import { expect, it } from 'vitest';
import { measureOverhead } from '../../src/local/bench/overhead.ts';

it('the overhead is measured on runs that passed on both ways, with the memory of the runner', { timeout: 120_000 }, async () => {
  const { rounds, scenarios, ratio, runnerPeakMb, versions } = await measureOverhead({
    suiteMs: 0,
    rounds: 1,
    scenarios: 1,
    note: () => {},
  });
  const [round] = rounds;
  expect([scenarios, rounds.length, versions.node]).toEqual([1, 1, process.version]);
  expect(ratio).toBe((round?.journeyMs ?? 0) / (round?.plainMs ?? 1));
  expect(round?.containerMs).toBeLessThan(round?.journeyMs ?? 0);
  expect(runnerPeakMb).toBeGreaterThan(30);
});
