import type { Asker } from '../outcome/outcome.ts';

/** Whose yes a run needs before it starts, and who has given it. */
export interface Approval {
  /** So many people beside the one who asked. */
  readonly needed: number;
  /** Slack's id of the one who asked, whose own yes does not count; absent: no person asked. */
  readonly asker?: string;
  /** ISO 8601: whatever is said from then on comes too late. */
  readonly until: string;
  readonly by: readonly { readonly userId: string; readonly at: string }[];
}

/** So long a run waits: who is asked has lunch, and nobody wants to find the run of a morning started in the evening. */
export const approvalMs = 60 * 60_000;

/** What a run waits for that needs the yes of `needed` others. */
export function newApproval(needed: number, { asker, askedAt }: { readonly asker: Asker; readonly askedAt: string }): Approval {
  const until = new Date(Date.parse(askedAt) + approvalMs).toISOString();
  return { needed, ...(asker.kind === 'slack' && { asker: asker.userId }), until, by: [] };
}

/** Somebody's yes, given at `at` (ISO 8601). */
export interface Yes {
  readonly userId: string;
  readonly at: string;
}

/** Why a yes does not count, or undefined when it does. */
export function whyNot(approval: Approval, { userId, at }: Yes): 'asker' | 'twice' | 'enough' | 'late' | undefined {
  if (userId === approval.asker) return 'asker';
  if (approval.by.some((one) => one.userId === userId)) return 'twice';
  if (!isAwaited(approval)) return 'enough';
  return Date.parse(at) >= Date.parse(approval.until) ? 'late' : undefined;
}

/** The approval with a yes more, or the very same one when it does not count. */
export const approved = (approval: Approval, { userId, at }: Yes): Approval =>
  whyNot(approval, { userId, at }) === undefined ? { ...approval, by: [...approval.by, { userId, at }] } : approval;

/** Whether somebody's yes is still missing: nothing may start. */
export const isAwaited = (approval: Approval | undefined): boolean => approval !== undefined && approval.by.length < approval.needed;

/** Whether it is missing, and will be. */
export const isExpired = (approval: Approval | undefined, nowMs: number): boolean =>
  approval !== undefined && isAwaited(approval) && nowMs >= Date.parse(approval.until);
