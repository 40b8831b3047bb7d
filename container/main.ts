/**
 * The entry point of the container: `node container/main.ts` from source, `node main.mjs` in the image.
 * `readSettings` says what it needs in its environment, docs/result.md what it writes.
 *
 * | exit code | means |
 * | --- | --- |
 * | 0 | the suite ended by itself and everything was written, whatever the verdict |
 * | 1 | a mistake of ours |
 * | 2 | it does not know what to do: its environment is incomplete; nothing was written |
 * | 3 | the suite was not run; `result.json` says why |
 * | 4 | the plan's time limit was reached; everything was written |
 * | 5 | not everything could be written |
 * | 143 | it was asked to stop (SIGTERM); everything was written |
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SSMClient } from '@aws-sdk/client-ssm';
import { patiently } from '../src/aws/client-settings.ts';
import { s3Store } from '../src/aws/store.ts';
import { logTo, said } from './log.ts';
import { runShard, type ShardEnd } from './runner.ts';
import { readSettings, type Settings } from './settings.ts';

const exitCodes = { ended: 0, 'not-run': 3, 'timed-out': 4, stopped: 143 } as const satisfies Record<ShardEnd['how'], number>;

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
// Whoever reads our log may go away before us; the run goes on without.
process.stdout.on('error', () => {});

/** Settles when the text is written, or nobody is there to read it. */
const print = (text: string): Promise<void> => new Promise((resolve) => process.stdout.write(text, () => resolve()));
const log = logTo((line) => void print(line), {});

process.exit(await main());

async function main(): Promise<number> {
  let settings: Settings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    log('error', 'container not started', { because: said(error) });
    return 2;
  }
  const store = s3Store(new S3Client(patiently), settings.bucket);
  const ssm = new SSMClient(patiently);
  try {
    const { how, lost } = await runShard({ settings, store, ssm, base: process.env, print, stop: stop.signal });
    return lost === undefined ? exitCodes[how] : 5;
  } catch (error) {
    log('error', 'shard not run', { because: said(error), stack: error instanceof Error ? error.stack : undefined });
    return settings.task.kind === 'unasked' ? 2 : 1;
  }
}
