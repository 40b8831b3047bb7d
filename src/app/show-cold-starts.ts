import type { Summary } from '../coldstart/summary.ts';
import { coldStartsMessage } from '../message/cold-starts.ts';
import { type ColdStartsChart, chartOf, fitsBlock, type ShownChart } from '../message/cold-starts-chart.ts';
import type { ColdStartsView } from '../message/cold-starts-view.ts';
import type { SayingWorld } from './say-once.ts';
import { type Question, tellAnswer } from './tell-cold-starts.ts';
import type { World } from './world.ts';

type ShowingWorld = SayingWorld & Pick<World, 'log'>;

/**
 * Gives the answer with its chart: in Slack's own block where that has room for the names, and else, or where Slack does not know the
 * block (yet), in a picture of ours.
 *
 * @throws when Slack did not take the answer now
 */
export async function showColdStarts(
  question: Question,
  { summary, view, pageUrl }: { readonly summary: Summary; readonly view: ColdStartsView; readonly pageUrl: string | undefined },
  world: ShowingWorld,
): Promise<void> {
  const tell = (shown: ShownChart) => tellAnswer(question, coldStartsMessage(summary, view, pageUrl, shown), world);
  const chart = chartOf(summary, view);
  if (chart === undefined || fitsBlock(chart)) {
    const { isCut } = await tell({ kind: 'block' });
    if (chart === undefined || !isCut) return;
  }
  await tell(await uploadPicture(chart, question.id, world));
}

async function uploadPicture(chart: ColdStartsChart, id: string, { say, log }: ShowingWorld): Promise<ShownChart> {
  // The letters are some kilobytes, and most answers do without.
  const { drawBars } = await import('../picture/bar-chart.ts');
  const uploaded = await say.upload(`cold-starts-${id}.png`, chart.title, drawBars(chart));
  if (uploaded.kind === 'uploaded') return { kind: 'picture', fileId: uploaded.fileId };
  log('warn', 'chart not uploaded', { id, because: uploaded.because, next: 'the app needs the scope files:write (slack-app.yml)' });
  return { kind: 'none' };
}
