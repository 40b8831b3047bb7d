import type { Store } from '../aws/store.ts';
import { UnreadableObject } from '../aws/store.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { splitter } from '../outcome/split.ts';
import { type CucumberPart, cucumberIndex, cucumberParts } from '../report/cucumber-parts.ts';
import { verdictText } from '../report/verdict-text.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { cucumberPart, parseAttachmentPath, reportFiles } from '../run/report-file.ts';
import { lineOf, packer, unpackMessages } from './packed-messages.ts';
import { renderReport } from './report.ts';
import { type ReportAssets, readReportAssets } from './report-assets.ts';
import type { ReportedRun } from './write-beside.ts';

type PackedRun = ReportedRun & { readonly packed: Uint8Array };

/** More than a browser opens: the messages are kept, the page is not made. */
const mostPageBytes = 150 * 1024 * 1024;
const pageType = 'text/html; charset=utf-8';

/** Writes Cucumber's own report: one page, or, of a large run, a page for some features each and one that lists them. */
export async function writeCucumberReport(run: PackedRun, store: Store): Promise<void> {
  const { environment, runId } = run.ended.plan;
  const keyOf = runKeys(environment, runId).reportFile;
  const assets = await readReportAssets();
  const parts = cucumberParts(run.scenarios);
  if (parts.length <= 1) {
    await store.put(keyOf(reportFiles.cucumber), await pageOf(run.packed, run, { store, assets }), pageType, { contentEncoding: 'gzip' });
    return;
  }
  for (const [index, packed] of (await splitMessages(run.packed, parts)).entries()) {
    const page = await pageOf(packed, run, { store, assets });
    await store.put(keyOf(cucumberPart(index + 1)), page, pageType, { contentEncoding: 'gzip' });
  }
  const linked = parts.map((part, index) => ({ ...part, href: run.linkOf(cucumberPart(index + 1)) }));
  await store.put(keyOf(reportFiles.cucumber), cucumberIndex(`${runId} on ${environment}: Cucumber report`, linked), pageType);
}

/** The messages of each part, packed. */
async function splitMessages(packed: Uint8Array, parts: readonly CucumberPart[]): Promise<readonly Uint8Array[]> {
  const partOf = new Map(parts.flatMap(({ features }, index) => features.map(({ uri }) => [uri, index] as const)));
  const packers = parts.map(() => packer());
  const split = splitter((uri) => partOf.get(uri));
  for await (const envelope of unpackMessages(packed)) {
    const part = split(envelope);
    if (part === undefined) continue;
    for (const one of part === 'all' ? packers : packers.slice(part, part + 1)) await one.write(lineOf(envelope));
  }
  return await Promise.all(packers.map(async (one) => (await one.end()).packed));
}

/** Cucumber's own report of these messages, packed. */
async function pageOf(
  packed: Uint8Array,
  run: PackedRun,
  { store, assets }: { readonly store: Store; readonly assets: ReportAssets },
): Promise<Uint8Array> {
  const { environment, runId } = run.ended.plan;
  const page = packer();
  let length = 0;
  const report = renderReport(unpackMessages(packed), {
    title: `${runId} on ${environment}`,
    assets,
    ...noticeOf(run.outcome, environment),
    fetchAttachment: (path, mostBytes) => attachmentUpTo(mostBytes, { environment, runId, path }, store),
    linkTo: run.linkOf,
  });
  for await (const piece of report) {
    length += piece.length;
    if (length > mostPageBytes) throw new Error(`Cucumber's report of ${runId} would be larger than ${mostPageBytes / 1024 / 1024} MB`);
    await page.write(piece);
  }
  return (await page.end()).packed;
}

async function attachmentUpTo(
  mostBytes: number,
  { environment, runId, path }: { readonly environment: string; readonly runId: string; readonly path: string },
  store: Store,
): Promise<Uint8Array | 'too large' | undefined> {
  const attachment = parseAttachmentPath(path);
  if (attachment === undefined) return undefined;
  try {
    return await store.getBytes(shardKeys(environment, runId, attachment.shard).attachment(attachment.name), mostBytes);
  } catch (error) {
    if (error instanceof UnreadableObject) return 'too large';
    throw error;
  }
}

/** What Cucumber's page does not say by itself: that the run did not come to its own end, and why. */
function noticeOf(outcome: Outcome, environment: string): { readonly notice?: string } {
  if (outcome.kind === 'passed' || outcome.kind === 'failed' || outcome.kind === 'empty') return {};
  const { heading, phrase, sentences, output } = verdictText(environment, outcome);
  return { notice: [`${heading}: ${phrase}.`, ...sentences, ...(output === undefined ? [] : [output])].join('\n') };
}
