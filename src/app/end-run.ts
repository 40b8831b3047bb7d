import { withOwners } from '../hearing/with-owners.ts';
import type { RunToRemember } from '../outcome/history.ts';
import type { Outcome } from '../outcome/outcome.ts';
import type { EndedRun } from '../report/run-facts.ts';
import type { Again } from '../run/again.ts';
import { mostDied } from '../run/judging.ts';
import { runKeys } from '../run/keys.ts';
import type { RunPlan } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import type { ShardStopped } from '../run/shard.ts';
import { rememberRun } from './history-store.ts';
import { isJudgedElsewhere, judgeAlone } from './judge-alone.ts';
import { type Judgement, judgeRun } from './judge-run.ts';
import { keepLatest } from './latest-run.ts';
import { linkGeneration } from './link-store.ts';
import { errorText } from './log.ts';
import { remembering } from './message-chunks.ts';
import { changeStoredRun, type RunRef, readPlan, readRun, readStopped, takesOf } from './run-store.ts';
import type { World } from './world.ts';
import { type WrittenReport, writeReport } from './write-report.ts';

/** A run whose tasks have all stopped. */
interface StoppedRun {
  readonly plan: RunPlan;
  readonly run: Run;
  readonly stops: readonly ShardStopped[];
}

/** What came of looking whether a run is to end. */
export interface Ended {
  /** Absent: it had ended before, or could not be made. */
  readonly report?: WrittenReport | undefined;
  /** Of the tasks by whose stop it ended just now. */
  readonly stops: readonly ShardStopped[];
}

/** Ends the run if all its tasks have stopped; undefined while one is still on, or somebody else is at it. Harmless at any time. */
export async function endIfStopped(ref: RunRef, world: World): Promise<Ended | undefined> {
  const plan = await readPlan(world.store, ref);
  const run = await readRun(world.store, ref);
  if (plan === undefined || run === undefined) throw new Error(`there is no run ${ref.runId} to end`);
  if (run.phase.kind === 'finished') return { stops: [] };
  const stops = await stopsOf(plan, run, world);
  const ended = stops && (await endRun({ plan, run, stops }, ref, world));
  return ended && { ...ended, stops: stops ?? [] };
}

/** Fewer stops than these cost less to read than to find out whether anybody needs them. */
const few = 4;

/**
 * What is known of every shard's stop, or undefined while one is still on, or somebody judges already. Of forty shards each stop would
 * otherwise read those of all forty: one is looked at first, then two, then four, until one is found that is on; and when they stop
 * together, until the first who has read all is at it.
 */
async function stopsOf(plan: RunPlan, run: Run, world: World): Promise<readonly ShardStopped[] | undefined> {
  const takes = takesOf(plan, run);
  const stops: ShardStopped[] = [];
  while (stops.length < takes.length) {
    const next = takes.slice(stops.length, 2 * stops.length + 1);
    if (next.length >= few && (await isJudgedElsewhere(plan, world))) return undefined;
    const read = await Promise.all(next.map((of) => readStopped(world.store, plan, of)));
    if (!read.every((stop) => stop !== undefined)) return undefined;
    stops.push(...read);
  }
  return stops;
}

/**
 * Judges a run, makes its report, and says that it has ended; undefined when somebody else is at it, who then sees it through: ECS
 * says twice that a task has stopped, and several shards may stop at once.
 */
const endRun = (stopped: StoppedRun, ref: RunRef, world: World): Promise<{ readonly report: WrittenReport | undefined } | undefined> =>
  // What is read to judge is read again for the report.
  judgeAlone(ref, world, (died) => end({ ...stopped, died }, ref, { ...world, store: remembering(world.store) }));

async function end(
  stopped: StoppedRun & { readonly died: number },
  ref: RunRef,
  world: World,
): Promise<{ readonly report: WrittenReport | undefined }> {
  const { plan, run } = stopped;
  const judgement = await judgeRun(stopped, world);
  const { again, unheard, results } = judgement;
  const outcome = withOwners(judgement.outcome, results, world.catalogue.get(ref.environment)?.owners);
  const at = new Date(world.nowMs()).toISOString();
  const commit = judgement.commit === undefined ? {} : { commit: judgement.commit };
  const started = run.phase.kind === 'started' && { startedAt: run.phase.at };
  const generation = await linkGeneration(ref.environment, world.store);
  const links = generation === 0 ? {} : { links: generation };
  const found = await rememberRun(ref.environment, { ...runToRemember(stopped, judgement, at), ...links }, world);
  const comparison = found === undefined ? {} : { comparison: found };
  const ending = { plan, takes: takesOf(plan, run), endedAt: at, unheard, ...started, ...commit, ...comparison, ...links };
  const report = stopped.died < mostDied ? await tryReport(ending, outcome, world) : leftOut(ref, stopped.died, world);
  const hasReport = report !== undefined;
  if (again.length > 0) await keepAgain(ref, { version: 1, scenarios: again }, world);
  const rerun = judgement.rerun === undefined ? {} : { rerun: judgement.rerun };
  const ended = { kind: 'finished', at, outcome, hasReport, again: again.length, ...rerun, ...commit, ...comparison, ...links } as const;
  await changeStoredRun(world.store, ref, ended);
  if (hasReport)
    await tryAfter(ref, 'newest run not kept', world, () => keepLatest(world.store, ref.environment, { runId: ref.runId, endedAt: at }));
  world.log('info', 'run ended', { runId: ref.runId, outcome: outcome.kind });
  return { report };
}

/** The run as the environment's history has it. What it was run from is known by the commit, or by the image of its tasks. */
function runToRemember({ plan, stops }: StoppedRun, { outcome, results, commit, startMs }: Judgement, at: string): RunToRemember {
  const { ref, tags, features } = plan.suite;
  const images = new Set(stops.map(({ stop }) => stop.image));
  const [code] = ref === undefined && images.size === 1 ? images : [commit];
  return {
    ...{ id: plan.runId, at, tags, features, kind: outcome.kind, scenarios: results },
    ...(code !== undefined && { code }),
    ...(ref !== undefined && { ref }),
    ...(plan.rerun !== undefined && { again: plan.rerun.of }),
    ...(plan.asker.kind === 'slack' && { by: plan.asker.userId }),
    ...('counts' in outcome && { counts: outcome.counts }),
    // Of a task that somebody started by hand nobody knows when it was asked for.
    ...(startMs !== undefined && plan.tasks.length > 0 && { startMs }),
    ...('durationMs' in outcome && { durationMs: outcome.durationMs }),
  };
}

const keepAgain = ({ environment, runId }: RunRef, again: Again, { store }: World): Promise<void> =>
  store.put(runKeys(environment, runId).again, JSON.stringify(again), 'application/json');

const keptMessages = 'the messages are kept: docs/operations.md says how to make a report of them on your machine';

/** Whoever made it has died, and would again: an end without a report is better than none. */
function leftOut({ runId }: RunRef, died: number, { log }: World): undefined {
  log('error', 'report left out', {
    runId,
    because: `${died} calls have died over this run, most likely of memory or time`,
    next: keptMessages,
  });
}

/** A report that cannot be made is no reason to keep an end from anybody. */
async function tryReport(ended: EndedRun, outcome: Outcome, world: World): Promise<WrittenReport | undefined> {
  try {
    return await writeReport(ended, outcome, world);
  } catch (error) {
    world.log('error', 'report not made', {
      runId: ended.plan.runId,
      because: errorText(error),
      next: keptMessages,
    });
    return undefined;
  }
}

/** What a run's end does not hang on. */
export async function tryAfter({ runId }: RunRef, failed: string, { log }: World, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log('error', failed, { runId, because: errorText(error), next: 'the run has ended and is told; its messages are kept in the bucket' });
  }
}
