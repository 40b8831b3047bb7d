import { type Dealable, type Dealing, deal, itemsOf, weightsOf } from './deal.ts';

/** What a run has before it, as far as it is known before it starts. */
export interface Work extends Omit<Dealing, 'shards'> {
  /** Those that it will run, as the last runs knew them (`knownWork`). */
  readonly scenarios: readonly Dealable[];
  /** How many scenarios a task runs at once. */
  readonly workers: number;
  /** From asking for a task until its first scenario begins, in milliseconds. */
  readonly startMs: number;
}

/** How many tasks a run gets when that is left to us, and why. */
export interface ShardChoice {
  readonly shards: number;
  /** From asking for the tasks to the end of the last scenario, in milliseconds; absent: nobody knows how long its scenarios take. */
  readonly ms?: number;
  /** How much sooner one task more would end it, in milliseconds; absent: nobody knows, or there is no room for one more. */
  readonly nextSavesMs?: number;
}

/** What a run is expected to take: kept in its plan, so that its message can say so without the history. Milliseconds. */
export interface Expected {
  /** From asking for the tasks until its first scenario begins. */
  readonly startMs: number;
  /** From then until the end of its last one; absent: nobody knows how long its scenarios take. */
  readonly scenariosMs?: number;
}

/** What the run is expected to take with so many shards. */
export function expectedOf(work: Work, shards: number): Expected {
  const ms = forecastMs(work, shards);
  return { startMs: Math.round(work.startMs), ...(ms !== undefined && { scenariosMs: Math.round(ms - work.startMs) }) };
}

/** How far a run is. */
interface SoFar {
  readonly done: number;
  readonly total: number;
  /** Since it asked for its tasks, in milliseconds; absent: that tells nothing of its pace. */
  readonly sinceMs?: number;
}

/** Before so much is done, a run's own pace tells little. */
const tellingPart = 0.2;

/**
 * How many milliseconds a run that is on will still take: by what was expected of it, and the further it is, the more by its own pace.
 * Undefined when neither tells anything.
 */
export function leftMs(expected: Expected | undefined, { done, total, sinceMs }: SoFar): number | undefined {
  const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const runningMs = sinceMs === undefined ? 0 : sinceMs - (expected?.startMs ?? 0);
  const byPace = part >= tellingPart && expected !== undefined && runningMs > 0 ? (runningMs / part) * (1 - part) : undefined;
  const byHistory = expected?.scenariosMs === undefined ? undefined : expected.scenariosMs * (1 - part);
  if (byHistory === undefined || byPace === undefined) return byHistory ?? byPace;
  return (1 - part) * byHistory + part * byPace;
}

/** So many when nobody knows yet what they are worth: a start costs less than an hour that somebody waits for nothing. */
const untriedShards = 4;

/** With so many in each shard the deal comes out even, and need not be made to know how long it takes. */
const evenFrom = 20;

/**
 * How long a run takes with so many shards: milliseconds from asking for its tasks to the end of its last scenario, each shard with its
 * own workers. Scenarios that never ran count as `deal` counts them. Undefined when nobody knows how long any of them takes.
 *
 * A pure function of the history, cheap enough for a form (10,000 scenarios in a few milliseconds).
 */
export function forecastMs(work: Work, shards: number): number | undefined {
  const { scenarios, durations } = work;
  return scenarios.some(({ id }) => durations.has(id)) ? work.startMs + forecaster(work)(shards) : undefined;
}

/**
 * The number of shards, from 1 to `most`, after which no further one saves as much time as its own start takes: the least of the time
 * the run takes and what its starts take together. When nobody knows how long any of its scenarios takes, four.
 */
export function chooseShards(work: Work, most: number): ShardChoice {
  const { scenarios, durations, startMs } = work;
  if (!scenarios.some(({ id }) => durations.has(id))) return { shards: Math.min(untriedShards, most, scenarios.length || most) };
  const scenariosMs = forecaster(work);
  const times = Array.from({ length: Math.max(1, most) }, (_, index) => scenariosMs(index + 1));
  const worth = times.map((ms, index) => ms + index * startMs);
  const best = worth.indexOf(Math.min(...worth));
  const [ms = 0, next] = times.slice(best);
  return { shards: best + 1, ms: startMs + ms, ...(next !== undefined && { nextSavesMs: Math.max(0, ms - next) }) };
}

/** How long the scenarios take with so many shards, without the start of the tasks, in milliseconds. */
function forecaster(work: Work): (shards: number) => number {
  const { scenarios, workers, ...how } = work;
  const items = itemsOf(scenarios, how);
  const weights = weightsOf(scenarios, how.durations);
  const totalMs = sum(weights);
  // What stays together stays in one shard, whose workers share it.
  const longestMs = Math.max(longest(weights), longest(items.map(({ weightMs }) => weightMs)) / workers);
  return (shards) => {
    const evenMs = Math.max(longestMs, totalMs / (shards * workers));
    if (items.length >= shards * workers * evenFrom) return Math.round(evenMs);
    const shardOf = deal(scenarios, { ...how, shards });
    const hands = Map.groupBy(weights.keys(), (one) => shardOf[one]);
    return Math.max(
      0,
      ...[...hands.values()].map((hand) =>
        shared(
          hand.map((one) => weights[one] ?? 0),
          workers,
        ),
      ),
    );
  };
}

/** How long a task takes: a worker that is free takes the next scenario. */
function shared(weights: readonly number[], workers: number): number {
  if (workers === 1) return sum(weights);
  const busyMs = Array.from({ length: workers }, () => 0);
  for (const weightMs of weights) {
    const free = busyMs.indexOf(Math.min(...busyMs));
    busyMs[free] = (busyMs[free] ?? 0) + weightMs;
  }
  return Math.max(...busyMs);
}

const longest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
