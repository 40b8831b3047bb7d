import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { ToldRun } from '../../app/ask-over-http.ts';
import { credentialsOf } from './credentials.ts';
import { deployedColdframe } from './deployed.ts';
import { endText, progressLine } from './progress-line.ts';

const usage = `npm run coldframe -- run ENVIRONMENT    asks a deployed Coldframe for a run

  --wait                    follows it to its end: exit code 0 passed, 1 failed, 2 anything else
  --tags EXPRESSION         which scenarios; left out, the environment's own
  --feature FILE            only this feature file; may be repeated
  --ref REF                 the suite at this branch, tag or commit
  --shards N                how many tasks share the scenarios, 1 to 40, or auto: as many as are worth their start
  --retry N                 how often a failed scenario is tried again, 0 to 5
  --url URL                 where it is deployed: the stack's output RunsUrl (or COLDFRAME_URL)
  --key-id ID               of the key whose secret is in COLDFRAME_KEY (or COLDFRAME_KEY_ID)
  --audience TEXT           of the token that GitHub Actions gives (default: coldframe)
  --idempotency-key KEY     the same key is the same run: the id of the build (default: a new one)

Who asks is said by environment variables, never by arguments: COLDFRAME_KEY, a secret to sign with; COLDFRAME_TOKEN, a token of the
CI's provider; or, in GitHub Actions, \`permissions: id-token: write\`.`;

const options = {
  wait: { type: 'boolean', default: false },
  tags: { type: 'string' },
  feature: { type: 'string', multiple: true },
  ref: { type: 'string' },
  retry: { type: 'string' },
  shards: { type: 'string' },
  url: { type: 'string' },
  'key-id': { type: 'string' },
  audience: { type: 'string' },
  'idempotency-key': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** A person looks on, or a log is written. */
const lookEveryMs = { terminal: 2_000, log: 5_000 };

/**
 * Asks a deployed Coldframe for a run and, with `--wait`, follows it.
 *
 * @returns the exit code: 0 passed (or, without `--wait`, accepted), 1 failed, 2 anything else
 */
export async function runCommand(args: readonly string[], env = process.env): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const [environment, ...others] = positionals;
  if (environment === undefined || others.length > 0) throw new Error(`One environment is needed, like \`run staging\`.\n\n${usage}`);
  const url = values.url ?? env.COLDFRAME_URL;
  if (!url || !/^https?:\/\//.test(url))
    throw new Error("Where is it deployed? Name the stack's output RunsUrl with --url or COLDFRAME_URL.");
  const retry = values.retry === undefined ? undefined : Number(values.retry);
  if (Number.isNaN(retry)) throw new Error(`--retry takes a number from 0 to 5, not ${values.retry}`);
  const shards = values.shards === undefined || values.shards === 'auto' ? values.shards : Number(values.shards);
  if (Number.isNaN(shards)) throw new Error(`--shards takes a number from 1 to 40, or auto, not ${values.shards}`);

  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const { 'key-id': keyId, audience } = values;
  const who = credentialsOf(env, { ...(keyId !== undefined && { keyId }), ...(audience !== undefined && { audience }) });
  const coldframe = deployedColdframe(url, who, stopping.signal);
  const accepted = await coldframe.ask({
    environment,
    idempotencyKey: values['idempotency-key'] ?? randomUUID(),
    ...(values.tags !== undefined && { tags: values.tags }),
    ...(values.ref !== undefined && { ref: values.ref }),
    ...(retry !== undefined && { retry }),
    ...(shards !== undefined && { shards }),
    ...(values.feature !== undefined && { features: values.feature }),
  });
  console.log(`${accepted.id} was accepted`);
  if (!values.wait) return 0;
  try {
    return end(await follow(accepted.id, coldframe, stopping.signal));
  } catch (error) {
    if (!stopping.signal.aborted) throw new Error(`${said(error)}\nWhat became of ${accepted.id} is in Slack.`, { cause: error });
    console.error(`\nNobody waits for ${accepted.id} any more. It goes on; Slack tells its end.`);
    return 2;
  }
}

/** Shows each change, in place on a terminal, in a line of its own elsewhere, until the run has ended. */
async function follow(id: string, { tell }: ReturnType<typeof deployedColdframe>, signal: AbortSignal): Promise<ToldRun> {
  const isTerminal = process.stdout.isTTY;
  let shown = '';
  for (;;) {
    const run = await tell(id);
    if (run.state === 'finished') {
      if (isTerminal && shown !== '') process.stdout.write('\r\u001b[K');
      return run;
    }
    const line = progressLine(run);
    if (line !== shown) process.stdout.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    shown = line;
    await pause(isTerminal ? lookEveryMs.terminal : lookEveryMs.log, undefined, { signal });
  }
}

function end(run: ToldRun): number {
  console.log(`${endText(run)}\n\noutcome: ${run.outcome}, run: ${run.id}, report: ${run.report ?? 'none'}`);
  return run.outcome === 'passed' ? 0 : run.outcome === 'failed' ? 1 : 2;
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
