import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { taskStopped } from '../../src/app/finish-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { progressMade } from '../../src/app/progress-made.ts';
import { readRun } from '../../src/app/run-store.ts';
import { startRun } from '../../src/app/start-run.ts';
import { sweep } from '../../src/app/sweep.ts';
import type { World } from '../../src/app/world.ts';
import { parseTaskStopped } from '../../src/aws/task-event.ts';
import type { S3Disturbance } from '../../src/local/s3/s3.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import { outcomeWord } from '../../src/message/words.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import type { Environment } from '../../src/run/catalogue.ts';
import { environmentKeys, runKeys, shardKeys } from '../../src/run/keys.ts';
import { taskFamily } from '../../src/run/plan.ts';
import type { RunRequest, RunWish } from '../../src/run/request.ts';
import type { Run } from '../../src/run/run.ts';
import { adoptedRunId, parseRunId, type RunId, taskIdOf } from '../../src/run/run-id.ts';
import { type Chance, chanceOf } from '../simulation/chance.ts';
import { type Edges, requestOf } from './edges.ts';
import { nothingMessages, passedMessages, passedScenarios } from './messages.ts';
import { type Death, type Late, mortal } from './mortal.ts';

/** A request in the queue: it is handed out until somebody has taken it, and sometimes afterwards. */
interface Queued<T> {
  readonly request: T;
  isTaken: boolean;
  readonly came: string[];
}

const minute = 60_000;

/**
 * One hostile history of one environment: what happens to it by chance, and then, when the world is well again, what must
 * be true of it. `trace` tells what happened.
 */
export async function history(edges: Edges, environment: Environment, seed: number) {
  const { below, happens, someOf }: Chance = chanceOf(seed);
  const trace: string[] = [];
  const requests: Queued<RunRequest>[] = [];
  const cancels: Queued<RunWish>[] = [];
  const late: Late[] = [];
  /** Runs, and with a slash the shard, whose container has left a complete and successful result. */
  const succeeded = new Set<string>();
  const deleted = new Set<string>();
  /** Whom a response_url has answered. */
  const answered = new Set<string>();
  const inbox = await serve(({ url }) => {
    answered.add(url.pathname);
    return { status: 200, body: 'ok' };
  });
  const logged: string[] = [];
  const world: World = {
    ...edges.world,
    catalogue: new Map([[environment.name, environment]]),
    log: (...line) => void logged.push(JSON.stringify(line)),
  };
  const family = taskFamily(world.fargate, environment.name);
  let isHealed = false;

  const tasks = () => edges.ecs.tasks().filter((task) => task.family === family);
  const running = () => tasks().filter(({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING');
  const runOf = (task: ReturnType<typeof tasks>[number]): RunId =>
    parseRunId(task.overrides.containerOverrides[0]?.environment?.find(({ name }) => name === 'COLDFRAME_RUN')?.value ?? '') ??
    adoptedRunId(environment.name, task.arn);

  const shardOf = (task: ReturnType<typeof tasks>[number]): number =>
    Number(task.overrides.containerOverrides[0]?.environment?.find(({ name }) => name === 'COLDFRAME_SHARD')?.value ?? 1);

  /** Waits until ECS has done what it was asked: chance shall be ours, not the process scheduler's. */
  const ecsIsQuiet = () =>
    expect
      .poll(() => tasks().every(({ lastStatus, desiredStatus }) => lastStatus === desiredStatus), { interval: 5, timeout: 10_000 })
      .toBe(true);

  /** The world of the next invocation, and what is to befall it. */
  function nextLife(what: string): World {
    if (isHealed) return world;
    const death: Death | undefined = happens(0.4) ? { call: 1 + below(24), isDone: happens(0.5) } : undefined;
    const skewMs = (below(5) - 2) * 10_000;
    const lateCall = happens(0.1) ? below(3) : -1;
    let nth = 0;
    trace.push(
      `${what}${death ? ` dies ${death.isDone ? 'after' : 'before'} call ${death.call}` : ''}${lateCall >= 0 ? ` late ${lateCall}` : ''}`,
    );
    const isLate = () => nth++ === lateCall;
    return mortal(world, { death, skewMs, late, isLate });
  }

  /** Breaks one of the next calls. */
  function breakSomething(): void {
    const skip = below(12);
    let seen = 0;
    const isNow = () => seen++ === skip;
    const kind = below(9);
    trace.push(`fault ${kind} at ${skip}`);
    const s3 = (what: S3Disturbance) => {
      edges.faults.s3 = (method) => (method === 'PUT' && isNow() ? what : undefined);
    };
    const slack = (what: NonNullable<ReturnType<NonNullable<typeof edges.faults.slack>>>) => {
      edges.faults.slack = (method) => (method.startsWith('chat.') && seen++ === below(3) ? what : undefined);
    };
    const ecs = (what: NonNullable<ReturnType<NonNullable<typeof edges.faults.ecs>>>, operation?: string) => {
      let isOver = false;
      edges.faults.ecs = (call) => {
        if (isOver || (operation !== undefined && call.operation !== operation)) return undefined;
        isOver = true;
        return what;
      };
    };
    if (kind === 0) s3(409);
    if (kind === 1) s3(500);
    if (kind === 2) s3('lost-answer');
    if (kind === 3) slack({ kind: 'http', status: 429, retryAfterS: 30 });
    if (kind === 4) slack({ kind: 'lost' });
    if (kind === 5) slack({ kind: 'http', status: 500 });
    if (kind === 6) ecs({ kind: 'refused', type: 'ServerException', message: 'Service Unavailable', status: 500 });
    if (kind === 7) ecs({ kind: 'lost-answer' }, someOf(['RunTask', 'StopTask']));
    if (kind === 8)
      ecs(
        someOf([
          { kind: 'failures', failures: [{ reason: 'Capacity is unavailable at this time.' }] } as const,
          { kind: 'fails-to-start', stoppedReason: 'CannotPullContainerError: not found' } as const,
        ]) ?? { kind: 'missing' },
        'RunTask',
      );
  }
  const mend = () => {
    edges.faults.s3 = undefined;
    edges.faults.slack = undefined;
    edges.faults.ecs = undefined;
  };

  /** Lets something happen that may fail: whoever called it calls it again, or the sweeper comes. */
  async function attempt(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      trace.push(`  failed: ${error instanceof Error ? error.message.slice(0, 120) : String(error)}`);
      return false;
    }
  }

  async function deliver(queued: Queued<RunRequest>): Promise<void> {
    const life = nextLife(`deliver ${requests.indexOf(queued)}`);
    const isTaken = await attempt(async () => {
      const started = await startRun(queued.request, life);
      queued.came.push(started.kind === 'refused' ? 'refused' : started.runId);
      if (started.kind !== 'run') expect(answered.has(`/${requests.indexOf(queued)}`), `${queued.request.key} was answered`).toBe(true);
    });
    queued.isTaken ||= isTaken;
  }

  async function deliverCancel(queued: Queued<RunWish>): Promise<void> {
    const life = nextLife(`cancel ${queued.request.runId}`);
    const isTaken = await attempt(() => cancelRun(queued.request, life));
    queued.isTaken ||= isTaken;
  }

  async function allRuns(): Promise<readonly Run[]> {
    const ids = new Set<RunId>();
    for await (const key of world.store.list(environmentKeys(environment.name).runs)) {
      const id = parseRunId(key.split('/')[3] ?? '');
      if (id !== undefined && key.endsWith('/run.json')) ids.add(id);
    }
    const runs = await Promise.all([...ids].map((runId) => readRun(world.store, { environment: environment.name, runId })));
    return runs.filter((run) => run !== undefined);
  }

  const operations: Readonly<Record<string, () => Promise<void>>> = {
    ask: async () => {
      if (requests.length >= 4) return;
      const isAgain = requests.length > 0 && happens(0.2);
      const askedAt = new Date(world.nowMs()).toISOString();
      const key = `command:${environment.name}-${seed}-${requests.length}`;
      const text = isAgain ? (requests.at(-1)?.request.text ?? '') : `/run-tests ${environment.name} ${requests.length}`;
      const responseUrl = `${inbox.url}/${requests.length}`;
      const queued = {
        request: requestOf({ key, askedAt, text, responseUrl, command: { environment: environment.name, features: [] } }),
        isTaken: false,
        came: [],
      };
      requests.push(queued);
      await deliver(queued);
    },
    deliver: async () => {
      const queued = someOf(requests);
      if (queued !== undefined) await deliver(queued);
    },
    'deliver twice at once': async () => {
      const queued = someOf(requests);
      if (queued !== undefined) await Promise.all([deliver(queued), deliver(queued)]);
    },
    cancel: async () => {
      const run = someOf(await allRuns());
      if (run === undefined) return;
      const asker = { kind: 'slack', userId: 'U0GRACE' } as const;
      const askedAt = new Date(world.nowMs()).toISOString();
      const queued = {
        request: { version: 1, runId: run.id, environment: environment.name, askedAt, asker } as const,
        isTaken: false,
        came: [],
      };
      cancels.push(queued);
      const another = happens(0.3) ? someOf(requests) : undefined;
      await Promise.all([deliverCancel(queued), another && deliver(another)]);
    },
    'start by hand': async () => {
      if (tasks().some(({ startedBy }) => startedBy === 'hand')) return;
      const { cluster, subnets, securityGroups } = world.fargate;
      trace.push('a task is started by hand');
      await attempt(() =>
        world.tasks.run({
          shard: 1,
          runTask: {
            cluster,
            taskDefinition: family,
            clientToken: `${environment.name}-hand`,
            startedBy: 'hand',
            count: 1,
            launchType: 'FARGATE',
            platformVersion: '1.4.0',
            networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: 'ENABLED' } },
            overrides: { containerOverrides: [{ name: 'suite', environment: [] }] },
          },
        }),
      );
    },
    'end a container': async () => {
      const task = someOf(running());
      if (task === undefined) return;
      const runId = runOf(task);
      const isSuccess = happens(0.6);
      trace.push(`container ${shardOf(task)} of ${runId} ends ${isSuccess ? 'well' : 'badly'}`);
      if (isSuccess) await leavePassed(runId, shardOf(task));
      await kill(task.arn);
    },
    'report a stop': async () => {
      const stopped = someOf(
        edges.events
          .map(parseTaskStopped)
          .flatMap((parsed) => (parsed.kind === 'stopped' && parsed.task.family === family ? [parsed.task] : [])),
      );
      if (stopped === undefined) return;
      const once = async () => void (await attempt(() => taskStopped(stopped, nextLife(`stop of ${taskIdOf(stopped.taskArn)}`))));
      await Promise.all(happens(0.3) ? [once(), once()] : [once()]);
    },
    progress: async () => {
      const task = someOf(tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING'));
      if (task === undefined) return;
      const runId = runOf(task);
      const shard = shardOf(task);
      const { progress } = shardKeys(environment.name, runId, shard);
      const at = new Date(world.nowMs()).toISOString();
      await world.store.put(
        progress,
        JSON.stringify({ version: 1, runId, shard, at, step: 'running', counts: noCounts, now: [] }),
        'application/json',
      );
      await attempt(() => progressMade(progress, nextLife(`progress of ${runId}`)));
    },
    sweep: async () => void (await attempt(() => sweep(nextLife('sweep')))),
    'sweep beside a delivery': async () => {
      const queued = someOf(requests);
      await Promise.all([operations.sweep?.(), queued && deliver(queued), operations['report a stop']?.()]);
    },
    'delete a message': async () => {
      if (!happens(0.3)) return;
      const message = someOf(parents());
      if (message === undefined) return;
      mend();
      trace.push(`somebody deletes the message of ${subjectOf(message)}`);
      deleted.add(subjectOf(message));
      await world.say.remove(message.channel, message.ts);
    },
    'let time pass': async () => {
      // What Slack owes lands before a minute has passed.
      await landLate();
      const durationMs = someOf([10_000, minute, 3 * minute, 6 * minute]) ?? 0;
      trace.push(`${durationMs / 1000} s pass`);
      edges.pass(durationMs);
    },
    'land late': landLate,
  };

  async function landLate(): Promise<void> {
    for (const call of late.splice(0)) {
      trace.push('something lands late');
      await attempt(call);
    }
  }

  async function kill(taskArn: string): Promise<void> {
    edges.ecs.kill(taskArn, 'sigkill');
    await expect.poll(() => tasks().find(({ arn }) => arn === taskArn)?.lastStatus, { interval: 5, timeout: 10_000 }).toBe('STOPPED');
  }

  /** The first shard has the one scenario there is; the others have nothing to do. */
  async function leavePassed(runId: RunId, shard: number): Promise<void> {
    const keys = shardKeys(environment.name, runId, shard);
    const at = new Date(world.nowMs()).toISOString();
    const versions = { node: 'v24' };
    await edges.world.store.put(keys.chunk(1), gzipSync(shard === 1 ? passedMessages : nothingMessages), 'application/gzip');
    const dealt = { version: 1, shards: environment.shards, scenarios: passedScenarios.map((one) => ({ ...one, shard: 1 })), missing: [] };
    await edges.world.store.put(keys.deal, gzipSync(JSON.stringify(dealt)), 'application/gzip');
    const result = { version: 1, runId, shard, startedAt: at, endedAt: at, how: 'ended', exitCode: 0, chunks: 1, versions };
    await edges.world.store.put(keys.result, JSON.stringify(result), 'application/json');
    succeeded.add(`${runId}/${shard}`);
  }

  const subjectOf = (message: ReturnType<Edges['parents']>[number]): string => String(message.metadata?.event_payload.run_id);
  const ours = (message: ReturnType<Edges['parents']>[number]) => subjectOf(message).startsWith(`${environment.name}-`);
  const parents = () => edges.parents().filter(ours);
  const replies = () => edges.replies().filter(ours);

  /** Lets the world be well again, and gives it the time that it is promised to need. */
  async function heal(): Promise<void> {
    mend();
    isHealed = true;
    await landLate();
    for (let round = 0; round < 24; round += 1) {
      for (const queued of requests.filter(({ isTaken }) => !isTaken)) await deliver(queued);
      for (const queued of cancels.filter(({ isTaken }) => !isTaken)) await deliverCancel(queued);
      await attempt(() => sweep(world));
      await ecsIsQuiet();
      // Some containers come to their end, others are on until their time is over.
      for (const task of running()) if (happens(0.3)) await kill(task.arn);
      edges.pass(6 * minute);
      const { active, queue, settling } = await readLedger(world.store, environment.name);
      const isWaiting = [...requests, ...cancels].some(({ isTaken }) => !isTaken);
      const isOn = tasks().some(({ desiredStatus }) => desiredStatus === 'RUNNING');
      if (active.length + queue.length + settling.length === 0 && !isWaiting && !isOn) return;
    }
  }

  async function check(): Promise<void> {
    const runs = await allRuns();
    const known = new Set<string>(runs.map((run) => run.id));
    for (const { request, isTaken, came } of requests) {
      expect(isTaken, `${request.key} was taken`).toBe(true);
      const led = new Set(came);
      expect(led.size, `${request.key} led to one thing: ${came.join(', ')}`).toBe(1);
      for (const id of led) expect(id === 'refused' || known.has(id), `${request.key} led to a run: ${id}`).toBe(true);
    }
    const ledger = await readLedger(world.store, environment.name);
    expect({ active: ledger.active, queue: ledger.queue, settling: ledger.settling }).toEqual({ active: [], queue: [], settling: [] });
    expect(
      tasks().filter(({ lastStatus }) => lastStatus !== 'STOPPED'),
      'no task is on',
    ).toEqual([]);
    expect(new Set(tasks().map((task) => `${runOf(task)}/${shardOf(task)}`)).size, 'each shard has one task').toBe(tasks().length);
    for (const task of tasks()) expect(known.has(runOf(task)), `the task of ${runOf(task)} has a run`).toBe(true);
    for (const run of runs) await checkRun(run);
    await checkSecrets();
  }

  /** No more tasks are on than may be; one that somebody started by hand, or that is being stopped, takes nobody's place. */
  async function checkLimit(): Promise<void> {
    const runs = await allRuns();
    const on = running().filter((task) =>
      runs.some(({ id, phase, cancel }) => id === runOf(task) && phase.kind !== 'finished' && cancel === undefined),
    );
    expect(on.filter(({ startedBy }) => startedBy !== 'hand').length, 'tasks at once').toBeLessThanOrEqual(environment.tasksAtOnce);
  }

  /** What is written down tells nobody how to speak in our name. */
  async function checkSecrets(): Promise<void> {
    const written = [...logged];
    for await (const key of world.store.list('')) written.push(Buffer.from((await world.store.getBytes(key)) ?? []).toString());
    for (const secret of [inbox.url, 'xoxb-test', world.linkKey.secret])
      expect(
        written.filter((text) => text.includes(secret)),
        `nothing tells ${secret}`,
      ).toEqual([]);
  }

  async function checkRun(run: Run): Promise<void> {
    if (run.phase.kind !== 'finished') throw new Error(`${run.id} is ${run.phase.kind}`);
    const { outcome } = run.phase;
    const shards = run.id.includes('-task-') ? 1 : Number(environment.shards);
    const isWell = Array.from({ length: shards }, (_, index) => succeeded.has(`${run.id}/${index + 1}`)).every(Boolean);
    if (outcome.kind === 'passed') expect(isWell, `${run.id} is called passed`).toBe(true);
    const said = parents().filter((message) => subjectOf(message) === run.id);
    const replied = replies().filter((message) => subjectOf(message) === run.id);
    const isMissed = deleted.has(run.id) && said.length === 0;
    if (!isMissed) {
      expect(said.length, `${run.id} has one message`).toBe(1);
      expect(said[0]?.text, `${run.id} says its end`).toContain(`${environment.name} ${outcomeWord(outcome).word}`);
    }
    // Of what nobody in Slack has asked for there is one only with what failed.
    const isToldTwice = !run.id.includes('-task-');
    if (!deleted.has(run.id) && isToldTwice) expect(replied.length, `${run.id} has its reply`).toBe(1);
    else expect(replied.length, `${run.id} has at most one reply`).toBeLessThanOrEqual(1);
    const history = await world.store.getBytes(runKeys(environment.name, run.id).history);
    expect(history, `${run.id} is in the history`).toBeDefined();
  }

  /** Lets it all happen. @throws with the seed and what happened, when a promise was broken */
  async function live(steps: number): Promise<void> {
    try {
      const names = Object.keys(operations);
      await operations.ask?.();
      for (let step = 0; step < steps; step += 1) {
        if (happens(0.3)) breakSomething();
        await operations[someOf(names) ?? 'sweep']?.();
        if (happens(0.5)) mend();
        await ecsIsQuiet();
        await checkLimit();
      }
      await heal();
      await check();
    } catch (error) {
      mend();
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n${trace.join('\n')}`, { cause: error });
    } finally {
      await inbox.stop();
    }
  }

  return { live };
}
