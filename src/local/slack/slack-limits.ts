/** So many calls in so long a time, sliding. */
export interface Limit {
  readonly calls: number;
  readonly windowMs: number;
}

const minute = 60_000;

/** Slack's tiers, per method and workspace: the documented number is what is always granted; we grant no more. */
export const tiers = {
  tier1: { calls: 1, windowMs: minute },
  tier2: { calls: 20, windowMs: minute },
  tier3: { calls: 50, windowMs: minute },
  tier4: { calls: 100, windowMs: minute },
  /** Hundreds a minute. */
  special: { calls: 600, windowMs: minute },
} as const satisfies Record<string, Limit>;

/** `chat.postMessage` takes one message per second and channel, and forgives short bursts. */
export const perChannel: Limit = { calls: 10, windowMs: 10_000 };

/** Counts calls and says when there were too many. */
export interface Throttle {
  /** Seconds to wait, a whole number of at least one; undefined when the call is granted, which then counts. */
  take(key: string, limit: Limit): number | undefined;
}

export function newThrottle(nowMs: () => number): Throttle {
  const granted = new Map<string, readonly number[]>();
  return {
    take: (key, { calls, windowMs }) => {
      const now = nowMs();
      const recent = (granted.get(key) ?? []).filter((at) => at > now - windowMs);
      const [oldest] = recent.slice(-calls);
      if (recent.length >= calls && oldest !== undefined) {
        granted.set(key, recent);
        return Math.max(1, Math.ceil((oldest + windowMs - now) / 1000));
      }
      granted.set(key, [...recent, now]);
      return undefined;
    },
  };
}
