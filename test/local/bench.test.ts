import { expect, it } from 'vitest';
import { withResults } from '../../src/local/bench/benchmarks-file.ts';
import { measureOverhead } from '../../src/local/bench/overhead.ts';
import { overheadAsText } from '../../src/local/bench/overhead-text.ts';

it('the overhead is measured on runs that passed on both ways, with the memory of the runner', { timeout: 300_000 }, async () => {
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
  expect(runnerPeakMb).toBeGreaterThan(30);
  expect(overheadAsText(overhead)).toContain(`${ratio.toFixed(3)} times plain cucumber-js`);
});

it('new results stand where those before stood, and nothing else of the document changes', () => {
  const document =
    '# Benchmarks\n\n<!-- results: overhead -->\nold\n<!-- end of results -->\n\n<!-- results: shards -->\n<!-- end of results -->\n';
  const once = withResults(document, 'overhead', 'new\n');
  expect(once).toBe(document.replace('old\n', '\n```text\nnew\n```\n\n'));
  expect(withResults(once, 'overhead', 'new\n')).toBe(once);
  expect(() => withResults(document, 'cost', 'new')).toThrow('no place for the results of cost');
});
