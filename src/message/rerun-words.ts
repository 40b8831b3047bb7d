import type { Rerun, RunPlan } from '../run/plan.ts';

/** `3 that failed`, `3 that failed and 2 that did not run`. */
export function wereWords({ failed, notRun }: Rerun): string {
  const parts = [failed > 0 && `${failed} that failed`, notRun > 0 && `${notRun} that did not run`];
  return parts.filter((part) => part !== false).join(' and ');
}

/** Which part of which run is run again; undefined for a run of its own. */
export const rerunWords = ({ rerun }: RunPlan): string | undefined => rerun && `again the ${wereWords(rerun)} in ${rerun.of}`;
