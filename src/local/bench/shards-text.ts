import type { DealtWell } from './shards.ts';

/** The aims: what is known within this, and at eight shards what is 25 percent off. */
const aims = { known: 1.02, noisy: 1.1 };

/** What was measured, as lines for a terminal and for docs/benchmarks.md. */
export function dealsAsText(deals: readonly DealtWell[]): string {
  const missed = deals.filter(({ known, noisy, shards }) => known > aims.known || (shards === 8 && noisy > aims.noisy));
  const worst = (of: (deal: DealtWell) => number) => Math.max(...deals.map(of)).toFixed(3);
  return [
    'suite                  scenarios shards │  known  remembered  25 % off  run 25 % off (floor) │ --shard i/n │ deal',
    ...deals.map(rowOf),
    '',
    `Known: at most ${worst(({ known }) => known)} times the best. 25 % off, at 8 shards: at most ${worst((deal) => (deal.shards === 8 ? deal.noisy : 0))}.`,
    missed.length === 0
      ? 'Both aims are kept.'
      : `Not kept: ${missed.map(({ suite, scenarios, shards }) => `${suite}, ${scenarios} on ${shards}`).join('; ')}.`,
  ].join('\n');
}

const rowOf = (deal: DealtWell): string =>
  [
    `${deal.suite.padEnd(22)} ${String(deal.scenarios).padStart(9)} ${String(deal.shards).padStart(6)}`,
    `${deal.isBestKnown ? ' ' : '≤'}${times(deal.known, 6)} ${times(deal.remembered, 11)} ${times(deal.noisy, 9)} ${times(deal.noisyRun, 13)} (${times(deal.noisyRunFloor, 0)})`,
    `${times(deal.cucumber, 11)}`,
    `${deal.dealMs.toFixed(0).padStart(3)} ms`,
  ].join(' │ ');

const times = (ratio: number, width: number): string => ratio.toFixed(3).padStart(width);
