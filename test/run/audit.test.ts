import { describe, expect, it } from 'vitest';
import { auditLine } from '../../src/local/remote/audit-command.ts';
import { type AuditEntry, auditKey, parseAuditEntry } from '../../src/run/audit.ts';

const entry: AuditEntry = {
  version: 1,
  at: '2026-11-27T09:12:13.000Z',
  by: { kind: 'slack', userId: 'U0ADA' },
  channel: 'C0UITESTS',
  environment: 'staging',
  deed: 'run',
  text: '/run-tests staging \u001b[2J@smoke',
  came: { kind: 'run', runId: 'staging-20261127-0912-abcdef' },
};

describe('an entry of the audit log', () => {
  it('has one key however often it is written, by day and time, and another for another deed', () => {
    expect(auditKey(entry, 'command:1')).toMatch(/^audit\/2026-11-27\/09-12-13-[0-9a-f]{16}\.json$/);
    expect(auditKey(entry, 'command:1')).toBe(auditKey({ ...entry }, 'command:1'));
    expect(auditKey(entry, 'command:2')).not.toBe(auditKey(entry, 'command:1'));
    expect(auditKey({ ...entry, deed: 'cancel' }, 'command:1')).not.toBe(auditKey(entry, 'command:1'));
  });

  it('is read as it was written, and is one line without anything that moves a cursor', () => {
    expect(parseAuditEntry(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
    expect(auditLine(entry)).toBe(
      '2026-11-27T09:12:13.000Z  slack U0ADA  C0UITESTS  staging  run  /run-tests staging  [2J@smoke  run staging-20261127-0912-abcdef',
    );
    expect(auditLine({ ...entry, came: { kind: 'refused', because: 'You may not.' } })).toContain('refused: You may not.');
  });
});
