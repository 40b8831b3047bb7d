import type { Envelope } from '@cucumber/messages';
import type { Store } from '../aws/store.ts';
import { attachmentName } from '../outcome/attachment-name.ts';
import { mergeShards, type ReadShard } from '../outcome/merge.ts';
import { messageReader, readThrough, type TakeMessage } from '../outcome/messages.ts';
import { withNotRun } from '../outcome/not-run.ts';
import { placeOf } from '../run/dealt.ts';
import type { RunPlan } from '../run/plan.ts';
import { attachmentPath } from '../run/report-file.ts';
import { messagesOf } from './message-chunks.ts';
import type { ShardTake } from './run-store.ts';

/** An attachment that was stored says of which shard it is, now that the messages leave their place. */
const placed = (envelope: Envelope, shard: number): Envelope => {
  const name = attachmentName(envelope.attachment?.url);
  if (envelope.attachment === undefined || name === undefined) return envelope;
  return { attachment: { ...envelope.attachment, url: attachmentPath(shard, name) } };
};

const readShard =
  (store: Store, plan: RunPlan, of: ShardTake): ReadShard =>
  (each, how) => {
    const take: TakeMessage = (envelope, line) => {
      const put = placed(envelope, of.shard);
      each(put, put === envelope ? line : JSON.stringify(put));
    };
    return readThrough(messageReader(take, how), messagesOf(store, plan, of));
  };

async function* linesOf(read: ReadShard): AsyncGenerator<readonly string[]> {
  let lines: string[] = [];
  for await (const _ of read((__, line) => lines.push(line), {})) {
    yield lines;
    lines = [];
  }
}

/**
 * All messages of a run, those of several shards as of one, some lines of NDJSON at a time: `attachment.url` is the attachment's path in
 * the run.
 *
 * @param takes the container of each shard that counts
 * @param unheard places (`placeOf`) of scenarios that a lost shard was to run and has not spoken of
 */
export function messagesOfRun(
  store: Store,
  { plan, takes, unheard }: { readonly plan: RunPlan; readonly takes: readonly ShardTake[]; readonly unheard: ReadonlySet<string> },
): AsyncGenerator<readonly string[]> {
  const [only] = takes;
  if (only !== undefined && takes.length === 1) return linesOf(readShard(store, plan, only));
  const merged = mergeShards(takes.map((of) => readShard(store, plan, of)));
  return unheard.size === 0 ? merged : withNotRun(merged, (name) => unheard.has(placeOf(name)));
}
