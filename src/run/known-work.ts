import type { History, RememberedRun, RememberedScenario } from '../outcome/history.ts';
import { durationsOf } from '../outcome/known-durations.ts';
import { median } from '../outcome/usual-time.ts';
import type { Environment } from './catalogue.ts';
import type { Dealable } from './deal.ts';
import type { ScenarioRef } from './dealt.ts';
import type { Work } from './forecast.ts';
import { workersOf } from './plan.ts';
import { selectionOf } from './selection.ts';

/** Which scenarios a run is for. */
export interface WantedScenarios {
  readonly tags: string;
  readonly features: readonly string[];
  /** Only these, of a run of what another has not seen through. */
  readonly only?: readonly ScenarioRef[] | undefined;
}

/** Fargate needs 20 to 45 seconds to start a task, the pre-flight and cucumber a few more. What an environment's runs took counts more. */
const usualStartMs = 35_000;
const lastStarts = 5;
/** A scenario that none of these has met is most likely gone. */
const lastRuns = 20;

/**
 * What a run has before it, as the last runs of its environment tell: the scenarios of the last run of the same tags and features, else all that
 * they mean of the suite as the last runs have met it.
 */
export function knownWork(history: History, wanted: WantedScenarios, environment: Environment): Work {
  return {
    scenarios: scenariosOf(history, wanted),
    durations: durationsOf(history),
    together: environment.together ?? [],
    workers: workersOf(environment) ?? 1,
    startMs: startMsOf(history),
  };
}

/** From asking for a task until its first scenario begins, as the last runs tell, in milliseconds. */
export const startMsOf = ({ runs }: History): number =>
  median(runs.flatMap(({ startMs }) => startMs ?? []).slice(-lastStarts)) ?? usualStartMs;

/** The scenarios that the last runs have met. */
export const metLately = ({ scenarios }: History): readonly Dealable[] =>
  scenarios.filter(({ marks }) => /[^.]/.test(marks.slice(-lastRuns))).map(dealable);

function scenariosOf(history: History, { tags, features, only }: WantedScenarios): readonly Dealable[] {
  const rows = history.scenarios;
  if (only !== undefined) {
    const known = new Map(rows.map((row) => [row.id, row]));
    return only.map(({ id, uri }) => ({ id, uri, tags: tagsOf(known.get(id)) }));
  }
  const same = history.runs.findLastIndex((run) => isWhole(run) && run.tags === tags && `${run.features}` === `${features}`);
  if (same >= 0) return rows.filter(({ marks }) => marks[same] !== '.').map(dealable);
  // What comes over the bus may be no tag expression: cucumber will say so, and nothing is known of it.
  return selectionOf(metLately(history), { tags, features }) ?? [];
}

/** Whether it has met all scenarios that it was for. */
const isWhole = ({ kind, again }: RememberedRun): boolean => again === undefined && (kind === 'passed' || kind === 'failed');

const tagsOf = (row: Pick<RememberedScenario, 'tags'> | undefined): readonly string[] => row?.tags?.split(' ') ?? [];

const dealable = ({ id, uri, tags }: RememberedScenario): Dealable => ({ id, uri, tags: tagsOf({ ...(tags !== undefined && { tags }) }) });
