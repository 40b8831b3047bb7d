import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { listPage, type Place } from '../../src/local/s3/s3-list.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '🧪', 'ﬀ'), minLength: 1, maxLength: 6 });
const inOrder = (keys: readonly string[]) => [...new Set(keys)].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** All entries of a listing, read page by page. */
function entries(keys: readonly string[], prefix: string, delimiter: string | undefined, maxKeys: number): Place[] {
  const found: Place[] = [];
  for (let after: Place | undefined; ; ) {
    const page = listPage({ keys, prefix, maxKeys, ...(delimiter !== undefined && { delimiter }), ...(after && { after }) });
    expect(page.entries.length).toBeLessThanOrEqual(maxKeys);
    found.push(...page.entries);
    if (page.next === undefined) return found;
    after = page.next;
  }
}

it('pages of any size hold every key once, in order, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(key), fc.integer({ min: 1, max: 5 }), (some, maxKeys) => {
      const keys = inOrder(some);
      expect(entries(keys, '', undefined, maxKeys)).toEqual(keys.map((one) => ({ kind: 'key', key: one })));
    }),
  );
});

it('with a delimiter, pages of any size hold what one page would', () => {
  fc.assert(
    fc.property(
      fc.array(key),
      fc.constantFrom('', 'a', 'a/', '/'),
      fc.constantFrom('/', 'b', 'a/'),
      fc.integer({ min: 1, max: 5 }),
      (some, prefix, delimiter, maxKeys) => {
        const keys = inOrder(some).filter((one) => one.startsWith(prefix));
        const all = entries(keys, prefix, delimiter, maxKeys);
        expect(all).toEqual(listPage({ keys, prefix, delimiter, maxKeys: 1000 }).entries);
        // Every key is there itself, or under a common prefix: once.
        for (const one of keys)
          expect(all.filter((entry) => (entry.kind === 'key' ? entry.key === one : one.startsWith(entry.prefix)))).toHaveLength(1);
      },
    ),
  );
});
