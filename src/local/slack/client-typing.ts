/** What a Slack client makes of what someone types: curly quotes, dashes and spaces that look right and parse wrong. */
export function asTypedInAClient(text: string): string {
  return text
    .replaceAll(/(^|[\s(=])"/g, '$1“')
    .replaceAll('"', '”')
    .replaceAll(/(^|[\s(=])'/g, '$1‘')
    .replaceAll("'", '’')
    .replaceAll('--', '—')
    .replaceAll('  ', ' \u00a0');
}
