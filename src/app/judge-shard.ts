import { type AgainScenario, scenariosToRunAgain } from '../outcome/again.ts';
import { observe } from '../outcome/judge.ts';
import { messageReader } from '../outcome/messages.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { observeLine } from '../outcome/quick-lines.ts';
import { type ScenarioResult, scenarioResults } from '../outcome/scenario-result.ts';
import { explainStop } from '../outcome/stop.ts';
import { suiteSoFar } from '../outcome/suite-so-far.ts';
import { emptySuite } from '../outcome/suite-state.ts';
import { type Ending, stopAskedAtMs, verdict } from '../outcome/verdict.ts';
import { isOverdueReason, stopAllowanceMs } from '../run/deadline.ts';
import { placeOf } from '../run/dealt.ts';
import type { RunPlan } from '../run/plan.ts';
import { type Run, takeOfShard } from '../run/run.ts';
import type { ShardResult, ShardStopped } from '../run/shard.ts';
import { tagFilter } from '../run/tag-expression.ts';
import { type DealOfShard, readDealOf } from './deal-of-run.ts';
import { errorText } from './log.ts';
import { messagesOf } from './message-chunks.ts';
import { readResult } from './run-store.ts';
import type { World } from './world.ts';

/** What one shard came to, as far as it alone can tell. */
export interface JudgedShard {
  readonly shard: number;
  readonly outcome: Outcome;
  readonly again: readonly AgainScenario[];
  readonly results: readonly ScenarioResult[];
  /** The places (`placeOf`) of the scenarios that its messages speak of. */
  readonly heard: ReadonlySet<string>;
  readonly firstMs: number | undefined;
  readonly firstScenarioMs: number | undefined;
  readonly lastMs: number | undefined;
  readonly result: ShardResult | undefined;
  readonly deal: DealOfShard | undefined;
}

/**
 * What a shard came to: a function of the messages its container left, of what the container said last, and of the reason the task
 * stopped; never of the exit code alone.
 */
export async function judgeShard(
  { plan, run, stopped: { stop, shard, why } }: { plan: RunPlan; run: Run; stopped: ShardStopped },
  world: World,
): Promise<JudgedShard> {
  const of = { shard, take: takeOfShard(run, shard) };
  const [result, deal] = await Promise.all([readResult(world.store, plan, of), readDealOf(plan, of, world)]);
  const state = emptySuite();
  const reader = messageReader((envelope) => observe(state, envelope), {
    want: 'judging',
    quick: (...line) => observeLine(state, ...line),
  });
  let chunks = 0;
  for await (const bytes of messagesOf(world.store, plan, of)) {
    reader.feed(bytes);
    chunks += 1;
  }
  reader.end();
  const stuckFromMs = run.phase.kind === 'started' ? Date.parse(run.phase.deadlineAt) + stopAllowanceMs : Number.POSITIVE_INFINITY;
  // Of a task that has stopped ECS says when, however late we hear of it.
  const isGivenUp = stop.stoppedAt === undefined && world.nowMs() >= stuckFromMs;
  const quarantine = plan.suite.quarantine === undefined ? undefined : tagFilter(plan.suite.quarantine);
  const ending: Ending = {
    suite: suiteSoFar(state, quarantine),
    isComplete: result !== undefined && chunks >= result.chunks,
    hasStarted: stop.startedAt !== undefined,
    result,
    stop: why ?? explainStop(stop),
    cancel: run.cancel,
    limitMs: plan.suite.limitMs,
    scenarioLimitMs: plan.suite.scenarioLimitMs,
    timedOut: isOverdueReason(stop.stoppedReason) || isGivenUp,
  };
  const judged = verdict(ending);
  const outcome = result === undefined && why === undefined ? await withLastLines(judged, plan, stop.taskArn, world) : judged;
  const again = scenariosToRunAgain(state, outcome);
  const heard = new Set([...state.testCases.values()].map(({ name }) => placeOf(name)));
  const results = scenarioResults(state, { quarantine, untilMs: stopAskedAtMs(ending) });
  const { firstMs, firstScenarioMs, lastMs } = state;
  return { shard, outcome, again, heard, results, firstMs, firstScenarioMs, lastMs, result, deal };
}

/** An end that only AWS has explained gets the last lines of the task's log: what it knows best is often there. */
async function withLastLines(outcome: Outcome, { environment }: RunPlan, taskArn: string, { taskLog, log }: World): Promise<Outcome> {
  if (outcome.kind !== 'unfinished' && outcome.kind !== 'not-started') return outcome;
  try {
    const lastLines = await taskLog.lastLines(environment, taskArn);
    return lastLines.length === 0 ? outcome : { ...outcome, stop: { ...outcome.stop, lastLines } };
  } catch (error) {
    log('warn', 'log not read', { taskArn, because: errorText(error) });
    return outcome;
  }
}
