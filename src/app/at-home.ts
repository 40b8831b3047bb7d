import { buttons } from '../message/buttons.ts';
import type { Message } from '../message/message.ts';
import type { AtHome } from '../slack/interaction.ts';
import { askForErrand } from './ask-for-errand.ts';
import { openForm, openSettings } from './open-form.ts';
import { pressButton } from './slack-door.ts';
import type { DoorWorld } from './world.ts';

/**
 * Somebody opens the app's Home, which the worker shows, or presses a button there. There is nobody to answer: what is to be said stands
 * in their Home.
 *
 * @throws when it could not be handed over, so that Slack says it again
 */
export async function atHome(done: AtHome, door: DoorWorld): Promise<void> {
  if (done.kind === 'home-opened') return await showHome(done, undefined, door);
  const message = await press(done, door);
  if (message !== undefined) await showHome(done, message.text, door);
}

async function press(
  { action, value, triggerId, userId, askedAt }: Extract<AtHome, { kind: 'pressed-at-home' }>,
  door: DoorWorld,
): Promise<Message | undefined> {
  if (action === buttons.openRunForm) return await openForm({ triggerId, userId, askedAt }, door);
  if (action === buttons.openSettings) return await openSettings({ triggerId, userId, askedAt }, door);
  // A view has no time of its own: pressed again later, it is another wish.
  const pressed = { action, value, userId, askedAt, channelId: '', messageTs: `${userId} ${askedAt}` };
  return (await pressButton(pressed, door))?.message;
}

async function showHome(
  { userId, askedAt }: { readonly userId: string; readonly askedAt: string },
  notice: string | undefined,
  door: DoorWorld,
): Promise<void> {
  const asked = { userId, askedAt, channelId: '', key: `home:${userId}:${askedAt}`, isConfirmed: true };
  await askForErrand({ kind: 'home', ...(notice !== undefined && { notice }) }, asked, door);
}
