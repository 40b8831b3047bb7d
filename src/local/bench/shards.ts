import { chance } from '../../coldstart/chance.ts';
import { ofTimeCode, toTimeCode } from '../../outcome/duration-code.ts';
import { median } from '../../outcome/usual-time.ts';
import { deal } from '../../run/deal.ts';
import { bestMakespan } from './best-makespan.ts';
import { ownTestsMs } from './own-tests.ts';

/** How long the slowest shard takes, as a multiple of what the best deal can reach. */
export interface DealtWell {
  readonly suite: string;
  readonly scenarios: number;
  readonly shards: number;
  /** Each scenario takes exactly what is known of it. */
  readonly known: number;
  /** … and what is known has been through the history, which keeps a duration in one character. */
  readonly remembered: number;
  /** Known is the middle one of five runs, each 25 percent off by chance. Mean of `draws`. */
  readonly noisy: number;
  /** … and this run is 25 percent off as well. */
  readonly noisyRun: number;
  /** The same when what is usual were known exactly: no deal that is made before a run does better. */
  readonly noisyRunFloor: number;
  /** `known`, of cucumber's own `--shard i/n`, which deals by turns. */
  readonly cucumber: number;
  /** No deal was proved better than ours where this is true; else the bound may be too low, and the multiples too high. */
  readonly isBestKnown: boolean;
  /** The processor time of a deal, in milliseconds. */
  readonly dealMs: number;
}

type Suite = (count: number, next: () => number) => readonly number[];

const uniform = (next: () => number): number => Math.round(1_000 + 9_000 * next());
const normal = (next: () => number): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());

/** Suites, each as the durations of its scenarios in milliseconds, in the order of its features. */
const suites: Readonly<Record<string, Suite>> = {
  uniform: (count, next) => Array.from({ length: count }, () => uniform(next)),
  'heavy-tailed': (count, next) => Array.from({ length: count }, () => Math.round(3_000 * Math.exp(normal(next)))),
  'one giant': (count, next) => {
    const others = Array.from({ length: count - 1 }, () => uniform(next));
    // A tenth of all the others together, but never longer than a scenario may be.
    return [Math.min(20 * 60_000, Math.round(sum(others) / 10)), ...others];
  },
  'one journey a feature': (count, next) => Array.from({ length: count }, (_, at) => uniform(next) * (at % 8 === 0 ? 8 : 1)),
};

const sizes = [10, 100, 1_000, 10_000];
const shardCounts = [2, 8, 40];
const draws = 20;
const noise = 0.25;

/** Deals out suites of every kind and size, and compares each deal with the best there can be, and with cucumber's own. */
export function measureDeals(note: (words: string) => void): readonly DealtWell[] {
  const made = Object.entries(suites).flatMap(([suite, make]) => sizes.map((size) => ({ suite, durations: make(size, chance(size)) })));
  const all = [...made, { suite: 'our own tests', durations: ownTestsMs }];
  return all.flatMap(({ suite, durations }) => {
    note(`${suite}, ${durations.length} scenarios`);
    return shardCounts.filter((shards) => shards < durations.length).map((shards) => measured(suite, durations, shards));
  });
}

function measured(suite: string, durations: readonly number[], shards: number): DealtWell {
  const best = bestMakespan(durations, shards);
  const startedAt = process.cpuUsage();
  const known = dealtMs(durations, durations, shards);
  const { user, system } = process.cpuUsage(startedAt);
  const next = chance(durations.length * 41 + shards);
  const off = (usual: readonly number[]) => usual.map((ms) => ms * Math.exp(noise * normal(next)));
  // Of very many scenarios one draw is like another.
  const drawn = Array.from({ length: durations.length > 1_000 ? 2 : draws }, () => {
    const runs = Array.from({ length: 5 }, () => off(durations));
    const middle = durations.map((ms, at) => median(runs.map((run) => run[at] ?? ms)) ?? ms);
    const run = off(durations);
    const bound = bestMakespan(run, shards).ms;
    return {
      noisy: dealtMs(middle, durations, shards) / best.ms,
      noisyRun: dealtMs(middle, run, shards) / bound,
      noisyRunFloor: dealtMs(durations, run, shards) / bound,
    };
  });
  const mean = (of: (one: (typeof drawn)[number]) => number) => sum(drawn.map(of)) / drawn.length;
  return {
    suite,
    scenarios: durations.length,
    shards,
    known: known / best.ms,
    remembered:
      dealtMs(
        durations.map((ms) => ofTimeCode(toTimeCode(ms)) ?? ms),
        durations,
        shards,
      ) / best.ms,
    noisy: mean((one) => one.noisy),
    noisyRun: mean((one) => one.noisyRun),
    noisyRunFloor: mean((one) => one.noisyRunFloor),
    cucumber:
      fullest(
        durations,
        durations.map((_, at) => (at % shards) + 1),
        shards,
      ) / best.ms,
    isBestKnown: best.isExact || known <= best.ms * 1.000_01,
    dealMs: (user + system) / 1_000,
  };
}

/** How long the run takes that is dealt out by what is known, and takes what it takes. */
function dealtMs(known: readonly number[], takes: readonly number[], shards: number): number {
  const scenarios = known.map((_, at) => ({ id: `${at}`, uri: `features/${Math.floor(at / 8)}.feature`, tags: [] }));
  const durations = new Map(known.map((ms, at) => [`${at}`, ms]));
  return fullest(takes, deal(scenarios, { shards, durations, together: [] }), shards);
}

function fullest(takes: readonly number[], shardOf: readonly number[], shards: number): number {
  const loads = Array.from({ length: shards }, () => 0);
  for (const [at, ms] of takes.entries()) loads[(shardOf[at] ?? 1) - 1] = (loads[(shardOf[at] ?? 1) - 1] ?? 0) + ms;
  return Math.max(...loads);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
