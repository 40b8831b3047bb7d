import type { Counts } from '../outcome/outcome.ts';

/** What a scenario, an attempt or a step came to. */
export type Status = Exclude<keyof Counts, 'total' | 'flaky' | 'quarantined'>;

/** Something a suite attached. Every address is absolute, or holds the content itself. */
export type FileDetails =
  | { readonly kind: 'picture'; readonly src: string; readonly name: string }
  | { readonly kind: 'text'; readonly text: string; readonly name: string }
  /** `isDownload`: the address holds a file, not a page. */
  | { readonly kind: 'link'; readonly href: string; readonly name: string; readonly isDownload?: true }
  /** Why there is nothing to show. */
  | { readonly kind: 'note'; readonly text: string };

/** A step or a hook in one attempt. What is as it mostly is (passed, no argument, nothing attached) is left out. */
export interface StepDetails {
  /** `Given`; a hook has none. */
  readonly keyword?: string;
  readonly text: string;
  /** Absent: passed. */
  readonly status?: Status;
  readonly ms?: number;
  readonly table?: readonly (readonly string[])[];
  readonly doc?: string;
  /** What went wrong, as people need it first. */
  readonly error?: string;
  /** The same with all that was said, when that is more. */
  readonly whole?: string;
  /** Code to begin the missing step definition with. */
  readonly snippet?: string;
  readonly files?: readonly FileDetails[];
}

export interface AttemptDetails {
  readonly status: Status;
  readonly ms: number;
  readonly steps: readonly StepDetails[];
  /** What was attached to no step of it. */
  readonly files?: readonly FileDetails[];
}

/** A scenario as the page lists it. What is as it mostly is, is left out. */
export interface Row {
  /** The fragment of the page's address that leads here: `s-…`, from the scenario's id. */
  readonly anchor: string;
  /** Which of the page's features. */
  readonly feature: number;
  readonly name: string;
  /** Of the feature file; 0 when nobody says. */
  readonly line: number;
  readonly rule?: string;
  readonly tags?: readonly string[];
  readonly status: Status;
  /** It failed, and fails no run: it is in quarantine. */
  readonly isQuarantined?: true;
  readonly ms?: number;
  /** How often it was tried; absent: once, or never. */
  readonly attempts?: number;
  readonly step?: string;
  /** The error's first line; of a flaky one, that of its first attempt. */
  readonly error?: string;
  /** Why it is `unknown`. */
  readonly why?: string;
  /** What earlier runs say of it, in two or three words: `new`, `5 runs in a row`; and the evidence, as a sentence. */
  readonly since?: string;
  readonly past?: string;
  /** Which of the page's causes; absent: it did not fail, or the page tells of no more causes. */
  readonly cause?: number;
}

export interface Feature {
  readonly name: string;
  readonly uri: string;
}

/** All scenarios of a run, in the order of their features. */
export interface Scenarios {
  readonly features: readonly Feature[];
  /** `attempts` as JSON (`AttemptDetails[]`), since there are ten thousand of them; absent: there is no room for it. */
  readonly all: readonly { readonly row: Row; readonly attempts?: string }[];
  /** Of how many scenarios the steps are left out for want of room. */
  readonly leftOut: number;
}
