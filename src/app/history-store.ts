import { compare } from '../outcome/compare.ts';
import type { Comparison } from '../outcome/comparison.ts';
import { addRun, type History, noHistory, type RunToRemember } from '../outcome/history.ts';
import { environmentKeys } from '../run/keys.ts';
import { parseHistory } from '../run/stored.ts';
import { errorText } from './log.ts';
import type { World } from './world.ts';

/**
 * Remembers a run that has ended, and says what is new about it: undefined when that cannot be said. Harmless twice.
 * A history that can't be read or written keeps no end from anybody.
 */
export async function rememberRun(environment: string, run: RunToRemember, { store, log }: World): Promise<Comparison | undefined> {
  let comparison: Comparison | undefined;
  try {
    await store.update(environmentKeys(environment).history, parseHistory, (now = noHistory) => {
      comparison = compare(now, run);
      const { pace } = comparison;
      return addRun(now, { ...run, ...(pace !== undefined && { pace }) });
    });
  } catch (error) {
    log('error', 'run not remembered', {
      runId: run.id,
      because: errorText(error),
      next: `the run's end is told without it; if ${environmentKeys(environment).history} can't be read, delete it: it is begun anew`,
    });
  }
  return comparison;
}

/** What is remembered of an environment; nothing when it can't be read. */
export async function readHistory(environment: string, { store, log }: Pick<World, 'store' | 'log'>): Promise<History> {
  try {
    return (await store.get(environmentKeys(environment).history, parseHistory))?.value ?? noHistory;
  } catch (error) {
    log('warn', 'history not read', { environment, because: errorText(error) });
    return noHistory;
  }
}
