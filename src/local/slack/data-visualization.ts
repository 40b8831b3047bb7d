import { all, type Check, isRecord, list, number, object, oneOf, optional, rule, string } from './json-shape.ts';

/**
 * Slack's chart block, of June 2026. Only bars are offered here: we send no others.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
export interface DataVisualizationBlock {
  readonly type: 'data_visualization';
  block_id?: string;
  readonly title: string;
  readonly chart: {
    readonly type: 'bar';
    readonly series: readonly { readonly name: string; readonly data: readonly { readonly label: string; readonly value: number }[] }[];
    readonly axis_config: { readonly categories: readonly string[]; readonly x_label?: string; readonly y_label?: string };
  };
}

const label = string({ max: 20 });

const bars = all(
  object({
    type: oneOf(['bar']),
    series: list(object({ name: label, data: list(object({ label, value: number }), { max: 20 }) }), { max: 12 }),
    axis_config: object({
      categories: list(label, { max: 20 }),
      x_label: optional(string({ max: 50 })),
      y_label: optional(string({ max: 50 })),
    }),
  }),
  rule((chart) => {
    const series = Array.isArray(chart.series) ? chart.series.filter(isRecord) : [];
    const categories = isRecord(chart.axis_config) && Array.isArray(chart.axis_config.categories) ? chart.axis_config.categories : [];
    if (new Set(categories).size < categories.length) return 'categories must be unique';
    if (new Set(series.map(({ name }) => name)).size < series.length) return 'series names must be unique';
    const isWhole = ({ data }: Readonly<Record<string, unknown>>): boolean => {
      const labels = Array.isArray(data) ? data.map((point) => (isRecord(point) ? point.label : undefined)) : [];
      return labels.length === categories.length && categories.every((category) => labels.includes(category));
    };
    return series.every(isWhole) ? undefined : 'every series must have one value for each category';
  }),
);

/** The fields of the block beside its type and id. */
export const dataVisualizationFields: Readonly<Record<string, Check>> = { title: string({ max: 50 }), chart: bars };

/** Whether there are more charts than Slack shows in a message. */
export const chartsMax = 2;

/** A bar as wide as its value, of at most twenty characters. */
const barOf = (value: number, most: number): string =>
  most <= 0 ? '' : '█'.repeat(Math.max(value > 0 ? 1 : 0, Math.round((20 * value) / most)));

/** The chart's rows: label, bar, value. */
export function chartRows({ chart }: DataVisualizationBlock): readonly (readonly [label: string, bar: string, value: string])[] {
  const points = chart.series.flatMap(({ data }) => data);
  const most = Math.max(0, ...points.map(({ value }) => value));
  return points.map(({ label: name, value }) => [name, barOf(value, most), String(value)]);
}
