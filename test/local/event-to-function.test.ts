import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startEventBridge } from '../../src/local/events/event-bridge.ts';
import { startLambda } from '../../src/local/lambda/lambda.ts';
import { startEventSources } from '../../src/local/sqs/event-source.ts';
import { startSqs } from '../../src/local/sqs/sqs.ts';
import type { Stack } from '../../src/local/stack/stack.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { fixtures, lambdaFunction } from './lambda-world.ts';

const retry = { maxAgeS: 60, maxAttempts: 2 };

/** As the stack of serverless.yml, in small: a bus that fills a queue that feeds a function, and a schedule that invokes another. */
const stack = (handler: string): Stack => ({
  functions: [
    lambdaFunction(handler, { name: 'worker', timeoutS: 20, queues: [{ queueName: 'requests', batchSize: 1, reportsItemFailures: true }] }),
    lambdaFunction('echo.handler', { name: 'sweep', functionName: 'coldframe-local-sweep' }),
  ],
  rules: [
    {
      name: 'requests',
      bus: 'coldframe-local',
      when: { kind: 'pattern', pattern: { source: ['coldframe.door'], 'detail-type': ['Run Requested'] } },
      targets: [{ kind: 'queue', queueName: 'requests', retry }],
    },
    { name: 'sweep', bus: 'default', when: { kind: 'every', periodMs: 300_000 }, targets: [{ kind: 'function', name: 'sweep', retry }] },
  ],
  roles: [],
  queues: [
    { queueName: 'requests', visibilityTimeoutS: 120, redrive: { queueName: 'requests-dlq', maxReceiveCount: 3 } },
    { queueName: 'requests-dlq', visibilityTimeoutS: 30 },
  ],
});

async function world(handler: string) {
  const entries: JournalEntry[] = [];
  const journal = (entry: JournalEntry) => entries.push(entry);
  const dir = mkdtempSync(join(tmpdir(), 'coldframe-events-'));
  const { functions, rules, queues } = stack(handler);
  const sqs = startSqs({ queues, dir, journal });
  const lambda = startLambda({ functions, root: fixtures, sendToQueue: sqs.sendMessage, appendLog: () => undefined, journal });
  const sources = startEventSources({ stack: { functions, queues }, sqs, invoke: lambda.invokeInTurn, journal });
  const bridge = await startEventBridge({ rules, invokeAsync: lambda.invokeAsync, sendMessage: sqs.sendMessage, journal });
  const client = new EventBridgeClient({
    region: 'eu-central-1',
    endpoint: bridge.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  onTestFinished(async () => {
    client.destroy();
    await bridge.stop();
    await Promise.all([sources.stop(), lambda.stop()]);
    rmSync(dir, { recursive: true });
  });
  const put = () =>
    client.send(
      new PutEventsCommand({
        Entries: [{ EventBusName: 'coldframe-local', Source: 'coldframe.door', DetailType: 'Run Requested', Detail: '{"key":"1"}' }],
      }),
    );
  const outcomeOf = async (name: string) => {
    await vi.waitUntil(() => entries.some((entry) => entry.name === name), { timeout: 20_000 });
    return entries.find((entry) => entry.name === name);
  };
  return { sqs, bridge, put, outcomeOf };
}

it('an event on the bus reaches the function by way of the queue, and leaves the queue empty', async () => {
  const { sqs, put, outcomeOf } = await world('echo.handler');
  await put();
  const { response } = (await outcomeOf('invoke worker')) ?? {};
  const [record] = Object(response).value.event.Records;
  expect(JSON.parse(record.body)).toMatchObject({ 'detail-type': 'Run Requested', detail: { key: '1' } });
  expect(await outcomeOf('requests → worker')).toMatchObject({ status: 200 });
  expect(sqs.peek('requests')).toEqual([]);
});

it('an event whose function fails stays in the queue', async () => {
  const { sqs, put, outcomeOf } = await world('broken.throws');
  await put();
  expect(await outcomeOf('requests → worker')).toMatchObject({ status: 500 });
  expect(sqs.attributes('requests')).toEqual({ visible: 0, inFlight: 1 });
});

it('a schedule invokes its function', async () => {
  const { bridge, outcomeOf } = await world('echo.handler');
  bridge.tick('sweep');
  const { response } = (await outcomeOf('invoke sweep')) ?? {};
  expect(response).toMatchObject({ kind: 'returned', value: { event: { source: 'aws.events', 'detail-type': 'Scheduled Event' } } });
});
