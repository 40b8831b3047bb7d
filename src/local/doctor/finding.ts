/** What one look at a deployment came to. Whoever reads `ill` finds what to do in `remedy`. */
export type Finding =
  | { readonly kind: 'well'; readonly about: string; readonly says: string }
  | { readonly kind: 'ill'; readonly about: string; readonly says: string; readonly remedy: string }
  /** Nobody could look: mostly a permission of whoever asks. */
  | { readonly kind: 'unseen'; readonly about: string; readonly says: string; readonly remedy: string };

const marks = { well: '✓', ill: '✗', unseen: '?' } as const;
const widest = 12;

/** A finding as lines for a terminal. */
export function findingText(finding: Finding): string {
  const first = `${marks[finding.kind]} ${finding.about.padEnd(widest)} ${finding.says}`;
  return finding.kind === 'well' ? first : `${first}\n${' '.repeat(widest + 3)}→ ${finding.remedy}`;
}
