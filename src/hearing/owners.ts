import * as v from 'valibot';
import { environmentRules as rules } from '../run/environment-rules.ts';
import { tagExpressionFault, tagFilter } from '../run/tag-expression.ts';

/** Who owns a part of a suite. Of several that fit a scenario the last one counts, as in CODEOWNERS. */
export interface OwnerRule {
  /** A tag expression (`@login or @stacks`), or a pattern of feature files: `features/billing/`, `features/pay*.feature`. */
  readonly for: string;
  /** Slack user and user group ids; none: nobody is pinged. */
  readonly ping: readonly string[];
}

/** A scenario, as far as it says whose it is. */
export interface Owned {
  readonly uri: string;
  /** With the at sign. */
  readonly tags: readonly string[];
}

const isTags = (pattern: string): boolean => /^\s*(?:[(@]|not\s)/.test(pattern);

function patternFault(pattern: string): string | undefined {
  if (isTags(pattern)) return tagExpressionFault(pattern);
  return pattern.trim() === '' || /\s/.test(pattern)
    ? 'must be a tag expression or a pattern of feature files: write it like `"@login"` or `features/billing/`'
    : undefined;
}

/** The rule of `owners` in coldframe.yml. */
export const ownersSchema = v.pipe(
  v.array(
    v.strictObject({
      for: v.pipe(
        v.string('must be text: put it in quotes'),
        v.maxLength(300, 'has at most 300 characters'),
        v.rawCheck(({ dataset, addIssue }) => {
          const message = dataset.typed ? patternFault(dataset.value) : undefined;
          if (message !== undefined) addIssue({ message });
        }),
      ),
      ping: rules.mentionOnFailure,
    }),
    'must be a list: `- { for: "@login", ping: [S0123ABCDEF] }`',
  ),
  v.maxLength(200, 'has at most 200 entries'),
  v.readonly(),
);

/** Says of a scenario who owns it: undefined when no rule fits it. */
export function ownersBy(owners: readonly OwnerRule[]): (scenario: Owned) => readonly string[] | undefined {
  const matchers = owners.map(({ for: pattern, ping }) => ({ isIt: isTags(pattern) ? byTags(pattern) : byPath(pattern), ping }));
  return (scenario) => matchers.findLast(({ isIt }) => isIt(scenario))?.ping;
}

function byTags(expression: string): (scenario: Owned) => boolean {
  const fits = tagFilter(expression);
  return ({ tags }) => fits(tags);
}

/** `*` stands for anything but a slash, `**` for anything; a pattern that ends with a slash means all below it, one without any slash a file's name. */
function byPath(pattern: string): (scenario: Owned) => boolean {
  const escaped = (part: string): string => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  const body = pattern
    .replace(/^\//, '')
    .split('**')
    .map((part) => part.split('*').map(escaped).join('[^/]*'))
    .join('.*')
    .replace('.*/', '(?:.*/)?');
  const anywhere = pattern.replace(/\/$/, '').includes('/') ? '' : '(?:.*/)?';
  const whole = new RegExp(`^${anywhere}${body}${pattern.endsWith('/') ? '.*' : '(?:/.*)?'}$`);
  return ({ uri }) => whole.test(uri.replace(/^\.?\//, ''));
}
