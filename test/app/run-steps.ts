import { gzipSync } from 'node:zlib';
import type { StoppedTask } from '../../src/app/finish-run.ts';
import { type RunRef, readRun } from '../../src/app/run-store.ts';
import { startRun } from '../../src/app/start-run.ts';
import type { Dealt } from '../../src/run/dealt.ts';
import { shardKeys } from '../../src/run/keys.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { type Edges, requestOf } from './edges.ts';
import { passedMessages } from './messages.ts';

/** Starts a run and gives its name. @throws when it was refused */
export async function start(edges: Edges, request: RunRequest = requestOf()): Promise<RunRef> {
  const started = await startRun(request, edges.world);
  if (started.kind === 'refused') throw new Error(started.because);
  return { environment: request.command.environment, runId: started.runId };
}

/** What a container leaves that has run these messages to their end. */
export async function leaveMessages(
  edges: Edges,
  { environment, runId }: RunRef,
  messages: Uint8Array,
  exitCode: number,
  shard = 1,
  take = 1,
): Promise<void> {
  const keys = shardKeys(environment, runId, shard, take);
  const at = new Date().toISOString();
  const versions = { node: 'v24' };
  await edges.world.store.put(keys.chunk(1), gzipSync(messages), 'application/gzip');
  await edges.world.store.create(keys.result, {
    version: 1,
    runId,
    shard,
    startedAt: at,
    endedAt: at,
    how: 'ended',
    exitCode,
    chunks: 1,
    versions,
  });
}

/** What a container leaves that has run one scenario, and passed. */
export const leavePassed = (edges: Edges, ref: RunRef): Promise<void> => leaveMessages(edges, ref, passedMessages, 0);

/** The deal as a shard's container leaves it. */
export async function leaveDeal(edges: Edges, { environment, runId }: RunRef, shard: number, dealt: Omit<Dealt, 'version'>): Promise<void> {
  const json = JSON.stringify({ version: 1, ...dealt });
  await edges.world.store.put(shardKeys(environment, runId, shard).deal, gzipSync(json), 'application/gzip');
}

/** The run's task as ECS would report its end. @throws while there is none */
export async function stoppedTask(edges: Edges, ref: RunRef, shard = 1): Promise<StoppedTask> {
  const run = await readRun(edges.world.store, ref);
  const taskArn = run?.phase.kind === 'queued' || run === undefined ? undefined : run.phase.tasks[shard - 1]?.taskArn;
  if (taskArn === undefined) throw new Error(`${ref.runId} has no task`);
  return endOf(ref, taskArn, shard);
}

/** A task as ECS would report its end. */
export function endOf(ref: RunRef, taskArn: string, shard = 1): StoppedTask {
  const at = new Date().toISOString();
  return {
    taskArn,
    family: `coldframe-local-${ref.environment}`,
    createdAt: at,
    run: ref.runId,
    shard,
    stop: {
      taskArn,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      exitCode: 0,
      image: 'sha256:one',
      startedAt: at,
      stoppedAt: at,
    },
  };
}

/** What the run came to, or its phase while it has come to nothing. */
export async function outcomeOf(edges: Edges, ref: RunRef): Promise<string | undefined> {
  const run = await readRun(edges.world.store, ref);
  return run?.phase.kind === 'finished' ? run.phase.outcome.kind : run?.phase.kind;
}
