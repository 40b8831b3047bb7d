import { afterEach, beforeEach, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { passedMessages } from './messages.ts';
import { leaveDeal, leaveMessages, outcomeOf, start, stoppedTask } from './run-steps.ts';

const shards = Array.from({ length: 8 }, (_, index) => index + 1);

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', tasksAtOnce: shards.length }) });
});
afterEach(async () => await edges.stop());

it('stops of eight shards that come while the first of them is judging read three of the others, and end nothing twice', async () => {
  const ref = await start(edges, requestOf({ command: { environment: 'local', features: [], shards: shards.length } }));
  const tasks = await Promise.all(shards.map((shard) => stoppedTask(edges, ref, shard)));
  for (const shard of shards) {
    await leaveDeal(edges, ref, shard, { shards: shards.length, scenarios: [], missing: [] });
    await leaveMessages(edges, ref, passedMessages, 0, shard);
  }
  let reads = 0;
  let others: Promise<unknown> | undefined;
  edges.faults.s3 = (method, key) => {
    if (method === 'GET' && key.endsWith('/stopped.json')) reads += 1;
    if (others !== undefined || !key.endsWith('.ndjson.gz')) return undefined;
    // The judge reads the first messages: only now do the others look.
    const before = reads;
    others = Promise.all(tasks.map((task) => taskStopped(task, edges.world))).then(() => reads - before);
    return undefined;
  };
  for (const task of tasks) await taskStopped(task, edges.world);
  expect(await others).toBe(3 * shards.length);
  expect(await outcomeOf(edges, ref)).not.toBe('started');
  expect(edges.parents()).toHaveLength(1);
});
