import type { Envelope } from '@cucumber/messages';
import { type DealOrder, dealer } from './dealer.ts';

/**
 * A plugin of cucumber's, loaded by it from this file as a suite's own are (12.5 and later), after those: it leaves of the
 * scenarios that would be run those that are this shard's.
 */
export const type = 'plugin';
export const optionsKey = 'coldframeDeal';

/** What the plugin is told: JSON, as cucumber takes it. */
export type DealOptions = DealOrder & {
  /** The file that the whole deal goes to. */
  readonly record: string;
};

type Scenarios = readonly { readonly pickle: { readonly id: string } }[];

interface Context {
  readonly on: (event: 'message', handler: (envelope: Envelope) => void) => void;
  readonly transform: (what: 'pickles:filter', filter: (scenarios: Scenarios) => Scenarios) => void;
  readonly options: DealOptions;
}

export function coordinator({ on, transform, options }: Context): void {
  const own = dealer(options, options.record);
  on('message', own.see);
  transform('pickles:filter', own.ownOf);
}
