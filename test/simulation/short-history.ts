import type { World } from '../../src/app/world.ts';
import type { History } from '../../src/outcome/history.ts';
import { environmentKeys } from '../../src/run/keys.ts';

/** Stands in for src/app/put-history-page.ts: a page that takes no time to make, written as the real one is. */
export const putHistoryPage = (environment: string, { runs }: History, { store }: World): Promise<void> =>
  store.put(environmentKeys(environment).historyPage, `${runs.length} runs`, 'text/html; charset=utf-8');
