import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type LocalS3, startS3 } from '../../src/local/s3/s3.ts';
import { type LocalSsm, startSsm } from '../../src/local/ssm/ssm.ts';
import { type LocalServer, serve } from '../../src/local/wire/http-server.ts';
import type { DealBasis, Dealt } from '../../src/run/dealt.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import type { SuitePlan } from '../../src/run/plan.ts';
import type { Progress, ShardResult } from '../../src/run/shard.ts';
import { oneBuild } from '../one-build.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const bucket = 'coldframe-test-000000000000';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

export type Files = Readonly<Record<string, string>>;

/** A bucket, parameters and a page to test, for containers to run in. */
export interface ContainerWorld {
  readonly site: LocalServer;
  readonly ssm: LocalSsm;
  /** Keys of the objects, in the order they were written; with every write of each. */
  readonly writes: readonly string[];
  /** A folder with these files and, unless packages are named by their folders, all of ours: cucumber-js among them. */
  suite(files: Files, packages?: Files): Promise<string>;
  /** Writes a plan, and starts a container that carries it out. */
  start(input: {
    suite: string;
    runId: string;
    plan?: Partial<SuitePlan>;
    env?: Record<string, string>;
    program?: string;
  }): Promise<Container>;
  /** Starts the container of one shard of a run whose plan is there. */
  startShard(input: { suite: string; runId: string; shard: number }): Promise<Container>;
  startUnasked(input: { suite: string; defaults: SuitePlan; metadataUrl: string }): Promise<Container>;
  environment(): Record<string, string>;
  /** `part` is what several shards are told; absent: there is one. */
  putPlan(runId: string, plan?: Partial<SuitePlan>, part?: { shards: number; basis: DealBasis }): Promise<void>;
  /** Settles when an object with this key has been written, or was before. */
  written(key: string): Promise<void>;
  /** Settles when the page under test is asked for this path, and gives the answer back to the caller later. */
  visited(path: string): Promise<void>;
  path(key: string): string;
  of(runId: string, shard?: number): ShardObjects;
  stop(): Promise<void>;
}

export interface Container {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
}

/** What the one shard of a run has written. */
export interface ShardObjects {
  readonly keys: ReturnType<typeof shardKeys>;
  result(): ShardResult;
  progress(): Progress;
  /** The whole deal, as this shard has found it. */
  dealt(): Dealt;
  /** The chunks' lines, in order. */
  lines(): readonly string[];
  messages(): readonly Record<string, unknown>[];
  attachment(name: string): Buffer;
  /** Everything that was written, unpacked, with its key. */
  everything(): Promise<readonly { key: string; content: Buffer }[]>;
}

export async function openContainerWorld(): Promise<ContainerWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-container-test-'));
  const events = new EventEmitter().setMaxListeners(0);
  const writes: string[] = [];
  const visits: string[] = [];
  const journal = () => {};
  const s3: LocalS3 = await startS3({
    dir: join(folder, 's3'),
    buckets: [bucket],
    journal,
    credentials: [credentials],
    writeOncePrefixes: ['claims/'],
    onObjectCreated: ({ key }) => {
      writes.push(key);
      events.emit('write');
    },
  });
  const ssm = await startSsm({
    file: join(folder, 'parameters.json'),
    account: '000000000000',
    region: 'eu-central-1',
    journal,
    credentials: [credentials],
  });
  const site = await serve(async ({ url }) => {
    visits.push(url.pathname);
    events.emit('visit');
    return { status: 200, body: 'the page' };
  });
  const path = (key: string) => s3.pathOf(bucket, key);
  const started: Container[] = [];
  // As in the image. Elsewhere than in the tests nothing is built, and the sources do the same.
  const made = await oneBuild();
  const main = made === undefined ? join(repository, 'container/main.ts') : join(made.folder, 'container/main.mjs');

  async function until(event: string, isThere: () => boolean): Promise<void> {
    while (!isThere()) await once(events, event);
  }

  async function suite(files: Files, packages?: Files): Promise<string> {
    const dir = await mkdtemp(join(folder, 'suite-'));
    const links = packages === undefined ? { '': join(repository, 'node_modules') } : packages;
    for (const [name, target] of Object.entries(links)) {
      await mkdir(dirname(join(dir, 'node_modules', name)), { recursive: true });
      await symlink(target, join(dir, 'node_modules', name));
    }
    const all: Files = { 'package.json': '{"name":"suite","type":"module"}', ...files };
    for (const [name, content] of Object.entries(all)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
    return dir;
  }

  const environment = () => ({
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TMPDIR: folder,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(folder, 'compiled'),
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_SSM: ssm.url,
    COLDFRAME_STAGE: 'test',
    COLDFRAME_BUCKET: bucket,
    COLDFRAME_ENVIRONMENT: 'local',
  });

  async function putPlan(runId: string, plan: Partial<SuitePlan> = {}, part?: { shards: number; basis: DealBasis }): Promise<void> {
    const { plan: key, deal } = runKeys('local', runId);
    await mkdir(dirname(path(key)), { recursive: true });
    await writeFile(path(key), JSON.stringify(runPlan(runId, { ...suitePlan(site.url), ...plan }, part?.shards ?? 1)));
    if (part !== undefined) await writeFile(path(deal), JSON.stringify(part.basis));
  }

  function spawnContainer(env: Record<string, string>, program = main): Container {
    const child = spawn(process.execPath, [program], { env: { ...environment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    const container = { process: child, output: () => output, ended };
    started.push(container);
    return container;
  }

  return {
    site,
    ssm,
    writes,
    suite,
    environment,
    putPlan,
    path,
    start: async ({ suite: dir, runId, plan, env, program }) => {
      await putPlan(runId, plan);
      return spawnContainer({ COLDFRAME_SUITE: dir, COLDFRAME_RUN: runId, COLDFRAME_SHARD: '1', ...env }, program);
    },
    startShard: async ({ suite: dir, runId, shard }) =>
      spawnContainer({ COLDFRAME_SUITE: dir, COLDFRAME_RUN: runId, COLDFRAME_SHARD: String(shard) }),
    startUnasked: async ({ suite: dir, defaults, metadataUrl }) =>
      spawnContainer({ COLDFRAME_SUITE: dir, COLDFRAME_DEFAULTS: JSON.stringify(defaults), ECS_CONTAINER_METADATA_URI_V4: metadataUrl }),
    written: (key) => until('write', () => writes.includes(key)),
    visited: (wanted) => until('visit', () => visits.includes(wanted)),
    of: (runId, shard = 1) => shardObjects(runId, shard, path),
    stop: async () => {
      for (const { process: child, ended } of started) {
        child.kill('SIGKILL');
        await ended;
      }
      await Promise.all([s3.stop(), ssm.stop(), site.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const suitePlan = (url: string): SuitePlan => ({ url, tags: '', retry: 0, features: [], limitMs: 60_000, progressEveryMs: 100 });

const runPlan = (runId: string, suite: SuitePlan, shards: number) => ({
  version: 1,
  runId,
  environment: 'local',
  key: 'test',
  askedAt: '2026-11-23T04:12:00.000Z',
  asker: { kind: 'http', keyId: 'test' },
  text: '/run-tests local',
  channel: 'C0UITESTS',
  suite,
  tasks: Array.from({ length: shards }, (_, index) => ({ shard: index + 1 })),
});

function shardObjects(runId: string, shard: number, path: (key: string) => string): ShardObjects {
  const keys = shardKeys('local', runId, shard);
  const json = (key: string) => JSON.parse(readFileSync(path(key), 'utf8'));
  const lines = () => {
    const folder = dirname(path(keys.chunk(1)));
    const chunks = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ndjson.gz')) : [];
    return chunks.toSorted().flatMap((name) =>
      gunzipSync(readFileSync(join(folder, name)))
        .toString('utf8')
        .split('\n')
        .slice(0, -1),
    );
  };
  return {
    keys,
    lines,
    result: () => json(keys.result),
    progress: () => json(keys.progress),
    dealt: () => JSON.parse(gunzipSync(readFileSync(path(keys.deal))).toString('utf8')),
    messages: () => lines().map((line) => JSON.parse(line)),
    attachment: (name) => readFileSync(path(keys.attachment(name))),
    everything: async () => {
      const root = dirname(path('root'));
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      const mine = files.filter((file) => file.includes(runId) && !file.includes('/claims/'));
      return Promise.all(
        mine.map(async (file) => {
          const bytes = await readFile(file);
          return { key: file.slice(root.length + 1), content: file.endsWith('.gz') ? gunzipSync(bytes) : bytes };
        }),
      );
    },
  };
}

/** Processes that have `words` in their environment, by pid. */
export function processesWith(words: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(words);
      } catch {
        // it has just ended, or is not ours
        return false;
      }
    })
    .map(Number);
}

/** Settles when no process has `words` in its environment. */
export async function noProcessWith(words: string): Promise<void> {
  while (processesWith(words).length > 0) await turn();
}
