import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const id = (letters: string) => v.pipe(v.string(), v.regex(new RegExp(`^[${letters}][A-Z0-9]+$`)));

const channel = v.object({
  id: id('CGD'),
  name: v.string(),
  isPrivate: v.boolean(),
  isArchived: v.boolean(),
  /** Whether the app's bot was invited. */
  hasBot: v.boolean(),
  /** Who is in it; absent: everybody. */
  members: v.optional(v.array(id('UW'))),
});

const workspace = v.object({
  team: v.object({ id: id('T'), domain: v.string(), name: v.string() }),
  app: v.object({ id: id('A'), name: v.string() }),
  bot: v.object({ userId: id('U'), botId: id('B'), name: v.string() }),
  channels: v.array(channel),
  people: v.array(v.object({ id: id('UW'), name: v.string(), realName: v.string(), timeZone: v.string() })),
  userGroups: v.array(v.object({ id: id('S'), handle: v.string(), name: v.string(), users: v.array(id('UW')) })),
});

/** Who and what there is in the local Slack, messages aside. */
export type Workspace = Readonly<v.InferOutput<typeof workspace>>;
export type Channel = Workspace['channels'][number];
export type Person = Workspace['people'][number];

/** The workspace of a fresh local world: one channel of each kind, and people with and without permissions. */
const newWorkspace: Workspace = {
  team: { id: 'T0COLDFRAME', domain: 'coldframe-local', name: 'Coldframe (local)' },
  app: { id: 'A0COLDFRAME', name: 'Coldframe' },
  bot: { userId: 'U0COLDFRAME', botId: 'B0COLDFRAME', name: 'coldframe' },
  channels: [
    { id: 'C0UITESTS', name: 'ui-tests', isPrivate: false, isArchived: false, hasBot: true },
    { id: 'C0DEV', name: 'dev', isPrivate: false, isArchived: false, hasBot: false },
    { id: 'C0SECRET', name: 'release-crew', isPrivate: true, isArchived: false, hasBot: false, members: ['U0ADA', 'U0GRACE'] },
    { id: 'C0OLD', name: 'old-tests', isPrivate: false, isArchived: true, hasBot: true },
  ],
  people: [
    { id: 'U0ADA', name: 'ada', realName: 'Ada Lovelace', timeZone: 'Europe/London' },
    { id: 'U0GRACE', name: 'grace', realName: 'Grace Hopper', timeZone: 'America/New_York' },
    { id: 'U0LINUS', name: 'linus', realName: 'Linus Torvalds', timeZone: 'Europe/Helsinki' },
  ],
  userGroups: [{ id: 'S0QA', handle: 'qa', name: 'Quality', users: ['U0ADA'] }],
};

/**
 * The workspace kept in `dir/workspace.json`; a new one is written there, to be edited by whoever wants other people or channels.
 * Everybody has a conversation of their own with the app.
 *
 * @throws when the file is not a workspace, with the field that is wrong
 */
export async function openWorkspace(dir: string): Promise<Workspace> {
  const file = join(dir, 'workspace.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    await mkdir(dir, { recursive: true });
    await writeFile(file, `${JSON.stringify(newWorkspace, undefined, 2)}\n`);
    return withDirectMessages(newWorkspace);
  }
  return withDirectMessages(parseWorkspace(text, file));
}

function parseWorkspace(text: string, file: string): Workspace {
  try {
    return v.parse(workspace, JSON.parse(text));
  } catch (cause) {
    const where = cause instanceof v.ValiError ? ` at ${v.getDotPath(cause.issues[0])}` : '';
    throw new Error(`${file} does not describe a workspace${where}; correct it, or delete it to start with a new one`, { cause });
  }
}

function withDirectMessages(given: Workspace): Workspace {
  const conversations = given.people.map((person) => ({
    id: `D${person.id.slice(1)}`,
    name: 'directmessage',
    isPrivate: true,
    isArchived: false,
    hasBot: true,
    members: [person.id],
  }));
  return { ...given, channels: [...given.channels, ...conversations] };
}

/** Whether a person is in a channel. */
export const isMember = (channel: Channel, userId: string): boolean => channel.members === undefined || channel.members.includes(userId);

/** Whether a channel is somebody's own conversation with the app. */
export const isDirect = (channel: Channel): boolean => channel.id.startsWith('D');

/** The name that a person, the bot, a channel or a user group goes by, without `@` or `#`. */
export function nameIn(workspace: Workspace, id: string): string | undefined {
  if (id === workspace.bot.userId || id === workspace.bot.botId) return workspace.app.name;
  const person = workspace.people.find((one) => one.id === id);
  const group = workspace.userGroups.find((one) => one.id === id);
  return person?.realName ?? group?.handle ?? workspace.channels.find((one) => one.id === id)?.name;
}
