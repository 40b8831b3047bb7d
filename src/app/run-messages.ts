import type { Envelope } from '@cucumber/messages';
import type { Store } from '../aws/store.ts';
import { attachmentName } from '../outcome/attachment-name.ts';
import { mergeShards } from '../outcome/merge.ts';
import { type ReaderOptions, readMessages } from '../outcome/messages.ts';
import { withNotRun } from '../outcome/not-run.ts';
import { placeOf } from '../run/dealt.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import { attachmentPath } from '../run/report-file.ts';
import { messagesOf } from './message-chunks.ts';

/** An attachment that was stored says of which shard it is, now that the messages leave their place. */
const placed = (envelope: Envelope, shard: number): Envelope => {
  const name = attachmentName(envelope.attachment?.url);
  if (envelope.attachment === undefined || name === undefined) return envelope;
  return { attachment: { ...envelope.attachment, url: attachmentPath(shard, name) } };
};

async function* messagesOfShard(store: Store, plan: RunPlan, shard: number, options: ReaderOptions = {}): AsyncGenerator<Envelope> {
  for await (const envelope of readMessages(messagesOf(store, plan, shard), options)) yield placed(envelope, shard);
}

/**
 * All messages of a run, those of several shards as of one: `attachment.url` is the attachment's path in the run.
 *
 * @param unheard places (`placeOf`) of scenarios that a lost shard was to run and has not spoken of
 */
export function messagesOfRun(store: Store, plan: RunPlan, unheard: ReadonlySet<string>): AsyncGenerator<Envelope> {
  const shards = shardCount(plan);
  if (shards === 1) return messagesOfShard(store, plan, 1);
  const merged = mergeShards(
    Array.from({ length: shards }, (_, index) => (skip: ReadonlySet<string>) => messagesOfShard(store, plan, index + 1, { skip })),
  );
  return unheard.size === 0 ? merged : withNotRun(merged, (name) => unheard.has(placeOf(name)));
}
