/** Why a task ended, in words for a person at 3 a.m. */
export interface StopReason {
  /** What happened: `The container was killed because it ran out of memory.` */
  readonly what: string;
  /** What to do next: `Give the task more memory (memoryMb in coldframe.yml) or run fewer workers.` */
  readonly next: string;
  /** ECS's own texts, as they came, for whoever searches for them. */
  readonly raw: string;
  /** Whether the same run may succeed when tried again without a change (capacity, network interface, Spot). */
  readonly isTransient: boolean;
}

/**
 * What ECS says of a task that has stopped: the parts of the `ECS Task State Change` event, or of DescribeTasks.
 * Everything may be missing: a task that failed to start has no containers.
 */
export interface TaskStop {
  readonly taskArn: string;
  /** Open list: TaskFailedToStart, EssentialContainerExited, UserInitiated, SpotInterruption, … */
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  /** Of the suite's container. */
  readonly exitCode?: number;
  readonly containerReason?: string;
  readonly startedAt?: string;
  readonly stoppedAt?: string;
}
