import { randomUUID } from 'node:crypto';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Store } from '../src/aws/store.ts';
import type { SuitePlan } from '../src/run/plan.ts';
import type { ShardResult } from '../src/run/shard.ts';
import { unlessAborted, whenAborted } from './abort.ts';
import type { DealOrder } from './dealer.ts';
import { type Halting, haltingOn } from './halt.ts';
import { lastMoments } from './last-moments.ts';
import { type Log, logTo, said } from './log.ts';
import { type Mask, maskOf, minSecretLength } from './mask.ts';
import { type Assignment, readAssignment, readDeal } from './plan.ts';
import { type Prepared, prepare } from './pre-flight.ts';
import { type Course, resultOf } from './result.ts';
import type { Settings } from './settings.ts';
import { type ShardRecord, shardRecord } from './shard-record.ts';
import { textsToHide } from './suite-environment.ts';
import { runSuite } from './suite-run.ts';

export interface RunShard {
  readonly settings: Settings;
  readonly store: Store;
  readonly ssm: SSMClient;
  /** The container's environment variables, of which the suite gets its share. */
  readonly base: Readonly<Record<string, string | undefined>>;
  /** Writes to the container's log, and settles when more may be written. What it gets is free of secrets. */
  readonly print: (text: string) => Promise<void>;
  /** Aborted when the container was asked to stop. */
  readonly stop: AbortSignal;
  readonly limits?: Partial<Limits>;
}

/** How long the runner waits, in milliseconds. */
export interface Limits {
  /** For the plan: 30 seconds. */
  readonly planMs: number;
  /** For cucumber's process to end after its run is over: 10 seconds. */
  readonly graceMs: number;
  /** For what is left to be written at the end: 2 minutes. */
  readonly writeMs: number;
  /** The same after SIGTERM: 15 seconds. Our tasks have 120 before ECS kills them, others 30. */
  readonly writeAfterStopMs: number;
}

/** What a container came to. With `lost`, not everything could be written, and it says what. */
export interface ShardEnd {
  readonly how: ShardResult['how'];
  readonly lost?: string;
}

const defaultLimits: Limits = { planMs: 30_000, graceMs: 10_000, writeMs: 120_000, writeAfterStopMs: 15_000 };

/** The suite ends its steps so much later than the limit is: what fails by that is late by cucumber's clock, too. */
const afterLimitMs = 200;

/** One shard on its way. */
interface Shard {
  readonly world: RunShard;
  readonly limits: Limits;
  readonly assignment: Assignment;
  readonly startedAtMs: number;
  /** Words for the mark on its processes that no other has. */
  readonly mark: string;
  readonly halting: Halting;
  readonly record: ShardRecord;
  readonly log: Log;
  /** Hides nothing until the secrets are known. */
  readonly secrecy: { mask: Mask };
}

/** What happened, and what was found before it: nothing if it did not come to that. */
interface Journey {
  readonly course: Course;
  readonly prepared?: Prepared;
  readonly browserVersion?: string | undefined;
}

/**
 * Runs one shard of a run, from its plan to its `result.json`. Whatever the suite does: its messages up to then are in
 * the bucket, and no process of it is left.
 *
 * @throws when it cannot find out which run it is, so that there is nowhere to write to
 */
export async function runShard(world: RunShard): Promise<ShardEnd> {
  const startedAtMs = Date.now();
  const { settings, store } = world;
  const limits = { ...defaultLimits, ...world.limits };
  const assignment = await readAssignment(settings.task, settings.environment, store);
  const { runId, shard, take } = assignment;
  const secrecy = { mask: maskOf([]) };
  const log = logTo((line) => void world.print(secrecy.mask.text(line)), { runId, shard });
  const halting = haltingOn(world.stop);
  const giveUp = new AbortController();
  const giveUpIn = (limitMs: number) => setTimeout(() => giveUp.abort(new Error('there was no more time for it')), limitMs).unref();
  whenAborted(world.stop, () => giveUpIn(limits.writeAfterStopMs));
  const record = shardRecord({ environment: settings.environment, runId, shard, take, store, log, giveUp: giveUp.signal });
  const mark = `${runId}/${shard}/${randomUUID()}`;
  const self: Shard = { world, limits, assignment, startedAtMs, mark, halting, record, log, secrecy };
  log('info', 'shard started');
  const journey = await travel(self);
  halting.cancel();
  giveUpIn(limits.writeMs);
  return conclude(self, journey);
}

/** From the plan to the end of the suite. What goes wrong on the way is part of what it gives. */
async function travel(shard: Shard): Promise<Journey> {
  const { halting, log } = shard;
  try {
    const { suite: plan, deal } = await unlessAborted(readOrders(shard), halting.signal);
    const prepared = await prepareFor(plan, shard);
    try {
      return { prepared, ...(await runPrepared({ plan, deal, prepared }, shard)) };
    } finally {
      await prepared.discard();
    }
  } catch (error) {
    if (halting.halt() !== undefined) return { course: { kind: 'halted', errorOutput: '' } };
    const because = whyNot(error);
    log('error', 'suite not run', { because });
    return { course: { kind: 'not-run', because } };
  }
}

/** Why the suite was not run, in words where the system's own are none. */
function whyNot(error: unknown): string {
  const isFull = error instanceof Error && 'code' in error && ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(String(error.code));
  if (!isFull) return said(error);
  return `The task's disk is full before the suite has begun: ${said(error)}.\nGive the task definition more ephemeral storage, or make the image smaller.`;
}

/** What is to be run, and which part of it. */
async function readOrders({ world, limits, assignment, halting, record, startedAtMs }: Shard) {
  const inTime = AbortSignal.timeout(limits.planMs);
  const giveUp = AbortSignal.any([halting.signal, inTime]);
  try {
    const plan = await assignment.plan(giveUp);
    halting.limit(startedAtMs, plan.suite.limitMs);
    record.begin(plan.suite);
    return { suite: plan.suite, deal: await readDeal(plan, assignment.shard, world.store, giveUp) };
  } catch (error) {
    if (error !== inTime.reason) throw error;
    const what = `S3 gave no answer within ${limits.planMs / 1_000} s when it was asked for the plan of ${assignment.runId}`;
    throw new Error(`${what}; look whether the task's subnets have a way to S3`, { cause: error });
  }
}

async function prepareFor(plan: SuitePlan, { world, mark, halting, secrecy, log }: Shard): Promise<Prepared> {
  const { settings, ssm, base } = world;
  // The password in an address is hidden before anything is said about the address.
  secrecy.mask = maskOf(textsToHide({}, plan.url));
  const prepared = await prepare({ plan, settings, ssm, base, mark, signal: halting.signal });
  secrecy.mask = maskOf(textsToHide(prepared.secrets, plan.url));
  const open = Object.entries(prepared.secrets).filter(([, value]) => value.length < minSecretLength);
  if (open.length > 0)
    log('warn', 'secrets not hidden', {
      names: open.map(([name]) => name),
      because: `they are shorter than ${minSecretLength} characters`,
    });
  return prepared;
}

async function runPrepared(
  { plan, deal, prepared }: { plan: SuitePlan; deal: DealOrder | undefined; prepared: Prepared },
  { world, limits, mark, startedAtMs, halting, record, secrecy, log }: Shard,
): Promise<Journey> {
  const { settings, base, print } = world;
  const { mask } = secrecy;
  const { commit, dependencies } = prepared.source;
  if (commit !== undefined) log('info', 'suite fetched', { ref: plan.ref, commit, dependencies });
  let browserVersion: string | undefined;
  const mayBegin = async () => {
    browserVersion = await prepared.passed;
    log('info', 'suite started', { cucumber: prepared.suite.version, tags: plan.tags, features: plan.features });
    record.setStep('running');
  };
  const { kill, caughtUp } = lastMoments({ halting, record, scenarioMs: plan.scenarioLimitMs });
  try {
    const end = await runSuite({
      ...{ plan, deal, prepared, chromePath: settings.chromePath, base, mark, mask, print, graceMs: limits.graceMs },
      mayBegin,
      take: (line) => record.take(line, mask),
      takeDeal: record.takeDeal,
      tick: record.tick,
      caughtUp,
      limits: { scenarioMs: plan.scenarioLimitMs, runEndsAtMs: startedAtMs + plan.limitMs + afterLimitMs },
      halt: kill,
    });
    log('info', 'suite ended', { ...end, errorOutput: undefined });
    return { course: end, browserVersion };
  } catch (error) {
    if (!record.suite().hasMessages) throw error;
    // Not the suite's doing: the disk, the bucket, or a mistake of ours. What was run stays; it cannot be called passed.
    log('error', 'suite lost', { because: said(error) });
    return { course: { kind: 'ended', errorOutput: said(error) }, browserVersion };
  }
}

/** Writes what is left, the result last of all. */
async function conclude(
  { assignment, startedAtMs, halting, record, log, secrecy }: Shard,
  { course, prepared, browserVersion }: Journey,
): Promise<ShardEnd> {
  record.setStep('finishing');
  const written = await record.finish();
  const result = resultOf({
    runId: assignment.runId,
    shard: assignment.shard,
    startedAtMs,
    endedAtMs: Date.now(),
    course,
    halt: halting.halt(),
    suite: record.suite(),
    finishedAtMs: record.finishedAtMs(),
    ...written,
    versions: versionsOf(prepared, browserVersion),
  });
  const { error, ...rest } = result;
  const { how } = result;
  try {
    await record.conclude({ ...rest, ...(error !== undefined && { error: secrecy.mask.text(error) }) });
  } catch (failure) {
    log('error', 'result not written', { because: said(failure), next: "look at the task role's permissions and at S3" });
    return { how, lost: [written.lost, said(failure)].filter((part) => part !== undefined).join('; ') };
  }
  log('info', 'shard ended', { ...rest });
  return { how, ...(written.lost !== undefined && { lost: written.lost }) };
}

function versionsOf(prepared: Prepared | undefined, browserVersion: string | undefined): ShardResult['versions'] {
  return {
    ...(prepared && { cucumber: prepared.suite.version }),
    node: process.version,
    ...(browserVersion !== undefined && { browser: browserVersion }),
    ...(prepared?.source.commit !== undefined && { suite: prepared.source.commit }),
  };
}
