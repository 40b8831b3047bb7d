import { type RunPlan, shardCount } from '../run/plan.ts';
import type { Phase } from '../run/run.ts';
import { duration, plural } from './text.ts';

/**
 * How many shards the run has, and, while it has not ended and that was left to us, why: `6 shards: about 4 min 10 s; a seventh would
 * save 9 s`.
 */
export function shardWords(plan: RunPlan, phase: Phase['kind']): readonly string[] {
  const { chosen, rerun } = plan;
  const shards = shardCount(plan);
  const count = plural(shards, 'shard');
  if (chosen === undefined || phase === 'finished') return shards > 1 ? [count] : [];
  if (chosen.ms === undefined) return [`${count}: nobody knows yet how long ${rerun === undefined ? 'its' : 'these'} scenarios take`];
  const next = chosen.nextSavesMs;
  if (next === undefined) return [`${count}: about ${duration(chosen.ms)}; there is no room for more`];
  const saving = next < 1_000 ? 'nothing' : duration(next);
  return [`${count}: about ${duration(chosen.ms)}; ${nth(shards + 1)} would save ${saving}`];
}

const words = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

/** `a second`, `an eighth`, `a 21st`. */
function nth(number: number): string {
  const ending = number % 100 >= 11 && number % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th');
  const word = words[number - 1] ?? `${number}${ending}`;
  return `${/^(?:8|11th|18|eighth)/.test(word) ? 'an' : 'a'} ${word}`;
}
