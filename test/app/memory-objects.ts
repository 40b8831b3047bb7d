import { createHash } from 'node:crypto';
import { type FolderObjects, type NewObject, type ObjectFacts, obstacleOf } from '../../src/local/s3/s3-objects.ts';

/** A bucket of the local S3 whose objects are in memory, for tests that open none of its files. */
export function memoryObjects(): FolderObjects {
  const objects = new Map<string, { readonly facts: ObjectFacts; readonly bytes: Buffer }>();

  async function put({ content, ...object }: NewObject, condition: Parameters<FolderObjects['put']>[1]) {
    const obstacle = obstacleOf(condition, objects.get(object.key)?.facts);
    if (obstacle !== undefined) return obstacle;
    const bytes = Buffer.from(content);
    const etag = createHash('md5').update(bytes).digest('hex');
    const facts: ObjectFacts = { ...object, sizeBytes: bytes.length, etag, lastModified: new Date().toISOString() };
    objects.set(object.key, { facts, bytes });
    return { kind: 'done', result: facts } as const;
  }

  return {
    put,
    head: (key) => objects.get(key)?.facts,
    async withObject(key, use) {
      const object = objects.get(key);
      if (object === undefined) return undefined;
      return await use({ facts: object.facts, read: async (start, length) => object.bytes.subarray(start, start + length) });
    },
    remove(key, condition) {
      const obstacle = obstacleOf(condition, objects.get(key)?.facts);
      if (obstacle !== undefined) return obstacle;
      objects.delete(key);
      return { kind: 'done', result: undefined };
    },
    keys: (prefix) =>
      [...objects.keys()].filter((key) => key.startsWith(prefix)).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    place: () => ({ kind: 'unstorable', because: 'it is in memory' }),
  };
}
