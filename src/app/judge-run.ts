import { observe } from '../outcome/judge.ts';
import { messageReader } from '../outcome/messages.ts';
import type { Outcome } from '../outcome/outcome.ts';
import { explainStop } from '../outcome/stop.ts';
import { suiteSoFar } from '../outcome/suite-so-far.ts';
import { emptySuite } from '../outcome/suite-state.ts';
import { verdict } from '../outcome/verdict.ts';
import { isOverdueReason, stopAllowanceMs } from '../run/deadline.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import type { ShardStopped } from '../run/shard.ts';
import { errorText } from './log.ts';
import { messagesOf } from './message-chunks.ts';
import { readResult } from './run-store.ts';
import type { World } from './world.ts';

/**
 * What a run came to: a function of the messages its container left, of what the container said last, and of the reason
 * the task stopped; never of the exit code alone.
 */
export async function judgeRun(
  { plan, run, stops }: { plan: RunPlan; run: Run; stops: readonly ShardStopped[] },
  world: World,
): Promise<Outcome> {
  const [stopped] = stops;
  if (stopped === undefined || stops.length > 1) throw new Error(`run ${run.id} has ${stops.length} shards; one can be judged`);
  const { stop, shard } = stopped;
  const result = await readResult(world.store, plan, shard);
  const state = emptySuite();
  const reader = messageReader((envelope) => observe(state, envelope), { want: 'judging' });
  let chunks = 0;
  for await (const bytes of messagesOf(world.store, plan, shard)) {
    reader.feed(bytes);
    chunks += 1;
  }
  reader.end();
  const stuckFromMs = run.phase.kind === 'started' ? Date.parse(run.phase.deadlineAt) + stopAllowanceMs : Number.POSITIVE_INFINITY;
  // Of a task that has stopped ECS says when, however late we hear of it.
  const isGivenUp = stop.stoppedAt === undefined && world.nowMs() >= stuckFromMs;
  const outcome = verdict({
    suite: suiteSoFar(state),
    isComplete: result !== undefined && chunks >= result.chunks,
    hasStarted: stop.startedAt !== undefined,
    result,
    stop: explainStop(stop),
    cancel: run.cancel,
    limitMs: plan.suite.limitMs,
    scenarioLimitMs: plan.suite.scenarioLimitMs,
    timedOut: isOverdueReason(stop.stoppedReason) || isGivenUp,
  });
  return result === undefined ? await withLastLines(outcome, plan, stop.taskArn, world) : outcome;
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
