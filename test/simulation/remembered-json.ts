/**
 * Stands in for src/aws/stored-json.ts: what is read is parsed once for all who read the same bytes, and frozen; nothing is gzipped.
 * What a container wrote is text, too.
 */

export const writtenJson = (_: string, value: unknown) => ({ Body: JSON.stringify(value), ContentType: 'application/json' });

const known = new WeakMap<Uint8Array, Map<unknown, unknown>>();

export function readJson<T>(_: string, kept: Uint8Array, { parse }: { parse: (json: unknown) => T }): T {
  const values = known.get(kept) ?? new Map<unknown, unknown>();
  known.set(kept, values);
  if (!values.has(parse)) values.set(parse, frozen(parse(JSON.parse(Buffer.from(kept.buffer, kept.byteOffset, kept.length).toString()))));
  return values.get(parse) as T;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}
