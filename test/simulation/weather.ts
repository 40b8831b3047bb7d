import { ErrorCode } from '@slack/web-api';
import type { EcsDisturbance } from '../../src/local/ecs/ecs-operations.ts';
import type { Chance } from './chance.ts';
import type { Weather } from './clients.ts';
import type { Fate } from './life.ts';
import { ecsTrouble } from './memory-ecs.ts';
import { s3Trouble } from './memory-s3.ts';
import { platformError, slackTrouble } from './memory-slack.ts';
import { anyStorm, type Storm } from './storms.ts';
import type { VirtualTime } from './virtual-time.ts';

const second = 1_000;
const minute = 60 * second;
/** An update that was given up lands within two minutes, or not at all: what `settleMs` is made for. */
const latestMs = 110 * second;

/** A time in which something is out of order. */
interface Spell {
  readonly kind: Storm;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Climate {
  /** More of this than there would be. */
  readonly storm?: Storm | undefined;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly healedAtMs: number;
  /** Nothing goes wrong at all: what is left is that things happen at once. */
  readonly isCalm: boolean;
}

/** What goes wrong in a history until `healedAtMs`; afterwards, nothing does. */
export function weatherOf({ time, chance, healedAtMs, isCalm, storm }: Climate): Weather {
  const fromMs = time.nowMs();
  /** How often a single attempt goes wrong; a third of the histories are calm but for their spells. */
  const harshness = isCalm ? 0 : chance.oneOf([0.01, 0.03, 0.08]);
  /** How often two that write the same object are both told to try again. */
  const conflicts = isCalm ? 0 : chance.oneOf([0, 0.05, 0.4]);
  /** What somebody's run has to show is too much for Slack, each time. */
  const isTooLong = !isCalm && chance.happens(0.05);
  const spell = (kindOf: () => Storm): Spell => {
    const from = chance.between(fromMs, healedAtMs - minute);
    return { kind: kindOf(), fromMs: from, toMs: Math.min(healedAtMs, from + chance.between(20 * second, 6 * minute)) };
  };
  const anyKind = () => chance.oneOf(anyStorm);
  const drawn: readonly Spell[] = [
    ...Array.from({ length: isCalm ? 0 : chance.below(7) }, () => spell(anyKind)),
    ...(storm === undefined ? [] : Array.from({ length: 4 }, () => spell(() => storm))),
  ];
  // A reason that nobody knows is believed when it lasts for a quarter of an hour: several spells in a row would (seed 10012787).
  const firstOdd = drawn.find(({ kind }) => kind === 'slack-odd');
  const spells = drawn.filter((spell) => spell.kind !== 'slack-odd' || spell === firstOdd);
  const isOn = (kind: Storm) => spells.some((spell) => spell.kind === kind && spell.fromMs <= time.nowMs() && time.nowMs() < spell.toMs);
  const isHealed = () => time.nowMs() >= healedAtMs;
  const strikes = (probability = harshness) => !isCalm && !isHealed() && chance.happens(probability);
  const lost = (): Fate =>
    chance.oneOf<Fate>([{ kind: 'unmade' }, { kind: 'unheard' }, { kind: 'late', afterMs: chance.between(100, latestMs) }]);

  return {
    s3(command, { IfMatch, IfNoneMatch }) {
      const isConditional = command === 'PutObjectCommand' && (IfMatch ?? IfNoneMatch) !== undefined;
      if (isOn('s3-slow') && chance.happens(0.3)) return { error: s3Trouble(503, 'SlowDown') };
      if (isConditional && strikes(conflicts)) return { error: s3Trouble(409, 'ConditionalRequestConflict') };
      if (!strikes()) return {};
      if (chance.happens(0.5)) return { fate: lost() };
      return { error: s3Trouble(500, 'InternalError') };
    },
    ecs(command) {
      if (isOn('ecs-throttled') && chance.happens(0.7)) return { error: ecsTrouble('ThrottlingException', 'Rate exceeded') };
      // Asked again, it says that it is busy, and nothing of the task.
      if (command === 'RunTaskCommand' && isOn('ecs-throttled') && chance.happens(0.5)) return { fate: { kind: 'unheard' } };
      if (command === 'RunTaskCommand' && isOn('no-capacity')) return { disturbance: noCapacity };
      if (command === 'RunTaskCommand' && isOn('no-interface') && chance.happens(0.8)) return { disturbance: noInterface };
      if (command === 'DescribeTasksCommand' && strikes(0.3)) return { disturbance: { kind: 'missing' } };
      if (!strikes()) return {};
      if (chance.happens(0.3)) return { error: ecsTrouble('ServerException', 'Service Unavailable') };
      if (command === 'RunTaskCommand' && chance.happens(0.4)) return { disturbance: chance.oneOf([noCapacity, noImage, noInterface]) };
      return { fate: lost() };
    },
    slack(method, { thread_ts, blocks = [] }) {
      if (isOn('token')) return { error: platformError('token_revoked') };
      if (isTooLong && method === 'chat.update' && blocks.length > 0) return { error: platformError('msg_blocks_too_long') };
      if (isOn('slack-odd') && method === 'chat.update') return { error: platformError('team_added_to_org') };
      if (isOn('slack-busy')) return { error: slackTrouble(ErrorCode.RateLimitedError, { retryAfter: 30 }) };
      // A post may come later still: what it becomes the twin of is looked for long enough.
      const mostLateMs = method === 'chat.postMessage' && thread_ts === undefined ? 10 * minute : latestMs;
      if (isOn('slack-slow') && chance.happens(0.6)) return { fate: { kind: 'late', afterMs: chance.between(100, mostLateMs) } };
      if (isOn('slack-down'))
        return chance.happens(0.5) ? { fate: lost() } : { error: slackTrouble(ErrorCode.HTTPError, { statusCode: 503 }) };
      if (!strikes()) return {};
      if (blocks.length > 0 && chance.happens(0.15)) return { error: platformError('msg_blocks_too_long') };
      if (chance.happens(0.3)) return { error: slackTrouble(ErrorCode.RateLimitedError, { retryAfter: 20 }) };
      if (chance.happens(0.2)) return { error: platformError('internal_error') };
      return { fate: lost() };
    },
    answer: () =>
      strikes() ? { fate: chance.oneOf<Fate>([{ kind: 'unmade' }, { kind: 'unheard' }]), status: 200 } : { status: strikes() ? 500 : 200 },
  };
}

const noCapacity: EcsDisturbance = {
  kind: 'failures',
  failures: [{ reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' }],
};
/** It passes: another task takes its place. */
const noInterface: EcsDisturbance = {
  kind: 'fails-to-start',
  stoppedReason: 'Timeout waiting for network interface provisioning to complete.',
};
const noImage: EcsDisturbance = {
  kind: 'fails-to-start',
  stoppedReason: 'CannotPullContainerError: pull image manifest has been retried 1 time(s)',
};
