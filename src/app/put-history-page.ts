import { gzipSync } from 'node:zlib';
import type { History, RememberedRun } from '../outcome/history.ts';
import { historyPage } from '../report/history-page.ts';
import { environmentKeys } from '../run/keys.ts';
import { latestRun, linkTo } from '../run/link.ts';
import { reportFiles } from '../run/report-file.ts';
import { readHearing } from './hearing-store.ts';
import { linkGeneration } from './link-store.ts';
import { readReportAssets } from './report-assets.ts';
import type { World } from './world.ts';

/** What the page of an environment's last runs is made with. */
export type HistoryWorld = Pick<World, 'store' | 'linkKey' | 'log' | 'nowMs'>;

/** Makes the page of what is remembered, and stores it. */
export async function putHistoryPage(environment: string, history: History, world: HistoryWorld): Promise<void> {
  const { store, linkKey, nowMs } = world;
  const { mutes } = await readHearing(environment, world);
  const holding = mutes.filter(({ until }) => Date.parse(until) > nowMs());
  const generation = await linkGeneration(environment, store);
  const { history: assets } = await readReportAssets();
  const link = (runId: string): string => linkTo({ environment, runId, file: reportFiles.page, generation }, linkKey);
  const reportOf = ({ id, links = 0 }: RememberedRun): string | undefined => (links === generation ? link(id) : undefined);
  const pieces = [...historyPage({ environment, history, mutes: holding, reportOf, latestUrl: link(latestRun), assets })];
  const page = gzipSync(pieces.join(''), { level: 4 });
  await store.put(environmentKeys(environment).historyPage, page, 'text/html; charset=utf-8', { contentEncoding: 'gzip' });
}
