import { type AuditCame, type AuditEntry, auditKey } from '../run/audit.ts';
import type { RunRequest, RunWish } from '../run/request.ts';
import { errorText } from './log.ts';
import { masking, shownKey } from './mask.ts';
import type { DoorWorld, World } from './world.ts';

const { text: masked } = masking([]);

/** Writes an entry of the audit log, once: `key` is what makes the deed itself. @throws when it could not be written */
export async function keepAudit({ text, ...entry }: AuditEntry, key: string, { store }: Pick<World, 'store'>): Promise<void> {
  await store.create(auditKey(entry, key), { ...entry, text: masked(text) });
}

/** What came of a request for a run. */
export const ofRequest = (request: RunRequest, came: AuditCame): AuditEntry => ({
  version: 1,
  at: request.askedAt,
  by: request.asker,
  ...(request.channel !== undefined && { channel: request.channel }),
  environment: request.command.environment,
  deed: request.rerun === undefined ? 'run' : 'rerun',
  text: request.rerun ?? request.text,
  came,
});

/** What came of a press of a button of a run. */
export const ofWish = (deed: 'cancel' | 'approve', wish: RunWish, came: AuditCame): AuditEntry => ({
  version: 1,
  at: wish.askedAt,
  by: wish.asker,
  ...(wish.channel !== undefined && { channel: wish.channel }),
  environment: wish.environment,
  deed,
  text: wish.runId,
  came,
});

/** Who asked again is another deed. */
export const keyOfWish = ({ runId, asker, askedAt }: RunWish): string => JSON.stringify([runId, asker, askedAt]);

/** Hands over what the door has refused. The person has their answer, whatever becomes of it. */
export async function tellOfRefusal(entry: AuditEntry, key: string, { bus, log }: Pick<DoorWorld, 'bus' | 'log'>): Promise<void> {
  try {
    await bus.put({ detailType: 'Asked In Vain', detail: { version: 1, key, entry } });
  } catch (error) {
    log('warn', 'refusal not kept', { key: shownKey(key), because: errorText(error) });
  }
}
