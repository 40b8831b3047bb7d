/** `info`: a person would tell this story. `warn`: we coped. `error`: someone must act, and the line says what to do. */
export type LogLevel = 'info' | 'warn' | 'error';

/** Says one fact: a noun and a past verb (`run started`), and what it is about. Never a secret, a token or a response_url. */
export type Log = (level: LogLevel, event: string, about: Readonly<Record<string, unknown>>) => void;

/**
 * One JSON line per fact on standard output, where Lambda collects it. Not by way of `console`: Lambda's would wrap the line
 * into a text within another JSON, in which no metric filter finds anything (serverless.yml counts `event` and what stands beside it).
 */
export const jsonLog: Log = (level, event, about) => {
  process.stdout.write(`${JSON.stringify({ level, event, ...about })}\n`);
};

/** The words of an error and of what caused it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${errorText(error.cause)})`;
}
