import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3 } from '../s3/s3.ts';
import { startSsm } from '../ssm/ssm.ts';
import { serve } from '../wire/http-server.ts';
import { type Contestant, makeContestants } from './cold-start-contestants.ts';
import { type LambdaRuntime, lambdaRuntime } from './lambda-runtime.ts';
import { type ColdStart, oneColdStart } from './one-cold-start.ts';
import { median } from './overhead.ts';

/** What `npm run bench -- cold-start` found out, by the contestants' names. Medians, in milliseconds. */
export interface ColdStarts {
  readonly rounds: number;
  readonly runtime: string;
  /** From the start of the process to its first answer. */
  readonly medians: Figures;
  /** The same, up to the moment when it asks for its first event: what Lambda calls the init, and reports as a cold start. */
  readonly inits: Figures;
  /** Processor time of all threads until the same two moments: other work on the machine lengthens it less. */
  readonly cpu: Figures;
  readonly initCpu: Figures;
  readonly ratios: Ratios;
  /** The same ratios, by processor time. */
  readonly cpuRatios: Ratios;
}

export interface Ratios {
  /** A slash command of ours to the handler that does nothing. */
  readonly toFloor: number;
  /** A slash command of ours to the peer's. */
  readonly toPeer: number;
  readonly buttonToPeer: number;
  /** The init of the slowest of our other functions to that of the handler that does nothing: nobody waits for their first answer. */
  readonly othersToFloor: number;
}

const secrets = {
  'slack-signing-secret': 'a-signing-secret-for-the-bench-1',
  'slack-bot-token': 'xoxb-bench',
  'link-secret': 'a-link-secret',
};
const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
const [region, account] = ['eu-central-1', '000000000000'];

/** Starts each contestant once in each round, so that a machine that becomes slower becomes so for all. @throws when one fails */
export async function measureColdStarts(rounds: number, note: (words: string) => void): Promise<ColdStarts> {
  const runtime = await lambdaRuntime(note);
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-bench-'));
  const services = await startServices(folder);
  try {
    const contestants = await makeContestants({
      folder,
      region,
      account,
      signingSecret: secrets['slack-signing-secret'],
      environment: services.environment,
    });
    const measured = new Map<string, ColdStart[]>(contestants.map(({ name }) => [name, []]));
    // The first round fills the caches of files, and counts for nobody.
    for (let round = 0; round <= rounds; round += 1) {
      for (const contestant of contestants) {
        const one = await start(contestant, runtime, services.puts);
        if (round > 0) measured.get(contestant.name)?.push(one);
      }
      if (round > 0)
        note(
          `round ${round} of ${rounds}: ${contestants.map(({ name }) => `${name} ${measured.get(name)?.at(-1)?.totalMs.toFixed(0)}`).join(', ')}`,
        );
    }
    return summarised(rounds, runtime, measured);
  } finally {
    await services.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function start(contestant: Contestant, runtime: LambdaRuntime, puts: () => number): Promise<ColdStart> {
  const before = puts();
  const one = await oneColdStart(runtime, contestant, contestant.event());
  if (!contestant.isRight(JSON.parse(one.body))) throw new Error(`${contestant.name} answered ${one.body}`);
  const handedOver = puts() - before;
  if (handedOver !== contestant.puts) throw new Error(`${contestant.name} handed ${handedOver} events over, not ${contestant.puts}`);
  return one;
}

/** AWS, as much as the functions see of it at their first event. */
async function startServices(folder: string) {
  const common = { journal: () => {}, credentials: [credentials] };
  const ssm = await startSsm({ ...common, file: join(folder, 'ssm.json'), account, region });
  for (const [name, value] of Object.entries(secrets)) ssm.putSecret(`/coldframe/local/${name}`, value);
  const s3 = await startS3({ ...common, dir: join(folder, 's3'), buckets: [`coldframe-local-${account}`], onObjectCreated: () => {} });
  let puts = 0;
  const bus = await serve(() => {
    puts += 1;
    return { status: 200, headers: json, body: JSON.stringify({ FailedEntryCount: 0, Entries: [{ EventId: String(puts) }] }) };
  });
  const ecs = await serve(() => ({ status: 200, headers: json, body: '{"taskArns":[],"tasks":[],"failures":[]}' }));
  const servers = [ssm, s3, bus, ecs];
  return {
    puts: () => puts,
    environment: {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.url,
      AWS_ENDPOINT_URL_ECS: ecs.url,
    },
    stop: async () => void (await Promise.all(servers.map((server) => server.stop()))),
  };
}

const json = { 'content-type': 'application/x-amz-json-1.1' };

function summarised(rounds: number, runtime: LambdaRuntime, measured: ReadonlyMap<string, readonly ColdStart[]>): ColdStarts {
  const mediansOf = (of: (one: ColdStart) => number | undefined) =>
    Object.fromEntries([...measured].map(([name, ones]) => [name, rounded(median(ones.map((one) => of(one) ?? Number.NaN)))]));
  const medians = mediansOf(({ totalMs }) => totalMs);
  const inits = mediansOf(({ initMs }) => initMs);
  const cpu = mediansOf(({ totalCpuMs }) => totalCpuMs);
  const initCpu = mediansOf(({ initCpuMs }) => initCpuMs);
  return {
    rounds,
    runtime: runtime.name,
    ...{ medians, inits, cpu, initCpu },
    ratios: ratiosOf(medians, inits),
    cpuRatios: ratiosOf(cpu, initCpu),
  };
}

const others = ['worker', 'runStopped', 'sweep'];

type Figures = Readonly<Record<string, number>>;

/** What the aims are about, of figures until the first answer and until the end of the init. */
export function ratiosOf(answered: Figures, inits: Figures): Ratios {
  const ratio = (name: string, to: string, of: Figures): number => rounded((of[name] ?? Number.NaN) / (of[to] ?? Number.NaN));
  return {
    toFloor: ratio('ours', 'floor', answered),
    toPeer: ratio('ours', 'peer', answered),
    buttonToPeer: ratio('oursButton', 'peerButton', answered),
    othersToFloor: Math.max(...others.map((name) => ratio(name, 'floor', inits))),
  };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
