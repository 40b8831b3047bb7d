import { referenceInit } from './advice.ts';
import type { IdleLifetime } from './idle-lifetime.ts';
import type { Summary } from './summary.ts';
import type { Figures } from './tally.ts';
import type { Foreseen, WhatIfReport } from './what-if.ts';
import { between, dollars, milliseconds, minutes, number, percent, percentBetween } from './words.ts';

/** The one line that answers the question. */
export function headline({ all, before }: Summary): string {
  if (all.invocations === 0 && all.coldStarts === 0) return 'No invocation was found.';
  const rate = all.rate === undefined ? '' : ` of ${number(all.invocations)} invocations started cold (${percent(all.rate.part)})`;
  const waited =
    all.initMs === undefined ? '' : `; people waited ${milliseconds(all.initMs.p50)}, one in a hundred ${milliseconds(all.initMs.p99)}`;
  const was = before?.all.rate;
  const change = was === undefined ? '' : `; ${percent(was.part)} the time before`;
  return `${number(all.coldStarts)}${rate}${waited}${change}.`;
}

/** A summary for a terminal. */
export function summaryAsText(summary: Summary): string {
  const { all, functions, firstMs, lastMs, untold, advice, monthlyInitCost } = summary;
  const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [
    headline(summary),
    ...(firstMs === undefined || lastMs === undefined ? [] : [`${time(firstMs)} to ${time(lastMs)}`]),
    '',
    ...(functions.size === 0 ? [] : [...functionTable(summary), '']),
    ...(all.isFew && all.rate !== undefined
      ? [`Few data: the true rate lies between ${percent(all.rate.low)} and ${percent(all.rate.high)} (95 %).`]
      : []),
    ...details(all),
    ...references(functions),
    ...(all.initCost > 0
      ? [
          `The inits were billed ${dollars(all.initCost)}${monthlyInitCost === undefined ? '' : `, ${dollars(monthlyInitCost)} a month at this pace`} (x86 price).`,
        ]
      : []),
    ...untold,
    ...whatIfLines(summary.whatIf),
    ...(advice.length > 0 ? ['', ...advice.map((sentence) => `→ ${sentence.replaceAll('`', '')}`)] : []),
  ].join('\n');
}

const functionTable = ({ functions, all }: Summary): readonly string[] =>
  table([
    ['function', 'invocations', 'cold', 'rate', 'p50', 'p90', 'p99', 'max', 'ahead', 're-init', 'memory'],
    ...[...functions].map(([name, figures]) => row(name, figures)),
    ...(functions.size > 1 ? [row('all', all)] : []),
  ]);

function row(
  name: string,
  { invocations, coldStarts, rate, isFew, initMs, preInitialised, reInits, memoryMb, notCounted }: Figures,
): readonly string[] {
  const label =
    notCounted.webFunctions > 0 ? ' (Web Function)' : notCounted.managedInstances > 0 && invocations === 0 ? ' (Managed Instances)' : '';
  const ms = (value: number | undefined): string => (value === undefined ? '' : milliseconds(value));
  return [
    `${name}${label}`,
    number(invocations),
    number(coldStarts),
    rate === undefined ? '' : `${percent(rate.part)}${isFew ? ' ?' : ''}`,
    ms(initMs?.p50),
    ms(initMs?.p90),
    ms(initMs?.p99),
    ms(initMs?.max),
    preInitialised === 0 ? '' : number(preInitialised),
    reInits === 0 ? '' : number(reInits),
    memoryMb === 0 ? '' : `${memoryMb} MB`,
  ];
}

/** What a total of cold starts is made of, beside the usual. */
function details({ initReportOnly, restores, notCounted, webFunctionInits }: Figures): readonly string[] {
  return [
    ...(initReportOnly > 0
      ? [`${initReportOnly} of the cold starts are known from INIT_REPORT only: the init failed or took longer than Lambda waits.`]
      : []),
    ...(restores > 0 ? [`${restores} of the cold starts are SnapStart restores.`] : []),
    ...(notCounted.managedInstances > 0
      ? [`Not counted: ${number(notCounted.managedInstances)} reports of functions on Managed Instances, which have no inits of their own.`]
      : []),
    ...(notCounted.webFunctions > 0
      ? [
          `Not counted: ${number(notCounted.webFunctions)} events of Web Functions; they tell of ${webFunctionInits} inits, but not of how many requests.`,
        ]
      : []),
  ];
}

function references(functions: Summary['functions']): readonly string[] {
  const known = [...functions.values()].map(({ runtime }) => referenceInit(runtime)).filter((reference) => reference !== undefined);
  return [...new Map(known.map((reference) => [reference.name, reference])).values()].map(
    ({ name, p50Ms, p99Ms }) =>
      `For comparison: an empty ${name} function takes ${milliseconds(p50Ms)} (p99 ${milliseconds(p99Ms)}, arm64).`,
  );
}

/** Where the idle lifetime comes from. */
export function lifetimeText(lifetime: IdleLifetime): string {
  const [low, high] = [minutes(lifetime.lowMs), minutes(lifetime.highMs)];
  const span = low === high ? `about ${low}` : `${low} to ${high}`;
  return lifetime.kind === 'calibrated'
    ? `idle environments live ${span}, found in these logs (${number(lifetime.survived)} survived a gap, ${number(lifetime.died)} were gone)`
    : `idle environments are taken to live ${span}, because ${lifetime.because}`;
}

/** What is taken for provisioned concurrency, which no log names. */
export const keptText = (kept: number): string =>
  `${kept === 1 ? '1 environment' : `${number(kept)} environments`} outlived all others many times: taken to be provisioned, and to stay, also in a merged function.`;

/** What a what-if cannot know. */
export const caveats =
  'A merged function has the sum of all code to load, one memory size and one role; calls from queues and schedules do not mind a cold start.';

function whatIfLines(whatIf: WhatIfReport | undefined): readonly string[] {
  if (whatIf === undefined) return [];
  const { backTest, lifetime } = whatIf;
  const test = `The model reproduces ${between(backTest.reproduced)} of ${number(backTest.observed)} cold starts; ${lifetimeText(lifetime)}.`;
  if (whatIf.kind === 'refused') return ['', `No what-if: ${whatIf.because}.`];
  const { kept, asIs } = whatIf;
  const changes = [asIs, ...whatIf.changes];
  return [
    '',
    test,
    ...(kept > 0 ? [keptText(kept)] : []),
    ...table([['what if', 'cold starts', 'idle', 'busy', 'replaced', 'a month'], ...changes.map(changeRow)]),
    '',
    ...table([
      ['rate by function', ...changes.map(({ name }) => name)],
      ...[...whatIf.asIs.byFunction.keys()].slice(0, 20).map((name) => [name, ...changes.map((change) => percentOf(change, name))]),
    ]),
    caveats,
  ];
}

const percentOf = ({ byFunction }: Foreseen, name: string): string => {
  const band = byFunction.get(name);
  return band === undefined ? '' : percentBetween(band);
};

const changeRow = ({ name, coldStarts, byCause, monthlyCost }: Foreseen): readonly string[] => [
  name,
  between(coldStarts),
  number(byCause.idle),
  number(byCause.busy),
  number(byCause.replaced),
  monthlyCost === undefined ? '' : dollars(monthlyCost),
];

/** Columns as wide as their widest cell; all but the first are numbers, and stand at the right. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)));
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
