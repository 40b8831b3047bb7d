import type { Caller, Interaction } from './slack-caller.ts';
import { tellEvent } from './slack-event.ts';
import { wireView } from './slack-views.ts';

/** A person opens the app's Home tab. Undefined when the app's manifest does not ask for `app_home_opened`. */
export async function openHome(caller: Caller, userId: string): Promise<Interaction | undefined> {
  const { world, place } = caller;
  const { channel } = place(`D${userId.slice(1)}`, userId);
  const home = world.views.home(userId);
  return await tellEvent(caller, {
    type: 'app_home_opened',
    user: userId,
    channel: channel.id,
    tab: 'home',
    event_ts: world.state.nextTs(),
    ...(home === undefined ? {} : { view: wireView(home, [], world.state.workspace) }),
  });
}
