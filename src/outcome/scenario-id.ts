import { hash } from 'node:crypto';

/** The fragment of a report's address that leads to the scenario. */
export const scenarioAnchor = (id: string): string => `s-${id}`;

/** Where a scenario stands in its feature file, in words: what stays the same when lines move or the file gets another name. */
export interface Lineage {
  /** The feature's name. */
  readonly feature: string;
  /** The name of the rule it stands under. */
  readonly rule?: string;
  /** The scenario's name as it is written: an outline's with its `<placeholders>`. */
  readonly scenario: string;
  /** The values of an outline's example row. */
  readonly row?: readonly string[];
}

/**
 * Names a scenario across runs, commits and moved lines: 16 characters that stand for its lineage and its number among those of
 * the same file that have the same one. Files are kept beside it: two files may hold the very same scenario.
 *
 * @param ordinal 1 for the first of its file with this lineage
 */
export function scenarioId({ feature, rule = '', scenario, row = [] }: Lineage, ordinal: number): string {
  // Of twelve bytes, sixteen characters: cut off a longer text they would keep all of it in memory.
  return hash('sha256', JSON.stringify([feature, rule, scenario, row, ordinal]), 'buffer').toString('base64url', 0, 12);
}
