import { adviceOn } from './advice.ts';
import type { Arrivals } from './arrivals.ts';
import { aMonth } from './cost.ts';
import { type Counted, unknownFunction, type Window } from './count.ts';
import { type Figures, figuresOf } from './tally.ts';
import { type FunctionFacts, foresee, type WhatIf, type WhatIfReport } from './what-if.ts';

/** All that is known of some functions' cold starts. */
export interface Summary {
  readonly all: Figures;
  /** Those with most cold starts first. */
  readonly functions: ReadonlyMap<string, Figures>;
  /** The same of an equally long time before; absent when nothing was looked at. */
  readonly before?: { readonly all: Figures; readonly functions: ReadonlyMap<string, Figures> };
  readonly firstMs?: number;
  readonly lastMs?: number;
  readonly hours: Counted['hours'];
  /** How many inits took how long, by function: edges are `initEdgesMs`. */
  readonly initBuckets: ReadonlyMap<string, readonly number[]>;
  /** What could not be told, and what was missing for it. */
  readonly untold: readonly string[];
  readonly whatIf?: WhatIfReport;
  /** At most three sentences. */
  readonly advice: readonly string[];
  /** What the inits cost in a month, at this pace; absent when the time is not known. */
  readonly monthlyInitCost?: number;
}

/** Where the bars of an init's distribution end, in milliseconds. */
export const initEdgesMs = [50, 100, 200, 300, 400, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000];

/** Less than an hour says too little of a month. */
const leastSpanMs = 60 * 60_000;

export interface Summarised {
  readonly counted: Counted;
  readonly arrivals?: Arrivals;
  readonly whatIfs?: readonly WhatIf[];
  /** The time that was looked at, when it is known; else what the lines cover. */
  readonly window?: Window;
}

/** Everything that a person is told, from what was counted and, for a what-if, every arrival. */
export function summarise({ counted, arrivals, whatIfs = [], window }: Summarised): Summary {
  const functions = byColdStarts(counted.functions);
  const all = figuresOf(counted.all);
  const before = { all: figuresOf(counted.before.all), functions: byColdStarts(counted.before.functions) };
  const { firstMs, lastMs } = counted;
  // A few lines with a time among many without say nothing of a pace.
  const coveredMs = counted.missing.time > 0 || firstMs === undefined || lastMs === undefined ? 0 : lastMs - firstMs;
  const beganMs = window && before.all.invocations === 0 ? Math.max(window.fromMs, firstMs ?? window.fromMs) : window?.fromMs;
  const lookedAtMs = window === undefined || beganMs === undefined ? coveredMs : window.toMs - beganMs;
  const whatIf = arrivals !== undefined && arrivals.count > 0 ? foresee(arrivals, factsOf(functions), whatIfs) : undefined;
  return {
    all,
    functions,
    ...(before.all.invocations > 0 && { before }),
    ...(firstMs !== undefined && { firstMs }),
    ...(lastMs !== undefined && { lastMs }),
    hours: counted.hours,
    initBuckets: new Map([...counted.functions].map(([name, { inits }]) => [name, inits.below(initEdgesMs)])),
    untold: [...untoldOf(counted), ...lateOf(window, beganMs)],
    ...(whatIf !== undefined && { whatIf }),
    advice: adviceOn({ all, functions, whatIf, spanMs: lookedAtMs >= leastSpanMs ? lookedAtMs : 0 }),
    ...(lookedAtMs >= leastSpanMs && { monthlyInitCost: aMonth(all.initCost, lookedAtMs) }),
  };
}

function byColdStarts(tallies: Counted['functions']): ReadonlyMap<string, Figures> {
  const figures = [...tallies].map(([name, tally]) => [name, figuresOf(tally)] as const);
  return new Map(figures.toSorted(([a, x], [b, y]) => y.coldStarts - x.coldStarts || y.invocations - x.invocations || (a < b ? -1 : 1)));
}

const factsOf = (functions: ReadonlyMap<string, Figures>): ReadonlyMap<string, FunctionFacts> =>
  new Map([...functions].map(([name, { memoryMb, initMs }]) => [name, { memoryMb, initMs: initMs?.p50 ?? 0 }]));

/** What is worth asking when nobody has asked: the function that keeps most people waiting as a part of the busiest, and a ping. */
export function usualChanges(functions: Counted['functions']): readonly WhatIf[] {
  const named = [...functions]
    .map(([name, tally]) => ({ name, figures: figuresOf(tally) }))
    .filter(({ figures }) => figures.invocations > 0);
  const [busiest] = named.toSorted((a, b) => b.figures.invocations - a.figures.invocations);
  const [worst] = named
    .filter(({ name, figures }) => name !== busiest?.name && figures.coldStarts >= 3 && (figures.rate?.part ?? 0) >= 0.01)
    .toSorted((a, b) => b.figures.coldStarts - a.figures.coldStarts);
  const pair: readonly WhatIf[] = busiest && worst ? [{ kind: 'merge', functions: [busiest.name, worst.name] }] : [];
  const all: readonly WhatIf[] = named.length > 2 ? [{ kind: 'merge', functions: [] }] : [];
  return [...pair, ...all, { kind: 'ping', everyMs: 4 * 60_000, atOnce: 1 }];
}

/** A log that begins in the midst of what was asked about: it is young, or what it held before was deleted. */
function lateOf(window: Window | undefined, beganMs: number | undefined): readonly string[] {
  if (window === undefined || beganMs === undefined || window.toMs - beganMs < leastSpanMs) return [];
  if (beganMs - window.fromMs < 0.1 * (window.toMs - window.fromMs)) return [];
  const began = new Date(beganMs).toISOString().slice(0, 16).replace('T', ' ');
  return [`The first call is of ${began} UTC: calls an hour, and what a month costs, go by the time since.`];
}

function untoldOf({ missing, untold, functions }: Counted): readonly string[] {
  const hidden = [...functions].filter(([, tally]) => figuresOf(tally).hidesReports).map(([name]) => name);
  return [
    ...(untold > 0
      ? [
          `Of ${untold === 1 ? 'one init' : `${untold} inits`} nobody can say whether somebody waited for ${untold === 1 ? 'it' : 'them'} (provisioned concurrency, environments made ahead): ` +
            `${whatIsMissing(missing)}. ${untold === 1 ? 'It is counted as a cold start' : 'They are counted as cold starts'}.`,
        ]
      : []),
    ...(missing.functionName > 0
      ? [`${missing.functionName} reports do not say which function they are of: they stand under ${unknownFunction}.`]
      : []),
    ...hidden.map((name) => `${name} writes logs but no reports: its system log level hides them. Set it to INFO.`),
  ];
}

function whatIsMissing(missing: Counted['missing']): string {
  if (missing.time > 0 && missing.stream > 0) return 'the columns time (@timestamp) and stream (@logStream) are missing';
  if (missing.stream > 0) return 'the column stream (@logStream) is missing';
  if (missing.time > 0) return 'the column time (@timestamp) is missing';
  return 'when their init began (INIT_START) is not among the lines';
}

/** Why there can be no what-if of these lines, naming what is missing; undefined when there can be one. */
export function whatIfRefusal({ missing, all, functions }: Counted, changes: readonly WhatIf[]): string | undefined {
  const lacking = [
    ...(missing.time > 0 ? ['time (@timestamp)'] : []),
    ...(missing.stream > 0 ? ['stream (@logStream)'] : []),
    ...(missing.functionName > 0 && changes.some(({ kind }) => kind === 'merge') ? ['function (@log)'] : []),
  ];
  if (lacking.length > 0)
    return `A what-if needs to know when each call came, and to which environment: ${lacking.join(' and ')} ${lacking.length > 1 ? 'are' : 'is'} missing in ${Math.max(missing.time, missing.stream, missing.functionName)} of ${all.invocations} reports. Export with fields @timestamp, @message, @logStream, @log.`;
  const unknown = changes.flatMap((change) => (change.kind === 'merge' ? change.functions : [])).find((name) => !functions.has(name));
  return unknown === undefined
    ? undefined
    : `There is no function ${unknown} among the lines: there are ${[...functions.keys()].slice(0, 20).join(', ')}.`;
}
