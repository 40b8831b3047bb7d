import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { patiently } from '../../aws/client-settings.ts';
import { type Store, s3Store } from '../../aws/store.ts';
import { type AuditEntry, auditPrefix, parseAuditEntry } from '../../run/audit.ts';
import { readDeployment } from '../doctor/patient.ts';

const usage = `npm run coldframe -- audit --stage STAGE    what was asked of a deployed Coldframe, by whom, and what came of it

  --day 2026-11-27          of this day (UTC); may be shorter: 2026-11 is a month. Left out: today
  --environment NAME        only of this environment
  --json                    one entry a line, for programs

It reads the stack's bucket with your AWS credentials.`;

/** So many objects are read at once. */
const atOnce = 20;

/** `audit`: prints the entries of the audit log, the oldest first. Gives the exit code. */
export async function auditCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stage: { type: 'string' },
      day: { type: 'string' },
      environment: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  const { stage, environment, day = new Date().toISOString().slice(0, '2026-11-27'.length) } = values;
  if (stage === undefined) throw new Error(`--stage is missing.\n\n${usage}`);
  if (!/^\d{4}(?:-\d{2}){0,2}$/.test(day)) throw new Error(`--day takes a day like 2026-11-27, or the beginning of one, not ${day}`);
  const deployed = await readDeployment(stage, { lambda: new LambdaClient(patiently) });
  if (deployed.kind === 'absent') throw new Error(`there is no Coldframe deployed as ${stage}: ${deployed.missing.join(', ')} is missing`);
  const entries = await readAudit(s3Store(new S3Client(patiently), deployed.config.bucket), day);
  for (const entry of entries) {
    if (environment !== undefined && entry.environment !== environment) continue;
    console.log(values.json === true ? JSON.stringify(entry) : auditLine(entry));
  }
  return 0;
}

/** The audit log of a day, or of all days that begin so, the oldest entry first. */
export async function readAudit(store: Pick<Store, 'list' | 'get'>, day: string): Promise<readonly AuditEntry[]> {
  const keys: string[] = [];
  for await (const key of store.list(`${auditPrefix}${day}`)) keys.push(key);
  const entries: AuditEntry[] = [];
  for (let from = 0; from < keys.length; from += atOnce) {
    const read = await Promise.all(keys.slice(from, from + atOnce).map((key) => store.get(key, parseAuditEntry)));
    entries.push(...read.flatMap((stored) => stored?.value ?? []));
  }
  return entries.toSorted((a, b) => (a.at < b.at ? -1 : 1));
}

/** An entry as a person reads it. */
export function auditLine({ at, by, channel, environment = '', deed, text, came }: AuditEntry): string {
  const who = Object.entries(by)
    .filter(([name]) => name !== 'kind')
    .map(([, value]) => value)
    .join(' ');
  const what = came.kind === 'refused' ? `refused: ${came.because}` : 'runId' in came ? `${came.kind} ${came.runId}` : came.kind;
  return [at, `${by.kind} ${who}`.trim(), channel ?? '-', environment, deed, text, what].map(oneLine).join('  ');
}

/** What people typed may hold anything: nothing of it moves a terminal's cursor. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
