import type { Store } from '../aws/store.ts';
import { runKeys } from '../run/keys.ts';
import { followLink, type LinkKey } from '../run/link.ts';

/** A presigned address lives this long: long enough for a slow page, too short to be passed on. */
const addressLivesS = 300;

/** Where a link of ours leads, now: the object's address, or undefined when the link is not ours, altered, or what it led to has expired. */
export async function openLink(
  path: string,
  signature: string,
  { store, linkKey }: { store: Store; linkKey: LinkKey },
): Promise<string | undefined> {
  const linked = followLink(path, signature, linkKey);
  if (linked === undefined) return undefined;
  const { environment, runId, file } = linked;
  const key = file === 'report.html' ? runKeys(environment, runId).report : `messages/${environment}/${runId}/${file}`;
  if (!(await store.has(key))) return undefined;
  // Only the report, whose scripts are ours, and pictures are shown; anything else a suite attached is a download.
  const isShown = file === 'report.html' || /\.(?:png|jpe?g|gif|webp)$/.test(file);
  return await store.presign(key, addressLivesS, { isDownload: !isShown });
}
