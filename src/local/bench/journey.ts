import { messagesOf } from '../../app/message-chunks.ts';
import { readResult, readRun } from '../../app/run-store.ts';
import { readMessages } from '../../outcome/messages.ts';
import type { Outcome } from '../../outcome/outcome.ts';
import { runKeys } from '../../run/keys.ts';
import { parseRunId, type RunId } from '../../run/run-id.ts';
import { nothingSaid } from '../../run/said.ts';
import type { ShardResult } from '../../run/shard.ts';
import { parseSaid } from '../../run/stored.ts';
import type { LocalWorld } from '../world.ts';
import { type RunnerUse, watchRunner } from './runner-use.ts';

/** A run by `/run-tests`, in parts that follow one another. Wall clock, in milliseconds. */
export interface Journey {
  /** All of it: from the command in Slack to the message that Slack has confirmed as the run's end. */
  readonly ms: number;
  /** From the command until the runner has started: the door, the queue, the worker, ECS, Node. */
  readonly untilContainerMs: number;
  /** Until cucumber's run begins: the plan, the pre-flight, cucumber's own start. */
  readonly preparingMs: number;
  /** From the start of the runner's process until the first step or hook of a scenario begins. */
  readonly toFirstStepMs: number;
  /** Cucumber's run, by its messages. */
  readonly scenariosMs: number;
  /** Until the runner has written its result: cucumber's own end, the last messages. */
  readonly finishingMs: number;
  /** Until Slack has confirmed the last message: ECS, the judge, the report. */
  readonly afterContainerMs: number;
  readonly runner: RunnerUse;
  readonly passed: number;
  readonly versions: ShardResult['versions'];
}

const environment = 'local';
/** Other words each time: the same within ten seconds would join the run before. */
const command = (time: number): string => `/run-tests ${environment} tags="not @nothing-${time}" retry=0`;
const asker = { userId: 'U0ADA', channelId: 'C0UITESTS' };

/** Gives the command in the local world's Slack, and follows the run to its last message. @throws when it does not pass */
export async function runJourney(world: LocalWorld): Promise<Journey> {
  const known = new Set(world.slack.messages(asker.channelId).map(({ ts }) => ts));
  const askedAtMs = Date.now();
  const said = await world.slack.command({ ...asker, text: command(known.size) });
  if (said.message !== undefined) throw new Error(`the command was refused: ${said.message.text}`);
  const runId = await next(world, () => {
    const mine = world.slack.messages(asker.channelId).find(({ ts, metadata }) => !known.has(ts) && metadata !== undefined);
    return parseRunId(String(mine?.metadata?.event_payload.run_id));
  });
  const watch = watchRunner(runId);
  const outcome = await next(world, () => shownEnd(world, runId)).finally(watch.stop);
  const toldAtMs = Date.now();
  const result = await readResult(world.store, { environment, runId }, { shard: 1, take: 1 });
  if (outcome.kind !== 'passed' || result === undefined) throw new Error(`/run-tests ended as ${JSON.stringify(outcome).slice(0, 1_000)}`);
  await world.lambda.settled();
  const [startedAtMs, endedAtMs] = [Date.parse(result.startedAt), Date.parse(result.endedAt)];
  const { begunAtMs, firstStepAtMs, overAtMs } = await cucumbersRun(world, runId);
  const runner = watch.stop();
  return {
    ms: toldAtMs - askedAtMs,
    untilContainerMs: startedAtMs - askedAtMs,
    preparingMs: begunAtMs - startedAtMs,
    toFirstStepMs: firstStepAtMs - runner.startedAtMs,
    scenariosMs: overAtMs - begunAtMs,
    finishingMs: endedAtMs - overAtMs,
    afterContainerMs: toldAtMs - endedAtMs,
    runner,
    passed: outcome.counts.passed,
    versions: result.versions,
  };
}

/** When cucumber's run and its first step began, and when it was over, by its own messages. */
async function cucumbersRun({ store }: LocalWorld, runId: RunId) {
  const at = { begunAtMs: Number.NaN, firstStepAtMs: Number.NaN, overAtMs: Number.NaN };
  const messages = messagesOf(store, { environment, runId }, { shard: 1, take: 1 });
  for await (const { testRunStarted, testStepStarted, testRunFinished } of readMessages(messages, { want: 'judging' })) {
    if (testRunStarted !== undefined) at.begunAtMs = millis(testRunStarted.timestamp);
    if (testStepStarted !== undefined && Number.isNaN(at.firstStepAtMs)) at.firstStepAtMs = millis(testStepStarted.timestamp);
    if (testRunFinished !== undefined) at.overAtMs = millis(testRunFinished.timestamp);
  }
  return at;
}

const millis = ({ seconds, nanos }: { readonly seconds: number; readonly nanos: number }): number =>
  seconds * 1_000 + Math.round(nanos / 1e6);

/** The run's outcome, once Slack has confirmed the message that tells it. */
async function shownEnd({ store }: LocalWorld, runId: RunId): Promise<Outcome | undefined> {
  const run = await readRun(store, { environment, runId });
  if (run?.phase.kind !== 'finished') return undefined;
  const said = (await store.get(runKeys(environment, runId).said, parseSaid))?.value ?? nothingSaid;
  return said.confirmed?.revision === run.revision ? run.phase.outcome : undefined;
}

/** Looks again whenever something has happened in the world. */
async function next<T>(world: LocalWorld, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const changed = world.nextChange();
    const found = await look();
    if (found !== undefined) return found;
    await changed;
  }
}
