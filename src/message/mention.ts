/** A user or a user group, so that Slack pings them. */
export const mentionOf = (id: string): string => (id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`);
