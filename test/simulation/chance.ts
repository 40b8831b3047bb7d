import { chance } from '../../src/coldstart/chance.ts';

/** Chance that is the same for the same seed, in the forms that a history asks for. */
export function chanceOf(seed: number) {
  const next = chance(seed);
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
