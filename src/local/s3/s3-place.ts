import { join } from 'node:path';

/** Where a key's bytes are, or why there is no such place. Never outside `root`. */
export function placeOf(
  root: string,
  key: string,
): { readonly kind: 'place'; readonly path: string } | { readonly kind: 'unstorable'; readonly because: string } {
  for (const segment of key.split('/')) {
    if (segment === '') return unstorable('it begins or ends with a slash, or has two in a row');
    if (segment === '.' || segment === '..') return unstorable(`"${segment}" is no name of a file`);
    if (segment.includes('\0')) return unstorable('it holds a NUL');
    if (Buffer.byteLength(segment) > 255) return unstorable('a part between two slashes is longer than 255 bytes');
  }
  return { kind: 'place', path: join(root, key) };
}

const unstorable = (because: string) => ({ kind: 'unstorable', because }) as const;
