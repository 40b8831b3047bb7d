import { groupByCause } from '../../outcome/cause.ts';
import type { JudgedFiles } from './judge-files.ts';
import type { MessageFile } from './message-file.ts';

/**
 * The outcome for programs: its own fields, and always `kind`, `counts`, `failures`, `flaky`, `causes` and `durationMs`;
 * `quarantined` where something failed in quarantine.
 * A cause names its failures by their places in `failures`.
 */
export const outcomeAsJson = ({ outcome, suite, failures, quarantined }: JudgedFiles, files: readonly MessageFile[]): object => {
  const places = new Map(failures.map((failure, place) => [failure, place]));
  return {
    ...outcome,
    counts: suite.counts,
    failures,
    ...(quarantined.length > 0 && { quarantined }),
    flaky: suite.flaky,
    causes: groupByCause(failures).map((cause) => ({
      words: cause.words,
      failures: cause.failures.map((failure) => places.get(failure)),
    })),
    durationMs: suite.durationMs,
    files: files.map(({ name, facts }) => ({ name, hasEnd: facts().hasEnd })),
  };
};
