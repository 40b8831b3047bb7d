/** Chance that is the same for the same seed (mulberry32). */
export function chanceOf(seed: number) {
  let state = seed;
  /** From 0 to 1, without 1. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return {
    next,
    /** A whole number from 0 to `count` - 1. */
    below,
    between: (least: number, most: number): number => least + next() * (most - least),
    happens: (probability: number): boolean => next() < probability,
    oneOf: <T>(things: readonly [T, ...T[]]): T => things[below(things.length)] ?? things[0],
    someOf: <T>(things: readonly T[]): T | undefined => things[below(things.length)],
    hex: (length: number): string => {
      let text = '';
      while (text.length < length)
        text += below(2 ** 24)
          .toString(16)
          .padStart(6, '0');
      return text.slice(0, length);
    },
  };
}

export type Chance = ReturnType<typeof chanceOf>;
