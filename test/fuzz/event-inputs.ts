import type { Chance } from '../simulation/chance.ts';
import { typedText } from './http-inputs.ts';
import { deepJson, oddJson, oddText, spoiled, spoiledParts, spoiledText } from './odd.ts';
import { secrets } from './place.ts';

/** An event of EventBridge for one of the functions; `isForeign`: not one of its own, so it may be thrown back. */
export interface EventInput {
  readonly kind: 'event';
  readonly to: 'worker' | 'runStopped' | 'sweep';
  readonly event: unknown;
  readonly isForeign: boolean;
}

const odd = (chance: Chance, usual: string, length = 300) => (chance.happens(0.7) ? usual : oddText(chance, length));

/** AWS says that a task's state has changed: of ours, of others, of one that somebody started by hand and named as they liked. */
export function ecsEvent(chance: Chance): EventInput {
  const id = chance.hex(32);
  const event = {
    version: '0',
    id: 'fuzz',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account: '000000000000',
    time: new Date().toISOString(),
    region: 'eu-central-1',
    resources: [],
    detail: {
      clusterArn: 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-fuzz',
      taskArn: `arn:aws:ecs:eu-central-1:000000000000:task/coldframe-fuzz/${id}`,
      taskDefinitionArn: `arn:aws:ecs:eu-central-1:000000000000:task-definition/${odd(chance, 'coldframe-fuzz-staging', 60)}:1`,
      lastStatus: odd(chance, chance.oneOf(['STOPPED', 'STOPPED', 'DEPROVISIONING', 'RUNNING'])),
      desiredStatus: odd(chance, 'STOPPED'),
      version: chance.oneOf([1, 5, -1, 1e300]),
      createdAt: odd(chance, new Date().toISOString(), 40),
      startedAt: odd(chance, new Date().toISOString(), 40),
      stoppedAt: odd(chance, new Date().toISOString(), 40),
      startedBy: odd(chance, 'hand'),
      stopCode: odd(chance, chance.oneOf(['EssentialContainerExited', 'TaskFailedToStart', 'SpotInterruption', 'UserInitiated'])),
      stoppedReason: odd(chance, 'Essential container in task exited', 2_000),
      containers: [
        {
          name: odd(chance, 'suite'),
          exitCode: chance.oneOf([0, 1, 137, -1, 1e9]),
          reason: odd(chance, 'OutOfMemoryError', 2_000),
          imageDigest: odd(chance, 'sha256:00'),
        },
      ],
      overrides: {
        containerOverrides: [
          {
            name: 'suite',
            environment: [
              { name: 'COLDFRAME_RUN', value: odd(chance, 'staging-20261127-0900-abc123') },
              { name: 'COLDFRAME_SHARD', value: odd(chance, '1') },
            ],
          },
        ],
      },
    },
  };
  const isSpoiled = chance.happens(0.3);
  return { kind: 'event', to: 'runStopped', event: isSpoiled ? spoiledParts(event, chance, 0.04) : event, isForeign: isSpoiled };
}

/** S3 says that something was written: keys are a container's to choose. */
export function s3Event(chance: Chance): EventInput {
  const key = chance.oneOf([
    `state/staging/runs/staging-20261127-0900-abc123/shards/${chance.oneOf(['1', '999', '0', '1e3', '-1'])}/progress.json`,
    `state/staging/runs/staging-task-${chance.hex(12)}/shards/1/progress.json`,
    `state/${encodeURIComponent(oddText(chance, 30).toWellFormed())}/runs/${encodeURIComponent(oddText(chance, 30).toWellFormed())}/shards/1/progress.json`,
    oddText(chance, 900),
  ]);
  const event = {
    version: '0',
    id: 'fuzz',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: new Date().toISOString(),
    detail: { version: '0', bucket: { name: 'coldframe-fuzz' }, object: { key, size: 10, etag: '0' }, reason: 'PutObject' },
  };
  const isSpoiled = chance.happens(0.3);
  return { kind: 'event', to: 'worker', event: isSpoiled ? spoiledParts(event, chance, 0.06) : event, isForeign: isSpoiled };
}

const command = (chance: Chance) => ({
  environment: odd(chance, 'staging', 60),
  tags: oddText(chance, 400),
  features: chance.happens(0.5) ? [] : [oddText(chance, 100)],
  ...(chance.happens(0.3) && { ref: oddText(chance, 200) }),
  ...(chance.happens(0.3) && { shards: chance.oneOf([0, 1, 2, 5, 100, 100_000]) }),
});

/** What somebody wants done that is no run. */
const errand = (chance: Chance) =>
  chance.oneOf<object>([
    {
      kind: chance.oneOf(['history', 'schedules', 'audit', 'on', 'home']),
      environments: [odd(chance, 'staging', 60), odd(chance, 'prod', 60)],
    },
    { kind: 'revoke-links', environment: odd(chance, 'staging', 60) },
    { kind: 'cancel', environment: odd(chance, 'staging', 60), runId: odd(chance, 'staging-20261127-0900-abc123', 80) },
    { kind: 'schedule', command: command(chance), times: times(chance) },
    {
      kind: 'change-schedule',
      change: odd(chance, chance.oneOf(['pause', 'resume', 'remove']), 30),
      environment: odd(chance, 'staging', 60),
      id: odd(chance, 'staging-k3f9qa', 100),
    },
    {
      kind: chance.oneOf(['show-settings', 'change-settings', 'reset-settings']),
      viewId: odd(chance, 'V0FUZZ', 100),
      environment: odd(chance, chance.oneOf(['staging', 'prod']), 60),
      place: odd(chance, chance.oneOf(['C0STAGING1', 'C0PROD1234']), 40),
      ...(chance.happens(0.5) && { seen: odd(chance, 'damaged', 60) }),
      settings: settings(chance),
    },
  ]);

const settings = (chance: Chance) => ({
  ...(chance.happens(0.7) && { runs: odd(chance, chance.oneOf(['every run', 'digest']), 60) }),
  ...(chance.happens(0.7) && { digest: odd(chance, 'weekdays 09:00 UTC', 120) }),
  ...(chance.happens(0.7) && { quiet: odd(chance, chance.oneOf(['', '20:00-07:00 Europe/Berlin']), 120) }),
  ...(chance.happens(0.7) && { asker: odd(chance, 'failures', 60) }),
});

const times = (chance: Chance) =>
  chance.oneOf<object>([
    {
      kind: 'days',
      days: chance.oneOf([[0], [1, 2, 3, 4, 5], [], [7], [1, 1]]),
      hour: chance.oneOf([0, 2, 23, 24, 1.5]),
      minute: chance.oneOf([0, 30, 59, 60]),
      zone: odd(chance, chance.oneOf(['Europe/Berlin', 'UTC', 'America/St_Johns']), 60),
    },
    { kind: 'every', minutes: chance.oneOf([15, 60, 1_440, 0, 7, 1e9]) },
  ]);

function askedFor(chance: Chance): readonly [type: string, detail: object] {
  const common = { version: 1, askedAt: new Date(Date.now() - chance.oneOf([0, 1_000, 3_600_000])).toISOString() };
  const responseUrl = `https://hooks.slack.com/commands/T0FUZZ/1/${secrets.responseUrl}`;
  const asker = chance.oneOf<object>([
    { kind: 'slack', userId: 'U0ADA12345' },
    { kind: 'http', keyId: oddText(chance, 100) },
    { kind: 'oidc', subject: oddText(chance, 100) },
    { kind: 'schedule', name: odd(chance, 'staging-k3f9qa', 100) },
  ]);
  const key = odd(chance, `command:${chance.hex(8)}`);
  return chance.oneOf<readonly [string, object]>([
    [
      'Run Requested',
      {
        ...common,
        ...{ key, asker, text: oddText(chance), channel: odd(chance, 'C0STAGING1', 40), responseUrl },
        command: command(chance),
        ...(chance.happens(0.2) && { rerun: 'staging-20261127-0900-abc123' }),
      },
    ],
    [
      'Errand Requested',
      { ...common, key, userId: odd(chance, 'U0ADA12345', 40), errand: errand(chance), channel: 'C0STAGING1', responseUrl },
    ],
    [
      chance.oneOf(['Cancel Requested', 'Approval Given']),
      {
        ...common,
        runId: odd(chance, 'staging-20261127-0900-abc123'),
        environment: odd(chance, 'staging'),
        asker,
        channel: 'C0STAGING1',
        responseUrl,
      },
    ],
    [
      'Cold Starts Requested',
      {
        ...common,
        key,
        userId: odd(chance, 'U0ADA12345', 40),
        channel: odd(chance, 'C0STAGING1', 40),
        text: typedText(chance),
        responseUrl,
      },
    ],
    [
      'Form Wanted',
      {
        ...common,
        ...{ viewId: 'V0FUZZ', userId: odd(chance, 'U0ADA12345', 40), channel: odd(chance, 'C0STAGING1', 40), metadata: oddText(chance) },
        ...(chance.happens(0.6) && {
          filled: {
            choice: { ...command(chance), shards: odd(chance, '2', 40), retry: odd(chance, '1', 40) },
            ...{ isOwn: chance.happens(0.5), isStale: chance.happens(0.2) },
          },
        }),
        ...(chance.happens(0.3) && {
          again: { environment: odd(chance, 'staging', 60), runId: odd(chance, 'staging-20261127-0900-abc123') },
        }),
      },
    ],
    ['Cold Starts Due', { version: 1, now: new Date().toISOString() }],
  ]);
}

/** A message of our queue, as our rules put it there; or something that came there in another way. */
export function queuedEvent(chance: Chance): EventInput {
  const [type, detail] = askedFor(chance);
  const source = type === 'Cold Starts Due' || chance.happens(0.1) ? 'coldframe.scheduler' : 'coldframe.door';
  const envelope = { version: '0', id: 'fuzz', 'detail-type': type, source, detail };
  const spoil = chance.below(4);
  const text = JSON.stringify(
    spoil === 1 ? spoiled(envelope, chance, 0.06) : spoil === 2 ? { ...envelope, source: oddText(chance, 40) } : envelope,
  );
  const body = spoil === 3 ? spoiledText(text, chance) : text;
  const record = {
    messageId: 'm-1',
    receiptHandle: 'r',
    body,
    attributes: {},
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
  // What is written wrong in a request that ours would never have made is refused by its schema, and kept in the DLQ.
  return { kind: 'event', to: 'worker', event: { Records: [record] }, isForeign: true };
}

/** The clock of the sweeper, which reads nothing of it; and anything at all, for each function. */
export const anyEvent = (chance: Chance): EventInput => {
  const to = chance.oneOf(['worker', 'runStopped', 'sweep'] as const);
  const json = chance.happens(0.9) ? oddJson(chance) : JSON.parse(deepJson(chance));
  // The worker's own events are objects: AWS calls it with nothing else.
  const event = typeof json === 'object' && json !== null && !Array.isArray(json) ? json : { detail: json };
  return { kind: 'event', to, event, isForeign: true };
};
