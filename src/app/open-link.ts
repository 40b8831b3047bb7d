import type { Store } from '../aws/store.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { followLink, type Linked, type LinkKey, latestRun } from '../run/link.ts';
import { parseRunFile, type RunFile, reportFiles } from '../run/report-file.ts';
import { readLatest } from './latest-run.ts';

/** A presigned address lives this long: long enough for a slow page, too short to be passed on. */
const addressLivesS = 300;

/** Where a link of ours leads, now: the object's address, or undefined when the link is not ours, altered, or what it led to has expired. */
export async function openLink(
  path: string,
  signature: string,
  { store, linkKey }: { store: Store; linkKey: LinkKey },
): Promise<string | undefined> {
  const signed = followLink(path, signature, linkKey);
  const linked = signed?.runId === latestRun ? await newest(signed, store) : signed;
  const file = parseRunFile(linked?.file ?? '');
  if (linked === undefined || file === undefined) return undefined;
  const key = keyOf(linked, file);
  if (!(await store.has(key))) return undefined;
  return await store.presign(key, addressLivesS, { isDownload: !file.isShown });
}

/** The report of the run that ended last. */
async function newest({ environment, file }: Linked, store: Store): Promise<Linked | undefined> {
  const latest = file === reportFiles.page ? await readLatest(store, environment) : undefined;
  return latest && { environment, runId: latest.runId, file };
}

const keyOf = ({ environment, runId, file }: Linked, known: RunFile): string =>
  known.kind === 'report'
    ? runKeys(environment, runId).reportFile(file)
    : shardKeys(environment, runId, known.shard).attachment(known.name);
