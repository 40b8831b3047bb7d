import { jsonLog as log } from '../src/app/log.ts';
import { logReceived } from '../src/app/received.ts';
import { type Swept, sweep } from '../src/app/sweep.ts';
import { readConfig } from '../src/config.ts';
import { kept } from './kept.ts';
import { runWorld } from './run-world.ts';

const config = readConfig(process.env);
const world = kept(() => runWorld(config));

/** Every five minutes: whatever the events missed. */
export async function handler(event: unknown): Promise<Swept> {
  logReceived({ function: 'sweep', stage: config.stage }, event, log);
  return await sweep(await world());
}
