import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mutants } from './mutants.ts';

// A process of its own: it replaces what comes from the system's chance, and a source or two. More of it: npm run simulate -- --help
const simulate = (...args: readonly string[]) => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['test/simulation/main.ts', ...args], { encoding: 'utf8' });
  return { said: `${stdout}${stderr}`, status };
};

describe('hostile histories', { timeout: 120_000 }, () => {
  it('keep every promise, whatever dies, comes twice, late or not at all', () => {
    const { said, status } = simulate('--seeds', '200');
    expect(said).toMatch(/\n200 passed, 0 failed\n$/);
    expect(status).toBe(0);
  });

  it('are the same for the same seed, to the last event', () => {
    const [one, other] = [simulate('--trace', '7'), simulate('--trace', '7')];
    expect(one.said).toContain('every promise was kept');
    expect(one.said.split('\n').length).toBeGreaterThan(20);
    expect(other).toEqual(one);
  });

  it.each(Object.entries(mutants))('would notice that there is %s: its words stand once in their source', (_, { file, words }) => {
    expect(readFileSync(file, 'utf8').split(words)).toHaveLength(2);
  });

  // All of them: npm run simulate -- --mutants
  it.each([
    ['no compare-and-swap', 1, /^seed \d+: promise/],
    ['no sweeper that ends what is overdue', 1, /^seed \d+: promise/],
    // It broke first in the 86th history; to live the others each time shows nothing more.
    ['no end in another channel when one is lost', 80, /^seed \d+: promise 3/],
  ])('notice that there is %s', (name, from, broken) => {
    expect(simulate('--mutant', name, '--from', String(from), '--seeds', '300')).toEqual({
      said: expect.stringMatching(broken),
      status: 1,
    });
  });
});
