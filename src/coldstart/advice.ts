import type { Figures } from './tally.ts';
import type { Band, Foreseen, WhatIfReport } from './what-if.ts';
import { dollars, foreseenPercent, milliseconds, percent } from './words.ts';

export interface AdviceBasis {
  readonly all: Figures;
  readonly functions: ReadonlyMap<string, Figures>;
  readonly whatIf?: WhatIfReport | undefined;
  /** How long was looked at; 0 when unknown. */
  readonly spanMs: number;
}

/** Below this nobody needs to do anything; above that it is worth a change. */
const fine = 0.01;
const bad = 0.05;
const always = 0.4;
/** An init this long is felt whatever its rate. */
const longMs = 1_000;
const most = 3;

/** At most three sentences, each with its number and its reason. */
export function adviceOn(basis: AdviceBasis): readonly string[] {
  const { all, functions } = basis;
  if (all.invocations === 0 || all.rate === undefined) return [];
  const worst = worstOf(functions);
  const sentences = [
    ...(worst === undefined ? [] : onWorst(worst, basis)),
    ...onConcurrency(basis),
    ...onLongInits(functions),
    ...onCrashes(functions),
  ];
  if (sentences.length > 0) return sentences.slice(0, most);
  const p99 = all.initMs === undefined ? '' : `, p99 ${milliseconds(all.initMs.p99)}`;
  if (all.isFew)
    return [`Only ${all.invocations} ${all.invocations === 1 ? 'call' : 'calls'}: too few to advise anything. Take a longer window.`];
  if (all.rate.part >= fine)
    return [`${percent(all.rate.part)} of calls start cold${p99}: worth a look when people wait for them, not worth money.`];
  return [`No change is worth it: ${percent(all.rate.part)} of calls start cold${p99}.`];
}

type Named = readonly [name: string, figures: Figures];

/** The function that keeps most people waiting, of those that start cold more often than is good. */
function worstOf(functions: ReadonlyMap<string, Figures>): Named | undefined {
  const candidates = [...functions].filter(
    ([, { rate, coldStarts, isFew }]) => rate !== undefined && rate.part >= bad && coldStarts >= 3 && !(isFew && rate.low < bad),
  );
  return candidates.toSorted(([, a], [, b]) => b.coldStarts - a.coldStarts)[0];
}

function onWorst([name, { rate, invocations }]: Named, { whatIf, spanMs }: AdviceBasis): readonly string[] {
  if (rate === undefined) return [];
  const pace = spanMs > 0 ? `${perHour(invocations / (spanMs / 3_600_000))} calls an hour` : `${invocations} calls`;
  const said = `\`${name}\` starts cold on ${percent(rate.part)} of its ${pace}${rate.part >= always ? ', nearly always' : ''}`;
  const changes = whatIf?.kind === 'foreseen' ? whatIf.changes : [];
  const bandOf = (change: Foreseen): Band => change.byFunction.get(name) ?? { low: 1, middle: 1, high: 1 };
  const partOf = (change: Foreseen): number => bandOf(change).middle;
  const ranked = changes
    .filter((change) => partOf(change) < rate.part / 2)
    .toSorted((a, b) => (a.monthlyCost ?? 0) - (b.monthlyCost ?? 0) || partOf(a) - partOf(b));
  const [best] = ranked;
  if (best === undefined) return [`${said}: people who call it wait.`];
  const others = ranked.slice(1).find((change) => change.monthlyCost !== best.monthlyCost && partOf(change) < partOf(best) / 2);
  const alternative =
    others === undefined
      ? []
      : [
          `${capital(how(others, name))} it would be ${foreseenPercent(bandOf(others), invocations)}, for ${dollars(others.monthlyCost ?? 0)} a month.`,
        ];
  const price = best.monthlyCost === undefined ? '' : ` for ${dollars(best.monthlyCost)} a month`;
  return [`${said}; ${how(best, name)} it would be ${foreseenPercent(bandOf(best), invocations)}${price}.`, ...alternative];
}

/** A change as it concerns one function. */
function how({ name, merged }: Foreseen, of: string): string {
  const others = merged.filter((one) => one !== of);
  if (others.length === 0 || !merged.includes(of) || name.includes('ping')) return `with ${name}`;
  return others.length === 1 ? `merged into \`${others[0]}\`` : `merged with ${others.length} others`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const perHour = (calls: number): string =>
  calls >= 10 ? Math.round(calls).toLocaleString('en') : calls >= 1 ? String(Math.round(calls * 10) / 10) : calls.toFixed(2);

/** Merging helps against idling only. */
function onConcurrency({ whatIf }: AdviceBasis): readonly string[] {
  if (whatIf?.kind !== 'foreseen') return [];
  const { busy, idle, replaced } = whatIf.asIs.byCause;
  const cold = busy + idle + replaced;
  if (cold < 10 || busy < cold / 2) return [];
  return [`${percent(busy / cold)} of cold starts come while all environments are busy: merging or pinging does little about those.`];
}

function onLongInits(functions: ReadonlyMap<string, Figures>): readonly string[] {
  const slow = [...functions].filter(([, { initMs, coldStarts }]) => coldStarts >= 3 && (initMs?.p50 ?? 0) >= longMs);
  const [first] = slow.toSorted(([, a], [, b]) => (b.initMs?.p50 ?? 0) - (a.initMs?.p50 ?? 0));
  if (first === undefined) return [];
  const [name, { initMs, runtime }] = first;
  const reference = referenceInit(runtime);
  const than = reference === undefined ? '' : `; an empty ${reference.name} function takes ${milliseconds(reference.p50Ms)}`;
  return [`\`${name}\` takes ${milliseconds(initMs?.p50 ?? 0)} to start (p50)${than}: what it loads is worth a look.`];
}

function onCrashes(functions: ReadonlyMap<string, Figures>): readonly string[] {
  const [first] = [...functions].filter(([, { reInits }]) => reInits >= 3).toSorted(([, a], [, b]) => b.reInits - a.reInits);
  if (first === undefined) return [];
  const [name, { reInits }] = first;
  return [`\`${name}\` crashed or timed out, and ${reInits} later calls waited for its restart: no figure of Lambda's shows that.`];
}

/** What an empty function takes to start, by its major version of Node (arm64, lambda-perf, summer 2026). */
const emptyInits: ReadonlyMap<string, { readonly p50Ms: number; readonly p99Ms: number }> = new Map([
  ['22', { p50Ms: 125, p99Ms: 175 }],
  ['24', { p50Ms: 123, p99Ms: 190 }],
]);

/** What an empty function of a runtime takes to start; undefined where it was not measured. */
export function referenceInit(
  runtime: string | undefined,
): { readonly name: string; readonly p50Ms: number; readonly p99Ms: number } | undefined {
  const version = /^nodejs:(\d+)/.exec(runtime ?? '')?.[1] ?? '';
  const measured = emptyInits.get(version);
  return measured === undefined ? undefined : { name: `Node ${version}`, ...measured };
}
