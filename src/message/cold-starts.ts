import type { Button, KnownBlock } from '@slack/types';
import { caveats, headline, lifetimeText } from '../coldstart/as-text.ts';
import { type ColdStartsCommand, windowText, windowWord } from '../coldstart/command.ts';
import { scanCost } from '../coldstart/cost.ts';
import type { Summary } from '../coldstart/summary.ts';
import type { Figures } from '../coldstart/tally.ts';
import { between, dollars, milliseconds, number, percent } from '../coldstart/words.ts';
import { buttonRow, context, section } from './blocks.ts';
import { buttons } from './buttons.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** A person reads so many rows here; the rest is on the page. */
const shownFunctions = 8;

/** What the message is about. */
export interface ColdStartsView {
  readonly command: ColdStartsCommand;
  /** What stands after `/coldstarts`, for the buttons. */
  readonly askedBy: string;
  readonly functions: number;
  readonly bytesScanned: number;
}

/** What stands there while CloudWatch looks. */
export function lookingMessage({ command, askedBy, functions, bytesScanned }: ColdStartsView): Message {
  const scanned = bytesScanned === 0 ? '' : ` · ${bytesText(bytesScanned)} so far`;
  const text = `Looking at the logs of ${plural(functions, 'function')}, ${windowText(command.windowMs)} and as long before${scanned}`;
  return { text, blocks: [section(`⏳ ${text} …`), context(`<@${escapeText(askedBy)}>`)] };
}

/** "This will cost something": for a query larger than coldframe.yml lets pass. */
export function expensiveMessage(estimateBytes: number, text: string): Message {
  const question = `To answer this, CloudWatch would look at about ${bytesText(estimateBytes)} of logs, for about ${dollars(scanCost(estimateBytes))}.`;
  return {
    text: question,
    blocks: [
      section(`${question} A shorter window or fewer functions cost less.`),
      ...buttonRow({ ...askButton('Ask anyway', `${text} confirm`.trim(), 'confirm'), style: 'primary' }),
    ],
  };
}

/** The answer. `pageUrl` leads to the whole of it. */
export function coldStartsMessage(summary: Summary, view: ColdStartsView, pageUrl: string | undefined): Message {
  const { all, functions, advice, untold, whatIf } = summary;
  const line = headline(summary);
  if (all.invocations === 0 && all.coldStarts === 0) return nothingMessage(summary, view);
  return {
    text: `Cold starts: ${line}`,
    blocks: [
      section(`${sign(all)} *${escapeText(line)}*`),
      ...(functions.size > 0 ? [tableBlock(functions)] : []),
      ...chart(functions),
      ...(advice.length > 0 ? [section(advice.map((sentence) => `→ ${codeNames(sentence)}`).join('\n'))] : []),
      ...(whatIf === undefined ? [] : [context(escapeText(cut(whatIfText(whatIf), 1_500)))]),
      ...(untold.length > 0 ? [context(escapeText(cut(untold.join(' '), 1_500)))] : []),
      context(foot(summary, view)),
      ...buttonRow(...nextButtons(view), pageUrl === undefined ? undefined : openButton(pageUrl)),
    ],
  };
}

function nothingMessage({ untold }: Summary, view: ColdStartsView): Message {
  const text = `No invocation of ${plural(view.functions, 'function')} in ${windowText(view.command.windowMs)}.`;
  return {
    text,
    blocks: [
      section(`*${text}* Nobody called, or the functions do not write their reports: a system log level of WARN hides them.`),
      ...(untold.length > 0 ? [context(escapeText(cut(untold.join(' '), 1_500)))] : []),
      ...buttonRow(...nextButtons(view)),
    ],
  };
}

/** Green for what nobody feels, and what everybody does in red; the words say the same. */
function sign({ rate, isFew }: Figures): string {
  if (rate === undefined || isFew) return '⚪';
  return rate.part < 0.01 ? '🟢' : rate.part < 0.05 ? '🟡' : '🔴';
}

function whatIfText(whatIf: NonNullable<Summary['whatIf']>): string {
  if (whatIf.kind === 'refused') return `No what-if: ${whatIf.because}.`;
  const { backTest, lifetime, changes } = whatIf;
  const foreseen = changes.map(
    ({ name, coldStarts, monthlyCost }) =>
      `${name}: ${between(coldStarts)}${monthlyCost === undefined ? '' : `, ${dollars(monthlyCost)} a month`}`,
  );
  return `What if: ${foreseen.join(' · ')}. The model reproduces ${between(backTest.reproduced)} of ${number(backTest.observed)}; ${lifetimeText(lifetime)}. ${caveats}`;
}

function foot({ monthlyInitCost, all }: Summary, { command, askedBy, functions, bytesScanned }: ColdStartsView): string {
  const parts = [
    `<@${escapeText(askedBy)}>`,
    `${plural(functions, 'function')}, ${windowText(command.windowMs)}`,
    ...(all.isFew && all.rate !== undefined ? [`few data: between ${percent(all.rate.low)} and ${percent(all.rate.high)}`] : []),
    ...(monthlyInitCost === undefined ? [] : [`inits cost ${dollars(monthlyInitCost)} a month`]),
    `the question cost ${dollars(scanCost(bytesScanned))} (${bytesText(bytesScanned)})`,
  ];
  return parts.join('  ·  ');
}

const cell = (text: string) => ({ type: 'raw_text' as const, text: text === '' ? '–' : text });

function tableBlock(functions: Summary['functions']): KnownBlock {
  const shown = [...functions].slice(0, shownFunctions);
  const rows = shown.map(([name, figures]) => rowOf(name, figures));
  const others = functions.size - shown.length;
  return {
    type: 'table',
    column_settings: [{ is_wrapped: true }, ...Array.from({ length: 5 }, () => ({ align: 'right' as const }))],
    rows: [
      ['Function', 'Calls', 'Cold', 'Rate', 'p50', 'p99'].map(cell),
      ...rows,
      ...(others > 0 ? [[cell(`… and ${others} more`), ...Array.from({ length: 5 }, () => cell(''))]] : []),
    ],
  };
}

function rowOf(name: string, { invocations, coldStarts, rate, isFew, initMs, notCounted, hidesReports }: Figures) {
  const label =
    notCounted.webFunctions > 0 ? ' (Web Function)' : notCounted.managedInstances > 0 && invocations === 0 ? ' (Managed Instances)' : '';
  return [
    `${cut(name, 80)}${label}${hidesReports ? ' (hides its reports)' : ''}`,
    number(invocations),
    number(coldStarts),
    rate === undefined ? '' : `${percent(rate.part)}${isFew ? ' ?' : ''}`,
    initMs === undefined ? '' : milliseconds(initMs.p50),
    initMs === undefined ? '' : milliseconds(initMs.p99),
  ].map(cell);
}

/** A label of Slack's charts has room for so much. */
const labelLength = 20;
const chartBars = 12;

/**
 * Slack's own chart: the part of calls that start cold, by function. The block is of June 2026; @slack/types 3.2.0 does not know it yet.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 */
function chart(functions: Summary['functions']): readonly KnownBlock[] {
  const named = [...functions]
    .filter(([, { rate }]) => rate !== undefined)
    .slice(0, chartBars)
    .toSorted(([, a], [, b]) => (b.rate?.part ?? 0) - (a.rate?.part ?? 0));
  // One bar says no more than the line above it.
  if (named.length < 2) return [];
  const labels = shortLabels(named.map(([name]) => name));
  const data = named.map(([, { rate }], index) => ({ label: labels[index] ?? '', value: Math.round((rate?.part ?? 0) * 10_000) / 100 }));
  const block = {
    type: 'data_visualization',
    title: 'Calls that started cold, %',
    chart: { type: 'bar', series: [{ name: 'cold starts, %', data }], axis_config: { categories: labels, y_label: '% of calls' } },
  };
  // A block that the types lack, and Slack has.
  return [block as unknown as KnownBlock];
}

/** Names that fit and differ: what all begin with is left out, and the rest is cut in the middle. */
function shortLabels(names: readonly string[]): readonly string[] {
  const prefix = names.reduce((common, name) => {
    let at = 0;
    while (at < common.length && common[at] === name[at]) at += 1;
    return common.slice(0, at);
  });
  const shared = prefix.slice(0, prefix.lastIndexOf('-') + 1).length;
  const short = names
    .map((name) => name.slice(shared) || name)
    .map((name) => (name.length <= labelLength ? name : `${name.slice(0, 11)}…${name.slice(-8)}`));
  return short.map((label, index) => (short.indexOf(label) === index ? label : `${label.slice(0, 16)} ${index + 1}`));
}

const askButton = (label: string, value: string, name: string): Button => ({
  type: 'button',
  // One id for each button of a row: Slack refuses two alike.
  action_id: `${buttons.coldStarts}:${name}`,
  text: { type: 'plain_text', text: label },
  value: cut(value, 2_000),
});

function nextButtons({ command }: ColdStartsView): readonly Button[] {
  const names = command.functions.join(' ');
  const windows = [3_600_000, 24 * 3_600_000, 7 * 24 * 3_600_000].filter((windowMs) => windowMs !== command.windowMs);
  const ask = (rest: string) => `${names} ${rest}`.trim();
  return [
    ...windows.map((windowMs) => askButton(windowText(windowMs), ask(windowWord(windowMs)), windowWord(windowMs))),
    askButton('What if…', ask(`${windowWord(command.windowMs)} merge ping=5m provisioned=1`), 'what-if'),
  ];
}

const openButton = (url: string): Button => ({
  type: 'button',
  action_id: buttons.openReport,
  text: { type: 'plain_text', text: 'All functions and charts' },
  url,
});

/** A sentence of ours with functions' names in backticks: what is between them is from outside. */
const codeNames = (sentence: string): string =>
  sentence
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part) : escapeText(part)))
    .join('');

/** `1.2 GB`, `340 MB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${bytes < 1e10 ? (bytes / 1e9).toFixed(1) : number(bytes / 1e9)} GB`;
}
