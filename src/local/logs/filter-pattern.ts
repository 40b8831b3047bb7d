/** The part of CloudWatch Logs' filter patterns that the local world understands: terms and phrases. */
export type FilterPattern =
  /** All of `all`, none of `none`. */
  | { readonly kind: 'terms'; readonly all: readonly string[]; readonly none: readonly string[] }
  /** At least one. */
  | { readonly kind: 'any'; readonly any: readonly string[] }
  | { readonly kind: 'refused'; readonly because: string };

/** `ERROR -ignored "two words"` or `?ERROR ?WARN`; empty: everything. */
export function parseFilterPattern(text: string): FilterPattern {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) return refused('filter patterns for JSON ({ $.x = … }) and for columns ([a, b])');
  const terms = { '': [] as string[], '-': [] as string[], '?': [] as string[] };
  const rest = trimmed.replaceAll(
    /(?<=^|\s)([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"%]+))(?=\s|$)/g,
    (_, sign: '' | '-' | '?', phrase: string | undefined, word: string | undefined) => {
      terms[sign].push(phrase?.replaceAll(/\\(.)/g, '$1') ?? word ?? '');
      return '';
    },
  );
  if (rest.trim() !== '') return refused(`"${rest.trim()}" in a filter pattern, only terms, -terms, ?terms and "phrases"`);
  if (terms['?'].length === 0) return { kind: 'terms', all: terms[''], none: terms['-'] };
  // AWS ignores the ?terms then, without a word.
  if (terms[''].length + terms['-'].length > 0) return refused('?terms together with others in a filter pattern');
  return { kind: 'any', any: terms['?'] };
}

const refused = (because: string) => ({ kind: 'refused', because }) as const;

/** Whether a message passes. Terms are parts of the message, in the same case. */
export function passes(message: string, pattern: Exclude<FilterPattern, { readonly kind: 'refused' }>): boolean {
  switch (pattern.kind) {
    case 'terms':
      return pattern.all.every((term) => message.includes(term)) && !pattern.none.some((term) => message.includes(term));
    case 'any':
      return pattern.any.some((term) => message.includes(term));
  }
}
