import type { RunId } from './run-id.ts';

/** A run that holds, or waits for, `tasks` of the environment's places. */
export interface LedgerEntry {
  readonly runId: RunId;
  readonly tasks: number;
}

/** Which runs of an environment are on, waiting, not approved yet, or ended and not yet surely told: the sweeper's list. */
export interface Ledger {
  readonly version: 1;
  readonly active: readonly LedgerEntry[];
  /** First come, first served: a big run at the head is not overtaken by small ones. */
  readonly queue: readonly LedgerEntry[];
  /** Nobody has said yes to them yet: they hold no places, and stand in no line. Absent: there is none. */
  readonly asked?: readonly LedgerEntry[];
  /** Ended: no places held; the last word on Slack is still to be confirmed. */
  readonly settling: readonly { readonly runId: RunId }[];
}

export const emptyLedger: Ledger = { version: 1, active: [], queue: [], settling: [] };

/** Whether nothing of an environment is on, waits, or is to be told yet. */
export const isIdle = ({ active, queue, asked = [], settling }: Ledger): boolean =>
  active.length + queue.length + asked.length + settling.length === 0;

/** Where a run stands: 1 is the head of the queue. */
export type Place =
  | { readonly kind: 'active' }
  | { readonly kind: 'queued'; readonly position: number }
  | { readonly kind: 'asked' }
  | { readonly kind: 'ended' };

/** Where `runId` stands, or undefined when the ledger does not know it. */
export function placeOf(ledger: Ledger, runId: RunId): Place | undefined {
  const isIt = (entry: { readonly runId: RunId }) => entry.runId === runId;
  if (ledger.active.some(isIt)) return { kind: 'active' };
  const index = ledger.queue.findIndex(isIt);
  if (index >= 0) return { kind: 'queued', position: index + 1 };
  if (ledger.asked?.some(isIt)) return { kind: 'asked' };
  return ledger.settling.some(isIt) ? { kind: 'ended' } : undefined;
}

/** The ledger with the run in it: on when there is room and nobody waits, else at the end of the queue. Known runs stay where they are. */
export function admit(ledger: Ledger, entry: LedgerEntry, tasksAtOnce: number): Ledger {
  if (placeOf(ledger, entry.runId) !== undefined) return ledger;
  return promote({ ...ledger, queue: [...ledger.queue, entry] }, tasksAtOnce);
}

/** The ledger with a run that somebody has to say yes to. Known runs stay where they are. */
export function ask(ledger: Ledger, entry: LedgerEntry): Ledger {
  return placeOf(ledger, entry.runId) === undefined ? { ...ledger, asked: [...(ledger.asked ?? []), entry] } : ledger;
}

/** The ledger in which a run that was asked about stands in line, or is on. */
export function grant(ledger: Ledger, runId: RunId, tasksAtOnce: number): Ledger {
  const entry = ledger.asked?.find((one) => one.runId === runId);
  return entry === undefined ? ledger : admit(withoutAsked(ledger, runId), entry, tasksAtOnce);
}

function withoutAsked({ asked, ...ledger }: Ledger, runId: RunId): Ledger {
  const others = asked?.filter((entry) => entry.runId !== runId) ?? [];
  return others.length === 0 ? ledger : { ...ledger, asked: others };
}

/** The ledger with a run that is on already, whatever the limit says. */
export function seat(ledger: Ledger, entry: LedgerEntry): Ledger {
  return placeOf(ledger, entry.runId) === undefined ? { ...ledger, active: [...ledger.active, entry] } : ledger;
}

/** The ledger after a run's end: its places are free and go to those who wait. */
export function release(ledger: Ledger, runId: RunId, tasksAtOnce: number): Ledger {
  const place = placeOf(ledger, runId);
  if (place?.kind === 'ended') return ledger;
  const others = <T extends { readonly runId: RunId }>(entries: readonly T[]) => entries.filter((entry) => entry.runId !== runId);
  const settling = [...ledger.settling, { runId }];
  return promote({ ...withoutAsked(ledger, runId), active: others(ledger.active), queue: others(ledger.queue), settling }, tasksAtOnce);
}

/** The ledger without a run whose last word is confirmed. */
export function settle(ledger: Ledger, runId: RunId): Ledger {
  const settling = ledger.settling.filter((entry) => entry.runId !== runId);
  return settling.length === ledger.settling.length ? ledger : { ...ledger, settling };
}

/** Gives free places to those who wait. A run larger than the whole limit (the limit was lowered since) runs alone rather than never. */
export function promote(ledger: Ledger, tasksAtOnce: number): Ledger {
  const [head, ...queue] = ledger.queue;
  if (head === undefined) return ledger;
  const used = ledger.active.reduce((sum, entry) => sum + entry.tasks, 0);
  if (used > 0 && used + head.tasks > tasksAtOnce) return ledger;
  return promote({ ...ledger, active: [...ledger.active, head], queue }, tasksAtOnce);
}
