import type { Envelope } from '@cucumber/messages';
import { UnreadableObject } from '../aws/store.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { EndedRun } from '../report/run-facts.ts';
import type { Scenarios } from '../report/scenario-details.ts';
import { verdictText } from '../report/verdict-text.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { parseAttachmentPath, reportFiles } from '../run/report-file.ts';
import { packer, unpackMessages } from './packed-messages.ts';
import { renderReport } from './report.ts';
import { readReportAssets } from './report-assets.ts';
import type { World } from './world.ts';

/** A run whose report is written. */
export interface ReportedRun {
  readonly ended: EndedRun;
  readonly outcome: Outcome;
  readonly scenarios: Scenarios;
  /** Its messages, gzipped; undefined when there are none. */
  readonly packed: Uint8Array | undefined;
  /** The address of a file of the run. */
  readonly linkOf: (file: string) => string;
}

/** More than a browser opens: the messages are kept, the page is not made. */
const mostPageBytes = 150 * 1024 * 1024;

/** Writes what stands beside the report: the messages, and Cucumber's own report of them. */
export async function writeBeside(run: ReportedRun, { store }: Pick<World, 'store'>): Promise<void> {
  if (run.packed === undefined) return;
  const { environment, runId } = run.ended.plan;
  const keys = runKeys(environment, runId);
  await store.put(keys.reportFile(reportFiles.messages), run.packed, 'application/gzip');
  const page = await cucumberPage(unpackMessages(run.packed), run, store);
  await store.put(keys.reportFile(reportFiles.cucumber), page, 'text/html; charset=utf-8', { contentEncoding: 'gzip' });
}

/** Cucumber's own report of these messages, packed. */
async function cucumberPage(messages: AsyncIterable<Envelope>, run: ReportedRun, store: World['store']): Promise<Uint8Array> {
  const { environment, runId } = run.ended.plan;
  const page = packer();
  let length = 0;
  const report = renderReport(messages, {
    title: `${runId} on ${environment}`,
    assets: await readReportAssets(),
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
  store: World['store'],
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
