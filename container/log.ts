/** Writes one fact as a line of JSON. The name is a noun and a past verb: `run started`. */
export type Log = (level: 'info' | 'warn' | 'error', name: string, facts?: Readonly<Record<string, unknown>>) => void;

/** A log whose lines all carry `common` and go through `write`, which hides secrets. */
export function logTo(write: (line: string) => void, common: Readonly<Record<string, unknown>>): Log {
  return (level, name, facts = {}) =>
    write(`${JSON.stringify({ level, event: name, at: new Date().toISOString(), ...common, ...facts })}\n`);
}

/** An error and what caused it, as one line for a log or a message. */
export function said(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : said(error.cause);
  return cause === '' || error.message.includes(cause) ? error.message : `${error.message} (${cause})`;
}
