import type { Found, Invocation } from './count.ts';
import { environmentNumbers } from './environment-numbers.ts';

/** So many invocations share one set of arrays, so that growing never copies. */
const chunkSize = 65_536;
const chunkBits = 16;
const two32 = 2 ** 32;
const foundBits = 2;

const founds: readonly Found[] = ['warm', 'cold', 'pre-initialised', 'already-there'];

interface Chunk {
  /** Sixteenths of a millisecond since 1970, in 46 bits: enough until the year 2109. */
  readonly arrived: Uint32Array;
  /** The highest of these bits, and below them two that say how it found its environment. */
  readonly high: Uint16Array;
  readonly duration: Float32Array;
  readonly environment: Uint32Array;
}

/** Every invocation in order of its arrival, in 14 bytes. */
export interface Arrivals {
  readonly count: number;
  /** How many there are. */
  readonly environments: number;
  readonly functions: readonly string[];
  arrivedMs(at: number): number;
  durationMs(at: number): number;
  /** Of a cold start. One that runs again in the same environment stands for the first as well: they rarely differ. */
  initMs(at: number): number;
  /** From 0 on. */
  environment(at: number): number;
  functionAt(at: number): number;
  found(at: number): Found;
}

/** More functions than this are not told apart. */
const mostFunctions = 16_000;

/** Collects invocations for the simulator. */
export function arrivalBook() {
  const chunks: Chunk[] = [];
  const numbers = new Map<string, number>();
  const environments = environmentNumbers();
  /** By environment. */
  let inits = new Float32Array(1_024);
  let functionNumbers = new Uint16Array(1_024);
  let count = 0;
  let isInOrder = true;
  let lastMs = Number.NEGATIVE_INFINITY;

  function add({ functionName, stream, arrivedMs, durationMs, initMs, found }: Invocation): void {
    const at = count & (chunkSize - 1);
    if (at === 0) chunks.push(newChunk());
    const chunk = chunks[count >>> chunkBits];
    if (chunk === undefined) throw new Error('a chunk is missing');
    const number = numberOf(functionName);
    const environment = environments.numberOf(stream, number);
    if (environment >= inits.length) growEnvironments();
    functionNumbers[environment] = number;
    if (found === 'cold') inits[environment] = initMs;
    const sixteenths = Math.round(arrivedMs * 16);
    chunk.arrived[at] = sixteenths;
    chunk.high[at] = (Math.floor(sixteenths / two32) << foundBits) | founds.indexOf(found);
    chunk.duration[at] = durationMs;
    chunk.environment[at] = environment;
    if (arrivedMs < lastMs) isInOrder = false;
    lastMs = arrivedMs;
    count += 1;
  }

  function growEnvironments(): void {
    const [oldInits, oldNumbers] = [inits, functionNumbers];
    inits = new Float32Array(2 * oldInits.length);
    functionNumbers = new Uint16Array(2 * oldNumbers.length);
    inits.set(oldInits);
    functionNumbers.set(oldNumbers);
  }

  function numberOf(functionName: string): number {
    const known = numbers.get(functionName);
    if (known !== undefined) return known;
    const number = Math.min(numbers.size, mostFunctions - 1);
    numbers.set(functionName, number);
    return number;
  }

  const chunkOf = (at: number): Chunk => chunks[at >>> chunkBits] ?? noChunk;

  /** What was collected, in order; nothing is added after that. */
  function close(): Arrivals {
    const arrivedMs = (at: number): number => {
      const { arrived, high } = chunkOf(at);
      return (((high[at & (chunkSize - 1)] ?? 0) >>> foundBits) * two32 + (arrived[at & (chunkSize - 1)] ?? 0)) / 16;
    };
    const environment = (at: number): number => chunkOf(at).environment[at & (chunkSize - 1)] ?? 0;
    const found = (at: number): Found => founds[(chunkOf(at).high[at & (chunkSize - 1)] ?? 0) & (2 ** foundBits - 1)] ?? 'warm';
    if (!isInOrder) sort(count, arrivedMs, swap);
    return {
      count,
      environments: environments.count(),
      functions: [...numbers.keys()],
      arrivedMs,
      durationMs: (at) => chunkOf(at).duration[at & (chunkSize - 1)] ?? 0,
      initMs: (at) => (found(at) === 'cold' ? (inits[environment(at)] ?? 0) : 0),
      environment,
      functionAt: (at) => functionNumbers[environment(at)] ?? 0,
      found,
    };
  }

  function swap(one: number, other: number): void {
    const a = chunkOf(one);
    const b = chunkOf(other);
    const [from, to] = [one & (chunkSize - 1), other & (chunkSize - 1)];
    swapIn(a.arrived, from, b.arrived, to);
    swapIn(a.high, from, b.high, to);
    swapIn(a.duration, from, b.duration, to);
    swapIn(a.environment, from, b.environment, to);
  }

  return { add, close };
}

type Column = Chunk[keyof Chunk];

function swapIn(a: Column, from: number, b: Column, to: number): void {
  const kept = a[from] ?? 0;
  a[from] = b[to] ?? 0;
  b[to] = kept;
}

const newChunk = (): Chunk => ({
  arrived: new Uint32Array(chunkSize),
  high: new Uint16Array(chunkSize),
  duration: new Float32Array(chunkSize),
  environment: new Uint32Array(chunkSize),
});

/** Nothing was collected: whatever is asked of it is 0. */
const noChunk: Chunk = {
  arrived: new Uint32Array(),
  high: new Uint16Array(),
  duration: new Float32Array(),
  environment: new Uint32Array(),
};

/** Sorts in place, without a second array: the lines come nearly in order. */
function sort(count: number, key: (at: number) => number, swap: (one: number, other: number) => void): void {
  const stack: [number, number][] = [[0, count - 1]];
  for (let range = stack.pop(); range !== undefined; range = stack.pop()) {
    let [low, high] = range;
    while (high - low > 16) {
      const pivot = key((low + high) >>> 1);
      let left = low;
      let right = high;
      while (left <= right) {
        while (key(left) < pivot) left += 1;
        while (key(right) > pivot) right -= 1;
        if (left > right) break;
        if (left < right) swap(left, right);
        left += 1;
        right -= 1;
      }
      // The larger part waits, so that few ranges ever do.
      if (right - low > high - left) {
        stack.push([low, right]);
        low = left;
      } else {
        stack.push([left, high]);
        high = right;
      }
    }
    for (let at = low + 1; at <= high; at += 1) for (let to = at; to > low && key(to - 1) > key(to); to -= 1) swap(to - 1, to);
  }
}
