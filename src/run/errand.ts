import type { HearSettings } from '../hearing/settings.ts';
import type { Times } from '../schedule/times.ts';
import type { RunCommand } from './command.ts';

/** What one can type that is no run. Without an environment: those that belong to the channel, else all. */
export type TypedErrand =
  | { readonly kind: 'history'; readonly environment?: string }
  | { readonly kind: 'schedules'; readonly environment?: string }
  /** What was asked for last, and what came of it. */
  | { readonly kind: 'audit'; readonly environment?: string }
  /** What could be cancelled. */
  | { readonly kind: 'on'; readonly environment?: string }
  | { readonly kind: 'cancel'; readonly environment: string; readonly runId: string }
  /** Every link of the environment shall lead nowhere. */
  | { readonly kind: 'revoke-links'; readonly environment: string }
  | { readonly kind: 'schedule'; readonly command: RunCommand; readonly times: Times }
  /** Who hears of its runs: what holds, in a modal. */
  | { readonly kind: 'settings'; readonly environment?: string };

/** Something to be done for a person that is no run, as the worker gets it. */
export type Errand =
  | { readonly kind: OfEnvironments; readonly environments: readonly string[] }
  | Exclude<TypedErrand, { readonly kind: OfEnvironments | 'settings' }>
  /** A button of a schedule. */
  | { readonly kind: 'change-schedule'; readonly change: ScheduleChange; readonly environment: string; readonly id: string }
  /** Why a run ended as it did. */
  | { readonly kind: 'why'; readonly environment: string; readonly runId: string }
  /** The failures of one cause of a run: nobody is to be pinged for them, or they are to be heard again. */
  | { readonly kind: 'mute' | 'unmute'; readonly environment: string; readonly runId: string; readonly cause: string }
  /** An open modal is to show who hears of an environment's runs in a channel. Left out: whichever is nearest. */
  | { readonly kind: 'show-settings'; readonly viewId: string; readonly environment?: string; readonly place?: string }
  | (OfSettings & { readonly kind: 'change-settings'; readonly settings: Partial<HearSettings> })
  /** coldframe.yml is to hold again. */
  | (OfSettings & { readonly kind: 'reset-settings' })
  /** Somebody has opened the app's Home, or pressed a button there: what is to be said of that, mrkdwn of ours. */
  | { readonly kind: 'home'; readonly notice?: string };

/** What is asked about several environments. */
export const ofEnvironments = ['history', 'schedules', 'audit', 'on'] as const;
type OfEnvironments = (typeof ofEnvironments)[number];

/** The settings of an environment in a channel, as a modal shows them. */
interface OfSettings {
  readonly viewId: string;
  readonly environment: string;
  /** The channel. */
  readonly place: string;
  /** What the modal showed (`stampOf`): what somebody else has changed since then is not overwritten. */
  readonly seen?: string;
}

export const scheduleChanges = ['pause', 'resume', 'remove'] as const;
export type ScheduleChange = (typeof scheduleChanges)[number];

/** The detail of the event `Errand Requested`. */
export interface ErrandRequest {
  readonly version: 1;
  /** The same key is the same errand, however often it comes. */
  readonly key: string;
  /** ISO 8601, from the signed request. */
  readonly askedAt: string;
  readonly userId: string;
  /** Absent: it was asked nowhere, but in the app's Home. */
  readonly channel?: string;
  /** Slack's response_url. Never logged. */
  readonly responseUrl?: string;
  readonly errand: Errand;
}
