import { taskStopped } from '../src/app/finish-run.ts';
import { jsonLog as log } from '../src/app/log.ts';
import { logReceived } from '../src/app/received.ts';
import { parseTaskStopped } from '../src/aws/task-event.ts';
import { readConfig } from '../src/config.ts';
import { kept } from './kept.ts';
import { runWorld } from './run-world.ts';

const config = readConfig(process.env);
const world = kept(() => runWorld(config));

/** A task of ours has stopped, for whatever reason, whoever started it: the run ends here. A failure is thrown, so that Lambda tries again. */
export async function handler(event: unknown): Promise<void> {
  logReceived({ function: 'runStopped', stage: config.stage }, event, log);
  const parsed = parseTaskStopped(event);
  if (parsed.kind === 'ignored') {
    log('info', 'event ignored', { because: parsed.because });
    return;
  }
  await taskStopped(parsed.task, await world());
}
