import { expect, it } from 'vitest';
import { masking } from '../../src/app/mask.ts';
import type { JournalEntry } from '../../src/local/wire/journal.ts';
import { entryLine } from '../../src/local/workbench/entry-line.ts';

const line = (entry: Omit<JournalEntry, 'at'>) => entryLine({ n: 1, entry: { at: 0, ...entry } }, masking([]));

it.each([
  [{ source: 'slack', name: 'command /run-tests' }, 'slack to app', 'command /run-tests'],
  [{ source: 'slack', name: 'chat.update' }, 'app to slack', 'chat.update'],
  [{ source: 'gateway', name: 'POST /slack/events' }, 'slack to app', 'API: POST /slack/events'],
  [{ source: 'gateway', name: 'GET /reports/a?s=b' }, 'link', 'API: GET /reports/a?s=•••'],
  [{ source: 'events', name: 'PutEvents' }, 'aws call', 'EventBridge: PutEvents'],
  [{ source: 'events', name: 'Run Requested' }, 'event', 'EventBridge: Run Requested'],
  [{ source: 'ecs', name: 'RunTask' }, 'aws call', 'ECS: RunTask'],
  [{ source: 'lambda', name: 'invoke worker' }, 'function', 'invoke worker'],
] as const)('%j goes the way of "%s"', (entry, way, title) => expect(line(entry)).toMatchObject({ way, title }));

it.each([
  ['a refusal of Slack', { source: 'slack', name: 'chat.update', response: { ok: false, error: 'invalid_blocks' } }, 'invalid_blocks'],
  ['a function that failed', { source: 'lambda', name: 'invoke sweep', response: { kind: 'failed', error: { errorMessage: 'no' } } }, 'no'],
  ['an app that was too slow', { source: 'slack', name: 'command /x', response: { kind: 'timed-out' } }, 'timed-out'],
  ['an HTTP status', { source: 's3', name: 'GetObject', request: { key: 'a.json' }, status: 404 }, 'a.json'],
] as const)('shows %s as bad', (_, entry, detail) => expect(line(entry)).toMatchObject({ isBad: true, detail }));

it('says which rules an event has matched', () => {
  const response = { bus: 'default', rules: ['a', 'b'] };
  expect(line({ source: 'events', name: 'Object Created', response })).toMatchObject({ detail: 'matched by a, b', isBad: false });
});

it('finds the runs that are spoken of, in keys, in JSON within JSON, and of tasks that nobody asked for', () => {
  const request = { key: 'state/local/runs/local-20261123-0612-7rvnze/run.json', body: '{"runId":"local-task-0123456789ab"}' };
  expect(line({ source: 's3', name: 'PutObject', request }).runs).toEqual(['local-20261123-0612-7rvnze', 'local-task-0123456789ab']);
});
