/** One thing that happened in the local world, for whoever wants to look behind the message. */
export interface JournalEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly source: 's3' | 'ecs' | 'events' | 'scheduler' | 'sqs' | 'ssm' | 'logs' | 'lambda' | 'gateway' | 'slack';
  /** `PutObject`, `chat.update`, `ECS Task State Change`, `invoke http`, … */
  readonly name: string;
  /** Whose access key an AWS call was signed with. */
  readonly caller?: string;
  readonly request?: unknown;
  readonly response?: unknown;
  readonly status?: number;
  readonly durationMs?: number;
}

export type Journal = (entry: JournalEntry) => void;
