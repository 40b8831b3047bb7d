import type { AgainScenario } from '../outcome/again.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { ScenarioResult } from '../outcome/scenario-result.ts';
import { outcomeOfShards, outcomeOfStrangers } from '../outcome/shards.ts';
import { median } from '../outcome/usual-time.ts';
import { placeOf, type ScenarioRef } from '../run/dealt.ts';
import { isDealt, type RunPlan } from '../run/plan.ts';
import { type RerunEnd, rerunEnd } from '../run/rerun.ts';
import type { Run } from '../run/run.ts';
import type { ShardStopped } from '../run/shard.ts';
import { type DealOfRun, wholeDeal } from './deal-of-run.ts';
import { type JudgedShard, judgeShard } from './judge-shard.ts';
import type { World } from './world.ts';

/** What a run came to. */
export interface Judgement {
  readonly outcome: Outcome;
  /** What another run can run again of it. */
  readonly again: readonly AgainScenario[];
  /** Places (`placeOf`) of the scenarios that a shard was to run and has not spoken of. */
  readonly unheard: ReadonlySet<string>;
  /** What each scenario came to that a shard has spoken of. */
  readonly results: readonly ScenarioResult[];
  /** What became of the scenarios that it was to run again, if it was. */
  readonly rerun?: RerunEnd;
  /** Hash of the commit, when the suite came from git. */
  readonly commit?: string;
  /** `RememberedRun.startMs` */
  readonly startMs?: number;
}

/** So many shards are read at once: what they say is kept as counts and failures, not as messages. */
const atOnce = 4;

/** What a run came to, of which every task has stopped. */
export async function judgeRun(
  { plan, run, stops }: { plan: RunPlan; run: Run; stops: readonly ShardStopped[] },
  world: World,
): Promise<Judgement> {
  const shards: JudgedShard[] = [];
  for (let from = 0; from < stops.length; from += atOnce) {
    const next = stops.slice(from, from + atOnce).map((stopped) => judgeShard({ plan, run, stopped }, world));
    shards.push(...(await Promise.all(next)));
  }
  const [commit] = commitsOf(plan, shards);
  const startMs = startOf(run, shards);
  const found = {
    results: shards.flatMap(({ results }) => results),
    ...(commit !== undefined && { commit }),
    ...(startMs !== undefined && { startMs }),
  };
  const [only] = shards;
  if (only === undefined) throw new Error(`run ${run.id} has no shard to judge`);
  if (!isDealt(plan)) return { outcome: only.outcome, again: only.again, unheard: new Set(), ...found };
  return {
    ...together(
      plan,
      shards,
      await wholeDeal(
        plan,
        shards.map(({ deal }) => deal),
        world,
      ),
    ),
    ...found,
  };
}

/** What the shards of a run, of which each had a part of the scenarios, came to together. */
function together(plan: RunPlan, shards: readonly JudgedShard[], deal: DealOfRun): Omit<Judgement, 'commit' | 'results' | 'startMs'> {
  const unheardOf = ({ shard, heard }: JudgedShard) => deal.scenarios.filter((one) => one.shard === shard && !heard.has(placeOf(one)));
  const order = new Map(deal.scenarios.map(({ uri, line }, place) => [`${uri}:${line}`, place]));
  const place = ({ uri, line }: { readonly uri: string; readonly line: number }) => order.get(`${uri}:${line}`) ?? order.size;
  const ending = {
    ends: shards.map((one) => ({
      ...{ shard: one.shard, outcome: one.outcome, hasDealt: one.deal !== undefined },
      unheard: unheardOf(one).map(({ scenario }) => scenario),
    })),
    durationMs: spanOf(shards),
    inOrder: (a: { readonly uri: string; readonly line: number }, b: typeof a) => place(a) - place(b),
  };
  const unheard = shards.flatMap(unheardOf);
  const strange = strangersIn(plan, shards);
  const again = [...shards.flatMap((one) => one.again), ...unheard.map(notRun)];
  const outcome = strange === undefined ? outcomeOfShards(ending) : outcomeOfStrangers(ending, strange);
  return {
    outcome,
    again: again.toSorted((a, b) => place(a) - place(b)),
    unheard: new Set(unheard.map(placeOf)),
    ...(plan.rerun !== undefined && { rerun: rerunEnd(deal.only, again, deal.missing) }),
  };
}

const notRun = ({ id, uri, line, scenario }: ScenarioRef): AgainScenario => ({ id, uri, line, scenario, was: 'not-run' });

/** From the first message of all to the last. */
function spanOf(shards: readonly JudgedShard[]): number {
  const first = Math.min(...shards.flatMap(({ firstMs }) => firstMs ?? []));
  const last = Math.max(...shards.flatMap(({ lastMs }) => lastMs ?? []));
  return Math.max(0, Number.isFinite(last - first) ? Math.round(last - first) : 0);
}

/** How long the tasks of the run needed until their first scenarios began, of those that ECS started when it was first asked. */
function startOf({ phase }: Run, shards: readonly JudgedShard[]): number | undefined {
  if (phase.kind !== 'started') return undefined;
  const askedAtMs = Date.parse(phase.at);
  const isRetried = (shard: number) => phase.retries?.some((retry) => retry.shard === shard);
  const starts = shards.flatMap(({ shard, firstScenarioMs }) =>
    firstScenarioMs === undefined || firstScenarioMs < askedAtMs || isRetried(shard) ? [] : [Math.round(firstScenarioMs - askedAtMs)],
  );
  return median(starts);
}

/** Why the shards can't have run one and the same suite, or undefined when they have. */
function strangersIn(plan: RunPlan, shards: readonly JudgedShard[]): { readonly error: string; readonly next: string } | undefined {
  const commits = commitsOf(plan, shards);
  const deals = Map.groupBy(
    shards.filter(({ deal }) => deal !== undefined),
    ({ deal }) => deal?.digest,
  );
  if (commits.length <= 1 && deals.size <= 1) return undefined;
  const [one, other] = [...deals.values()].map(([first]) => first);
  const error =
    commits.length > 1
      ? `The shards did not run the same commit: ${commits.map((commit) => commit.slice(0, 7)).join(', ')}.`
      : `The shards did not run the same suite: shard ${one?.shard} found ${one?.deal?.count} scenarios and dealt them out, shard ${other?.shard} found ${other?.deal?.count}, or others.`;
  const { ref } = plan.suite;
  const next =
    ref === undefined
      ? 'The image may have been replaced while they started, or the suite chooses its scenarios by chance: run it again.'
      : `\`${ref}\` may have moved while they fetched it: run it again, or name a commit.`;
  return { error, next };
}

/** Which commits the suite was, if it was fetched: one, unless the ref has moved between two shards. */
function commitsOf({ suite }: RunPlan, shards: readonly JudgedShard[]): readonly string[] {
  if (suite.ref === undefined) return [];
  const commits = shards.flatMap(({ result }) => result?.versions.suite ?? []);
  return [...new Set(commits.filter((commit) => /^[0-9a-f]{40,64}$/.test(commit)))];
}
