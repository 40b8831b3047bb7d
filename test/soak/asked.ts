import type { OutcomeKind } from '../../src/outcome/outcome.ts';
import { environments } from './soak-world.ts';

/** A kind of run that people ask for, and what it comes to when nothing happens to it. */
export interface Wanted {
  readonly name: string;
  readonly tags: string;
  readonly comesTo: OutcomeKind;
  /** Scenarios that come to their last step then. */
  readonly scenarios: number;
  readonly isShort?: true;
}

const well: Wanted = { name: 'well', tags: '@well', comesTo: 'passed', scenarios: 4 };
/** With a real browser. */
const browser: Wanted = { name: 'browser', tags: '@browser', comesTo: 'passed', scenarios: 2 };
const waits: Wanted = { name: 'waits', tags: '@well or @waits', comesTo: 'timed-out', scenarios: 4, isShort: true };
const wanted: readonly (readonly [share: number, Wanted])[] = [
  [0.5, well],
  [0.12, { name: 'flaky', tags: '@well or @flaky', comesTo: 'passed', scenarios: 5 }],
  [0.22, { name: 'fails', tags: '@well or @fails', comesTo: 'failed', scenarios: 4 }],
  [0.06, { name: 'nothing', tags: '@nothing', comesTo: 'empty', scenarios: 0 }],
  [0.1, waits],
];

/** What a person, or the world, does to one run beside the weather. */
export type Act = 'nothing' | 'cancel' | 'sigkill' | 'spot' | 'stop' | 'delete';
const acts: readonly (readonly [share: number, Act])[] = [
  [0.5, 'nothing'],
  [0.14, 'cancel'],
  [0.12, 'sigkill'],
  [0.1, 'spot'],
  [0.06, 'stop'],
  [0.08, 'delete'],
];

/** One run of the soak, before anybody asked for it. */
export interface Asked {
  readonly number: number;
  readonly wanted: Wanted;
  readonly environment: string;
  readonly text: string;
  readonly act: Act;
  /** The moment of the act after its message is there. */
  readonly afterMs: number;
}

const everyBrowser = 20;

/** What is asked for as the run of this number. */
export function askedOf(number: number, random: () => number): Asked {
  const what = number % everyBrowser === 0 ? browser : drawn(wanted, random());
  const places = [...environments.narrow, ...environments.wide];
  const environment = what.isShort ? environments.short : (places[Math.floor(random() * places.length)] ?? environments.narrow[0]);
  return {
    ...{ number, wanted: what, environment, act: drawn(acts, random()), afterMs: Math.round(random() ** 2 * 12_000) },
    // No two are the same words, which would be the same request.
    text: `/run-tests ${environment} (${what.tags}) and not ${markOf(number)}`,
  };
}

/** By this tag, which no scenario has, a run is known. */
const markOf = (number: number): string => `@n${number}n`;

/** The number of the run whose plan has these tags. */
export const numberIn = (tags: string): number => Number(/@n(\d+)n/.exec(tags)?.[1]);

function drawn<T>(from: readonly (readonly [share: number, T])[], at: number): T {
  let left = at;
  for (const [share, one] of from) {
    left -= share;
    if (left < 0) return one;
  }
  throw new Error('the shares do not make one');
}
