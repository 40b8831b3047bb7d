import type { StopReason } from './stop.ts';

/**
 * How many scenarios ended how. Every scenario of the run is in exactly one of the seven states, by its last attempt;
 * their sum is `total`. A scenario that has no verdict (no steps, cut off, never started) is `unknown`.
 */
export interface Counts {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly undefined: number;
  readonly ambiguous: number;
  readonly pending: number;
  readonly skipped: number;
  readonly unknown: number;
  /** How many of `passed` failed in an earlier attempt. */
  readonly flaky: number;
  /** How many of `failed`, `undefined`, `ambiguous` and `pending` are in quarantine: they fail no run. Absent: none. */
  readonly quarantined?: number;
}

/** A scenario that failed the run: in cucumber's strict mode also an undefined, ambiguous or pending one. */
export interface Failure {
  readonly status: 'failed' | 'undefined' | 'ambiguous' | 'pending';
  /** The scenario's id across runs. Absent: the messages do not name the scenario, or an older version judged the run. */
  readonly id?: string;
  /** The feature's name. */
  readonly feature: string;
  /** The feature file, relative to the suite. */
  readonly uri: string;
  /** The scenario's (or the example row's) line in `uri`. */
  readonly line: number;
  /** The rule the scenario stands under. */
  readonly rule?: string;
  /** The scenario's name; an outline's rows are told apart by their values. */
  readonly scenario: string;
  /** The step as written, keyword included, or the hook: `When I log in`, `hook Before @admin`. */
  readonly step: string;
  /** The error's first lines, the stack trimmed; never empty. */
  readonly error: string;
  /** How often it was tried. */
  readonly attempts: number;
  /** Duration of the last attempt. */
  readonly durationMs: number;
  /** File name of the first screenshot of the last attempt, among its shard's attachments: `0a1b2c3d.png`. */
  readonly screenshot?: string;
  /** Which shard it ran in; absent: there was one. */
  readonly shard?: number;
  /** Slack user and user group ids of those who own it, by `owners` in coldframe.yml; absent: no rule fits it. */
  readonly owners?: readonly string[];
}

/** A scenario that passed, but not at the first attempt. */
export interface Flake {
  /** As a failure's. */
  readonly id?: string;
  readonly feature: string;
  readonly uri: string;
  readonly line: number;
  readonly rule?: string;
  readonly scenario: string;
  readonly attempts: number;
  /** First line of the error of the first failed attempt. */
  readonly error: string;
}

/** Who asked for something. */
export type Asker =
  | { readonly kind: 'slack'; readonly userId: string }
  | { readonly kind: 'http'; readonly keyId: string }
  /** A CI that showed a token of its provider; `subject` as in `example/shop@main`. */
  | { readonly kind: 'oidc'; readonly subject: string }
  | { readonly kind: 'schedule'; readonly name: string }
  /** A task that somebody started in the AWS console or by another tool; `startedBy` as ECS reports it. */
  | { readonly kind: 'unasked'; readonly startedBy?: string };

/** The scenarios of a run cut short that had not begun: how many, and the names of the first. */
export interface NotBegun {
  readonly count: number;
  readonly first: readonly string[];
}

/** Scenarios in quarantine that failed: reported like any other, but the outcome is what it would be without them. */
export interface InQuarantine {
  /** Absent: none. `failures` has none of them. */
  readonly quarantined?: readonly Failure[];
}

/** How many shards a run had, and which of them can't be counted on. */
export interface ShardsEnd {
  readonly of: number;
  readonly lost: readonly LostShard[];
}

/** A shard that did not come to its own end, or left out some of its share. */
export interface LostShard {
  readonly shard: number;
  /** What it came to, had it been alone. */
  readonly kind: OutcomeKind;
  /** One sentence. */
  readonly because: string;
}

/** What a run came to. Only `passed` may be shown green. */
export type Outcome = SingleOutcome & {
  /** Absent: the run had one. */
  readonly shards?: ShardsEnd;
};

type SingleOutcome =
  | ({ readonly kind: 'passed'; readonly counts: Counts; readonly flaky: readonly Flake[]; readonly durationMs: number } & InQuarantine)
  | ({
      readonly kind: 'failed';
      readonly counts: Counts;
      readonly flaky: readonly Flake[];
      readonly failures: readonly Failure[];
      readonly durationMs: number;
    } & InQuarantine)
  /** The run succeeded and nothing passed: nothing was checked. */
  | ({ readonly kind: 'empty'; readonly counts: Counts } & InQuarantine)
  /** Parse error, failed run hook, exception of the run, support code that does not load: the suite could not run. */
  | {
      readonly kind: 'broken';
      readonly counts: Counts;
      /** Of those shards whose scenarios ran all the same. */
      readonly failures?: readonly Failure[];
      readonly error: string;
      /** What to do about it, where we know. */
      readonly next?: string;
    }
  /** The container went away before the suite ended. */
  | ({
      readonly kind: 'unfinished';
      readonly counts: Counts;
      readonly failures: readonly Failure[];
      readonly lastSeen?: string;
      readonly notBegun?: NotBegun;
      readonly stop: StopReason;
    } & InQuarantine)
  | ({
      readonly kind: 'timed-out';
      readonly counts: Counts;
      readonly failures: readonly Failure[];
      readonly lastSeen?: string;
      readonly notBegun?: NotBegun;
      readonly limitMs: number;
      /** `scenario`: one was on for longer than it may, and could not be ended by itself. Absent: the run's limit. */
      readonly limit?: 'scenario';
    } & InQuarantine)
  | ({
      readonly kind: 'cancelled';
      readonly counts: Counts;
      readonly failures: readonly Failure[];
      readonly notBegun?: NotBegun;
      readonly by: Asker;
    } & InQuarantine)
  | { readonly kind: 'not-started'; readonly stop: StopReason };

export type OutcomeKind = SingleOutcome['kind'];
