import type { Ending } from './endings.ts';

/** What a browser can do to a run. */
export const browserEndings: readonly Ending[] = [];
