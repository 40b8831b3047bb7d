import { searchDeal } from './best-deal.ts';

/** A scenario as far as dealing out needs it. */
export interface Dealable {
  /** `scenarioId`: with `uri`, no other of the suite has it. */
  readonly id: string;
  readonly uri: string;
  /** With the at sign: `@smoke`. */
  readonly tags: readonly string[];
}

/** How scenarios are dealt out. */
export interface Dealing {
  /** Number of shards. */
  readonly shards: number;
  /** How long a scenario took before, in milliseconds, by its id. */
  readonly durations: ReadonlyMap<string, number>;
  /** Patterns of tags, `*` for anything: scenarios that share such a tag stay in one shard. */
  readonly together: readonly string[];
}

/** What cannot be divided: a scenario, or all that belong together. Scenarios are named by their index. */
export interface Item {
  readonly key: string;
  readonly scenarios: readonly number[];
  readonly weightMs: number;
}

/** What each shard gets. */
type Hands = Item[][];

/** A deal that takes so little more than an even share needs no second look. */
const evenEnough = 1.001;

/**
 * The shard (1, 2, …) of each scenario, in their order: longest first to the least loaded, and then whatever an exchange between
 * two shards makes better; where that leaves something to be wished for, the same from another beginning. What it gives hangs on the
 * scenarios alone, not on their order: every task of a run finds the same.
 */
export function deal(scenarios: readonly Dealable[], dealing: Dealing): readonly number[] {
  const items = itemsOf(scenarios, dealing).toSorted((a, b) => b.weightMs - a.weightMs || (a.key < b.key ? -1 : 1));
  const shards = Math.max(1, dealing.shards);
  const leastMs = Math.max(items[0]?.weightMs ?? 0, loadOf(items) / shards);
  const first = leveled(longestFirst(items, shards));
  const hands = fullestOf(first) > leastMs * evenEnough ? better(items, leastMs, first) : first;
  const shardOf = scenarios.map(() => 1);
  for (const [index, own] of hands.entries()) for (const one of own.flatMap((item) => item.scenarios)) shardOf[one] = index + 1;
  return shardOf;
}

const loadOf = (items: readonly Item[]): number => items.reduce((sum, { weightMs }) => sum + weightMs, 0);
const fullestOf = (hands: Hands): number => Math.max(...hands.map(loadOf));

/** Each to the shard that has least. */
function longestFirst(items: readonly Item[], shards: number): Hands {
  const hands: Hands = Array.from({ length: shards }, () => []);
  const loads = hands.map(() => 0);
  for (const item of items) {
    const least = loads.indexOf(Math.min(...loads));
    hands[least]?.push(item);
    loads[least] = (loads[least] ?? 0) + item.weightMs;
  }
  return hands;
}

/** So few can be dealt out in every way there is; of more, so many beginnings are tried. */
const fewItems = 16;
const mostSteps = 10_000;

/** The best of the deals there are other ways to. */
function better(items: readonly Item[], leastMs: number, first: Hands): Hands {
  const other = fitted(items, leastMs, first);
  const best = other !== undefined && fullestOf(other) < fullestOf(first) ? other : first;
  if (items.length > fewItems) return best;
  const weightsMs = items.map(({ weightMs }) => weightMs);
  const { shardOf } = searchDeal(weightsMs, first.length, { leastMs, belowMs: fullestOf(best), mostSteps });
  return shardOf === undefined ? best : first.map((_, shard) => items.filter((_item, at) => shardOf[at] === shard));
}

/** Halving what is between what is possible and what is reached so often comes to nothing any more. */
const halvings = 16;

/** The deal from the other end (MULTIFIT): the least time within which all fit, each in the first shard that has room for it. */
function fitted(items: readonly Item[], leastMs: number, reached: Hands): Hands | undefined {
  let [low, high] = [leastMs, fullestOf(reached)];
  let best: Hands | undefined;
  for (let halving = 0; halving < halvings; halving += 1) {
    const withinMs = (low + high) / 2;
    const hands = firstFit(items, reached.length, withinMs);
    if (hands === undefined) low = withinMs;
    else [high, best] = [withinMs, hands];
  }
  return best && leveled(best);
}

/** Undefined when they do not fit. */
function firstFit(items: readonly Item[], shards: number, withinMs: number): Hands | undefined {
  const hands: Hands = Array.from({ length: shards }, () => []);
  const loads = hands.map(() => 0);
  for (const item of items) {
    const first = loads.findIndex((load) => load + item.weightMs <= withinMs);
    if (first < 0) return undefined;
    hands[first]?.push(item);
    loads[first] = (loads[first] ?? 0) + item.weightMs;
  }
  return hands;
}

/** What there is to deal out, in no order. */
export function itemsOf(scenarios: readonly Dealable[], { durations, together }: Omit<Dealing, 'shards'>): readonly Item[] {
  const weights = weightsOf(scenarios, durations);
  const keys = scenarios.map(({ id, uri }) => `${id}\n${uri}`);
  return groupsOf(scenarios, together).map((group) => ({
    key: group.map((one) => keys[one] ?? '').reduce((first, key) => (key < first ? key : first)),
    scenarios: group,
    weightMs: group.reduce((sum, one) => sum + (weights[one] ?? 0), 0),
  }));
}

/** How long each takes, in milliseconds. Of one that never ran: the median of its file, else of all; where nothing is known all weigh the same. */
export function weightsOf(scenarios: readonly Dealable[], durations: ReadonlyMap<string, number>): readonly number[] {
  const known = scenarios.map(({ id }) => durations.get(id));
  const byFile = Map.groupBy(scenarios.keys(), (one) => scenarios[one]?.uri);
  const medianOf = (ones: Iterable<number>) => median([...ones].flatMap((one) => known[one] ?? []));
  const medians = new Map([...byFile].map(([uri, ones]) => [uri, medianOf(ones)]));
  const usual = medianOf(scenarios.keys()) ?? 1_000;
  return scenarios.map(({ uri }, one) => Math.max(1, Math.round(known[one] ?? medians.get(uri) ?? usual)));
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}

/** The scenarios in groups of those that stay together: a scenario with two such tags joins the groups of both. */
function groupsOf(scenarios: readonly Dealable[], together: readonly string[]): readonly (readonly number[])[] {
  const patterns = together.map(patternOf);
  const parents = scenarios.map((_, one) => one);
  const rootOf = (one: number): number => {
    const parent = parents[one] ?? one;
    if (parent === one) return one;
    const root = rootOf(parent);
    parents[one] = root;
    return root;
  };
  const firstWith = new Map<string, number>();
  for (const [one, { tags }] of scenarios.entries()) {
    for (const tag of tags.filter((each) => patterns.some((pattern) => pattern.test(each)))) {
      const first = firstWith.get(tag) ?? one;
      firstWith.set(tag, first);
      parents[rootOf(one)] = rootOf(first);
    }
  }
  return [...Map.groupBy(scenarios.keys(), rootOf).values()];
}

const patternOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

/** So many exchanges at most: each makes two shards more alike, and a few are enough. */
const mostExchanges = 2_000;

/** The same after moves and exchanges of items, as long as these bring the fullest shard down. */
function leveled(shards: Hands): Hands {
  const loads = shards.map(loadOf);
  for (let exchanges = 0; exchanges < mostExchanges; exchanges += 1) {
    const fullest = loads.indexOf(Math.max(...loads));
    const others = [...loads.keys()].filter((shard) => shard !== fullest).toSorted((a, b) => (loads[a] ?? 0) - (loads[b] ?? 0) || a - b);
    if (!others.some((other) => exchange(shards, loads, fullest, other))) break;
  }
  return shards;
}

/** Makes the one exchange that brings two shards closest together: true if there is one. */
function exchange(shards: Hands, loads: number[], from: number, to: number): boolean {
  const gapMs = (loads[from] ?? 0) - (loads[to] ?? 0);
  const theirs = (shards[to] ?? []).toSorted((a, b) => a.weightMs - b.weightMs);
  let best: { readonly given: Item; readonly taken: Item | undefined; readonly deltaMs: number } | undefined;
  for (const given of shards[from] ?? []) {
    // Half the gap is best; nothing in return is the lightest there is.
    const at = theirs.findLastIndex(({ weightMs }) => weightMs <= given.weightMs - gapMs / 2);
    for (const taken of [theirs[at], theirs[at + 1], undefined]) {
      const deltaMs = given.weightMs - (taken?.weightMs ?? 0);
      const isBetter = deltaMs > 0 && deltaMs < gapMs && Math.abs(deltaMs - gapMs / 2) < Math.abs((best?.deltaMs ?? 0) - gapMs / 2);
      if (isBetter) best = { given, taken, deltaMs };
    }
  }
  if (best === undefined) return false;
  const { given, taken, deltaMs } = best;
  shards[from] = [...(shards[from] ?? []).filter((item) => item !== given), ...(taken === undefined ? [] : [taken])];
  shards[to] = [...(shards[to] ?? []).filter((item) => item !== taken), given];
  loads[from] = (loads[from] ?? 0) - deltaMs;
  loads[to] = (loads[to] ?? 0) + deltaMs;
  return true;
}
