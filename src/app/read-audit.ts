import { UnreadableObject } from '../aws/store.ts';
import { type AuditEntry, auditPrefix, mostEntries, parseAuditEntry } from '../run/audit.ts';
import { errorText } from './log.ts';
import type { World } from './world.ts';

/** How far back is looked, in days, and how many entries are read for that: somebody waits. */
export const auditDays = 7;
const mostRead = 300;
const atOnce = 20;
const dayMs = 86_400_000;

/** The last entries of the audit log that `isMeant`, the newest first. */
export async function lastEntries(isMeant: (entry: AuditEntry) => boolean, world: World): Promise<readonly AuditEntry[]> {
  const { store, nowMs } = world;
  const found: AuditEntry[] = [];
  let read = 0;
  for (let ago = 0; ago < auditDays; ago += 1) {
    const day = new Date(nowMs() - ago * dayMs).toISOString().slice(0, '2026-11-27'.length);
    const keys: string[] = [];
    for await (const key of store.list(`${auditPrefix}${day}/`)) keys.push(key);
    // A key begins with the time of day.
    keys.reverse();
    for (let from = 0; from < keys.length; from += atOnce) {
      if (found.length >= mostEntries || read >= mostRead) return found.slice(0, mostEntries);
      const some = await Promise.all(keys.slice(from, from + atOnce).map((key) => readEntry(key, world)));
      read += some.length;
      found.push(...some.flatMap((entry) => (entry !== undefined && isMeant(entry) ? [entry] : [])));
    }
  }
  return found.slice(0, mostEntries);
}

/** One that cannot be read keeps nobody from the others. */
async function readEntry(key: string, { store, log }: World): Promise<AuditEntry | undefined> {
  try {
    return (await store.get(key, parseAuditEntry))?.value;
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error;
    log('warn', 'audit entry unreadable', { key, because: errorText(error) });
    return undefined;
  }
}
