/** `info`: a person would tell this story. `warn`: we coped. `error`: someone must act, and the line says what to do. */
export type LogLevel = 'info' | 'warn' | 'error';

/** Says one fact: a noun and a past verb (`run started`), and what it is about. Never a secret, a token or a response_url. */
export type Log = (level: LogLevel, event: string, about: Readonly<Record<string, unknown>>) => void;

/** One JSON line per fact on standard output, where Lambda collects it. */
export const jsonLog: Log = (level, event, about) => {
  console.log(JSON.stringify({ level, event, ...about }));
};

/** The words of an error and of what caused it. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${errorText(error.cause)})`;
}
