import { describe, it } from 'vitest';
import { usualHearing } from '../../src/hearing/settings.ts';
import { catalogueOf, environmentOf } from '../catalogue.ts';
import { isEveryRow } from '../every-row.ts';
import { startEdges } from './edges.ts';
import { history } from './history.ts';

// To look for more: HOSTILE_SEED=1000 HOSTILE_COUNT=200 npx vitest run test/app/hostile.test.ts
const firstSeed = Number(process.env.HOSTILE_SEED ?? 1);
const histories = Number(process.env.HOSTILE_COUNT ?? (isEveryRow ? 2 : 1));
const steps = 20;

describe('whatever dies, comes twice, late or not at all', () => {
  const seeds = Array.from({ length: histories }, (_, index) => firstSeed + index);

  it.each(seeds)('every request comes to one run, one end and one message (seed %i)', { timeout: 60_000 }, async (seed) => {
    // One task for each run, places for one or two; and runs of two shards, places for one or two such runs.
    const shards = 1 + (Math.floor(seed / 2) % 2);
    const hear = { ...usualHearing, runs: 'every run' } as const;
    const environment = environmentOf({ name: 'local', hear, shards, tasksAtOnce: shards * (1 + (seed % 2)) });
    const edges = await startEdges({ catalogue: catalogueOf(environment) });
    try {
      await (await history(edges, environment, seed)).live(steps);
    } finally {
      await edges.stop();
    }
  });
});
