import { gzipSync } from 'node:zlib';
import type { Store } from '../aws/store.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { budgetOf } from '../report/budget.ts';
import { emptyDetails } from '../report/details-state.ts';
import { junitScenarios } from '../report/junit-scenarios.ts';
import { notesOf } from '../report/notes.ts';
import { observeDetails } from '../report/observe-details.ts';
import { type PageLink, reportPage } from '../report/report-page.ts';
import { type EndedRun, runFacts } from '../report/run-facts.ts';
import { scenariosOf } from '../report/scenarios.ts';
import { runKeys } from '../run/keys.ts';
import { historyPage, latestRun, linkTo } from '../run/link.ts';
import { attachmentPath, parseAttachmentPath, reportFiles } from '../run/report-file.ts';
import { packer } from './packed-messages.ts';
import { readReportAssets } from './report-assets.ts';
import { messagesOfRun } from './run-messages.ts';
import type { World } from './world.ts';
import { writeBeside } from './write-beside.ts';

type ReportWorld = Pick<World, 'store' | 'linkKey' | 'log'>;

/** The report of a run that has ended is there. */
export interface WrittenReport {
  /** Writes what stands beside it, which nobody waits for: Cucumber's own report, the messages. */
  readonly writeBeside: () => Promise<void>;
}

/** Pictures that are part of the messages, not objects of their own, may become so much of the page. */
const mostInlineBytes = 8 * 1024 * 1024;
/** A page of this size and more travels packed. A smaller one is a plain file to whoever looks into a local world's folder. */
const packedFromBytes = 1024 * 1024;

/** Makes the run's report from the messages that its containers have left, cut off or not, and from what they came to. */
export async function writeReport(ended: EndedRun, outcome: Outcome, world: ReportWorld): Promise<WrittenReport> {
  const { store } = world;
  const { environment, runId } = ended.plan;
  const generation = ended.links ?? 0;
  const linkOf = (file: string): string => linkTo({ environment, runId, file, generation }, world.linkKey);
  const always = {
    latest: linkTo({ environment, runId: latestRun, file: reportFiles.page, generation }, world.linkKey),
    history: linkTo({ environment, ...historyPage, generation }, world.linkKey),
  };
  const { scenarios, outcomes, packed } = await readRun(ended, outcome, { store, linkOf });
  const { page: assets } = await readReportAssets();
  const key = runKeys(environment, runId).reportFile(reportFiles.page);
  const pieces = reportPage({
    name: environment,
    runId,
    outcome,
    comparison: ended.comparison,
    facts: runFacts(ended),
    links: linksOf(packed !== undefined, linkOf, always),
    notes: notesOf(scenarios),
    scenarios,
    assets,
    pictureOrigins: [new URL(world.linkKey.publicUrl).origin, await originOf(store, key)],
    screenshotUrl: (screenshot, shard) => linkOf(attachmentPath(shard, screenshot)),
  });
  await putPage(store, key, pieces);
  return { writeBeside: () => writeBeside({ ended, outcome, scenarios, outcomes, packed, linkOf }, world) };
}

/** Reads the messages once: into what the page shows, and packed, for what stands beside it. */
async function readRun(
  { plan, takes, unheard = new Set() }: EndedRun,
  outcome: Outcome,
  { store, linkOf }: { readonly store: Store; readonly linkOf: (file: string) => string },
) {
  const addressOf = (url: string): string | undefined => (parseAttachmentPath(url) === undefined ? undefined : linkOf(url));
  const details = emptyDetails({ addressOf, budget: budgetOf(mostInlineBytes) });
  const messages = packer();
  for await (const lines of messagesOfRun(store, { plan, takes, unheard })) {
    for (const line of lines) {
      observeDetails(details, JSON.parse(line));
      await messages.write(`${line}\n`);
    }
  }
  const { packed, sizeBytes } = await messages.end();
  const outcomes = junitScenarios(details.suite, outcome);
  return { outcomes, scenarios: scenariosOf(details, outcome), packed: sizeBytes > 0 ? packed : undefined };
}

function linksOf(
  hasMessages: boolean,
  linkOf: (file: string) => string,
  { latest, history }: { readonly latest: string; readonly history: string },
): readonly PageLink[] {
  const to = (label: string, file: string, title: string): PageLink => ({ label, href: linkOf(file), title });
  return [
    ...(hasMessages ? [to('Cucumber’s report', reportFiles.cucumber, 'The same run as Cucumber’s own HTML report')] : []),
    to('JUnit XML', reportFiles.junit, 'The results of all scenarios, for other tools'),
    ...(hasMessages ? [to('Messages', reportFiles.messages, 'All Cucumber messages of the run, gzipped NDJSON, for other tools')] : []),
    { label: 'Latest report', href: latest, title: 'Always leads to the report of the newest run of this environment' },
    { label: 'History', href: history, title: 'The last runs of this environment, what is flaky, and what is slow' },
  ];
}

/** Where the store's addresses lead: our endpoint redirects pictures there. */
const originOf = async (store: Store, key: string): Promise<string> => new URL(await store.presign(key, 60)).origin;

/** Stores a page, packed when it is large. */
async function putPage(store: Store, key: string, pieces: Iterable<string>): Promise<void> {
  const page = Buffer.concat([...pieces].map((piece) => Buffer.from(piece)));
  const type = 'text/html; charset=utf-8';
  if (page.length < packedFromBytes) await store.put(key, page, type);
  else await store.put(key, gzipSync(page, { level: 4 }), type, { contentEncoding: 'gzip' });
}
