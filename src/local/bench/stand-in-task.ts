import { gzipSync } from 'node:zlib';
import { S3Client } from '@aws-sdk/client-s3';
import { progressWriter } from '../../../container/progress-writer.ts';
import { readSettings } from '../../../container/settings.ts';
import { s3Store } from '../../aws/store.ts';
import { noCounts } from '../../outcome/counts.ts';
import { observe } from '../../outcome/judge.ts';
import { messageReader } from '../../outcome/messages.ts';
import { emptySuite } from '../../outcome/suite-state.ts';
import type { Dealt } from '../../run/dealt.ts';
import { runKeys, shardKeys } from '../../run/keys.ts';
import type { ShardResult } from '../../run/shard.ts';
import { parsePlan } from '../../run/stored.ts';
import { passedScenarios } from './passed-scenarios.ts';

// What a task is to everybody else, without cucumber and a browser, of which this machine could not stand seventy: it reads its plan, says
// how it goes as often as the container does, and leaves the deal, the messages and the result of scenarios that have all passed.

/** Of a run of several shards, and of one that has one. */
const [many, few] = [10_000, 20];
/** So long a task takes. */
const lastsMs = 90_000;

const { bucket, environment, task } = readSettings(process.env);
if (task.kind !== 'planned') throw new Error('the stand-in only does what it was asked for');
const { runId, shard } = task;
const store = s3Store(new S3Client({}), bucket);
const plan = (await store.get(runKeys(environment, runId).plan, parsePlan))?.value;
if (plan === undefined) throw new Error(`there is no plan of ${runId}`);
const shards = plan.tasks.length;
const keys = shardKeys(environment, runId, shard);
const all = Array.from({ length: shards > 1 ? many : few }, (_, index) => index);
const mine = all.filter((index) => index % shards === shard - 1);

const startedAtMs = Date.now();
const at = (ms: number) => new Date(ms).toISOString();
const writer = progressWriter({
  read: () => {
    const passed = Math.min(mine.length, Math.floor((mine.length * (Date.now() - startedAtMs)) / lastsMs));
    const counts = { ...noCounts, total: mine.length, passed, unknown: mine.length - passed };
    return { step: 'running', counts, now: [`scenario ${passed + 1}`], ...(shards > 1 && { dealt: all.length }) };
  },
  everyMs: plan.suite.progressEveryMs,
  put: (state) => store.put(keys.progress, JSON.stringify({ version: 1, runId, shard, at: at(Date.now()), ...state }), 'application/json'),
  onFailure: (error) => console.error(error),
});
await new Promise((resolve) => setTimeout(resolve, lastsMs));
await writer.finish();
if (shards > 1) await store.put(keys.deal, gzipSync(JSON.stringify(theDeal())), 'application/gzip');
await store.put(keys.chunk(1), gzipSync(passedScenarios(mine)), 'application/gzip');
const result: ShardResult = {
  ...{ version: 1, runId, shard, startedAt: at(startedAtMs), endedAt: at(Date.now()) },
  ...{ how: 'ended', exitCode: 0, chunks: 1, versions: { node: process.version } },
};
await store.create(keys.result, result);

/** Who has which scenario, as every shard finds it. */
function theDeal(): Dealt {
  const state = emptySuite();
  const reader = messageReader((envelope) => observe(state, envelope));
  reader.feed(passedScenarios(all));
  reader.end();
  const scenarios = [...state.testCases.values()].map(({ name: { id = '', uri, line, scenario } }, index) => ({
    ...{ id, uri, line, scenario },
    shard: (index % shards) + 1,
  }));
  return { version: 1, shards, scenarios, missing: [] };
}
