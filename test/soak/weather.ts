import type { Disturbance } from '../../src/local/events/event-bridge.ts';
import type { S3Disturbance } from '../../src/local/s3/s3.ts';
import type { WorldFaults } from '../../src/local/world.ts';

/** Faults of every kind that AWS and Slack document, drawn for each call and event; and how often each has struck. */
export interface Weather {
  readonly faults: WorldFaults;
  readonly struck: ReadonlyMap<string, number>;
  /** One was made by somebody else. */
  note(name: string): void;
}

/** Longer than the bot waits for Slack. */
const tooLateMs = 8_000;
/** Of our queues, instead of three minutes: so soon what has failed comes again. */
const visibilityMs = 15_000;
/** The queue gives the message out again while somebody is at it. */
const tooShortMs = 300;

/** @param random for each call a number from 0 up to 1: the order of calls is the machine's, so a seed gives the same weather, not the same history */
export function weather(random: () => number): Weather {
  const struck = new Map<string, number>();

  function note(name: string): void {
    struck.set(name, (struck.get(name) ?? 0) + 1);
  }

  /** One of these by its share, or none. */
  function draw<T>(from: readonly (readonly [share: number, name: string, fault: T])[]): T | undefined {
    let left = random();
    for (const [share, name, fault] of from) {
      left -= share;
      if (left >= 0) continue;
      note(name);
      return fault;
    }
    return undefined;
  }

  const faults: WorldFaults = {
    slack: (method) => {
      // Where a post has no answer its run is looked after for a quarter of an hour: of those there are fewer.
      const isPost = method === 'chat.postMessage';
      const much = isPost ? 0.01 : 0.02;
      return draw([
        [0.02, 'Slack 429', { kind: 'http', status: 429, retryAfterS: 1 }],
        [0.02, 'Slack 500', { kind: 'http', status: 500 }],
        [0.01, 'Slack 503', { kind: 'http', status: 503 }],
        [much, 'Slack: answer lost', { kind: 'lost' }],
        [much, 'Slack: answer late', { kind: 'late', delayMs: tooLateMs }],
        [much, 'Slack: done, but later', { kind: 'lands-late', delayMs: Math.round(random() * 2 * tooLateMs) }],
      ]);
    },
    ecs: ({ operation }) => {
      switch (operation) {
        case 'RunTask':
          return draw([
            [0.04, 'RunTask: throttled', { kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' }],
            [0.02, 'RunTask: server error', { kind: 'refused', type: 'ServerException', message: 'Service Unavailable', status: 500 }],
            [0.04, 'RunTask: no capacity', { kind: 'failures', failures: [{ reason: 'Capacity is unavailable at this time.' }] }],
            [
              0.03,
              'RunTask: fails to start',
              { kind: 'fails-to-start', stoppedReason: 'Timeout waiting for network interface provisioning' },
            ],
            [0.03, 'RunTask: answer lost', { kind: 'lost-answer' }],
          ]);
        case 'DescribeTasks':
          return draw([
            [0.04, 'DescribeTasks: missing', { kind: 'missing' }],
            [0.03, 'DescribeTasks: throttled', { kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' }],
          ]);
        default:
          return draw([
            [0.03, `${operation}: throttled`, { kind: 'refused', type: 'ThrottlingException', message: 'Rate exceeded' }],
            [0.02, `${operation}: answer lost`, { kind: 'lost-answer' }],
          ]);
      }
    },
    events: ({ 'detail-type': type }, { kind }) => {
      if (type === 'Scheduled Event') return 'deliver';
      // A rule delivers into its queue at least once: what was taken is not lost there.
      const lost = kind === 'queue' ? 0 : 0.12;
      const what = draw<Disturbance>([
        [lost, `${type}: dropped`, 'drop'],
        [0.08, `${type}: twice`, { duplicate: 2 }],
        [0.02, `${type}: five times`, { duplicate: 5 }],
        [0.12, `${type}: late`, { delayMs: Math.round(random() * 6_000) }],
      ]);
      return what ?? 'deliver';
    },
    s3: ({ operation, isConditional }) =>
      operation === 'PutObject'
        ? draw<S3Disturbance>([
            [isConditional ? 0.03 : 0, 'S3: 409', 409],
            [0.015, 'S3: 500', 500],
            [0.015, 'S3: answer lost', 'lost-answer'],
          ])
        : draw<S3Disturbance>([[0.01, 'S3: 500', 500]]),
    queues: () => draw([[0.05, 'SQS: again', tooShortMs]]) ?? visibilityMs,
  };
  return { faults, struck, note };
}
