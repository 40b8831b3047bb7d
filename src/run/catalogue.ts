import type { OwnerRule } from '../hearing/owners.ts';
import type { HearSettings } from '../hearing/settings.ts';

/** A place under test, as `coldframe.yml` describes it. */
export interface Environment {
  /** The name people type: lower case letters, digits and `-`, at most 28 characters. */
  readonly name: string;
  /** The base URL, or `example`: the example app, which only the local world serves. */
  readonly url: string;
  /** Slack channel id where runs are reported that nobody asked for in a channel: CI, schedules, tasks started by hand. */
  readonly channel: string;
  /** Who may run against it. An empty list forbids nobody; all non-empty lists must be satisfied (users OR user groups; AND channels). */
  readonly allow: {
    readonly users: readonly string[];
    readonly userGroups: readonly string[];
    readonly channels: readonly string[];
  };
  /** Ask for a confirmation before a run starts. */
  readonly confirm: boolean;
  /** So many people must be for a run before it starts, the one who asks included; absent: one. */
  readonly approval?: number;
  /** Tags used when the command gives none; a valid Cucumber tag expression or empty. */
  readonly tags: string;
  /** Scenarios with these tags are in quarantine: they run, and fail no run. A tag expression; absent: none. */
  readonly quarantine?: string;
  readonly retry: number;
  /** How many tasks share the scenarios of a run; at most `tasksAtOnce`. `auto`: as many of them as are worth their start. */
  readonly shards: number | 'auto';
  /** Patterns of tags, `*` for anything: scenarios that share such a tag stay in one shard. */
  readonly together?: readonly string[];
  readonly limitMs: number;
  /** For each attempt of a scenario; absent: only the run's own limit. */
  readonly scenarioLimitMs?: number;
  /** How many Fargate tasks may run at once for this environment. */
  readonly tasksAtOnce: number;
  /** vCPUs of each task; absent: 2. */
  readonly vcpu?: number;
  /** Memory of each task; absent: 4096. */
  readonly memoryMb?: number;
  /** Where its tasks run. `spot`: on capacity that AWS may take back; what was on then runs again on demand. Absent: on demand. */
  readonly capacity?: 'on-demand' | 'spot';
  /** Profiles of the suite's configuration to run with; absent: its default one. */
  readonly profiles?: readonly string[];
  /** Scenarios at once in each task, or one for each of its vCPUs; absent: what the suite's configuration says. */
  readonly parallel?: number | 'vcpu';
  /** Where a suite comes from when a run names a git ref. */
  readonly suite?: SuiteSource;
  /** Patterns of git refs a run may name, `*` matching within a path segment; empty: only what is baked into the image. */
  readonly refs: readonly string[];
  /** SSM path whose parameters the suite gets as environment variables: `/coldframe/prod/suite/staging`. */
  readonly secretsPath?: string;
  /** Slack user or user group ids to mention when a run does not end green. */
  readonly mentionOnFailure: readonly string[];
  /** Who owns which scenarios; the last rule that fits counts. Absent: nobody owns any. */
  readonly owners?: readonly OwnerRule[];
  /** Who hears of its runs; absent: as usual. */
  readonly hear?: HearSettings;
}

/** A git repository, and the suite's folder in it. */
export interface SuiteSource {
  /** `https://github.com/example/ui-tests.git`: no account in it; the token is a secret of the environment. */
  readonly repository: string;
  /** Relative to the repository, `tests/ui`; absent: the repository is the suite. */
  readonly path?: string;
}

/** All environments, by name, in the order of the file. */
export type Catalogue = ReadonlyMap<string, Environment>;
