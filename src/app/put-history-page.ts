import { gzipSync } from 'node:zlib';
import type { History, RememberedRun } from '../outcome/history.ts';
import { historyPage } from '../report/history-page.ts';
import { environmentKeys } from '../run/keys.ts';
import { latestRun, linkTo } from '../run/link.ts';
import { reportFiles } from '../run/report-file.ts';
import { linkGeneration } from './link-store.ts';
import { readReportAssets } from './report-assets.ts';
import type { World } from './world.ts';

/** Makes the page of what is remembered, and stores it. */
export async function putHistoryPage(
  environment: string,
  history: History,
  { store, linkKey }: Pick<World, 'store' | 'linkKey'>,
): Promise<void> {
  const generation = await linkGeneration(environment, store);
  const { history: assets } = await readReportAssets();
  const link = (runId: string): string => linkTo({ environment, runId, file: reportFiles.page, generation }, linkKey);
  const reportOf = ({ id, links = 0 }: RememberedRun): string | undefined => (links === generation ? link(id) : undefined);
  const pieces = [...historyPage({ environment, history, reportOf, latestUrl: link(latestRun), assets })];
  const page = gzipSync(pieces.join(''), { level: 4 });
  await store.put(environmentKeys(environment).historyPage, page, 'text/html; charset=utf-8', { contentEncoding: 'gzip' });
}
