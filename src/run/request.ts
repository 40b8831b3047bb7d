import type { Asker } from '../outcome/outcome.ts';
import type { RunCommand } from './command.ts';

/**
 * What someone asked for, checked at the door: the detail of the event `Run Requested`.
 * The same key is the same request, however often and by whichever way it comes.
 */
export interface RunRequest {
  readonly version: 1;
  readonly key: string;
  /** ISO 8601, the time the request was made, never the time it was handled. */
  readonly askedAt: string;
  readonly asker: Asker;
  readonly command: RunCommand;
  /** What was typed, for the message: `/run-tests staging @smoke`. */
  readonly text: string;
  /** Where it was asked, for Slack. */
  readonly channel?: string;
  /** Slack's response_url: good for five answers within 30 minutes. Never logged. */
  readonly responseUrl?: string;
}

/** The detail of the event `Cancel Requested`. */
export interface CancelRequest {
  readonly version: 1;
  readonly runId: string;
  readonly environment: string;
  readonly askedAt: string;
  readonly asker: Asker;
  readonly responseUrl?: string;
}
