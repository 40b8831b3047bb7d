import { gunzipSync, gzipSync } from 'node:zlib';

/** What PutObject is given for `value` as JSON: gzipped, where the key ends so. */
export function writtenJson(key: string, value: unknown): { readonly Body: string | Uint8Array; readonly ContentType: string } {
  const text = JSON.stringify(value);
  return isGzipped(key) ? { Body: gzipSync(text), ContentType: 'application/gzip' } : { Body: text, ContentType: 'application/json' };
}

/** What `parse` makes of an object's JSON. @throws for anything else, and for what unpacks to more than `mostBytes` */
export function readJson<T>(key: string, kept: Uint8Array, { parse, mostBytes }: { parse: (json: unknown) => T; mostBytes: number }): T {
  const bytes = isGzipped(key) ? gunzipSync(kept, { maxOutputLength: mostBytes }) : kept;
  return parse(JSON.parse(new TextDecoder().decode(bytes)));
}

const isGzipped = (key: string): boolean => key.endsWith('.gz');
