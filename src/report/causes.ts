import { type Cause, groupByCause } from '../outcome/cause.ts';
import type { Failure, Outcome } from '../outcome/outcome.ts';
import type { Row, Scenarios } from './scenario-details.ts';

/** A cause and, of each of its failures, where on the page it is shown; undefined where nothing is known but the failure. */
export interface ShownCause {
  readonly words: string;
  readonly failures: readonly { readonly failure: Failure; readonly row: Row | undefined }[];
}

const placeOf = (uri: string, line: number): string => `${uri}\n${line}`;

/** Finds the row of a failure: where it stands, it is the only one. */
const rowFinder = ({ features, all }: Scenarios): ((failure: Failure) => Row | undefined) => {
  const rows = new Map(all.map(({ row }) => [placeOf(features[row.feature]?.uri ?? '', row.line), row]));
  return ({ uri, line }) => rows.get(placeOf(uri, line));
};

/** What failed a run, those of one cause together, the cause of most of them first. */
export const shownCauses = (outcome: Outcome, scenarios: Scenarios): readonly ShownCause[] => {
  const failures = 'failures' in outcome ? (outcome.failures ?? []) : [];
  const rowOf = rowFinder(scenarios);
  const shown = ({ words, failures: ofCause }: Cause): ShownCause => ({
    words,
    failures: ofCause.map((failure) => ({ failure, row: rowOf(failure) })),
  });
  return groupByCause(failures).map(shown);
};

/** The number of the cause of each row that has one. */
export const causeNumbers = (causes: readonly ShownCause[]): ReadonlyMap<Row, number> =>
  new Map(causes.flatMap(({ failures }, number) => failures.flatMap(({ row }) => (row === undefined ? [] : [[row, number] as const]))));
