import { gunzipSync } from 'node:zlib';
import { type Store, UnreadableObject } from '../aws/store.ts';
import { shardKeys } from '../run/keys.ts';
import { believable, type RunRef, type ShardTake } from './run-store.ts';

/** So many are on their way at once: one after the other, the chunks of a run of hours would outlast the function that reads them. */
const mostAhead = 16;
/** A chunk is closed every two seconds at most: these are for more than the longest limit. */
const mostChunks = 20_000;
/** What all of them may unpack to. A suite's code may have written them: a bomb is left, not unpacked. */
const mostUnpackedBytes = 1024 * 1024 * 1024;
const mostChunkBytes = 128 * 1024 * 1024;

/**
 * The Cucumber messages that a shard has left, as bytes of NDJSON, chunk by chunk. It ends at the first chunk that is
 * missing or can't be unpacked: what would come after a gap can't be believed.
 */
export async function* messagesOf(store: Store, ref: RunRef, { shard, take }: ShardTake): AsyncGenerator<Uint8Array> {
  const keys = shardKeys(ref.environment, ref.runId, shard, take);
  const coming: Promise<Uint8Array | undefined>[] = [];
  let leftBytes = mostUnpackedBytes;
  for (let number = 1; number <= mostChunks; number += 1) {
    // A short run has few: no more are asked for than have come.
    while (coming.length < Math.min(number, mostAhead)) coming.push(awaited(store.getBytes(keys.chunk(number + coming.length))));
    const chunk = await believable(unpacked(coming.shift(), Math.min(leftBytes, mostChunkBytes)));
    if (chunk === undefined) return;
    leftBytes -= chunk.length;
    yield chunk;
  }
}

/** What is kept of a run's messages, packed as they are, for whoever reads them once more. */
const mostRememberedBytes = 48 * 1024 * 1024;

/** The store, with a memory for what was read of messages: they are read to judge a run, and again for its report. */
export function remembering(store: Store): Store {
  const known = new Map<string, Uint8Array>();
  let leftBytes = mostRememberedBytes;
  return {
    ...store,
    getBytes: async (key, mostBytes) => {
      const bytes = known.get(key) ?? (await store.getBytes(key, mostBytes));
      const isNew = bytes !== undefined && !known.has(key) && key.endsWith('.ndjson.gz') && bytes.length <= leftBytes;
      if (!isNew) return bytes;
      leftBytes -= bytes.length;
      known.set(key, bytes);
      return bytes;
    },
  };
}

/** The same promise, of which nobody may come to hear: its failure is only one for who awaits it. */
function awaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** @throws {UnreadableObject} for bytes that are not gzip, or unpack to more than `mostBytes` */
async function unpacked(coming: Promise<Uint8Array | undefined> | undefined, mostBytes: number): Promise<Uint8Array | undefined> {
  const packed = await coming;
  if (packed === undefined) return undefined;
  try {
    return gunzipSync(packed, { maxOutputLength: mostBytes });
  } catch (error) {
    throw new UnreadableObject('a chunk of messages cannot be unpacked', { cause: error });
  }
}
