import type { Store } from '../aws/store.ts';
import { environmentKeys } from '../run/keys.ts';
import { emptyLedger, type Ledger } from '../run/ledger.ts';
import type { RunId } from '../run/run-id.ts';
import { parseLedger } from '../run/stored.ts';
import type { World } from './world.ts';

/** The environment's ledger as it stands; an empty one when nothing was ever run. */
export const readLedger = async (store: Store, environment: string): Promise<Ledger> =>
  (await store.get(environmentKeys(environment).ledger, parseLedger))?.value ?? emptyLedger;

/** Changes the environment's ledger and gives it as it stands then. `change` may be called several times. */
export async function changeLedger(store: Store, environment: string, change: (ledger: Ledger) => Ledger): Promise<Ledger> {
  const ledger = await store.update(environmentKeys(environment).ledger, parseLedger, (now) => change(now ?? emptyLedger));
  return ledger ?? emptyLedger;
}

/** The runs that are on, of all environments, in an order that is everybody's. */
export async function runsOn({ store, catalogue }: Pick<World, 'store' | 'catalogue'>): Promise<readonly RunId[]> {
  const ledgers = await Promise.all([...catalogue.keys()].map((environment) => readLedger(store, environment)));
  return ledgers.flatMap(({ active }) => active.map(({ runId }) => runId)).toSorted();
}
