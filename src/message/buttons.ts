/** The action ids of our buttons. A value is what the door needs to know; it is parsed like anything else from outside. */
export const buttons = {
  /** Value: what was typed after the command. */
  confirm: 'confirm_run',
  /** Value: what to type after the command. */
  runAgain: 'run_again',
  /** The same, after Slack's own question. */
  runAgainAsked: 'run_again_asked',
  /** The same, though a run of the same words is on. */
  beside: 'run_beside',
  /** Value: `<environment>/<run id>` of the run that is to be cancelled, a space, and what to type. */
  instead: 'run_instead',
  /** Value: `<environment>/<run id>`. */
  cancel: 'cancel_run',
  /** The same in a list of runs; the action's id is this, `:` and the run's id. */
  cancelListed: 'cancel_listed',
  /** The same. */
  approve: 'approve_run',
  /** The same: what that run has not seen through is to be run again. */
  rerun: 'rerun_failed',
  /** The same, after Slack's own question. */
  rerunAsked: 'rerun_asked',
  /** The same, as the answer to a question. */
  confirmRerun: 'confirm_rerun',
  /** Value: what to type after `/coldstarts`. The action's id is this, `:` and which of a row it is. */
  coldStarts: 'cold_starts',
  /** In a person's Home. */
  openRunForm: 'open_run_form',
  openSettings: 'open_settings',
  /** In the form of the settings. */
  resetSettings: 'reset_settings',
  /** Value: the environment. */
  revokeLinks: 'revoke_links',
  /** Value: `<environment>/<schedule>`. */
  pauseSchedule: 'pause_schedule',
  resumeSchedule: 'resume_schedule',
  removeSchedule: 'remove_schedule',
  /** Value: `<environment>/<run id>`: why it ended as it did. */
  why: 'why_run',
  /** Value: `<environment>/<run id>/<cause>`. */
  mute: 'mute_failure',
  unmute: 'unmute_failure',
  /** A link; no value. */
  openHistory: 'open_history',
  /** A link; no value. */
  openReport: 'open_report',
} as const;

/** The value of a button that is about a run. */
export const runValue = (environment: string, runId: string): string => `${environment}/${runId}`;

/** The run that a button is about, or undefined when its value is none of ours. */
export function parseRunValue(value: string): { readonly environment: string; readonly runId: string } | undefined {
  const [, environment, runId] = /^([a-z][a-z0-9-]{0,27})\/([a-z0-9-]{1,60})$/.exec(value) ?? [];
  return environment === undefined || runId === undefined ? undefined : { environment, runId };
}

/** The value of a button that puts a run in the place of another. */
export const insteadValue = (environment: string, runId: string, typed: string): string => `${runValue(environment, runId)} ${typed}`;

/** The run that is to be cancelled, and what to type, or undefined when the value is none of ours. */
export function parseInsteadValue(
  value: string,
): { readonly environment: string; readonly runId: string; readonly typed: string } | undefined {
  const [, run = '', typed = ''] = /^(\S+) (.+)$/s.exec(value) ?? [];
  const subject = parseRunValue(run);
  return subject && { ...subject, typed };
}

/** The value of a button that is about a cause of a run's failures. */
export const causeValue = (environment: string, runId: string, cause: string): string => `${runValue(environment, runId)}/${cause}`;

/** The same of a cause of its failures. */
export function parseCauseValue(
  value: string,
): { readonly environment: string; readonly runId: string; readonly cause: string } | undefined {
  const [, before = '', cause] = /^(.+)\/([0-9a-f]{16})$/.exec(value) ?? [];
  const run = parseRunValue(before);
  return run === undefined || cause === undefined ? undefined : { ...run, cause };
}
