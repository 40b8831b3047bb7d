import parse from '@cucumber/tag-expressions';

/** Longest tag expression we take. */
const maxCharacters = 1_000;

/**
 * What is wrong with a Cucumber tag expression, as a sentence with the way out, or undefined when nothing is.
 * The empty expression is right: it selects every scenario.
 */
export function tagExpressionFault(text: string): string | undefined {
  if (text.length > maxCharacters) return `a tag expression has at most ${maxCharacters} characters, this one ${text.length}`;
  try {
    parse(text);
  } catch (error) {
    return `\`${text}\` is not a tag expression (${reason(error)}): write it like \`@smoke and not @broken\``;
  }
  // Cucumber takes `smoke` for the name of a tag that no scenario can have: the run would be empty, and nobody would know why.
  const word = words(text).find((candidate) => !candidate.startsWith('@'));
  return word === undefined ? undefined : `\`${word}\` is not a tag: tags begin with @, write \`@${word}\``;
}

/**
 * Whether a scenario with these tags (with the at sign) is one that the expression means.
 *
 * @throws for what is not a tag expression: `tagExpressionFault` says so before
 */
export function tagFilter(expression: string): (tags: readonly string[]) => boolean {
  const parsed = parse(expression);
  return (tags) => parsed.evaluate([...tags]);
}

/** The operands, in order. A backslash escapes what Cucumber would take for a separator. */
const words = (text: string): readonly string[] =>
  (text.match(/(?:\\.|[^\s()\\])+/g) ?? []).filter((word) => !['and', 'or', 'not'].includes(word));

const reason = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^.*syntax error: /s, '').replace(/\.$/, '');
};
