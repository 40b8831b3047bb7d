/** What Fargate may take to start a task: five minutes in a network without a way out, and then some. */
export const startAllowanceMs = 10 * 60_000;

/** What a task may take to stop after it was told to: the stop timeout, and what AWS needs around it. */
export const stopAllowanceMs = 10 * 60_000;

/**
 * How long a call that was given up may still land: two minutes, and clocks that differ by one. An update of Slack that was sent before the
 * end may come after it; a task that ECS was asked for, when somebody has looked for it.
 */
export const settleMs = 3 * 60_000;

/** The sweeper comes so often (`serverless.yml`). */
export const sweepEveryMs = 5 * 60_000;

const overdue = 'is past its deadline';

/** How long a post whose result is not known may still land: until then its run is looked after. */
export const twinMs = 15 * 60_000;

/** What we tell ECS when we stop a task that took too long; ECS tells it back in the task's `stoppedReason`. */
export const overdueReason = (runId: string): string => `Coldframe run ${runId} ${overdue}`;

/** Whether a task was stopped because its time was over. */
export const isOverdueReason = (stoppedReason: string | undefined): boolean => stoppedReason?.endsWith(overdue) ?? false;
