import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, it, onTestFinished } from 'vitest';
import { startS3 } from '../../src/local/s3/s3.ts';
import { handlerFor } from '../app/in-process.ts';
import { memoryObjects } from '../app/memory-objects.ts';
import { someOf } from '../every-row.ts';
import { aSlack, clientOf } from '../local/a-slack.ts';
import { chanceOf } from './chance.ts';
import { memorySlack, type SlackArguments } from './memory-slack.ts';
import { differentAnswers } from './same-answers.ts';
import { virtualTime } from './virtual-time.ts';

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

// Against moto, or AWS itself: npm run contract
it.each([
  ...someOf([1, 2, 3], 3).map((seed) => ({ seed, where: 'over the wire' })),
  // Which the workflows' tests use (test/app/edges.ts).
  { seed: 1, where: 'in this process' },
])('the S3 in memory answers as the one $where does (seed $seed)', async ({ seed, where }) => {
  const isHere = where === 'in this process';
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-s3-'));
  const s3 = await startS3({
    dir,
    buckets: ['bucket'],
    ...(isHere && { objectsOf: memoryObjects }),
    journal: () => {},
    onObjectCreated: () => {},
    credentials: [credentials],
  });
  onTestFinished(async () => {
    await s3.stop();
    await rm(dir, { recursive: true });
  });
  const client = new S3Client({
    region: 'eu-central-1',
    endpoint: s3.url,
    credentials,
    ...(isHere && { requestHandler: handlerFor(s3.answer) }),
  });
  expect(await differentAnswers(client, { bucket: 'bucket', prefix: '', seed, steps: 200 })).toEqual([]);
});

it.each(someOf([1, 2], 2))('the Slack in memory answers as the one over the wire does (seed %i)', async (seed) => {
  const chance = chanceOf(seed);
  const client = clientOf(await aSlack());
  const memory = memorySlack({ time: virtualTime(Date.now(), chance), trace: () => {} });
  /** Names of the same message, there and here. */
  const messages: { readonly wire: string; readonly memory: string }[] = [];
  const errorOf = (error: unknown) => ({ error: String(Object(Object(error).data).error) });
  const both = async (method: string, there: Record<string, unknown>, here: SlackArguments) => {
    const wire = await client.apiCall(method, there).catch(errorOf);
    let own: object;
    try {
      own = memory.answer(method, here);
    } catch (error) {
      own = errorOf(error);
    }
    return { wire: Object(wire), own: Object(own) };
  };
  const channel = 'C0UITESTS';
  for (let step = 0; step < 80; step += 1) {
    const one = chance.someOf(messages) ?? { wire: '1.000001', memory: '1.000001' };
    const what = chance.below(6);
    const text = `text ${step}`;
    const metadata = { event_type: 'coldframe_run', event_payload: { run_id: `run-${step}` } };
    if (what < 3) {
      const isReply = what === 2 && messages.length > 0;
      const { wire, own } = await both(
        'chat.postMessage',
        { channel, text, metadata, ...(isReply && { thread_ts: one.wire }) },
        { channel, text, metadata, ...(isReply && { thread_ts: one.memory }) },
      );
      expect([typeof wire.ts, wire.error]).toEqual([typeof own.ts, own.error]);
      if (!isReply && wire.ts !== undefined) messages.push({ wire: wire.ts, memory: own.ts });
    } else if (what === 3) {
      const { wire, own } = await both('chat.update', { channel, ts: one.wire, text }, { channel, ts: one.memory, text });
      expect(wire.error).toBe(own.error);
    } else if (what === 4 && chance.happens(0.3)) {
      const { wire, own } = await both('chat.delete', { channel, ts: one.wire }, { channel, ts: one.memory });
      expect(wire.error).toBe(own.error);
    } else {
      const { wire, own } = await both(
        'conversations.history',
        { channel, limit: 100, include_all_metadata: true },
        { channel, limit: 100 },
      );
      const texts = (answer: { readonly messages?: readonly { text: string; metadata?: unknown }[] }) =>
        answer.messages?.map((message) => [message.text, message.metadata]);
      expect(texts(wire)).toEqual(texts(own));
    }
  }
  expect(messages.length).toBeGreaterThan(10);
});
