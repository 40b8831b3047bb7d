import { duration, plural } from '../message/text.ts';
import { askerWords } from '../message/words.ts';
import type { Comparison } from '../outcome/comparison.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { Fact } from './report-page.ts';

/** A run that has ended, as far as its report tells of it beside its outcome. */
export interface EndedRun {
  readonly plan: RunPlan;
  /** The container of each shard whose messages count (`shardKeys`). */
  readonly takes: readonly { readonly shard: number; readonly take: number }[];
  /** ISO 8601; absent: its tasks were never asked for. */
  readonly startedAt?: string;
  readonly endedAt: string;
  /** What is new since the runs before. */
  readonly comparison?: Comparison;
  /** How often the environment's links were revoked before: its own say so. */
  readonly links?: number;
  /** Hash of the commit, when the suite came from git. */
  readonly commit?: string;
  /** Places (`placeOf`) of the scenarios that a lost shard was to run and has not spoken of. */
  readonly unheard?: ReadonlySet<string>;
}

const some = (label: string, value: string | undefined): readonly Fact[] => (value === undefined || value === '' ? [] : [{ label, value }]);

const chosen = ({ suite: { tags, features } }: RunPlan): string => {
  const shown = features.slice(0, 3).join(', ');
  const more = features.length > 3 ? ` and ${plural(features.length - 3, 'more feature')}` : '';
  return [tags, `${shown}${more}`].filter((part) => part !== '').join(' in ') || 'all';
};

const suiteWords = ({ suite: { ref, source } }: RunPlan, commit: string | undefined): string => {
  const from = source === undefined ? '' : ` of ${source.repository.replace(/^https?:\/\/(?:[^@/]*@)?/, '')}`;
  return ref === undefined ? 'in the image' : `${ref}${commit === undefined ? '' : ` (${commit.slice(0, 7)})`}${from}`;
};

const tookWords = ({ startedAt, endedAt }: EndedRun): string | undefined =>
  startedAt === undefined ? undefined : duration(Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)));

/** What was run, where, from what, for whom and when. */
export const runFacts = (ended: EndedRun): readonly Fact[] => {
  const { plan, startedAt, endedAt, commit } = ended;
  const { suite, environment, asker, runId, rerun } = plan;
  const address = /^https?:/.test(suite.url) ? ` · ${suite.url.replace(/^https?:\/\/(?:[^@/]*@)?/, '').replace(/\/$/, '')}` : '';
  return [
    ...some('Environment', `${environment}${address}`),
    ...some('Scenarios', chosen(plan)),
    ...some('Suite', suiteWords(plan, commit)),
    ...some('Asked for by', askerWords(asker)),
    startedAt === undefined ? { label: 'Ended', value: endedAt, at: endedAt } : { label: 'Started', value: startedAt, at: startedAt },
    ...some('Took', tookWords(ended)),
    ...some('Shards', shardCount(plan) > 1 ? String(shardCount(plan)) : undefined),
    ...some('Retries', suite.retry > 0 ? `up to ${suite.retry}` : undefined),
    ...some('Run', runId),
    ...some('Runs again', rerun === undefined ? undefined : `what had not passed in ${rerun.of}`),
  ];
};
