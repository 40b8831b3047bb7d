import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { Outcome } from '../outcome/outcome.ts';
import { buttonRow, context, openReportButton, rerunButton, runAgainButton, scheduleButtons, section } from './blocks.ts';
import { buttons } from './buttons.ts';
import type { Part } from './fit.ts';
import { type StandingView, standingPart } from './history.ts';
import { onPart, onWords, type RunOn } from './on-now.ts';
import { type ScheduleView, schedulePart } from './schedules.ts';
import { code, cut, duration, escapeText, plural } from './text.ts';
import { outcomeWord } from './words.ts';

/** Everything a person's Home shows. */
export interface HomeView {
  readonly environments: readonly HomeEnvironment[];
  /** Their own last runs, the newest first. */
  readonly mine: readonly HomeRun[];
  readonly schedules: readonly ScheduleView[];
  /** What was last found of cold starts; absent: nothing, or they may not ask. */
  readonly coldStarts?: { readonly at: string; readonly text: string } | undefined;
  /** What came of a button that was pressed here: mrkdwn of ours. */
  readonly notice?: string | undefined;
  /** ISO 8601. */
  readonly at: string;
}

/** An environment that the person may look at. */
export interface HomeEnvironment extends StandingView {
  readonly on: readonly RunOn[];
  /** How many wait for their turn. */
  readonly waiting: number;
  /** Whether the person may cancel them. */
  readonly mayCancel: boolean;
}

/** A run that has ended. */
export interface HomeRun {
  readonly environment: string;
  readonly runId: string;
  readonly at: string;
  readonly outcome: Pick<Outcome, 'kind'>;
  readonly durationMs?: number | undefined;
  /** What to type after the command for the same again; absent: nobody knows any more. */
  readonly typed?: string | undefined;
  /** What runs again only what did not pass; absent: there is nothing. */
  readonly rerunText?: string | undefined;
  readonly reportUrl?: string | undefined;
  /** Where the environment asks before a run. */
  readonly isConfirmed: boolean;
}

/** As Slack's `views.publish` takes it. */
export interface Home {
  readonly type: 'home';
  readonly blocks: readonly KnownBlock[];
}

const mostBlocks = 98;
const mostEnvironments = 12;
const mostOn = 4;
const mostOnInAll = 12;
const mostMine = 5;
const mostSchedules = 10;

/** A person's Home: how the environments are, what is on, what they ran, what is scheduled. */
export function homeView(view: HomeView): Home {
  const { environments, mine, schedules, notice, at } = view;
  const parts: readonly Part[] = [
    ...(notice === undefined ? [] : [[section(notice)]]),
    topRow,
    [header('Environments'), ...environmentsPart(environments)],
    [header('My last runs'), ...minePart(mine)],
    [header('Schedules'), ...schedulesPart(schedules)],
    ...(view.coldStarts === undefined ? [] : [coldStartsPart(view.coldStarts)]),
    [context(`As of ${slackTime(at)}; it follows what happens for two hours after it was opened.`)],
  ];
  const blocks = parts.flatMap((part, index) => (index === 0 ? part : [{ type: 'divider' as const }, ...part]));
  return { type: 'home', blocks: blocks.slice(0, mostBlocks) };
}

/** What can be done from here. */
const topRow: readonly ActionsBlock[] = buttonRow(
  {
    type: 'button',
    action_id: buttons.openRunForm,
    style: 'primary',
    text: { type: 'plain_text', text: 'Run tests' },
    value: 'home',
  },
  { type: 'button', action_id: buttons.openSettings, text: { type: 'plain_text', text: 'Settings' }, value: 'home' },
);

const header = (text: string): KnownBlock => ({ type: 'header', text: { type: 'plain_text', text } });

const slackTime = (at: string): string =>
  `<!date^${Math.round(Date.parse(at) / 1_000)}^{date_short_pretty} {time}|${at.slice(0, 16).replace('T', ' ')} UTC>`;

function environmentsPart(environments: readonly HomeEnvironment[]): Part {
  if (environments.length === 0) return [section('There is no environment that you may look at: who may stands in coldframe.yml.')];
  const more = environments.length - mostEnvironments;
  const shown = environments.slice(0, mostEnvironments);
  // The more environments, the fewer runs of each: what stands below them has to fit, too.
  const most = Math.max(1, Math.min(mostOn, Math.floor(mostOnInAll / shown.length)));
  return [
    ...shown.flatMap((one) => [...standingPart(one), ...onOf(one, most)]),
    ...(more > 0 ? [context(`and ${plural(more, 'more environment')}: \`/run-tests history\` has each`)] : []),
  ];
}

function onOf({ on, waiting, mayCancel }: HomeEnvironment, most: number): Part {
  const lines = on.length > most ? [`and ${on.length - most} more: \`/run-tests cancel\` has all`] : [];
  if (waiting > 0) lines.push(`⏳ ${plural(waiting, 'run')} ${waiting === 1 ? 'waits' : 'wait'} for a place`);
  const shown = on.slice(0, most).map((run) => (mayCancel ? onPart(run) : context(onWords(run))));
  return [...shown, ...(lines.length === 0 ? [] : [context(lines.join('\n'))])];
}

function minePart(mine: readonly HomeRun[]): Part {
  if (mine.length === 0) return [section('None of the last runs was yours.')];
  return mine.slice(0, mostMine).flatMap((run) => [section(runWords(run)), ...runButtons(run)]);
}

function runWords({ environment, outcome, at, durationMs, typed }: HomeRun): string {
  const { sign, word } = outcomeWord(outcome);
  const took = durationMs === undefined ? '' : ` · ${duration(durationMs)}`;
  const what = typed === undefined || typed === environment ? '' : `\n${code(cut(typed, 200))}`;
  return `${sign} *${environment} ${word}* · ${slackTime(at)}${took}${what}`;
}

/** Each of the run's own: an action's id may stand in a view once. */
function runButtons(run: HomeRun): Part {
  const { runId, environment, typed, rerunText, reportUrl, isConfirmed } = run;
  const asksFor = isConfirmed ? environment : undefined;
  const own = (button: Button | undefined): Button | undefined => button && { ...button, action_id: `${button.action_id}:${runId}` };
  return buttonRow(
    own(openReportButton(reportUrl)),
    own(rerunButton(rerunText, { environment, runId, asksFor })),
    own(typed === undefined ? undefined : runAgainButton(typed, asksFor)),
  );
}

function schedulesPart(schedules: readonly ScheduleView[]): Part {
  if (schedules.length === 0)
    return [section('Nothing is scheduled: `/run-tests schedule staging @smoke weekdays 06:30 Europe/Berlin` is how one says it.')];
  const more = schedules.length - mostSchedules;
  return [
    ...schedules.slice(0, mostSchedules).flatMap((one) => [...schedulePart(one), ...scheduleButtons(one.schedule)]),
    ...(more > 0 ? [context(`and ${plural(more, 'more schedule')}: \`/run-tests schedules\` has all`)] : []),
  ];
}

const coldStartsPart = ({ at, text }: { readonly at: string; readonly text: string }): Part => [
  header('Cold starts'),
  section(escapeText(text)),
  context(`Found ${slackTime(at)}. \`/coldstarts\` looks again.`),
];
