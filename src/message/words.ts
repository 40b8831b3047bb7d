import type { Asker, Counts, OutcomeKind } from '../outcome/outcome.ts';
import { type RunPlan, shardCount } from '../run/plan.ts';
import type { Run } from '../run/run.ts';
import { rerunWords } from './rerun-words.ts';
import { shardWords } from './shard-words.ts';
import { code, cut, escapeText, plural } from './text.ts';

/** What an outcome is called in a message; the sign repeats the word, it never replaces it. */
export function outcomeWord(outcome: { readonly kind: OutcomeKind }): { readonly sign: string; readonly word: string } {
  switch (outcome.kind) {
    case 'passed':
      return { sign: '✅', word: 'passed' };
    case 'failed':
      return { sign: '❌', word: 'failed' };
    case 'empty':
      return { sign: '⚠️', word: 'checked nothing' };
    case 'broken':
      return { sign: '💥', word: 'could not run' };
    case 'unfinished':
      return { sign: '🔌', word: 'did not finish' };
    case 'timed-out':
      return { sign: '⏰', word: 'timed out' };
    case 'cancelled':
      return { sign: '🚫', word: 'cancelled' };
    case 'not-started':
      return { sign: '⚠️', word: 'did not start' };
  }
}

/** What the counts come to in one phrase: `41 scenarios passed`, `2 of 41 scenarios failed`. */
export function countsPhrase(counts: Counts): string {
  const { total, passed, quarantined = 0 } = counts;
  const bad = badCount(counts);
  const beside = (word: string) => (quarantined === 0 ? '' : `, ${quarantined.toLocaleString('en')}${word} in quarantine`);
  if (bad > 0) return `${bad.toLocaleString('en')} of ${plural(total, 'scenario')} failed${beside(' more')}`;
  if (passed === total) return `${plural(total, 'scenario')} passed`;
  return `${passed.toLocaleString('en')} of ${plural(total, 'scenario')} passed${quarantined === 0 ? '' : `${beside('')} failed`}`;
}

/** What a run comes to in which nothing passed, and nothing failed that counts. */
export const emptyPhrase = ({ quarantined = 0 }: Counts): string =>
  quarantined === 0 ? 'no scenario passed or failed' : `none passed, ${quarantined.toLocaleString('en')} in quarantine failed`;

/** What to do about a run that is broken, where nobody knows more. */
export const mendIt = ({ total }: Counts): string =>
  total === 0
    ? 'Mend the suite, or what it needs, and run it again. Nothing here says anything about the app under test.'
    : 'Something beside the scenarios broke: mend that, and run it again. What the scenarios came to is in the report.';

/** What fails a run: in strict mode also what is undefined, ambiguous or pending; but not what is in quarantine. */
export const badCount = ({ failed, undefined: missing, ambiguous, pending, quarantined = 0 }: Counts): number =>
  // While a run is on the numbers are a container's: they need not fit together.
  Math.max(0, failed + missing + ambiguous + pending - quarantined);

/** Every count that is not zero, in words: `38 passed (1 flaky), 2 failed, 1 skipped`. */
export function countsInFull(
  { passed, flaky, failed, undefined: missing, ambiguous, pending, skipped, unknown, quarantined = 0 }: Counts,
  unknownWord: string,
): string {
  const parts = [
    passed > 0 && (flaky > 0 ? `${passed} passed (${flaky} flaky)` : `${passed} passed`),
    failed > 0 && `${failed} failed`,
    missing > 0 && `${missing} undefined`,
    ambiguous > 0 && `${ambiguous} ambiguous`,
    pending > 0 && `${pending} pending`,
    skipped > 0 && `${skipped} skipped`,
    unknown > 0 && `${unknown} ${unknownWord}`,
  ];
  const all = parts.filter((part) => part !== false).join(', ');
  return quarantined === 0 ? all : `${all}; ${quarantined} of those that failed ${quarantined === 1 ? 'is' : 'are'} in quarantine`;
}

/** Who asked, as a mention or in words. */
export function askerName(asker: Asker): string {
  switch (asker.kind) {
    case 'slack':
      return `<@${asker.userId}>`;
    case 'http':
      return `CI (key ${code(cut(asker.keyId, 60))})`;
    case 'oidc':
      return `CI (${code(cut(asker.subject, 100))})`;
    case 'schedule':
      return `the schedule ${code(cut(asker.name, 60))}`;
    case 'unasked':
      return asker.startedBy === undefined ? 'somebody in the AWS console' : `a task started by ${code(cut(asker.startedBy, 60))}`;
  }
}

/** Who asked, without a mention: for texts that are read aloud, and that must not ping. */
export function askerWords(asker: Asker): string {
  return asker.kind === 'slack' ? 'somebody in Slack' : askerName(asker).replaceAll('`', '');
}

/** What is run: tags, features, retries, and from where, as far as they say something. */
export function planWords(plan: RunPlan, run: Pick<Run, 'phase'>): readonly string[] {
  const { suite, environment, shardsWanted } = plan;
  const which = whichWords(plan, run);
  const all = suite.tags === '' && rerunWords(plan) === undefined ? ['all scenarios'] : [];
  const parts = [
    ...shardWords(plan, run.phase.kind),
    shardsWanted !== undefined &&
      `${shardsWanted} shards were asked for, and ${environment} has room for ${plural(shardCount(plan), 'task')} at once`,
    suite.retry > 0 && `up to ${plural(suite.retry, 'retry', 'retries')}`,
    `on ${/^https?:/.test(suite.url) ? escapeText(cut(suite.url.replace(/^https?:\/\//, ''), 100)) : environment}`,
  ];
  return [...all, ...which, ...parts.filter((part) => part !== false)];
}

/** Which scenarios of which suite: nothing for all of the image's. */
export function whichWords(plan: RunPlan, { phase }: Pick<Run, 'phase'>): readonly string[] {
  const { suite } = plan;
  const again = rerunWords(plan);
  const commit = phase.kind === 'finished' ? phase.commit : undefined;
  const parts = [
    again !== undefined && again,
    suite.tags !== '' && code(cut(suite.tags, 200)),
    suite.features.length > 0 &&
      suite.features
        .slice(0, 3)
        .map((feature) => code(cut(feature, 80)))
        .join(' '),
    suite.features.length > 3 && `and ${plural(suite.features.length - 3, 'more feature')}`,
    suite.ref !== undefined && `ref ${code(cut(suite.ref, 80))}${commit === undefined ? '' : ` (${commit.slice(0, 7)})`}`,
  ];
  return parts.filter((part) => part !== false);
}
