import type { Ending } from './endings.ts';

/** What Fargate, S3 and people can do to a task. */
export const taskEndings: readonly Ending[] = [];
