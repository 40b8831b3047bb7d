import { randomBytes } from 'node:crypto';
import type { Workspace } from './slack-workspace.ts';

/** What came of a trigger id: whose it was, or the error that Slack answers. */
export type Trigger =
  | { readonly kind: 'good'; readonly userId: string }
  | { readonly kind: 'refused'; readonly error: 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id' };

/** The trigger ids of interactions: each opens one modal, within three seconds. */
export interface Triggers {
  issue(userId: string): string;
  redeem(triggerId: string): Trigger;
}

const lifeMs = 3_000;

export function newTriggers(workspace: Workspace, nowMs: () => number): Triggers {
  const issued = new Map<string, { readonly userId: string; readonly at: number; readonly isUsed: boolean }>();
  return {
    issue: (userId) => {
      const id = `${nowMs()}.${workspace.team.id}.${randomBytes(16).toString('hex')}`;
      issued.set(id, { userId, at: nowMs(), isUsed: false });
      return id;
    },
    redeem: (id) => {
      const trigger = issued.get(id);
      if (trigger === undefined) return { kind: 'refused', error: 'invalid_trigger_id' };
      if (trigger.isUsed) return { kind: 'refused', error: 'exchanged_trigger_id' };
      if (nowMs() - trigger.at > lifeMs) return { kind: 'refused', error: 'expired_trigger_id' };
      issued.set(id, { ...trigger, isUsed: true });
      return { kind: 'good', userId: trigger.userId };
    },
  };
}
