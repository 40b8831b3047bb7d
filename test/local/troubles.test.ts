import { expect, it } from 'vitest';
import type { EventEnvelope } from '../../src/local/events/event-bridge.ts';
import { troubleOffers } from '../../src/local/workbench/trouble-offers.ts';
import { newTroubles } from '../../src/local/workbench/troubles.ts';

const event = (detailType: string): EventEnvelope => ({
  version: '0',
  id: '1',
  'detail-type': detailType,
  source: 'a',
  account: '000000000000',
  time: '2026-11-23T00:00:00Z',
  region: 'eu-central-1',
  resources: [],
  detail: {},
});

it('strikes the next thing it fits and nothing else, and then is gone', () => {
  const troubles = newTroubles(() => 7);
  troubles.arm('duplicate-event', 'request');
  expect(troubles.disturbEvents(event('Object Created'))).toBe('deliver');
  expect(troubles.disturbEvents(event('Run Requested'))).toEqual({ duplicate: 2 });
  expect(troubles.disturbEvents(event('Run Requested'))).toBe('deliver');
  expect(troubles.armed()).toEqual([]);
  expect(troubles.struck()).toEqual([{ at: 7, kind: 'duplicate-event', what: 'Run Requested' }]);
});

it('drops both events of an end when asked to', () => {
  const troubles = newTroubles();
  troubles.arm('drop-event', 'stopped twice');
  const ends = ['one', 'two', 'three'].map(() => troubles.disturbEvents(event('ECS Task State Change')));
  expect(ends).toEqual(['drop', 'drop', 'deliver']);
});

it('throttles so many calls, whatever they are', () => {
  const troubles = newTroubles();
  troubles.arm('throttle-slack', '3');
  const calls = ['chat.update', 'chat.postMessage', 'auth.test', 'chat.update'].map((method) => troubles.disturbSlack(method, {}));
  const busy = { kind: 'http', status: 429, retryAfterS: 2 };
  expect(calls).toEqual([busy, busy, busy, undefined]);
});

it('keeps the token expired until it is taken back', () => {
  const troubles = newTroubles();
  troubles.arm('expire-token', 'until restored');
  for (const _ of [1, 2, 3]) expect(troubles.disturbSlack('chat.update', {})).toEqual({ kind: 'error', error: 'invalid_auth' });
  const [armed] = troubles.armed();
  troubles.takeBack(armed?.id ?? -1);
  expect(troubles.disturbSlack('chat.update', {})).toBeUndefined();
});

it('loses the answer to the method that was meant', () => {
  const troubles = newTroubles();
  troubles.arm('lose-answer', 'chat.update');
  expect(troubles.disturbSlack('chat.postMessage', {})).toBeUndefined();
  expect(troubles.disturbSlack('chat.update', {})).toEqual({ kind: 'lost' });
});

it('lets RunTask alone fail for lack of capacity', () => {
  const troubles = newTroubles();
  troubles.arm('no-capacity', '1');
  expect(troubles.disturbEcs({ operation: 'DescribeTasks', input: {} })).toBeUndefined();
  expect(troubles.disturbEcs({ operation: 'RunTask', input: {} })).toMatchObject({ kind: 'failures' });
  expect(troubles.disturbEcs({ operation: 'RunTask', input: {} })).toBeUndefined();
});

it('tells whoever listens, until they do not', () => {
  const troubles = newTroubles();
  let heard = 0;
  const end = troubles.onChange(() => {
    heard += 1;
  });
  troubles.arm('no-capacity', '1');
  end();
  troubles.arm('no-capacity', '1');
  expect(heard).toBe(1);
});

it.each(troubleOffers.map(({ kind, choices }) => [kind, choices] as const))('says what to expect of every choice of %s', (_, choices) => {
  for (const { expect: expected } of choices) expect(expected).toMatch(/[.”]$/);
  expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
});
