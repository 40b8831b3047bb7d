import { gzipSync } from 'node:zlib';
import type { Store } from '../src/aws/store.ts';
import { observe } from '../src/outcome/judge.ts';
import type { Suite } from '../src/outcome/suite.ts';
import { type Quarantine, suiteSoFar } from '../src/outcome/suite-so-far.ts';
import { emptySuite } from '../src/outcome/suite-state.ts';
import type { Dealt } from '../src/run/dealt.ts';
import { shardKeys } from '../src/run/keys.ts';
import type { SuitePlan } from '../src/run/plan.ts';
import type { Progress, ShardResult } from '../src/run/shard.ts';
import { tagFilter } from '../src/run/tag-expression.ts';
import { unlessAborted } from './abort.ts';
import { type Log, said } from './log.ts';
import type { Mask } from './mask.ts';
import { messageChunks } from './message-chunks.ts';
import { readMessage } from './message-line.ts';
import { persist } from './persist.ts';
import { type ProgressState, type ProgressWriter, progressWriter } from './progress-writer.ts';

/** What a shard writes about itself into the bucket. */
export interface ShardRecord {
  /** Begins with `progress.json`, in which what fails in quarantine is counted as such. */
  begin(plan: Pick<SuitePlan, 'progressEveryMs' | 'quarantine'>): void;
  /** Where the shard stands now. */
  setStep(step: Progress['step']): void;
  /** Takes a line of cucumber's messages; answers whether cucumber has finished its run. */
  take(line: string, mask: Mask): Promise<boolean>;
  /** Takes the whole deal that this shard's share is part of, as JSON. */
  takeDeal(json: Uint8Array): Promise<void>;
  /** To be called often while messages may come. */
  tick(): void;
  /** What the messages have said so far. */
  suite(): Suite;
  /** Since when the scenario is on that is on for the longest time, milliseconds since 1970; undefined when none is. */
  openSinceMs(): number | undefined;
  /** When the last thing happened that the messages tell of. */
  lastMs(): number | undefined;
  /** When cucumber finished its run, milliseconds since 1970 by its own clock. */
  finishedAtMs(): number | undefined;
  /** Writes what is left of messages and progress, and gives what could not be written. */
  finish(): Promise<{ readonly chunks: number; readonly lost?: string }>;
  /** Writes `result.json`. @throws when it cannot be written, or is there and not ours */
  conclude(result: ShardResult): Promise<void>;
}

/** After everything else was given up, the result still gets this long. */
const resultLimitMs = 4_000;

/** What we show of a scenario's name while it is on. */
const maxNameLength = 200;
const maxNames = 50;

/** @param giveUp aborted when there is no more time for writing */
export function shardRecord(input: {
  environment: string;
  runId: string;
  shard: number;
  /** Which container of the shard it is (`shardKeys`). */
  take: number;
  store: Store;
  log: Log;
  giveUp: AbortSignal;
}): ShardRecord {
  const { runId, shard, store, log, giveUp } = input;
  const keys = shardKeys(input.environment, runId, shard, input.take);
  const state = emptySuite();
  let step: Progress['step'] = 'preparing';
  let finishedAtMs: number | undefined;
  let dealt: number | undefined;
  let quarantine: Quarantine | undefined;
  let progress: ProgressWriter | undefined;

  const put = (key: string, bytes: Uint8Array, contentType: string) =>
    persist(
      () => store.put(key, bytes, contentType),
      giveUp,
      (error) => log('warn', 'write failed', { key, error: said(error), next: 'it is tried again' }),
    );
  const chunks = messageChunks({
    putChunk: (number, gzipped) => put(keys.chunk(number), gzipped, 'application/gzip'),
    putFile: ({ name, bytes, contentType }) => put(keys.attachment(name), bytes, contentType),
  });

  /** What people see; asking the whole state is too much for each message. */
  function progressNow(): ProgressState {
    const { counts, now } = suiteSoFar(state, quarantine);
    return { step, counts, ...(dealt !== undefined && { dealt }), now: now.slice(0, maxNames).map((name) => name.slice(0, maxNameLength)) };
  }

  async function take(line: string, mask: Mask): Promise<boolean> {
    const message = readMessage(line, mask);
    if (message === undefined) {
      log('warn', 'line dropped', { because: 'it is in the file of messages and is none', length: line.length });
      return false;
    }
    await chunks.add(message.line, message.file);
    observe(state, message.envelope);
    const isOver = message.envelope.testRunFinished !== undefined;
    if (isOver) finishedAtMs = state.lastMs;
    return isOver;
  }

  async function finish(): Promise<{ chunks: number; lost?: string }> {
    const lost = await chunks.finish().then(
      () => undefined,
      (error: unknown) => said(error),
    );
    if (progress !== undefined) await unlessAborted(progress.finish(), giveUp).catch(noteProgress);
    return { chunks: chunks.written(), ...(lost !== undefined && { lost }) };
  }

  async function conclude(result: ShardResult): Promise<void> {
    const until = giveUp.aborted ? AbortSignal.timeout(resultLimitMs) : giveUp;
    const note = (error: unknown) => log('warn', 'write failed', { key: keys.result, error: said(error), next: 'it is tried again' });
    const isOurs = await persist(() => store.create(keys.result, result), until, note);
    if (!isOurs) throw new Error(`${keys.result} is there already: another container has ended as this shard`);
  }

  const noteProgress = (error: unknown) => log('warn', 'progress not written', { key: keys.progress, error: said(error) });

  return {
    begin: ({ progressEveryMs, quarantine: tags }) => {
      if (tags !== undefined) quarantine = tagFilter(tags);
      progress = progressWriter({
        read: progressNow,
        everyMs: progressEveryMs,
        put: (now) => store.put(keys.progress, progressJson({ runId, shard }, now), 'application/json'),
        onFailure: noteProgress,
      });
    },
    setStep: (next) => {
      step = next;
      if (next === 'running') progress?.hurry();
    },
    take,
    takeDeal: async (json) => {
      dealt = (JSON.parse(Buffer.from(json).toString('utf8')) as Dealt).scenarios.length;
      await put(keys.deal, gzipSync(json), 'application/gzip');
    },
    tick: chunks.closeIfDue,
    suite: () => suiteSoFar(state),
    openSinceMs: () => {
      const since = Math.min(...[...state.open.values()].map((attempt) => attempt.startedAtMs));
      return Number.isFinite(since) ? since : undefined;
    },
    lastMs: () => state.lastMs,
    finishedAtMs: () => finishedAtMs,
    finish,
    conclude,
  };
}

function progressJson(whose: Pick<Progress, 'runId' | 'shard'>, state: ProgressState): string {
  const progress: Progress = { version: 1, ...whose, at: new Date().toISOString(), ...state };
  return JSON.stringify(progress);
}
