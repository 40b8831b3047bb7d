import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { catalogueToJson } from '../../src/config.ts';
import { readColdframeFile } from '../../src/local/read-catalogue.ts';
import { ourStack } from '../our-stack.ts';

const [door, scheduler, other] = ['coldframe.door', 'coldframe.scheduler', 'coldframe.door.other'];
const asked = { version: 1, key: 'k', askedAt: '2026-11-27T09:00:00Z', userId: 'U0ADA', channel: 'C0UITESTS', text: 'coldframe-*' };
const digest = { ...asked, userId: '', occasion: { kind: 'digest' } };
const watch = { ...asked, userId: '', occasion: { kind: 'watch', from: 490_000, to: 490_001 } };
const due = { version: 1 };

let dir: string;
let handler: typeof import('../../handlers/worker.ts')['handler'];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'coldframe-worker-'));
  const { catalogue, coldStarts, ci } = await readColdframeFile();
  await writeFile(join(dir, 'coldframe.json'), catalogueToJson(catalogue, coldStarts, ci));
  const worker = ourStack().functions.find(({ name }) => name === 'worker');
  for (const [name, value] of Object.entries(worker?.environment ?? {})) vi.stubEnv(name, value);
  vi.stubEnv('COLDFRAME_CATALOGUE', join(dir, 'coldframe.json'));
  ({ handler } = await import('../../handlers/worker.ts'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** Gives the worker a request, and why it was not done. */
async function refusalOf(source: string, detailType: string, detail: unknown): Promise<string> {
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const body = JSON.stringify({ source, 'detail-type': detailType, detail });
  // The rest of what SQS says is not looked at.
  const event = { Records: [{ messageId: 'm', body }] } as unknown as SQSEvent;
  const answer = await handler(event).finally(() => write.mockRestore());
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm' }] });
  const failed = said.map((line): { event: string; because?: string } => JSON.parse(line)).find((line) => line.event === 'request failed');
  return failed?.because ?? '';
}

describe('the worker', () => {
  it.each([
    ['a digest that a person could have asked for', door, 'Cold Starts Requested', digest, `comes from ${scheduler}, not from ${door}`],
    ['a watch that a person could have asked for', door, 'Cold Starts Requested', watch, `comes from ${scheduler}, not from ${door}`],
    ['the time from anybody but the clock', door, 'Cold Starts Due', due, `comes from ${scheduler}, not from ${door}`],
    ['a person’s question from the clock', scheduler, 'Cold Starts Requested', asked, `comes from ${door}, not from ${scheduler}`],
    ['the end of a run from the clock', scheduler, 'Cancel Requested', {}, `comes from ${door}, not from ${scheduler}`],
    ['a run from elsewhere', other, 'Run Requested', {}, `comes from ${door} or ${scheduler}, not from ${other}`],
    ['a question from elsewhere', other, 'Cold Starts Requested', asked, `comes from ${door}, not from ${other}`],
    ['something that nobody knows', door, 'Run Started', {}, 'nobody here knows what to do about "Run Started"'],
  ])('does not do %s', async (_, source, detailType, detail, because) => {
    expect(await refusalOf(source, detailType, detail)).toContain(because);
  });

  it.each([
    [door, 'Run Requested'],
    [scheduler, 'Run Requested'],
    [door, 'Cancel Requested'],
    [door, 'Approval Given'],
    [door, 'Errand Requested'],
    [door, 'Form Wanted'],
    [door, 'Asked In Vain'],
    [scheduler, 'Cold Starts Due'],
  ])('takes what %s says of a %s for a request, and looks at its fields', async (source, detailType) => {
    expect(await refusalOf(source, detailType, { version: 'none' })).toMatch(/^Invalid (?:key|type)/);
  });
});
