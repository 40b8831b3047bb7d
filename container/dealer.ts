import { renameSync, writeFileSync } from 'node:fs';
import type { Envelope } from '@cucumber/messages';
import { fields } from '../src/outcome/fields.ts';
import { addGherkinDocument, emptyGherkin, type Pickle, readPickle } from '../src/outcome/gherkin.ts';
import { deal } from '../src/run/deal.ts';
import { type DealBasis, type Dealt, selectOnly } from '../src/run/dealt.ts';

/** Which part of the suite's scenarios is this shard's. */
export interface DealOrder extends Pick<DealBasis, 'durations' | 'only'> {
  readonly shard: number;
  readonly shards: number;
  readonly together: readonly string[];
}

/** Finds this shard's part of the scenarios, each task for itself: what it is given is the same for all of them. */
export interface Dealer {
  /** Takes the messages that say what stands in the feature files. */
  see(envelope: Envelope): void;
  /** Where a scenario stands: `features/a.feature:12`. */
  placeOf(pickleId: string): string | undefined;
  /** Of the scenarios that cucumber would run, those that are this shard's. Writes the whole deal down. */
  ownOf<T extends { readonly pickle: { readonly id: string } }>(selected: readonly T[]): T[];
}

/** @param record the file that the deal is written to, complete once it is there */
export function dealer({ shard, shards, together, durations, only }: DealOrder, record: string): Dealer {
  const gherkin = emptyGherkin();
  const pickles = new Map<string, Pickle>();

  function write(dealt: Dealt): void {
    writeFileSync(`${record}.part`, JSON.stringify(dealt));
    renameSync(`${record}.part`, record);
  }

  return {
    see: ({ gherkinDocument, pickle }) => {
      if (gherkinDocument !== undefined) addGherkinDocument(gherkin, fields(gherkinDocument));
      if (pickle !== undefined) pickles.set(pickle.id, readPickle(gherkin, fields(pickle)));
    },
    placeOf: (pickleId) => {
      const { uri, line } = pickles.get(pickleId)?.name ?? {};
      return uri === undefined ? undefined : `${uri}:${line}`;
    },
    ownOf: (selected) => {
      const scenarios = selected.flatMap((given) => {
        const known = pickles.get(given.pickle.id);
        return known === undefined ? [] : [{ given, tags: known.tags, ...known.name }];
      });
      // A scenario that nobody can name would be run by no shard.
      if (scenarios.length < selected.length) throw new Error('cucumber has scenarios that no message of its has named');
      const { chosen, missing } = selectOnly(scenarios, only);
      const shardOf = deal(chosen, { shards, together, durations: new Map(Object.entries(durations)) });
      const dealt = chosen.map(({ id, uri, line, scenario }, at) => ({ id, uri, line, scenario, shard: shardOf[at] ?? 1 }));
      write({ version: 1, shards, scenarios: dealt, missing });
      return chosen.flatMap(({ given }, at) => (shardOf[at] === shard ? [given] : []));
    },
  };
}
