import type { History } from '../outcome/history.ts';
import type { Environment } from '../run/catalogue.ts';
import type { ScenarioRef } from '../run/dealt.ts';
import { chooseShards, type ShardChoice, type Work } from '../run/forecast.ts';
import { knownWork } from '../run/known-work.ts';
import { mostShardsOf, shardsWanted } from '../run/plan.ts';
import type { RunRequest } from '../run/request.ts';

/**
 * What a request has before it, by what is remembered of its environment's last runs, and how many shards are worth their start, where
 * that is left to us.
 */
export function forecastRun(
  request: RunRequest,
  environment: Environment,
  { only, history }: { readonly only: readonly ScenarioRef[] | undefined; readonly history: History },
): { readonly work: Work; readonly chosen?: ShardChoice } {
  const { tags, features } = request.command;
  const work = knownWork(history, { tags: tags ?? environment.tags, features, only }, environment);
  return { work, ...(shardsWanted(request, environment) === 'auto' && { chosen: chooseShards(work, mostShardsOf(environment)) }) };
}
