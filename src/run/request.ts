import type { Asker } from '../outcome/outcome.ts';
import type { RunCommand } from './command.ts';
import type { RunId } from './run-id.ts';

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
  /** What this run has not seen through is to be run again, and nothing else: `command` and `text` say nothing then. */
  readonly rerun?: RunId;
  /** Whoever asks knows that a run of the same words is on. */
  readonly beside?: true;
  /** The run that is cancelled for this one. */
  readonly instead?: RunId;
  /** Where it was asked, for Slack. */
  readonly channel?: string;
  /** The thread in which it was asked for. */
  readonly threadTs?: string;
  /** Slack's response_url: good for five answers within 30 minutes. Never logged. */
  readonly responseUrl?: string;
}

/** A request older than this is refused aloud, never started late. */
export const maxAgeMs = 15 * 60_000;

/** Within this time the same words by the same person in the same place are one request: people press return twice. */
export const joinWindowMs = 10_000;

/** What two requests have in common when a person meant one. What nobody typed is only ever the same as itself. */
export function sameWords({ asker, channel, text, key }: RunRequest): string {
  return asker.kind === 'slack' && key.startsWith('command:') ? `slack\n${asker.userId}\n${channel ?? ''}\n${text}` : `key\n${key}`;
}

/** The detail of the events `Cancel Requested` and `Approval Given`: somebody has pressed a button of a run. */
export interface RunWish {
  readonly version: 1;
  readonly runId: string;
  readonly environment: string;
  readonly askedAt: string;
  readonly asker: Asker;
  /** Where it was asked, for Slack. */
  readonly channel?: string;
  readonly responseUrl?: string;
}
