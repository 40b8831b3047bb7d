import type { KnownBlock } from '@slack/types';
import { commandText } from '../run/command.ts';
import type { ClockChange } from '../schedule/next-times.ts';
import type { Schedule } from '../schedule/schedule.ts';
import { timesWords } from '../schedule/times.ts';
import { context, scheduleButtons, section } from './blocks.ts';
import { fit } from './fit.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** A schedule, and when it runs next. */
export interface ScheduleView {
  readonly schedule: Schedule;
  /** Milliseconds since 1970. */
  readonly next: readonly number[];
  readonly changes: readonly ClockChange[];
}

/** What a schedule runs, and when: "`staging @smoke` weekdays 06:30 Europe/Berlin". */
const scheduleWords = ({ command, times }: Schedule): string => `${code(cut(commandText(command), 200))} ${timesWords(times)}`;

const slackTime = (ms: number): string =>
  `<!date^${Math.round(ms / 1_000)}^{date_short_pretty} {time}|${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC>`;

/** What the clocks do to it, if anything. */
const changeWords = ({ schedule: { times }, changes }: ScheduleView): readonly string[] =>
  times.kind === 'every'
    ? []
    : changes.map(({ kind, day }) => {
        const time = `${String(times.hour).padStart(2, '0')}:${String(times.minute).padStart(2, '0')}`;
        return kind === 'skipped'
          ? `On ${day} clocks go forward and there is no ${time} in ${times.zone}: it does not run that day.`
          : `On ${day} clocks go back and ${time} comes twice in ${times.zone}: it runs once.`;
      });

/** A schedule was made: the next times, and on which days clocks are changed under it. */
export function scheduledMessage(view: ScheduleView): Message {
  const { schedule, next } = view;
  const words = scheduleWords(schedule);
  const { environment } = schedule.command;
  return {
    text: escapeText(`Scheduled: ${cut(commandText(schedule.command), 300)}, ${timesWords(schedule.times)}`),
    blocks: [
      section(`🗓️ Scheduled: ${words}\nNext: ${next.map(slackTime).join(', ')}`),
      ...changeWords(view).map(context),
      context(
        `It reports where *${environment}* reports, runs as long as <@${schedule.by}> may run there, and says so when it no longer can. \`/run-tests schedules\` has all.`,
      ),
      ...scheduleButtons(schedule),
    ],
  };
}

/** All schedules of some environments, each with what can be done about it. */
export function schedulesMessage(environments: readonly string[], views: readonly ScheduleView[]): Message {
  const where = environments.length === 1 ? ` on ${environments[0]}` : '';
  if (views.length === 0) {
    const example = `/run-tests schedule ${environments[0]} @smoke weekdays 06:30 Europe/Berlin`;
    return {
      text: `Nothing is scheduled${where}.`,
      blocks: [section(`Nothing is scheduled${where}. ${code(example)} would change that.`)],
    };
  }
  return fit({
    text: `${plural(views.length, 'schedule')}${where}`,
    head: [section(`*${plural(views.length, 'schedule')}${where}*`)],
    parts: views.map((view) => [...schedulePart(view), ...scheduleButtons(view.schedule)]),
    most: 15,
    leftOut: (count) => [context(`and ${plural(count, 'more schedule')}: name an environment`)],
    foot: [],
  });
}

/** One of them: what, when, whose, and how it stands. */
export function schedulePart({ schedule, next }: ScheduleView): readonly KnownBlock[] {
  const { rest, by } = schedule;
  const [first] = next;
  const state =
    rest?.kind === 'paused'
      ? `paused by <@${rest.by}>`
      : rest?.kind === 'stopped'
        ? `stopped: ${rest.because}`
        : first === undefined
          ? 'never again'
          : `next ${slackTime(first)}`;
  return [section(`${rest === undefined ? '🗓️' : '⏸️'} ${scheduleWords(schedule)}\n${state}  ·  made by <@${by}>`)];
}

/** To the one who made it: once it did not run. */
export function missedScheduleMessage(schedule: Schedule, at: string, because: string): Message {
  const text = `<@${schedule.by}> your schedule ${scheduleWords(schedule)} did not run at ${slackTime(Date.parse(at))}: ${because}`;
  return { text: text.replaceAll('`', ''), blocks: [section(`⚠️ ${text}`)] };
}

/** To the one who made it, where its environment reports: it can no longer run. */
export function stoppedScheduleMessage(schedule: Schedule, because: string): Message {
  const text = `<@${schedule.by}> your schedule ${scheduleWords(schedule)} can no longer run: ${because}`;
  return {
    text: text.replaceAll('`', ''),
    blocks: [
      section(`⏸️ ${text}`),
      context(
        `It is stopped. When that is mended, \`/run-tests schedules ${escapeText(schedule.command.environment)}\` has a button to resume it.`,
      ),
    ],
  };
}
