import { ofTimeCode } from './duration-code.ts';
import type { History, Mark, RememberedRun, RememberedScenario } from './history.ts';

/** A verdict that a scenario had in a run that is remembered. */
export interface Seen {
  readonly run: RememberedRun;
  readonly mark: Mark;
  readonly isFailing: boolean;
  /** How long it took, if it passed; of a run in which everything took longer, as long as it would have taken in any other. */
  readonly tookMs?: number;
}

const failing = new Set<string>(['f', 'o', 'u', 'a', 'd']);
const passing = new Set<string>(['p', 'r']);

/** The verdicts of a scenario, pass or fail, in the order of the runs. What was skipped, or has no verdict, proves nothing. */
export function seenOf({ runs }: History, { marks, took }: RememberedScenario): readonly Seen[] {
  return runs.flatMap((run, at): readonly Seen[] => {
    const mark = marks[at] ?? '.';
    if (!failing.has(mark) && !passing.has(mark)) return [];
    const runMs = ofTimeCode(took[at] ?? '');
    const tookMs = runMs === undefined ? undefined : runMs / (run.pace ?? 1);
    return [{ run, mark: mark as Mark, isFailing: failing.has(mark), ...(tookMs !== undefined && { tookMs }) }];
  });
}
