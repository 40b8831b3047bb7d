import { expect, it } from 'vitest';
import { withResults } from '../../src/local/bench/benchmarks-file.ts';
import { bestMakespan } from '../../src/local/bench/best-makespan.ts';
import { ratiosOf } from '../../src/local/bench/cold-start.ts';
import { coldStartsAsText } from '../../src/local/bench/cold-start-text.ts';
import { measureOverhead } from '../../src/local/bench/overhead.ts';
import { overheadAsText } from '../../src/local/bench/overhead-text.ts';
import { isEveryRow } from '../every-row.ts';

it.runIf(isEveryRow)(
  'the overhead is measured on runs that passed on both ways, with the memory of the runner',
  { timeout: 300_000 },
  async () => {
    const overhead = await measureOverhead({ suiteMs: 0, rounds: 1, scenarios: 1, note: () => {} });
    const { rounds, scenarios, ratio, runnerPeakMb, versions } = overhead;
    expect([scenarios, rounds.length, versions.node]).toEqual([1, 1, process.version]);
    for (const { plain, journey } of rounds) {
      expect(ratio).toBe(journey.ms / plain.ms);
      expect(plain.scenariosMs).toBeGreaterThan(0);
      expect(plain.scenariosMs).toBeLessThan(plain.ms);
      const { untilContainerMs, preparingMs, scenariosMs, finishingMs, afterContainerMs } = journey;
      const parts = [untilContainerMs, preparingMs, scenariosMs, finishingMs, afterContainerMs];
      expect(parts.every((part) => part > 0)).toBe(true);
      expect(parts.reduce((sum, part) => sum + part)).toBe(journey.ms);
      expect(journey.runner.cpuMs).toBeGreaterThan(0);
    }
    expect(overhead.firstStepRatio).toBe(rounds.map(({ plain, journey }) => journey.toFirstStepMs / plain.toFirstStepMs)[0]);
    expect(overhead.firstStepRatio).toBeGreaterThan(0.5);
    expect(overhead.worldStartMs).toBeGreaterThan(100);
    expect(runnerPeakMb).toBeGreaterThan(30);
    expect(overheadAsText(overhead)).toContain(`${ratio.toFixed(3)} times plain cucumber-js`);
  },
);

it('new results stand where those before stood, and nothing else of the document changes', () => {
  const document =
    '# Benchmarks\n\n<!-- results: overhead -->\nold\n<!-- end of results -->\n\n<!-- results: shards -->\n<!-- end of results -->\n';
  const once = withResults(document, 'overhead', 'new\n');
  expect(once).toBe(document.replace('old\n', '\n```text\nnew\n```\n\n'));
  expect(withResults(once, 'overhead', 'new\n')).toBe(once);
  expect(() => withResults(document, 'cost', 'new')).toThrow('no place for the results of cost');
});

it('the ratios of the cold starts are those of the aims, and the slowest of the other functions counts', () => {
  const answered = { floor: 60, ours: 90, peer: 600, oursButton: 150, peerButton: 500, worker: 999, runStopped: 999, sweep: 999 };
  const inits = { floor: 50, worker: 100, runStopped: 125, sweep: 110 };
  const ratios = ratiosOf(answered, inits);
  expect(ratios).toEqual({ toFloor: 1.5, toPeer: 0.15, buttonToPeer: 0.3, othersToFloor: 2.5 });
  const text = coldStartsAsText({
    ...{ rounds: 3, runtime: 'aws-lambda-ric 4.0.2', medians: answered, inits, cpu: answered, initCpu: inits },
    ...{ ratios, cpuRatios: ratios },
  });
  expect(text).toContain(
    'A slash command: 1.50 (by processor time 1.50) times the empty handler; 0.15 (by processor time 0.15) times the peer.',
  );
});

it('a deal is compared with the best there can be: of few scenarios the optimum, of many what no deal goes below', () => {
  expect(bestMakespan([3, 3, 2, 2, 2], 2)).toEqual({ ms: 6, isExact: true });
  expect(bestMakespan([5, 5, 4], 2)).toEqual({ ms: 9, isExact: true }); // an even share would be 7
  expect(bestMakespan([9, 1, 1], 3).ms).toBe(9);
  const many = Array.from({ length: 61 }, () => 2);
  expect(bestMakespan(many, 20)).toEqual({ ms: 8, isExact: false });
});
