import type { Store } from '../aws/store.ts';
import { shardKeys } from '../run/keys.ts';
import { believable, type RunRef } from './run-store.ts';

/**
 * The Cucumber messages that a shard has left, as bytes of NDJSON, chunk by chunk. It ends at the first chunk that is
 * missing or can't be unpacked: what would come after a gap can't be believed.
 */
export async function* messagesOf(store: Store, { environment, runId }: RunRef, shard: number): AsyncGenerator<Uint8Array> {
  const keys = shardKeys(environment, runId, shard);
  for (let number = 1; ; number += 1) {
    const chunk = await believable(store.getGzipped(keys.chunk(number)));
    if (chunk === undefined) return;
    yield chunk;
  }
}
