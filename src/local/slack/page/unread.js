const key = (userId, channelId) => `read ${userId} ${channelId}`;

/** How far a person has read a channel: a `ts`; empty for nothing. */
export const readUpTo = (userId, channelId) => localStorage.getItem(key(userId, channelId)) ?? '';

/** Remembers that a person has read a channel up to its last message. */
export function markRead(userId, { id, messages }) {
  const last = messages.at(-1)?.ts ?? '0';
  if (Number(last) > Number(readUpTo(userId, id) || 0)) localStorage.setItem(key(userId, id), last);
}

/** The messages of others that a person has not read. */
export function unreadIn(userId, { id, messages }) {
  const upTo = Number(readUpTo(userId, id) || 0);
  return messages.filter(({ ts, author }) => Number(ts) > upTo && author.id !== userId);
}
