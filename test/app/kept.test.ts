import { describe, expect, it } from 'vitest';
import { kept } from '../../handlers/kept.ts';

const minute = 60_000;

describe('what a function keeps', () => {
  it('is made once, and anew after five minutes: a token that was changed is used', async () => {
    let now = 0;
    let token = 'old';
    const get = kept(
      async () => ({ token }),
      () => now,
    );
    expect((await get()).token).toBe('old');
    token = 'new';
    now = 5 * minute;
    expect((await get()).token).toBe('old');
    now += 1;
    expect((await get()).token).toBe('new');
  });

  it('is no failure: the next event tries again', async () => {
    let isDown = true;
    const get = kept(async () => {
      if (isDown) throw new Error('SSM is down');
      return 'made';
    });
    await expect(get()).rejects.toThrow('SSM is down');
    isDown = false;
    expect(await get()).toBe('made');
  });

  it('serves on while it cannot be made anew', async () => {
    let now = 0;
    let calls = 0;
    const get = kept(
      async () => {
        calls += 1;
        if (calls > 1) throw new Error('SSM is down');
        return 'made';
      },
      () => now,
    );
    await get();
    now = 6 * minute;
    expect([await get(), await get()]).toEqual(['made', 'made']);
    expect(calls).toBe(2);
  });
});

it('who asks while it is being made gets the same', async () => {
  let calls = 0;
  const made = Promise.withResolvers<string>();
  const get = kept(() => {
    calls += 1;
    return made.promise;
  });
  const both = [get(), get()];
  made.resolve('made');
  expect([await Promise.all(both), calls]).toEqual([['made', 'made'], 1]);
});
