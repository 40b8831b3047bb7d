import { hourMs } from '../coldstart/hourly.ts';
import { type Inits, partOf, rateOfShare, type Share } from '../coldstart/jump.ts';
import type { KnownJump } from '../coldstart/watch.ts';
import { milliseconds, number, percent } from '../coldstart/words.ts';
import { buttonRow, context, section } from './blocks.ts';
import { askButton } from './cold-starts.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** More are a list that nobody reads. */
const shownJumps = 5;

/** Says what jumped, since when, from what to what, why, and what to do; or that it is over. At least one jump. */
export function alertMessage(jumps: readonly KnownJump[]): Message {
  const open = jumps.filter(({ ended }) => ended === undefined);
  const shown = [...open, ...jumps.filter(({ ended }) => ended !== undefined)].slice(0, shownJumps);
  const others = jumps.length - shown.length;
  const names = [...new Set(shown.map(({ functionName }) => functionName))].join(' ');
  return {
    text: notification(jumps, open),
    blocks: [
      ...shown.map((jump) => section(jump.ended === undefined ? openText(jump) : overText(jump, jump.ended))),
      ...(others > 0 ? [section(`… and ${plural(others, 'function')} more: \`/coldstarts\` shows all.`)] : []),
      context(
        open.length > 0
          ? 'Against the same hours of the seven days before, where they were as busy. It is said once; when it is over, this message says so.'
          : 'Nobody was told of the end: this message has only changed.',
      ),
      ...buttonRow(askButton('Last 24 h', `${names} 24h`, '24h'), askButton('What if…', `${names} 7d ping=5m provisioned=1`, 'what-if')),
    ],
  };
}

function notification(jumps: readonly KnownJump[], open: readonly KnownJump[]): string {
  const [first] = open;
  if (first === undefined) return `Cold starts are back to what they were: ${namesOf(jumps)}`;
  return open.length === 1
    ? `${escapeText(cut(first.functionName, 80))} ${claim(first)} since ${utc(first.since)}`
    : `Cold starts have jumped: ${namesOf(open)}`;
}

function namesOf(jumps: readonly KnownJump[]): string {
  const names = [...new Set(jumps.map(({ functionName }) => escapeText(cut(functionName, 80))))];
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}

/** What became of it, in the fewest words. */
function claim(jump: KnownJump): string {
  if (jump.kind === 'init') return `takes ${times(jump.is.p50Ms / Math.max(1, jump.was.p50Ms))} as long to start`;
  const was = partOf(jump.was);
  return was === 0 ? `starts cold on ${percent(partOf(jump.is))} of its calls` : `starts cold ${times(partOf(jump.is) / was)} as often`;
}

/** `twice`, `6 times`. */
function times(factor: number): string {
  const rounded = factor < 10 ? Math.round(factor * 10) / 10 : Math.round(factor);
  return rounded === 2 ? 'twice' : `${rounded.toLocaleString('en')} times`;
}

function openText(jump: KnownJump): string {
  const figures = jump.kind === 'rate' ? shares(jump.was, jump.is) : inits(jump.was, jump.is);
  const { because, todo } = reason(jump);
  return `⚠️ *${code(cut(jump.functionName, 80))} ${claim(jump)} since ${slackTime(jump.since)}*\n${figures}\n${because}\n→ ${todo}`;
}

const overText = (jump: KnownJump, ended: number): string =>
  `✅ *${code(cut(jump.functionName, 80))} has been back to what it was since ${slackTime(ended)}*\nIt ${jump.kind === 'init' ? `took ${milliseconds(jump.is.p50Ms)} to start` : `started cold on ${percent(partOf(jump.is))} of its calls`} from ${slackTime(jump.since)} on.`;

function shares(was: Share, is: Share): string {
  const between = (share: Share): string => {
    const { part, low, high } = rateOfShare(share);
    return `${percent(part)} of ${number(share.calls)} calls (between ${percent(low)} and ${percent(high)})`;
  };
  return `Now ${between(is)}; before ${between(was)}.`;
}

const inits = (was: Inits, is: Inits): string =>
  `Now half of its inits take ${milliseconds(is.p50Ms)} or more; before ${milliseconds(was.p50Ms)}, and nine in ten less than ${milliseconds(was.p90Ms)}.`;

/** What is likely behind it, and what to do about that. */
function reason(jump: KnownJump): { readonly because: string; readonly todo: string } {
  const { cause, kind } = jump;
  switch (cause.kind) {
    case 'deploy':
      return kind === 'init'
        ? {
            because: 'Its environments were replaced then, as a deploy does it.',
            todo: 'Look at what was deployed then: what does it load or wait for that it did not before?',
          }
        : {
            because: `${number(cause.replaced)} of ${number(jump.kind === 'rate' ? jump.is.cold : cause.replaced)} came while an idle environment stood ready, which Lambda passes by only if it was replaced: deploys, or changes of its configuration.`,
            todo: 'Look at who deploys or configures it again and again.',
          };
    case 'runtime':
      return {
        because: `AWS has brought its runtime up to date: ${code(cause.from)} became ${code(cause.to)}.`,
        todo: 'If it stays so, pin the version before it (runtime management) and tell AWS.',
      };
    case 'busy':
      return {
        because: `${number(cause.busy)} of ${number(jump.kind === 'rate' ? jump.is.cold : cause.busy)} came while all its environments were busy: more calls at once than before, or slower ones.`,
        todo: 'Look at how long its calls take. Provisioned concurrency would help, a ping would not.',
      };
    case 'unknown':
      return kind === 'init'
        ? { because: 'No deploy was seen then.', todo: 'Look at what its init waits for: a secret, a connection, a file.' }
        : {
            because: 'Neither deploys nor calls at once explain it: its environments live shorter, or its calls come further apart.',
            todo: 'Ask _What if…_ what a ping or provisioned concurrency would do.',
          };
  }
}

/** A time as each reader's own clock shows it. */
const slackTime = (hour: number): string => `<!date^${(hour * hourMs) / 1_000}^{date_short_pretty} {time}|${utc(hour)}>`;

const utc = (hour: number): string => `${new Date(hour * hourMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Nothing could be looked at for hours, and nobody is to take the silence for good news. `trouble`: a sentence of ours. */
export function blindMessage(since: number, trouble: string): Message {
  const text = `Since ${utc(since)} I could not watch the cold starts of this channel's functions`;
  return {
    text: `${text}.`,
    blocks: [
      section(`⚠️ *Since ${slackTime(since)} I could not watch the cold starts of this channel's functions.* ${trouble}`),
      context('It is said once. What `alert: true` asks for stands in coldframe.yml, below `coldStarts.channels`.'),
    ],
  };
}
