import type { NotBegun } from '../outcome/outcome.ts';
import { wereWords } from './rerun-words.ts';
import type { EndView } from './run-view.ts';
import { cut, oneLine, plural } from './text.ts';
import { badCount } from './words.ts';

/** What the button says that runs again what the run has not seen through; undefined when it would be of no use. */
export function rerunText({ run }: EndView): string | undefined {
  const { outcome, again = 0 } = run.phase;
  if (again === 0 || outcome.kind === 'passed') return undefined;
  const counts = 'counts' in outcome ? outcome.counts : undefined;
  if (counts !== undefined && badCount(counts) > 0) return `Re-run failed (${again})`;
  // The rest of a run of which nothing ran is the run.
  return counts?.total === again ? undefined : `Run the rest (${again})`;
}

/** What became of each: `Of 3 that failed 2 pass now, 1 still fails.`; undefined for a run of its own. Plain text. */
export function rerunSentence({ plan, run }: EndView): string | undefined {
  const { rerun } = run.phase;
  if (plan.rerun === undefined || rerun === undefined) return undefined;
  const { passing, failing, notRun, missing } = rerun;
  const { outcome } = run.phase;
  // A scenario that says "not this time" has not failed again, and has not passed.
  const skipped = 'counts' in outcome ? Math.min(outcome.counts.skipped, passing.count) : 0;
  const pass = passing.count - skipped;
  const parts = [
    pass > 0 && `${pass} ${pass === 1 ? 'passes' : 'pass'} now${skipped === 0 ? names(passing) : ''}`,
    skipped > 0 && `${skipped} ${skipped === 1 ? 'was' : 'were'} skipped`,
    failing > 0 && `${failing}${plan.rerun.failed > 0 ? ' still' : ''} ${failing === 1 ? 'fails' : 'fail'}`,
    notRun > 0 && `${notRun} did not run`,
    missing.count > 0 && `${plural(missing.count, 'scenario')} ${missing.count === 1 ? 'is' : 'are'} not there any more${names(missing)}`,
  ];
  return `Of ${wereWords(plan.rerun)} ${parts.filter((part) => part !== false).join(', ')}.`;
}

function names({ count, first }: NotBegun): string {
  const shown = first.map((name) => cut(oneLine(name), 80));
  return ` (${shown.join(' · ')}${count > shown.length ? ` and ${count - shown.length} more` : ''})`;
}
