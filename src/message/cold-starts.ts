import type { Button, KnownBlock } from '@slack/types';
import { caveats, headline, keptText, lifetimeText } from '../coldstart/as-text.ts';
import { windowText, windowWord } from '../coldstart/command.ts';
import { scanCost } from '../coldstart/cost.ts';
import type { Summary } from '../coldstart/summary.ts';
import type { Figures } from '../coldstart/tally.ts';
import { between, dollars, milliseconds, number, percent } from '../coldstart/words.ts';
import { buttonRow, context, section } from './blocks.ts';
import { buttons } from './buttons.ts';
import { chartBlocks, chartOf, type ShownChart } from './cold-starts-chart.ts';
import type { ColdStartsView } from './cold-starts-view.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** A person reads so many rows here; the rest is on the page. */
const shownFunctions = 8;

/** What stands there while CloudWatch looks. */
export function lookingMessage({ command, askedBy, functions, bytesScanned, isHot }: ColdStartsView): Message {
  const scanned = bytesScanned === 0 ? '' : ` · ${bytesText(bytesScanned)} so far, for ${dollars(scanCost(bytesScanned))}`;
  const hot = isHot ? 'So many calls that CloudWatch counts the warm ones; only what tells of cold starts is read. ' : '';
  const text = `Looking at the logs of ${plural(functions, 'function')}, ${windowText(command.windowMs)} and as long before${scanned}`;
  return { text, blocks: [section(`⏳ ${text} …`), context(`${hot}<@${escapeText(askedBy)}>`)] };
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

/** The answer. `pageUrl` leads to the whole of it, `chart` says how the chart is shown. */
export function coldStartsMessage(summary: Summary, view: ColdStartsView, pageUrl: string | undefined, chart: ShownChart): Message {
  const { all, functions, advice, untold, whatIf } = summary;
  const line = headline(summary);
  if (all.invocations === 0 && all.coldStarts === 0) return nothingMessage(summary, view);
  return {
    text: `Cold starts: ${line}`,
    blocks: [
      section(`${sign(all)} *${escapeText(line)}*`),
      ...(functions.size > 0 ? [tableBlock(functions)] : []),
      ...chartBlocks(chartOf(summary, view), chart),
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
  const { backTest, lifetime, kept, changes } = whatIf;
  const foreseen = changes.map(
    ({ name, coldStarts, monthlyCost }) =>
      `${name}: ${between(coldStarts)}${monthlyCost === undefined ? '' : `, ${dollars(monthlyCost)} a month`}`,
  );
  return `What if, in cold starts: ${foreseen.join(' · ')}. The model reproduces ${between(backTest.reproduced)} of ${number(backTest.observed)}; ${lifetimeText(lifetime)}.${kept > 0 ? ` ${keptText(kept)}` : ''} ${caveats}`;
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

/** Asks `/coldstarts` this. `name` tells the buttons of a row apart. */
export const askButton = (label: string, value: string, name: string): Button => ({
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

/** Leads to the page with everything. */
export const openButton = (url: string): Button => ({
  type: 'button',
  action_id: buttons.openReport,
  text: { type: 'plain_text', text: 'All functions and charts' },
  url,
});

/** A sentence of ours with functions' names in backticks: what is between them is from outside. */
export const codeNames = (sentence: string): string =>
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
