import type { Found, Invocation } from './count.ts';

/** So many invocations share one set of arrays, so that growing never copies. */
const chunkSize = 65_536;
const chunkBits = 16;

const founds: readonly Found[] = ['warm', 'cold', 'pre-initialised', 'already-there'];

interface Chunk {
  readonly arrived: Float64Array;
  readonly duration: Float32Array;
  /** Whole milliseconds, at most 65 s: only when an environment came free is reckoned from it. */
  readonly init: Uint16Array;
  readonly environment: Uint32Array;
  /** The function's number, and in the two lowest bits how it found its environment. */
  readonly what: Uint16Array;
}

/** Every invocation in order of its arrival, in 20 bytes and 4 more when they had to be put in order. */
export interface Arrivals {
  readonly count: number;
  readonly functions: readonly string[];
  arrivedMs(at: number): number;
  durationMs(at: number): number;
  initMs(at: number): number;
  /** A number that stands for the environment. */
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
  let count = 0;
  let isInOrder = true;
  let lastMs = Number.NEGATIVE_INFINITY;

  function add({ functionName, stream, arrivedMs, durationMs, initMs, found }: Invocation): void {
    const at = count & (chunkSize - 1);
    if (at === 0) chunks.push(newChunk());
    const chunk = chunks[count >>> chunkBits];
    if (chunk === undefined) throw new Error('a chunk is missing');
    chunk.arrived[at] = arrivedMs;
    chunk.duration[at] = durationMs;
    chunk.init[at] = Math.min(65_535, Math.round(initMs));
    const number = numberOf(functionName);
    chunk.environment[at] = hash(stream, number);
    chunk.what[at] = (number << 2) | founds.indexOf(found);
    if (arrivedMs < lastMs) isInOrder = false;
    lastMs = arrivedMs;
    count += 1;
  }

  function numberOf(functionName: string): number {
    const known = numbers.get(functionName);
    if (known !== undefined) return known;
    const number = Math.min(numbers.size, mostFunctions - 1);
    numbers.set(functionName, number);
    return number;
  }

  /** What was collected, in order; nothing is added after that. */
  function close(): Arrivals {
    const order = isInOrder ? undefined : Uint32Array.from({ length: count }, (_, index) => index);
    const place = (at: number): number => (order === undefined ? at : (order[at] ?? 0));
    const read =
      (column: 'arrived' | 'duration' | 'init' | 'environment' | 'what') =>
      (at: number): number => {
        const index = place(at);
        return chunks[index >>> chunkBits]?.[column][index & (chunkSize - 1)] ?? 0;
      };
    if (order !== undefined) {
      const rawTime = (index: number): number => chunks[index >>> chunkBits]?.arrived[index & (chunkSize - 1)] ?? 0;
      sortBy(order, rawTime);
    }
    const what = read('what');
    return {
      count,
      functions: [...numbers.keys()],
      arrivedMs: read('arrived'),
      durationMs: read('duration'),
      initMs: read('init'),
      environment: read('environment'),
      functionAt: (at) => what(at) >>> 2,
      found: (at) => founds[what(at) & 3] ?? 'warm',
    };
  }

  return { add, close };
}

const newChunk = (): Chunk => ({
  arrived: new Float64Array(chunkSize),
  duration: new Float32Array(chunkSize),
  init: new Uint16Array(chunkSize),
  environment: new Uint32Array(chunkSize),
  what: new Uint16Array(chunkSize),
});

/** 32 bits (FNV-1a): two environments of one function that share a number among thousands change nothing. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** Sorts in place, without a second array: the lines come nearly in order. */
function sortBy(order: Uint32Array, key: (value: number) => number): void {
  const stack: [number, number][] = [[0, order.length - 1]];
  for (let range = stack.pop(); range !== undefined; range = stack.pop()) {
    let [low, high] = range;
    while (high - low > 16) {
      const pivot = key(order[(low + high) >>> 1] ?? 0);
      let left = low;
      let right = high;
      while (left <= right) {
        while (key(order[left] ?? 0) < pivot) left += 1;
        while (key(order[right] ?? 0) > pivot) right -= 1;
        if (left > right) break;
        const swapped = order[left] ?? 0;
        order[left] = order[right] ?? 0;
        order[right] = swapped;
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
    for (let at = low + 1; at <= high; at += 1) {
      const value = order[at] ?? 0;
      const its = key(value);
      let to = at - 1;
      while (to >= low && key(order[to] ?? 0) > its) {
        order[to + 1] = order[to] ?? 0;
        to -= 1;
      }
      order[to + 1] = value;
    }
  }
}
