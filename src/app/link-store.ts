import type { Store } from '../aws/store.ts';
import { environmentKeys } from '../run/keys.ts';
import { type LinkGeneration, revoked } from '../run/link-generation.ts';
import { parseLinks } from '../run/stored.ts';

/** How often the environment's links were revoked: what a link made now must say. */
export const linkGeneration = async (environment: string, store: Store): Promise<number> =>
  (await store.get(environmentKeys(environment).links, parseLinks))?.value.generation ?? 0;

/** Makes every link of the environment that there is lead nowhere. The same request again changes nothing. */
export async function revokeLinks(environment: string, asked: Pick<LinkGeneration, 'key' | 'at'>, store: Store): Promise<void> {
  await store.update(environmentKeys(environment).links, parseLinks, (now) => revoked(now, asked));
}
