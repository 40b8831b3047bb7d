import { type Logger, LogLevel, type WebClientOptions } from '@slack/web-api';

/** What fails is told by whoever called, as one line of JSON: the client's own lines are not. */
const silent: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/**
 * For each call one try with a time limit. A post whose answer was lost may have been made all the same: the client's own
 * repetition would make a second one, and nobody would know. Left alone it repeats ten times over half an hour, longer than
 * any function lives: we are called again instead.
 */
export const once = {
  retryConfig: { retries: 0 },
  timeout: 5_000,
  rejectRateLimitedCalls: true,
  logger: silent,
} satisfies WebClientOptions;
