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
  /** Tags used when the command gives none; a valid Cucumber tag expression or empty. */
  readonly tags: string;
  readonly retry: number;
  readonly shards: number;
  readonly limitMs: number;
  /** How many Fargate tasks may run at once for this environment. */
  readonly tasksAtOnce: number;
  /** vCPUs of each task; absent: 2. */
  readonly vcpu?: number;
  /** Memory of each task; absent: 4096. */
  readonly memoryMb?: number;
  /** Patterns of git refs a run may name, `*` matching within a path segment; empty: only what is baked into the image. */
  readonly refs: readonly string[];
  /** SSM path whose parameters the suite gets as environment variables: `/coldframe/prod/suite/staging`. */
  readonly secretsPath?: string;
  /** Slack user or user group ids to mention when a run does not end green. */
  readonly mentionOnFailure: readonly string[];
}

/** All environments, by name, in the order of the file. */
export type Catalogue = ReadonlyMap<string, Environment>;
