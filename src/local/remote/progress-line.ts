import type { ToldRun } from '../../app/ask-over-http.ts';

const width = 20;

/** How a run stands, in one line: `██████░░░░░░░░░░░░░░  12 of 41 scenarios, 1 failed  ·  running`. */
export function progressLine({ state, counts, summary }: Pick<ToldRun, 'state' | 'counts' | 'summary'>): string {
  if (counts === undefined || counts.total === 0) return printable(summary);
  const done = counts.total - counts.unknown;
  const filled = Math.floor((done / counts.total) * width);
  const bad = counts.failed + counts.undefined + counts.ambiguous + counts.pending;
  const words = `${done} of ${counts.total} scenarios${bad > 0 ? `, ${bad} failed` : ''}`;
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)}  ${words}  ·  ${state}`;
}

/** A run's end: what it came to, why, and where to read on. */
export function endText({ summary, failures = [], because, counts, report }: ToldRun): string {
  const shown = failures.map(
    ({ feature, scenario, uri, line, step, error }) =>
      `\n  ${printable(feature)} › ${printable(scenario)}\n  ${printable(`${uri}:${line}`)}\n${quoted(`${step}\n${error}`)}`,
  );
  const bad = counts === undefined ? 0 : counts.failed + counts.undefined + counts.ambiguous + counts.pending;
  const left = bad - failures.length;
  return [
    printable(summary),
    ...shown,
    ...(failures.length > 0 && left > 0 ? [`\n  … and ${left} more, in the report`] : []),
    ...(because === undefined ? [] : [quoted(because)]),
    ...(report === undefined ? [] : [`\nreport: ${printable(report)}`]),
  ].join('\n');
}

/** What the suite wrote stands behind a bar: a line that began with `::` would be a command to GitHub's runner. */
const quoted = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => `  │ ${printable(line)}`)
    .join('\n');

/** One line, without what a terminal would obey. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');
