import { type Chance, chanceOf } from '../simulation/chance.ts';
import { wrongIn } from './claims.ts';
import { containerInput } from './container-inputs.ts';
import { type Input, openDoors } from './doors.ts';
import { newOut } from './edges.ts';
import { anyEvent, ecsEvent, queuedEvent, s3Event } from './event-inputs.ts';
import { ciRequest, linkRequest, slackRequest } from './http-inputs.ts';
import { commandInput, configText } from './text-inputs.ts';

type Door = readonly [name: string, weight: number, make: (chance: Chance) => Input];

/** How often each door is tried, of a thousand times: a container's objects take a hundred times as long as a request. */
const allDoors: readonly Door[] = [
  ['slack', 280, slackRequest],
  ['ci', 220, ciRequest],
  ['link', 150, linkRequest],
  ['queue', 110, queuedEvent],
  ['ecs', 30, ecsEvent],
  ['s3', 60, s3Event],
  ['any event', 27, anyEvent],
  ['container', 8, containerInput],
  ['config', 15, configText],
  ['command', 100, commandInput],
];

/** Longer nobody waits for an answer. */
const patienceMs = 30_000;
/** The functions' own time is another one, as soon as the doors are open. */
const { setTimeout: wait } = globalThis;

/** One input, and what became of it. */
export interface Tried {
  readonly door: string;
  readonly input: Input;
  /** Claims that it broke. */
  readonly broken: readonly string[];
}

/** Gives what tries the input of a seed. Every seed finds a world in which nothing has happened yet. */
export async function fuzzer(only?: string): Promise<(seed: number) => Promise<Tried>> {
  const chosen = allDoors.filter(([name]) => only === undefined || name === only);
  const drive = await openDoors();
  return async (seed) => {
    const chance = chanceOf(seed);
    // Neighbours' first numbers are alike.
    chance.next();
    const [door, make] = drawn(chosen, chance);
    const input = make(chance);
    const out = newOut();
    let timer: NodeJS.Timeout | undefined;
    const never = new Promise<readonly string[]>((resolve) => {
      timer = wait(() => resolve([`there was no answer within ${patienceMs} ms`]), patienceMs);
    });
    const driven = drive(input, out).catch((error: unknown) => [`it threw: ${error instanceof Error ? error.stack : String(error)}`]);
    const broken = await Promise.race([driven, never]);
    clearTimeout(timer);
    return { door, input, broken: [...new Set([...broken, ...wrongIn(out)])] };
  };
}

function drawn(doors: readonly Door[], chance: Chance): readonly [string, (chance: Chance) => Input] {
  let left = chance.below(doors.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [name, weight, make] of doors) {
    left -= weight;
    if (left < 0) return [name, make];
  }
  throw new Error('there is no such door');
}
