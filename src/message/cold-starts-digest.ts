import { windowText } from '../coldstart/command.ts';
import { scanCost } from '../coldstart/cost.ts';
import type { Rate } from '../coldstart/stats.ts';
import type { Summary } from '../coldstart/summary.ts';
import type { Figures } from '../coldstart/tally.ts';
import { dollars, milliseconds, number, percent } from '../coldstart/words.ts';
import { buttonRow, context, section } from './blocks.ts';
import { askButton, bytesText, codeNames, openButton } from './cold-starts.ts';
import type { ColdStartsView } from './cold-starts-view.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** A person reads so many names in a line. */
const shownFunctions = 3;
/** A smaller change is none, however sure it is. */
const leastTimes = 1.2;

/** What became of a rate. */
type Change = 'better' | 'worse' | 'same';

/** The weekly digest: better or worse than the week before, which functions, and what to do. `schedule` as coldframe.yml says it. */
export function digestMessage(
  summary: Summary,
  view: ColdStartsView & { readonly schedule: string },
  pageUrl: string | undefined,
): Message {
  const { all, functions, before, advice, untold, monthlyInitCost } = summary;
  const names = view.command.functions.join(' ');
  const buttons = buttonRow(
    askButton('The whole answer', `${names} 7d`.trim(), '7d'),
    pageUrl === undefined ? undefined : openButton(pageUrl),
  );
  const foot = context(
    [
      `${plural(view.functions, 'function')}, ${windowText(view.command.windowMs)}`,
      ...(monthlyInitCost === undefined ? [] : [`inits cost ${dollars(monthlyInitCost)} a month`]),
      `this digest cost ${dollars(scanCost(view.bytesScanned))} (${bytesText(view.bytesScanned)})`,
      `every ${escapeText(capital(view.schedule))}: coldframe.yml says so`,
    ].join('  ·  '),
  );
  if (all.invocations === 0) {
    const text = 'Cold starts this week: none, because nobody called.';
    return { text, blocks: [section(`⚪ *${text}*`), foot, ...buttons] };
  }
  const { sign, line } = verdict(all, before?.all);
  const moved = before === undefined ? [] : movers(functions, before.functions);
  const [advised] = advice;
  return {
    text: `Cold starts this week: ${line.charAt(0).toLowerCase()}${line.slice(1)}`,
    blocks: [
      section(`${sign} *${escapeText(line)}*`),
      ...(moved.length > 0 ? [section(moved.join('\n'))] : []),
      ...(advised === undefined ? [] : [section(`→ ${codeNames(advised)}`)]),
      ...(untold.length > 0 ? [context(escapeText(cut(untold.join(' '), 1_500)))] : []),
      foot,
      ...buttons,
    ],
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The one line that answers "better or worse?". */
function verdict(
  { rate, invocations, initMs, isFew }: Figures,
  before: Figures | undefined,
): { readonly sign: string; readonly line: string } {
  const waited = initMs === undefined ? '' : `; people waited ${milliseconds(initMs.p50)}, one in a hundred ${milliseconds(initMs.p99)}`;
  const now = `${percent(rate?.part ?? 0)} of ${number(invocations)} calls started cold`;
  const was = before?.rate;
  if (was === undefined || rate === undefined) return { sign: '⚪', line: `${now}${waited}. There is no week before to compare with.` };
  if (isFew || before?.isFew === true)
    return { sign: '⚪', line: `${now}, ${percent(was.part)} the week before: too few calls to tell better from worse.` };
  switch (changeOf(was, rate)) {
    case 'better':
      return { sign: '🟢', line: `Better than the week before: ${now}, down from ${percent(was.part)}${waited}.` };
    case 'worse':
      return { sign: '🔴', line: `Worse than the week before: ${now}, up from ${percent(was.part)}${waited}.` };
    case 'same':
      return { sign: '⚪', line: `Much as the week before: ${now}, ${percent(was.part)} then${waited}.` };
  }
}

/** A change counts when both weeks' intervals lie apart, and when it is one that anybody would call so. */
function changeOf(was: Rate, is: Rate): Change {
  if (is.low > was.high && is.part > leastTimes * was.part) return 'worse';
  return is.high < was.low && is.part < was.part / leastTimes ? 'better' : 'same';
}

/** Which functions became better or worse: those first where it concerns most calls. */
function movers(functions: Summary['functions'], before: Summary['functions']): readonly string[] {
  const moved = [...functions].flatMap(([name, { rate: is, invocations }]) => {
    const was = before.get(name)?.rate;
    if (is === undefined || was === undefined) return [];
    return [{ name, change: changeOf(was, is), is, was, calls: Math.abs(is.part - was.part) * invocations }];
  });
  return (['worse', 'better'] as const).flatMap((change) => {
    const these = moved.filter((one) => one.change === change).toSorted((a, b) => b.calls - a.calls);
    if (these.length === 0) return [];
    const shown = these
      .slice(0, shownFunctions)
      .map(({ name, is, was }) => `${code(cut(name, 80))} ${percent(is.part)} (was ${percent(was.part)})`);
    const others = these.length - shown.length;
    return [`*${change === 'worse' ? 'Worse' : 'Better'}*  ${shown.join('  ·  ')}${others > 0 ? `  ·  and ${others} more` : ''}`];
  });
}
