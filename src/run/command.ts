/** What somebody asked us to run, before we looked whether it can be. */
export interface RunCommand {
  readonly environment: string;
  /** A Cucumber tag expression; when given it replaces the environment's default tags. */
  readonly tags?: string;
  /** A git ref of the suite. */
  readonly ref?: string;
  /** Number of Fargate tasks. */
  readonly shards?: number;
  /** How often a failed scenario is tried again, 0 to 5. */
  readonly retry?: number;
  /** Feature files of the suite, without options or line numbers: `features/login.feature`. */
  readonly features: readonly string[];
}

/** What someone typed after `/run-tests`. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly command: RunCommand }
  /** `because` is a sentence for the person, with the way out. */
  | { readonly kind: 'refused'; readonly because: string };
