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

/** Every invocation in order of its arrival, in 20 bytes. */
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

  const chunkOf = (at: number): Chunk => chunks[at >>> chunkBits] ?? noChunk;

  /** What was collected, in order; nothing is added after that. */
  function close(): Arrivals {
    const arrivedMs = (at: number): number => chunkOf(at).arrived[at & (chunkSize - 1)] ?? 0;
    const what = (at: number): number => chunkOf(at).what[at & (chunkSize - 1)] ?? 0;
    if (!isInOrder) sort(count, arrivedMs, swap);
    return {
      count,
      functions: [...numbers.keys()],
      arrivedMs,
      durationMs: (at) => chunkOf(at).duration[at & (chunkSize - 1)] ?? 0,
      initMs: (at) => chunkOf(at).init[at & (chunkSize - 1)] ?? 0,
      environment: (at) => chunkOf(at).environment[at & (chunkSize - 1)] ?? 0,
      functionAt: (at) => what(at) >>> 2,
      found: (at) => founds[what(at) & 3] ?? 'warm',
    };
  }

  function swap(one: number, other: number): void {
    const a = chunkOf(one);
    const b = chunkOf(other);
    const [from, to] = [one & (chunkSize - 1), other & (chunkSize - 1)];
    swapIn(a.arrived, from, b.arrived, to);
    swapIn(a.duration, from, b.duration, to);
    swapIn(a.init, from, b.init, to);
    swapIn(a.environment, from, b.environment, to);
    swapIn(a.what, from, b.what, to);
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
  arrived: new Float64Array(chunkSize),
  duration: new Float32Array(chunkSize),
  init: new Uint16Array(chunkSize),
  environment: new Uint32Array(chunkSize),
  what: new Uint16Array(chunkSize),
});

/** Nothing was collected: whatever is asked of it is 0. */
const noChunk: Chunk = {
  arrived: new Float64Array(),
  duration: new Float32Array(),
  init: new Uint16Array(),
  environment: new Uint32Array(),
  what: new Uint16Array(),
};

/** 32 bits (FNV-1a): two environments of one function that share a number among thousands change nothing. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

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
