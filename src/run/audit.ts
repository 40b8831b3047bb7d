import * as v from 'valibot';
import type { Asker } from '../outcome/outcome.ts';
import { keyHash } from './run-id.ts';

/** What somebody asked for, and what came of it: written once, never changed. */
export interface AuditEntry {
  readonly version: 1;
  /** ISO 8601, when it was asked. */
  readonly at: string;
  readonly by: Asker;
  /** Slack channel id, where it was asked in one. */
  readonly channel?: string;
  readonly environment?: string;
  /** In a word or two: `run`, `rerun`, `cancel`, `approve`; others may follow. */
  readonly deed: string;
  /** What was typed, or which run it was about. */
  readonly text: string;
  readonly came: AuditCame;
}

export type AuditCame =
  | { readonly kind: 'refused'; readonly because: string }
  /** A run of its own, which may still wait, for places or for an approval. */
  | { readonly kind: 'run'; readonly runId: string }
  /** A run that somebody had asked for moments before. */
  | { readonly kind: 'joined'; readonly runId: string }
  | { readonly kind: 'done' };

/** So many entries are told to somebody who asks in Slack. */
export const mostEntries = 20;

/** Below it is a folder for each day (UTC). */
export const auditPrefix = 'audit/';

/** Whoever writes an entry again writes the same object. `key` is what makes the deed itself. */
export const auditKey = ({ at, deed }: Pick<AuditEntry, 'at' | 'deed'>, key: string): string => {
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  return `${auditPrefix}${day}/${time.slice(0, 8).replaceAll(':', '-')}-${keyHash(`${deed}\n${key}`).slice(0, 16)}.json`;
};

const line = v.pipe(v.string(), v.maxLength(10_000));
const entry = v.object({
  version: v.literal(1),
  at: v.pipe(v.string(), v.isoTimestamp()),
  by: v.looseObject({ kind: line }),
  channel: v.exactOptional(line),
  environment: v.exactOptional(line),
  deed: line,
  text: line,
  came: v.variant('kind', [
    v.object({ kind: v.literal('refused'), because: line }),
    v.object({ kind: v.literal('run'), runId: line }),
    v.object({ kind: v.literal('joined'), runId: line }),
    v.object({ kind: v.literal('done') }),
  ]),
});

/** @throws naming the field that is not an entry's */
export const parseAuditEntry = (json: unknown): AuditEntry => v.parse(entry, json) as unknown as AuditEntry;

/** The detail of the event `Asked In Vain`: what the door refused. */
export interface VainRequest {
  readonly version: 1;
  readonly key: string;
  readonly entry: AuditEntry;
}

/** @throws naming the field that is not a vain request's */
export const parseVainRequest = (json: unknown): VainRequest =>
  v.parse(v.object({ version: v.literal(1), key: line, entry }), json) as unknown as VainRequest;
