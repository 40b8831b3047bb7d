import type { LostShard, Outcome } from '../outcome/outcome.ts';
import { cut, oneLine } from './text.ts';
import { outcomeWord } from './words.ts';

/** More kinds of loss, and more shards of one kind, are counted. */
const shownKinds = 4;
const shownShards = 5;

/** `2 of 3 shards reported`, or nothing when all did, or there was one. */
export function reportedPhrase({ shards }: Outcome): string {
  if (shards === undefined || shards.lost.length === 0) return '';
  const reported = shards.of - shards.lost.length;
  return `${reported === 0 ? 'none' : reported} of ${shards.of} shards reported`;
}

/** A sentence for each reason why shards can't be counted on; plain text. A reason that the outcome gives itself is not repeated. */
export function lostSentences(outcome: Outcome): readonly string[] {
  const { lost = [] } = outcome.shards ?? {};
  const told = 'stop' in outcome ? outcome.stop.what : undefined;
  const groups = [...Map.groupBy(lost, ({ kind, because }) => `${kind}\n${because}`).values()];
  const more = groups.slice(shownKinds).flat().length;
  return [...groups.slice(0, shownKinds).flatMap((group) => sentence(group, told)), ...(more > 0 ? [`… and ${more} more`] : [])];
}

function sentence(group: readonly LostShard[], told: string | undefined): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const what = `${named(group.map(({ shard }) => shard))} ${wordOf(first.kind, group.length)}`;
  return [first.because === told ? `${what}.` : `${what}: ${cut(oneLine(first.because), 200)}`];
}

/** `Shard 2`, `Shards 1, 2 and 5`. */
export function named(shards: readonly number[]): string {
  const shown = shards.slice(0, shownShards).map(String);
  const [last = ''] = shards.length > shownShards ? [`${shards.length - shownShards} more`] : shown.splice(-1);
  return shown.length === 0 ? `Shard ${last}` : `Shards ${shown.join(', ')} and ${last}`;
}

function wordOf(kind: LostShard['kind'], count: number): string {
  if (kind === 'passed' || kind === 'failed' || kind === 'empty') return `${count > 1 ? 'are' : 'is'} not complete`;
  return `${kind === 'cancelled' ? (count > 1 ? 'were ' : 'was ') : ''}${outcomeWord({ kind }).word}`;
}
