import type { KnownBlock } from '@slack/types';
import { windowText } from '../coldstart/command.ts';
import type { Summary } from '../coldstart/summary.ts';
import { number, percent } from '../coldstart/words.ts';
import type { ColdStartsView } from './cold-starts-view.ts';
import { cut } from './text.ts';

/** How often functions start cold, as bars: the highest first. */
export interface ColdStartsChart {
  readonly title: string;
  readonly subtitle: string;
  readonly bars: readonly { readonly name: string; readonly value: number; readonly label: string }[];
}

/** How a message shows its chart: as Slack's own block, as a picture that was uploaded, or not at all. */
export type ShownChart = { readonly kind: 'block' } | { readonly kind: 'picture'; readonly fileId: string } | { readonly kind: 'none' };

/** More bars are no better read, least of all in a picture; the page has all functions. */
const mostBars = 8;
/** A label of Slack's charts has room for so much. */
const labelLength = 20;

/** The part of calls that start cold, of the functions with most cold starts. Undefined: one bar says no more than the line above it. */
export function chartOf({ functions }: Summary, { command }: ColdStartsView): ColdStartsChart | undefined {
  const named = [...functions].filter(([, { rate }]) => rate !== undefined);
  const bars = named
    .slice(0, mostBars)
    .map(([name, { rate, invocations }]) => ({
      name,
      value: Math.round((rate?.part ?? 0) * 10_000) / 100,
      label: `${percent(rate?.part ?? 0)} of ${number(invocations)}`,
    }))
    .toSorted((a, b) => b.value - a.value);
  if (bars.length < 2) return undefined;
  const which = bars.length < named.length ? `the ${bars.length} functions with most cold starts` : `${bars.length} functions`;
  return { title: 'Calls that started cold', subtitle: `${which}, ${windowText(command.windowMs)}`, bars };
}

/** Whether Slack's own block can say it: its labels have room for short names only, and must differ. */
export const fitsBlock = ({ bars }: ColdStartsChart): boolean => labelsOf(bars) !== undefined;

/** The chart's blocks: none when there is nothing to show. */
export function chartBlocks(chart: ColdStartsChart | undefined, shown: ShownChart): readonly KnownBlock[] {
  if (chart === undefined || shown.kind === 'none') return [];
  if (shown.kind === 'picture') return [{ type: 'image', slack_file: { id: shown.fileId }, alt_text: chartText(chart) }];
  const block = slackChart(chart);
  return block === undefined ? [] : [block];
}

/** What a screen reader says instead of the picture: the same numbers. */
const chartText = ({ title, subtitle, bars }: ColdStartsChart): string =>
  cut(`${title} (${subtitle}): ${bars.map(({ name, label }) => `${name} ${label}`).join('; ')}.`, 2_000);

/**
 * Slack's own chart. The block is of June 2026; @slack/types 3.2.0 does not know it yet.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
function slackChart({ title, bars }: ColdStartsChart): KnownBlock | undefined {
  const labels = labelsOf(bars);
  if (labels === undefined) return undefined;
  const data = bars.map(({ value }, index) => ({ label: labels[index] ?? '', value }));
  const block = {
    type: 'data_visualization',
    title: `${title}, %`,
    chart: { type: 'bar', series: [{ name: 'cold starts, %', data }], axis_config: { categories: labels, y_label: '% of calls' } },
  };
  // A block that the types lack, and Slack has.
  return block as unknown as KnownBlock;
}

/**
 * The names without words that all of them begin with, as few of these as there is room for: `worker-7` is read, `7` is not. Undefined
 * when that leaves a name that is too long, or two alike.
 */
function labelsOf(bars: ColdStartsChart['bars']): readonly string[] | undefined {
  const names = bars.map(({ name }) => name);
  const prefix = names.reduce((common, name) => {
    let at = 0;
    while (at < common.length && common[at] === name[at]) at += 1;
    return common.slice(0, at);
  });
  const starts = [0, ...[...prefix.matchAll(/-/g)].map(({ index }) => index + 1)];
  const labelsFrom = (start: number) => names.map((name) => name.slice(start) || name);
  const isFit = (labels: readonly string[]) =>
    labels.every((label) => label.length <= labelLength && label.trim() !== '') && new Set(labels).size === labels.length;
  return starts.map(labelsFrom).find(isFit);
}
