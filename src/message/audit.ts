import type { Asker } from '../outcome/outcome.ts';
import { type AuditEntry, mostEntries } from '../run/audit.ts';
import { context, section } from './blocks.ts';
import { fit } from './fit.ts';
import type { Message } from './message.ts';
import { code, cut, escapeText, oneLine, plural, unmarked } from './text.ts';

const longestReason = 400;

/** The last entries of the audit log of some environments, the newest first, for whoever asked. */
export function auditMessage(environments: readonly string[], entries: readonly AuditEntry[], days: number): Message {
  const where = environments.length === 1 ? ` on ${environments[0]}` : '';
  if (entries.length === 0) {
    const text = `Nothing was asked for${where} in the last ${plural(days, 'day')}.`;
    return { text, blocks: [section(text)] };
  }
  const text = `What was asked for last${where}`;
  return fit({
    text,
    head: [section(`*${text}*, the newest first`)],
    parts: entries.map((entry) => [section(entryWords(entry))]),
    most: mostEntries,
    leftOut: () => [],
    foot: [context('Everything is kept for 400 days: `npm run coldframe -- audit --stage …` reads all of a day.')],
  });
}

function entryWords({ at, by, channel, environment, deed, text, came }: AuditEntry): string {
  const time = `<!date^${Math.round(Date.parse(at) / 1_000)}^{date_short_pretty} {time}|${at.slice(0, 16).replace('T', ' ')} UTC>`;
  const where = channel !== undefined && /^[CGD][A-Z0-9]{2,20}$/.test(channel) ? ` in <#${channel}>` : '';
  const on = environment === undefined ? '' : ` on ${escapeText(cut(environment, 60))}`;
  return `${time}  ${whoWords(by)}${where}: *${escapeText(cut(deed, 40))}*${on} ${code(cut(text, 300))}\n${cameWords(came)}`;
}

function whoWords(by: Asker): string {
  switch (by.kind) {
    case 'slack':
      return /^[UW][A-Z0-9]{2,20}$/.test(by.userId) ? `<@${by.userId}>` : code(cut(by.userId, 60));
    case 'http':
      return `the CI key ${code(cut(by.keyId, 60))}`;
    case 'oidc':
      return `the CI ${code(cut(by.subject, 150))}`;
    case 'schedule':
      return `the schedule ${code(cut(by.name, 60))}`;
    case 'unasked':
      return 'nobody';
  }
}

function cameWords(came: AuditEntry['came']): string {
  switch (came.kind) {
    case 'refused':
      // A reason is mrkdwn of ours; cut, it would be markup no more.
      return `⛔ refused: ${came.because.length <= longestReason ? came.because : escapeText(cut(oneLine(unmarked(came.because)), longestReason))}`;
    case 'run':
      return `became ${code(came.runId)}`;
    case 'joined':
      return `joined ${code(came.runId)}`;
    case 'done':
      return 'done';
  }
}
