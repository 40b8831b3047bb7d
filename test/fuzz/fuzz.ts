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

/** Longer nobody waits for an answer, on a processor that is there for it. */
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
    const patience = newPatience();
    const driven = drive(input, out).catch((error: unknown) => [`it threw: ${error instanceof Error ? error.stack : String(error)}`]);
    const broken = await Promise.race([driven, patience.isOver.then(() => [`there was no answer within ${patienceMs} ms`])]);
    patience.end();
    return { door, input, broken: [...new Set([...broken, ...wrongIn(out)])] };
  };
}

/** Whoever had something to do all the time, and hardly a processor, is slow because of others. */
function newPatience() {
  const { promise: isOver, resolve: over } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout;
  const begin = () => {
    const [loop, used] = [performance.eventLoopUtilization(), process.cpuUsage()];
    timer = wait(() => {
      const { user, system } = process.cpuUsage(used);
      const isStarved = performance.eventLoopUtilization(loop).utilization > 0.9 && (user + system) / 1_000 < patienceMs / 2;
      if (isStarved) begin();
      else over();
    }, patienceMs);
  };
  begin();
  return { isOver, end: () => clearTimeout(timer) };
}

function drawn(doors: readonly Door[], chance: Chance): readonly [string, (chance: Chance) => Input] {
  let left = chance.below(doors.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [name, weight, make] of doors) {
    left -= weight;
    if (left < 0) return [name, make];
  }
  throw new Error('there is no such door');
}
