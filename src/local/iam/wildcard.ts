/** Whether a text is as a pattern with `*` and `?` has it. */
export function matches(pattern: string, text: string): boolean {
  // Most have neither, and thousands are asked for.
  if (!/[*?]/.test(pattern)) return pattern === text;
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's').test(text);
}
