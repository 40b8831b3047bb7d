import type { EcsTask } from '../../src/local/ecs/ecs-task.ts';
import { noCounts } from '../../src/outcome/counts.ts';
import { scenarioId } from '../../src/outcome/scenario-id.ts';
import type { Environment } from '../../src/run/catalogue.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { adoptedPlan, defaultSuitePlan } from '../../src/run/plan.ts';
import { adoptedRunId } from '../../src/run/run-id.ts';
import type { Chance } from './chance.ts';
import type { Container, ContainerEnd } from './memory-ecs.ts';
import type { MemoryS3 } from './memory-s3.ts';
import { chunkOf, messagesOf, type Verdict } from './suite.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What becomes of what runs in a task. */
type Course =
  | 'passes'
  | 'fails'
  | 'hangs'
  | 'wedges'
  | 'runs out of memory'
  | 'is interrupted'
  | 'exits unheard'
  | 'writes nonsense'
  | 'is killed before its result'
  | 'is not ready';

const courses: readonly (readonly [Course, number])[] = [
  ['passes', 50],
  ['fails', 14],
  ['hangs', 6],
  ['wedges', 4],
  ['runs out of memory', 6],
  ['is interrupted', 6],
  ['exits unheard', 5],
  ['writes nonsense', 5],
  ['is killed before its result', 5],
  ['is not ready', 4],
];

/** How many scenarios the suite has, for a run of so many shards. */
export const scenariosOf = (shards: number): number => Math.max(shards, 4);

interface Options {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly s3: MemoryS3;
  readonly task: EcsTask;
  readonly environment: Environment;
  readonly ended: (end: ContainerEnd) => void;
  /** AWS takes the machine back. */
  readonly interrupt: () => void;
  readonly trace: (what: string) => void;
  /** It has written a finished, complete, successful result in which something passed. */
  readonly onSuccess: (runId: string, shard: number) => void;
}

/** What a suite's own code may write where our result belongs. */
const nonsense = [
  '{',
  '[]',
  '{"version":1,"how":"ended","exitCode":0,"chunks":-1}',
  `{"version":1,"x":"${'<!channel>'.repeat(9)}"}`,
] as const;

const versions = { node: 'v24.0.0', cucumber: '13.3.0' };

/** What a task's container does to the bucket: the objects that the real one writes, in its order. */
export function startContainer({ time, chance, s3, task, environment, ended, interrupt, trace, onSuccess }: Options): Container {
  const told = (name: string) =>
    task.overrides.containerOverrides.flatMap(({ environment: all = [] }) => all).find((one) => one.name === name)?.value;
  const runId = told('COLDFRAME_RUN') ?? adoptedRunId(environment.name, task.arn);
  const shard = Number(told('COLDFRAME_SHARD') ?? 1);
  const keys = shardKeys(environment.name, runId, shard, Number(told('COLDFRAME_TAKE') ?? 1));
  const isOnSpot = task.capacityProvider === 'FARGATE_SPOT';
  const course = isOnSpot && chance.happens(0.3) ? 'is interrupted' : drawn(chance);
  let isOver = false;
  trace(`container of ${runId} shard ${shard}: ${course}`);

  const put = (Key: string, Body: string | Uint8Array) => void s3.answer('PutObjectCommand', { Key, Body });
  const later = (delayMs: number, act: () => void) =>
    time.idly(delayMs, () => {
      if (!isOver) act();
    });
  function exit(end: ContainerEnd): void {
    isOver = true;
    ended(end);
  }

  const startedAtMs = time.nowMs();
  const now = () => new Date(time.nowMs()).toISOString();
  const plan = readPlan();
  const shards = Math.max(1, plan.tasks);
  const total = scenariosOf(shards);
  const mine = Array.from({ length: total }, (_, number) => number).filter((number) => (number % shards) + 1 === shard);
  const scenarios = new Map<number, Verdict>(
    mine.map((number, index) => [number, course === 'fails' && index === 0 ? 'FAILED' : 'PASSED']),
  );
  const lines = messagesOf({ shard, scenarios, total, startedAtMs });
  const head = lines.length - 1 - 4 * scenarios.size;

  function readPlan(): { readonly tasks: number } {
    if (told('COLDFRAME_RUN') === undefined) {
      const own = adoptedPlan({
        environment: environment.name,
        taskArn: task.arn,
        createdAt: new Date(task.createdAt).toISOString(),
        channel: '',
        suite: defaultSuitePlan(environment),
      });
      const key = runKeys(environment.name, own.runId).plan;
      if (!s3.objects.has(key)) s3.answer('PutObjectCommand', { Key: key, Body: JSON.stringify(own), IfNoneMatch: '*' });
      return { tasks: 1 };
    }
    const kept = s3.objects.get(runKeys(environment.name, runId).plan);
    if (kept === undefined) throw new Error(`the task of ${runId} was started before there was a plan`);
    return { tasks: JSON.parse(Buffer.from(kept.bytes).toString()).tasks.length };
  }

  const progress = (step: string, passed: number) =>
    put(
      keys.progress,
      JSON.stringify({
        version: 1,
        runId,
        shard,
        at: now(),
        step,
        counts: { ...noCounts, total: scenarios.size, passed, unknown: scenarios.size - passed },
        now: passed < scenarios.size ? [`scenario ${mine[passed]}`] : [],
      }),
    );

  function dealt(): void {
    if (shards === 1) return;
    const all = Array.from({ length: total }, (_, number) => ({
      id: scenarioId({ feature: 'a', scenario: `scenario ${number}` }, 1),
      uri: 'features/a.feature',
      line: 2 + 2 * number,
      scenario: `scenario ${number}`,
      shard: (number % shards) + 1,
    }));
    put(keys.deal, chunkOf([JSON.stringify({ version: 1, shards, scenarios: all, missing: [] })]));
  }

  /** Written once: another container's stands. */
  function result(how: string, chunks: number, more: object = {}): void {
    if (s3.objects.has(keys.result)) return;
    put(
      keys.result,
      JSON.stringify({
        version: 1,
        runId,
        shard,
        startedAt: new Date(startedAtMs).toISOString(),
        endedAt: now(),
        how,
        chunks,
        versions,
        ...more,
      }),
    );
  }

  /** The suite has run to its end, and all of it is written: the result last. */
  function finish(): void {
    put(keys.chunk(2), chunkOf(lines.slice(head)));
    progress('finishing', scenarios.size);
    const isSuccess = course !== 'fails';
    later(chance.between(10, 2_000), () => {
      result('ended', 2, { exitCode: isSuccess ? 0 : 1 });
      if (isSuccess) onSuccess(runId, shard);
      // Too late to matter: all is said.
      if (isOnSpot && chance.happens(0.2)) interrupt();
      later(chance.between(10, 1_000), () => exit({ exitCode: isSuccess ? 0 : 1 }));
    });
  }

  /** What each course comes to when the suite's time has come. */
  const ends: Readonly<Record<Course, () => void>> = {
    passes: finish,
    fails: finish,
    // The runner's own limit: it ends what is on, and says so.
    hangs: () =>
      later(environment.limitMs, () => {
        result('timed-out', 1, { stopAskedAt: now() });
        exit({ exitCode: 1 });
      }),
    wedges: () => {},
    'runs out of memory': () => exit({ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }),
    'is killed before its result': () => {
      put(keys.chunk(2), chunkOf(lines.slice(head)));
      later(chance.between(1, 2_000), () => exit({ exitCode: 137 }));
    },
    // What it has run by then is written when it is told to stop.
    'is interrupted': () => {
      if (chance.happens(0.5)) for (const number of [2, 3]) put(keys.chunk(number), chunkOf(lines.slice(head, -1)));
      interrupt();
    },
    'exits unheard': () => exit({ exitCode: 0 }),
    'is not ready': () => {
      result('not-run', 0, { error: 'https://app.example.com does not answer.\nStart it.' });
      exit({ exitCode: 2 });
    },
    'writes nonsense': () => {
      put(keys.result, chance.oneOf(nonsense));
      put(keys.progress, 'null');
      put(keys.chunk(2), Buffer.from('not gzip'));
      exit({ exitCode: 0 });
    },
  };

  later(chance.between(500, 5_000), () => {
    progress('preparing', 0);
    dealt();
    later(chance.between(500, 5_000), () => {
      put(keys.chunk(1), chunkOf(lines.slice(0, head)));
      progress('running', 0);
      const lastsMs = chance.between(2_000, 4 * 60_000);
      if (scenarios.size > 1) later(lastsMs / 2, () => progress('running', Math.floor(scenarios.size / 2)));
      later(lastsMs, ends[course]);
    });
  });

  return {
    terminate() {
      if (course === 'wedges' && chance.happens(0.7)) return;
      later(chance.between(100, 15_000), () => {
        result('stopped', 1, { stopAskedAt: now() });
        exit({ exitCode: 143 });
      });
    },
    kill() {
      isOver = true;
    },
  };
}

function drawn(chance: Chance): Course {
  let left = chance.below(courses.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [course, weight] of courses) {
    left -= weight;
    if (left < 0) return course;
  }
  return 'passes';
}
