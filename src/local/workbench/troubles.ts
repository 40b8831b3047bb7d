import type { EcsCall, EcsDisturbance } from '../ecs/ecs-operations.ts';
import type { Disturbance as EventDisturbance, EventEnvelope } from '../events/event-bridge.ts';
import type { Disturb as SlackDisturb, Disturbance as SlackDisturbance } from '../slack/slack-api.ts';
import { delayMs, type TroubleKind } from './trouble-offers.ts';

/** A trouble that waits for its occasion. */
export interface Armed {
  readonly id: number;
  readonly kind: TroubleKind;
  readonly choice: string;
  /** How often it will still strike; undefined until it is taken back. */
  readonly left: number | undefined;
}

/** A trouble that has struck. */
export interface Struck {
  readonly at: number;
  readonly kind: TroubleKind;
  /** What it struck: `chat.update`, `ECS Task State Change`, … */
  readonly what: string;
}

/** Troubles on order: each strikes the next thing it fits, and then is gone. */
export interface Troubles {
  arm(kind: TroubleKind, choice: string): void;
  takeBack(id: number): void;
  armed(): readonly Armed[];
  /** The last ones, the newest first. */
  struck(): readonly Struck[];
  /** Says that one was made at once. */
  note(kind: TroubleKind, what: string): void;
  readonly disturbSlack: SlackDisturb;
  readonly disturbEcs: (call: EcsCall) => EcsDisturbance | undefined;
  readonly disturbEvents: (event: EventEnvelope) => EventDisturbance;
  /** Calls the listener for every change from now on; returns what ends that. */
  onChange(listener: () => void): () => void;
}

const mostStruck = 20;
const retryAfterS = 2;

export function newTroubles(nowMs: () => number = Date.now): Troubles {
  let armed: readonly Armed[] = [];
  let struck: readonly Struck[] = [];
  let lastId = 0;
  const listeners = new Set<() => void>();

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function note(kind: TroubleKind, what: string): void {
    struck = [{ at: nowMs(), kind, what }, ...struck].slice(0, mostStruck);
    changed();
  }

  /** The first of these kinds that fits strikes. */
  function strike(kinds: readonly TroubleKind[], what: string, fits: (trouble: Armed) => boolean): Armed | undefined {
    const hit = armed.find((trouble) => kinds.includes(trouble.kind) && fits(trouble));
    if (hit === undefined) return undefined;
    const left = hit.left === undefined ? undefined : hit.left - 1;
    armed = armed.flatMap((trouble) => (trouble !== hit ? [trouble] : left === 0 ? [] : [{ ...trouble, left }]));
    note(hit.kind, what);
    return hit;
  }

  function disturbSlack(method: string): SlackDisturbance | undefined {
    const kinds: readonly TroubleKind[] = ['expire-token', 'throttle-slack', 'slow-slack', 'lose-answer'];
    const hit = strike(kinds, method, ({ kind, choice }) => kind !== 'lose-answer' || choice === method);
    switch (hit?.kind) {
      case 'expire-token':
        return { kind: 'error', error: 'invalid_auth' };
      case 'throttle-slack':
        return { kind: 'http', status: 429, retryAfterS };
      case 'slow-slack':
        return { kind: 'late', delayMs: Number(hit.choice) };
      case 'lose-answer':
        return { kind: 'lost' };
      default:
        return undefined;
    }
  }

  function disturbEcs({ operation }: EcsCall): EcsDisturbance | undefined {
    if (operation !== 'RunTask' || strike(['no-capacity'], operation, () => true) === undefined) return undefined;
    const reason = 'Capacity is unavailable at this time. Please try again later or in a different availability zone';
    return { kind: 'failures', failures: [{ reason }] };
  }

  function disturbEvents(event: EventEnvelope): EventDisturbance {
    const kinds: readonly TroubleKind[] = ['drop-event', 'duplicate-event', 'delay-event'];
    const hit = strike(kinds, event['detail-type'], ({ choice }) => occasions[choice.split(' ')[0] ?? ''] === event['detail-type']);
    switch (hit?.kind) {
      case 'drop-event':
        return 'drop';
      case 'duplicate-event':
        return { duplicate: 2 };
      case 'delay-event':
        return { delayMs };
      default:
        return 'deliver';
    }
  }

  return {
    arm: (kind, choice) => {
      lastId += 1;
      armed = [...armed, { id: lastId, kind, choice, left: timesOf(kind, choice) }];
      changed();
    },
    takeBack: (id) => {
      armed = armed.filter((trouble) => trouble.id !== id);
      changed();
    },
    armed: () => armed,
    struck: () => struck,
    note,
    disturbSlack,
    disturbEcs,
    disturbEvents,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Which events a choice means, by their detail-type. */
const occasions: Readonly<Record<string, string>> = {
  request: 'Run Requested',
  stopped: 'ECS Task State Change',
  progress: 'Object Created',
};

function timesOf(kind: TroubleKind, choice: string): number | undefined {
  if (kind === 'expire-token') return undefined;
  if (kind === 'throttle-slack' || kind === 'no-capacity') return Number(choice);
  return choice.endsWith(' twice') ? 2 : 1;
}
