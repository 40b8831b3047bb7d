import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { Lambda } from '../lambda/lambda.ts';
import { serve } from '../wire/http-server.ts';
import { printLines } from './print-lines.ts';
import { functionFor, type RecordedEvent, recordedEvent } from './recorded-event.ts';
import { ciKeyOf, type Revival, revived } from './revived.ts';

const usage = `npm run coldframe -- replay event.json       runs a recorded event through its function, here; - is standard input
  --function worker          which one (http, worker, runStopped, sweep); left out: what the event says
  --inspect                  waits for a debugger on 127.0.0.1:9229 first; --inspect=PORT for another port
  --state DIR                in the local world that is kept there (npm start's is .coldframe); left out: in a new one
  --live --stage prod        against the real AWS and the real Slack of this stage, with your own credentials

The event may be pasted straight from CloudWatch: the line "event received" that each of our functions logs. Without --live, nothing
but this machine can be reached. Exit code: 0 the function returned, 1 it failed, 2 nothing was replayed.`;

const options = {
  function: { type: 'string' },
  inspect: { type: 'string' },
  state: { type: 'string' },
  live: { type: 'boolean' },
  stage: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `replay`: runs a recorded event behind the Runtime API. Gives the exit code: 0 the function returned, 1 it failed. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: withPort(args), options, allowPositionals: true });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const [file, ...others] = positionals;
  if (file === undefined || others.length > 0) throw new Error(`replay takes one file.\n\n${usage}`);
  const recorded = recordedEvent(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8'));
  const name = values.function ?? recorded.functionName ?? functionFor(recorded.event);
  if (name === undefined) throw new Error('It does not say which function it is for: name one with --function.');
  if (values.live === true && values.stage === undefined) throw new Error('--live needs --stage: there is no default for the real world.');
  if (values.live !== true && values.region !== undefined) throw new Error('--region is for --live alone.');
  const inspectPort = values.inspect === undefined ? undefined : Number(values.inspect);
  if (inspectPort !== undefined)
    console.log(`Waiting for a debugger on 127.0.0.1:${inspectPort}: open chrome://inspect, or attach your editor …`);
  const asked = { name, recorded, inspectPort };
  if (values.live !== true) return await replayHere(asked, { state: values.state, stage: values.stage });
  const { openLive } = await import('./live-function.ts');
  console.log(`This touches the real AWS and the real Slack of the stage ${values.stage}.`);
  const live = await openLive({ name, stage: values.stage ?? '', region: values.region, inspectPort, ciKey: ciKeyOf(recorded.event) });
  try {
    return await replay(asked, live);
  } finally {
    await live.stop();
  }
}

/** `--inspect` alone means the usual port. */
const withPort = (args: readonly string[]): string[] => args.map((arg) => (arg === '--inspect' ? '--inspect=9229' : arg));

interface Asked {
  readonly name: string;
  readonly recorded: RecordedEvent;
  readonly inspectPort: number | undefined;
}

/** In the local world: a new one, or the one that is kept in `state`. */
async function replayHere(asked: Asked, { state, stage }: { readonly state: string | undefined; readonly stage: string | undefined }) {
  const { startWorld } = await import('../world.ts');
  const dir = state ?? (await mkdtemp(join(tmpdir(), 'coldframe-replay-')));
  try {
    const world = await startWorld({ dir, port: 0 });
    try {
      const lambda = world.hostOf(asked.name, {
        extraEnvironment: { NODE_OPTIONS: `--import=${new URL('loopback-only.mjs', import.meta.url).href}` },
        appendLog: (_group, _stream, lines) => printLines(lines),
        inspectPort: asked.inspectPort,
      });
      const from = stage ?? asked.recorded.stage;
      const signingSecret = world.ssm.valueOf('/coldframe/local/slack-signing-secret') ?? '';
      const ciSecret = world.ssm.valueOf(`/coldframe/local/ci/${ciKeyOf(asked.recorded.event) ?? ''}`);
      try {
        return await replay(asked, { lambda, signingSecret, ciSecret, stage: from === undefined ? undefined : { from, to: 'local' } });
      } finally {
        await lambda.stop();
      }
    } finally {
      await world.stop();
    }
  } finally {
    if (state === undefined) await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function replay(
  { name, recorded }: Asked,
  { lambda, ...revival }: Pick<Revival, 'signingSecret' | 'ciSecret' | 'stage'> & { readonly lambda: Lambda },
): Promise<number> {
  // What only the asker would see comes here.
  const asker = await serve(({ body }) => {
    console.log(`to the asker alone: ${body.toString('utf8')}`);
    return { status: 200, body: 'ok' };
  });
  try {
    const event = revived(recorded.event, { ...revival, responseUrl: `${asker.url}/`, nowMs: Date.now() });
    const invoked = await lambda.invokeInTurn(name, event);
    if (invoked.kind === 'returned') {
      console.log(`${name} returned ${JSON.stringify(invoked.value, undefined, 2)}`);
      return 0;
    }
    console.log(`${name} failed: ${invoked.error.errorType}: ${invoked.error.errorMessage}`);
    return 1;
  } finally {
    await asker.stop();
  }
}
