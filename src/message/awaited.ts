import type { Approval } from '../run/approval.ts';
import { section } from './blocks.ts';
import type { Message } from './message.ts';
import { plural } from './text.ts';

/** Ids that are named; an environment that more may run on says so. */
const shownApprovers = 10;

/** What a run waits for that somebody has to say yes to: who may, and until when. */
export function awaitedParts({ needed, by, until, asker }: Approval, approvers: readonly string[]): Message['blocks'] {
  const others = approvers.filter((id) => id !== asker && !by.some(({ userId }) => userId === id));
  const left = others.length - shownApprovers;
  const names = [...others.slice(0, shownApprovers).map(mentionOf), ...(left > 0 ? [`${left} others`] : [])].join(', ');
  const who = names === '' ? 'anybody who may run there, but not whoever asked' : `one of ${names}`;
  const missing = needed - by.length;
  const whose = missing === 1 ? who : `${plural(missing, 'person', 'people')}: ${who}`;
  const already = by.length === 0 ? '' : ` So far it is ${approvedBy(by)}.`;
  const untilS = Math.floor(Date.parse(until) / 1000);
  const time = `<!date^${untilS}^{time}|${until.slice(11, 16)} UTC>`;
  return [section(`Nothing starts before it is approved by ${whose}.${already} It waits until ${time}.`)];
}

/** Who has approved a run: `approved by @Grace`; empty when nobody has, or had to. */
export const approvedBy = (by: Approval['by'] = []): string =>
  by.length === 0 ? '' : `approved by ${by.map(({ userId }) => mentionOf(userId)).join(', ')}`;

const mentionOf = (id: string): string => (id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`);
