import type { Arrivals } from './arrivals.ts';
import { chance } from './chance.ts';
import { pingCost, provisionedCost } from './cost.ts';
import { type IdleLifetime, idleEvidence, lifetimes } from './idle-lifetime.ts';
import { type Cause, type Loss, type Pings, type Simulated, simulate } from './simulate.ts';

/** A change that somebody thinks about. */
export type WhatIf =
  /** These functions as one; without names all of them. */
  | { readonly kind: 'merge'; readonly functions: readonly string[] }
  | { readonly kind: 'ping'; readonly everyMs: number; readonly atOnce: number }
  | { readonly kind: 'provisioned'; readonly environments: number };

/** Between what a number lies, over lifetimes and chance. */
export interface Band {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
}

/** What a change would come to. */
export interface Foreseen {
  readonly name: string;
  /** The functions that would be one; empty when none would. */
  readonly merged: readonly string[];
  readonly coldStarts: Band;
  readonly byCause: Readonly<Record<Cause, number>>;
  /** The part of each function's invocations that would start cold. */
  readonly byFunction: ReadonlyMap<string, Band>;
  /** Dollars a month beyond what is paid now; absent when it changes nothing. */
  readonly monthlyCost?: number;
}

export type WhatIfReport =
  | {
      readonly kind: 'foreseen';
      readonly backTest: BackTest;
      readonly lifetime: IdleLifetime;
      /** Environments that were there all the time: provisioned concurrency, which no log names. */
      readonly kept: number;
      readonly asIs: Foreseen;
      readonly changes: readonly Foreseen[];
    }
  /** The model does not even reproduce the past. */
  | { readonly kind: 'refused'; readonly backTest: BackTest; readonly lifetime: IdleLifetime; readonly because: string };

export interface BackTest {
  readonly observed: number;
  readonly reproduced: Band;
  readonly invocations: number;
}

/** What the simulator must know of a function beside its calls. */
export interface FunctionFacts {
  readonly memoryMb: number;
  /** The usual init. */
  readonly initMs: number;
}

/** A ping does nothing, and takes about this long. */
const pingMs = 5;
const seeds = 8;
/** Beyond so many invocations chance has little left to say. */
const manyInvocations = 1_000_000;

/** Replays the past, and if the model reproduces it, the past with each change. */
export function foresee(arrivals: Arrivals, facts: ReadonlyMap<string, FunctionFacts>, changes: readonly WhatIf[]): WhatIfReport {
  const { lifetime, losses, kept } = idleEvidence(arrivals);
  const observed = coldIn(arrivals);
  const model = { arrivals, facts, lifetime, losses, kept };
  const asIs = foreseen(model, { name: 'as it is', sets: [], provisioned: 0 });
  const backTest = { observed, reproduced: asIs.coldStarts, invocations: arrivals.count };
  const off = Math.abs(asIs.coldStarts.middle - observed);
  if (off > 0.25 * observed && off > 5) return { kind: 'refused', backTest, lifetime, because: whyOff(backTest, lifetime) };
  const keptNow = kept.reduce((all, count) => all + count, 0);
  return { kind: 'foreseen', backTest, lifetime, kept: keptNow, asIs, changes: changes.flatMap((change) => foreseeOne(model, change)) };
}

function whyOff({ observed, reproduced }: BackTest, lifetime: IdleLifetime): string {
  const known = lifetime.kind === 'calibrated' ? 'found in these logs' : `assumed, as ${lifetime.because}`;
  return (
    `the model makes ${reproduced.middle} cold starts of the ${observed} there were (the idle lifetime is ${known}): ` +
    'it would be wrong about a change as well. Take a longer window, or look at fewer functions'
  );
}

function coldIn(arrivals: Arrivals): number {
  let cold = 0;
  for (let at = 0; at < arrivals.count; at += 1) if (arrivals.found(at) === 'cold') cold += 1;
  return cold;
}

interface Model {
  readonly arrivals: Arrivals;
  readonly facts: ReadonlyMap<string, FunctionFacts>;
  readonly lifetime: IdleLifetime;
  readonly losses: readonly Loss[];
  /** Provisioned environments there are now, by the function's number. */
  readonly kept: readonly number[];
}

interface Change {
  readonly name: string;
  /** Functions that become one. */
  readonly sets: readonly (readonly string[])[];
  readonly pings?: Pings;
  readonly provisioned: number;
}

function foreseeOne(model: Model, change: WhatIf): readonly Foreseen[] {
  const all = model.arrivals.functions;
  switch (change.kind) {
    case 'merge': {
      const set = change.functions.length === 0 ? all : change.functions;
      return [
        foreseen(model, { name: change.functions.length === 0 ? 'all merged' : `merged: ${set.join(', ')}`, sets: [set], provisioned: 0 }),
      ];
    }
    case 'ping': {
      const pings = { everyMs: change.everyMs, atOnce: change.atOnce, durationMs: pingMs };
      const name = `a ping every ${change.everyMs / 60_000} min${change.atOnce > 1 ? ` to ${change.atOnce} at once` : ''}`;
      const apart = foreseen(model, { name, sets: [], pings, provisioned: 0 });
      return all.length < 2 ? [apart] : [apart, foreseen(model, { name: `all merged, and ${name}`, sets: [all], pings, provisioned: 0 })];
    }
    case 'provisioned':
      return [foreseen(model, { name: `${change.environments} provisioned each`, sets: [], provisioned: change.environments })];
  }
}

function foreseen({ arrivals, facts, lifetime, losses, kept }: Model, { name, sets, pings, provisioned }: Change): Foreseen {
  const { poolOf, members } = poolsOf(arrivals.functions, sets);
  const of = (names: readonly string[], field: keyof FunctionFacts): number =>
    Math.max(0, ...names.map((one) => facts.get(one)?.[field] ?? 0));
  const keptIn = members.map((_, pool) => kept.reduce((all, count, number) => (poolOf[number] === pool ? all + count : all), 0));
  const kepts = keptIn.map((now) => (provisioned > 0 ? provisioned : now));
  const initMs = members.map((names) => of(names, 'initMs'));
  const run = (lifetimeMs: () => number): Simulated =>
    simulate(arrivals, { poolOf, pools: members.length, initMs, pings, provisioned: kepts, losses, lifetimeMs });
  const chances = Array.from({ length: arrivals.count > manyInvocations ? 2 : seeds }, (_, seed) =>
    run(lifetimes(lifetime, chance(seed + 1))),
  );
  const runs = [run(() => lifetime.lowMs), run(() => lifetime.highMs), ...chances];
  const invocations = callsOf(arrivals);
  const monthlyCost =
    (pings === undefined ? 0 : members.reduce((sum, names) => sum + pingCost({ ...pings, memoryMb: of(names, 'memoryMb') }), 0)) +
    members.reduce((sum, names, pool) => sum + provisionedCost(Math.max(0, provisioned - (keptIn[pool] ?? 0)), of(names, 'memoryMb')), 0);
  return {
    name,
    merged: sets.flat(),
    coldStarts: band(runs.map((one) => one.coldStarts)),
    byCause: {
      idle: middle(runs.map((one) => one.byCause.idle)),
      busy: middle(runs.map((one) => one.byCause.busy)),
      replaced: middle(runs.map((one) => one.byCause.replaced)),
    },
    byFunction: new Map(
      arrivals.functions.map((one, number) => [
        one,
        band(runs.map(({ byFunction }) => (byFunction[number] ?? 0) / (invocations[number] || 1))),
      ]),
    ),
    ...(monthlyCost > 0 && { monthlyCost }),
  };
}

function callsOf(arrivals: Arrivals): readonly number[] {
  const calls = new Array<number>(arrivals.functions.length).fill(0);
  for (let at = 0; at < arrivals.count; at += 1) {
    const number = arrivals.functionAt(at);
    calls[number] = (calls[number] ?? 0) + 1;
  }
  return calls;
}

/** A pool for each set, and one for each function in none of them. */
function poolsOf(functions: readonly string[], sets: readonly (readonly string[])[]) {
  const members: string[][] = sets.map(() => []);
  const poolOf = functions.map((name) => {
    const set = sets.findIndex((names) => names.includes(name));
    const pool = set === -1 ? members.push([]) - 1 : set;
    members[pool]?.push(name);
    return pool;
  });
  return { poolOf, members };
}

function band(values: readonly number[]): Band {
  return { low: Math.min(...values), middle: middle(values), high: Math.max(...values) };
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
