import type { ContextBlock } from '@slack/types';
import type { Counts } from '../outcome/outcome.ts';
import { isAwaited } from '../run/approval.ts';
import { shardCount } from '../run/plan.ts';
import { approvedBy, awaitedParts } from './awaited.ts';
import { approveButton, buttonRow, cancelButton, context, output, refuseButton, section } from './blocks.ts';
import type { Message } from './message.ts';
import { retriedPart } from './retried.ts';
import type { RunProgress, RunView } from './run-view.ts';
import { about, cut, duration, listed, oneLine, plural } from './text.ts';
import { askerName, badCount, countsInFull, planWords } from './words.ts';

/** Names of scenarios that are on: more than this would be a list nobody reads. */
const shownNow = 3;
const barWidth = 20;
/** Shards that are named; more are counted. */
const shownBehind = 3;

/** The message of a run that has not ended: where it stands, and how to end it. */
export function progressMessage(view: RunView): Message {
  const { plan, run } = view;
  const { sign, words, more } = standing(view);
  return {
    text: `${plan.environment}: ${words}`,
    blocks: [
      section(`${sign} *${plan.environment}* · ${words}`),
      ...more,
      ...(run.cancel === undefined ? retriedPart(view) : []),
      context(whatAndWho(view)),
      ...(run.cancel === undefined ? buttonRow(...buttonsOf(view)) : []),
    ],
  };
}

/** The small line below every message of a run: who, what, and its id. */
export const whatAndWho = ({ plan, run, historyUrl }: RunView): string =>
  [
    askerName(plan.asker),
    approvedBy(run.approval?.by),
    ...planWords(plan, run),
    plan.runId,
    historyUrl === undefined ? '' : `<${historyUrl}|history of ${plan.environment}>`,
  ]
    .filter((part) => part !== '')
    .join('  ·  ');

const buttonsOf = ({ plan: { environment }, run: { approval, id } }: RunView) =>
  isAwaited(approval) ? [approveButton(environment, id), refuseButton(environment, id)] : [cancelButton(environment, id)];

interface Standing {
  readonly sign: string;
  readonly words: string;
  readonly more: Message['blocks'];
}

function standing({ plan, run, place, progress, approvers = [] }: RunView): Standing {
  if (run.cancel !== undefined)
    return {
      sign: '🚫',
      words: 'being cancelled',
      more: [
        context(`${askerName(run.cancel.by)} asked for the end; ${theTasks(plan)} ${shardCount(plan) > 1 ? 'are' : 'is'} being stopped.`),
      ],
    };
  if (run.approval !== undefined && isAwaited(run.approval))
    return { sign: '✋', words: 'waiting for approval', more: awaitedParts(run.approval, approvers) };
  if (run.phase.kind === 'queued') {
    const isWaiting = place?.kind === 'queued';
    if (!isWaiting)
      return {
        sign: '⏳',
        words: 'starting',
        more: [context(`Asking Fargate for ${shardCount(plan) > 1 ? `${shardCount(plan)} tasks` : 'a task'}.`)],
      };
    const before = place.position - 1;
    const words = before === 0 ? 'waiting, next in line' : `waiting, ${plural(before, 'run')} before it`;
    const then =
      plan.expected?.scenariosMs === undefined ? '' : ` It then takes ${about(plan.expected.startMs + plan.expected.scenariosMs)}.`;
    return { sign: '⏳', words, more: [context(`Other runs hold all the places of this environment; this one starts by itself.${then}`)] };
  }
  if (progress === undefined && run.phase.kind === 'started' && run.phase.tasks.length === 0)
    return { sign: '⏳', words: 'not started yet', more: [] };
  if (progress === undefined)
    return { sign: '⏳', words: 'starting', more: [context(`Fargate is starting ${theTasks(plan)}${startWords(plan)}.`)] };
  const { counts, now, step } = progress;
  const shards = shardLine(progress);
  if (step === 'preparing')
    return {
      sign: '⏳',
      words: 'getting ready',
      more: [context(`Looking for the suite, the browser and the environment.${thenWords(plan)}`), ...shards],
    };
  const done = counts.total - counts.unknown;
  const bad = badCount(counts);
  const howFar = `${done} of ${plural(counts.total, 'scenario')} done${bad > 0 ? `, ${bad} failed` : ''}`;
  const words =
    step === 'finishing'
      ? `finishing, ${plural(done, 'scenario')} done`
      : // Before the suite has said what it will run, there is nothing to count.
        `running${counts.total === 0 ? '' : `, ${howFar}`}${progress.leftMs === undefined ? '' : `, ${about(progress.leftMs)} left`}`;
  const names = now.slice(0, shownNow).map((name) => cut(oneLine(name), 150));
  const others = now.length > shownNow ? [`… and ${plural(now.length - shownNow, 'more')}`] : [];
  return {
    sign: bad > 0 ? '🔴' : '🔵',
    words,
    more: [
      ...(counts.total > 0 ? [section(`\`${bar(counts)}\`  ${countsInFull(counts, 'to come')}`)] : []),
      ...(names.length > 0 ? [output([...names, ...others].join('\n'))] : []),
      ...(step === 'finishing' ? [] : shards),
    ],
  };
}

/** What the start takes here, and what comes after it, as the last runs tell. */
const startWords = (plan: RunView['plan']): string =>
  plan.expected === undefined
    ? ': usually half a minute'
    : `; the first scenario usually begins after ${duration(plan.expected.startMs)}.${thenWords(plan)}`.replace(/\.$/, '');

const thenWords = ({ expected }: RunView['plan']): string =>
  expected?.scenariosMs === undefined ? '' : ` The scenarios take ${about(expected.scenariosMs)}.`;

const theTasks = (plan: RunView['plan']): string => (shardCount(plan) > 1 ? `the ${shardCount(plan)} tasks` : 'the task');

const standings = { starting: 'starting', preparing: 'getting ready', running: 'running', finishing: 'over' } as const;

/** Where the shards stand, those that are behind by their numbers: `4 shards: 1 over, 2 running, shard 3 is getting ready`. */
function shardLine({ shards = [] }: RunProgress): readonly ContextBlock[] {
  if (shards.length === 0) return [];
  const parts = (Object.keys(standings) as (keyof typeof standings)[]).toReversed().flatMap((step) => {
    const numbers = [...shards.keys()].filter((index) => shards[index] === step).map((index) => index + 1);
    const isBehind = (step === 'starting' || step === 'preparing') && numbers.length <= shownBehind;
    if (numbers.length === 0) return [];
    return isBehind ? [`${listed('shard', numbers)} ${standings[step]}`] : [`${numbers.length} ${standings[step]}`];
  });
  return [context(`${plural(shards.length, 'shard')}: ${parts.join(', ')}`)];
}

/** How far the run is, as a bar of characters. */
function bar({ total, unknown }: Counts): string {
  // The numbers are a container's: they need not fit together.
  const filled = Math.max(0, Math.min(barWidth, Math.floor(((total - unknown) / total) * barWidth)));
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}
