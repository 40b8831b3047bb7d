import { finishedMessage } from './finished.ts';
import type { Message } from './message.ts';
import { progressMessage } from './progress.ts';
import { hasEnded, type RunView } from './run-view.ts';

/** The one message of a run, in whatever phase it is. */
export const runMessage = (view: RunView): Message => (hasEnded(view) ? finishedMessage(view) : progressMessage(view));
