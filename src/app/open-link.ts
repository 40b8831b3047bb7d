import type { Store } from '../aws/store.ts';
import { environmentKeys, runKeys, shardKeys } from '../run/keys.ts';
import { followLink, historyPage, type Linked, type LinkKey, latestRun } from '../run/link.ts';
import { parseRunFile, type RunFile, reportFiles } from '../run/report-file.ts';
import { readLatest } from './latest-run.ts';
import { linkGeneration } from './link-store.ts';

/** A presigned address lives this long: long enough for a slow page, too short to be passed on. */
const addressLivesS = 300;

/** Where a link leads. `gone`: it is not ours, altered, or what it led to has expired. */
export type Opened =
  | { readonly kind: 'there'; readonly address: string }
  | { readonly kind: 'revoked'; readonly environment: string }
  | { readonly kind: 'gone' };

/** Where a link of ours leads, now. Nothing is looked up for a link that we did not make. */
export async function openLink(path: string, signature: string, { store, linkKey }: { store: Store; linkKey: LinkKey }): Promise<Opened> {
  const signed = followLink(path, signature, linkKey);
  if (signed === undefined) return { kind: 'gone' };
  const { environment, generation } = signed;
  if (generation !== (await linkGeneration(environment, store))) return { kind: 'revoked', environment };
  const found = signed.runId === historyPage.runId ? historyOf(signed) : await fileOf(signed, store);
  if (found === undefined || !(await store.has(found.key))) return { kind: 'gone' };
  return { kind: 'there', address: await store.presign(found.key, addressLivesS, { isDownload: !found.isShown }) };
}

interface Found {
  readonly key: string;
  readonly isShown: boolean;
}

const historyOf = ({ environment, file }: Linked): Found | undefined =>
  file === historyPage.file ? { key: environmentKeys(environment).historyPage, isShown: true } : undefined;

async function fileOf(signed: Linked, store: Store): Promise<Found | undefined> {
  const linked = signed.runId === latestRun ? await newest(signed, store) : signed;
  const file = parseRunFile(linked?.file ?? '');
  return linked === undefined || file === undefined ? undefined : { key: keyOf(linked, file), isShown: file.isShown };
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
