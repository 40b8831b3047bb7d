/** Durations as they come, and what can be asked of them at any time. Memory does not grow with their number. */
export interface Distribution {
  add(value: number): void;
  count(): number;
  /** The smallest value that at least this part of all is not larger than; undefined when there is none. */
  quantile(part: number): number | undefined;
  max(): number | undefined;
  /** How many values lie below each edge and not below the one before; the last number is what lies beyond all edges. */
  below(edges: readonly number[]): readonly number[];
}

/** So many values are kept as they are; beyond that each is right to a fifth of a percent. */
const exactValues = 10_000;
const step = 0.002;
const least = 0.01;
const buckets = 12_000;

export function distribution(): Distribution {
  let exact: number[] | undefined = [];
  let isSorted = true;
  let counts: Float64Array | undefined;
  let total = 0;
  let largest: number | undefined;

  const bucketOf = (value: number): number =>
    Math.min(buckets - 1, Math.max(0, Math.ceil(Math.log(Math.max(value, least) / least) / step)));
  const valueIn = (bucket: number): number => Math.min(largest ?? Number.POSITIVE_INFINITY, least * Math.exp((bucket - 0.5) * step));

  function add(value: number): void {
    total += 1;
    if (largest === undefined || value > largest) largest = value;
    if (exact !== undefined && exact.length < exactValues) {
      exact.push(value);
      isSorted = false;
      return;
    }
    counts ??= new Float64Array(buckets);
    for (const kept of exact ?? []) count(kept, counts);
    exact = undefined;
    count(value, counts);
  }

  function count(value: number, into: Float64Array): void {
    const bucket = bucketOf(value);
    into[bucket] = (into[bucket] ?? 0) + 1;
  }

  function sorted(values: number[]): number[] {
    if (!isSorted) values.sort((a, b) => a - b);
    isSorted = true;
    return values;
  }

  function quantile(part: number): number | undefined {
    if (total === 0) return undefined;
    const rank = Math.min(total, Math.max(1, Math.ceil(part * total)));
    if (exact !== undefined) return sorted(exact)[rank - 1];
    let seen = 0;
    for (const [bucket, many] of (counts ?? []).entries()) {
      seen += many;
      if (seen >= rank) return valueIn(bucket);
    }
    return largest;
  }

  function below(edges: readonly number[]): readonly number[] {
    const found = new Array<number>(edges.length + 1).fill(0);
    const put = (value: number, many: number) => {
      const at = edges.findIndex((edge) => value < edge);
      const index = at === -1 ? edges.length : at;
      found[index] = (found[index] ?? 0) + many;
    };
    for (const value of exact ?? []) put(value, 1);
    for (const [bucket, many] of (counts ?? []).entries()) if (many > 0) put(valueIn(bucket), many);
    return found;
  }

  return { add, count: () => total, quantile, max: () => largest, below };
}

/** A rate, and between what it may truly lie. */
export interface Rate {
  readonly part: number;
  /** The interval, of 95 % unless said otherwise (Wilson's, which is right for rare things and few data too). */
  readonly low: number;
  readonly high: number;
}

/** Standard deviations to both sides of the middle: 95 %. */
const usualZ = 1.959964;

/** `hits` of `all`, or undefined when there were none to be counted. `z`: how wide the interval is, in standard deviations. */
export function rateOf(hits: number, all: number, z = usualZ): Rate | undefined {
  if (all <= 0) return undefined;
  const part = hits / all;
  const spread = z * Math.sqrt((part * (1 - part)) / all + (z * z) / (4 * all * all));
  const scale = 1 + (z * z) / all;
  const middle = part + (z * z) / (2 * all);
  return { part, low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}

/** Fewer invocations than this say little: it is said with the rate. */
export const fewInvocations = 30;
