import { type Store, UnreadableObject } from '../aws/store.ts';
import { readMessages } from '../outcome/messages.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { linkTo } from '../run/link.ts';
import type { RunPlan } from '../run/plan.ts';
import { messagesOf } from './message-chunks.ts';
import { renderReport } from './report.ts';
import { readReportAssets } from './report-assets.ts';
import type { World } from './world.ts';

/** More than a Lambda function should hold, and more than a browser opens: the messages are kept, the report is not made. */
const mostBytes = 150 * 1024 * 1024;

/** Makes the run's HTML report from the messages that its container has left, cut off or not: false when there are none. */
export async function writeReport({ environment, runId }: RunPlan, outcome: Outcome, { store, linkKey }: World): Promise<boolean> {
  const shard = 1;
  const first = await store.getBytes(shardKeys(environment, runId, shard).chunk(1));
  // A report of no scenario would only make people look for what is not there.
  if (first === undefined || (outcome.kind === 'empty' && outcome.counts.total === 0)) return false;
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  const report = renderReport(readMessages(messagesOf(store, { environment, runId }, shard)), {
    runId,
    environment,
    assets: await readReportAssets(),
    ...noticeOf(outcome),
    fetchAttachment: (name, mostBytes) => attachmentUpTo(mostBytes, shardKeys(environment, runId, shard).attachment(name), store),
    linkTo: (name) => linkTo({ environment, runId, file: `shards/${shard}/attachments/${name}` }, linkKey),
  });
  for await (const piece of report) {
    const bytes = Buffer.from(piece);
    sizeBytes += bytes.length;
    if (sizeBytes > mostBytes) throw new Error(`the report of ${runId} would be larger than ${mostBytes / 1024 / 1024} MB`);
    pieces.push(bytes);
  }
  await store.put(runKeys(environment, runId).report, Buffer.concat(pieces), 'text/html; charset=utf-8');
  return true;
}

async function attachmentUpTo(mostBytes: number, key: string, store: Store): Promise<Uint8Array | 'too large' | undefined> {
  try {
    return await store.getBytes(key, mostBytes);
  } catch (error) {
    if (error instanceof UnreadableObject) return 'too large';
    throw error;
  }
}

/** What Cucumber's page does not say by itself: that the run did not come to its own end, and why. */
function noticeOf(outcome: Outcome): { readonly notice?: string } {
  switch (outcome.kind) {
    case 'passed':
    case 'failed':
    case 'empty':
      return {};
    case 'broken':
      return { notice: `The suite could not be run: ${outcome.error}` };
    case 'unfinished':
    case 'not-started':
      return { notice: `${outcome.stop.what} ${outcome.stop.next}${notBegunIn(outcome)}` };
    case 'timed-out':
      return { notice: `The run was stopped at its time limit: what is below is what had run until then.${notBegunIn(outcome)}` };
    case 'cancelled':
      return { notice: `The run was cancelled: what is below is what had run until then.${notBegunIn(outcome)}` };
  }
}

function notBegunIn(outcome: Outcome): string {
  if (!('notBegun' in outcome) || outcome.notBegun === undefined) return '';
  const { count, first } = outcome.notBegun;
  const more = count > first.length ? ` and ${count - first.length} more` : '';
  return `\nNot begun: ${first.join(' · ')}${more}`;
}
