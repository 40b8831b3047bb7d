import { randomBytes } from 'node:crypto';
import { troubleWith } from './slack-answers.ts';
import type { Caller, Interaction } from './slack-caller.ts';
import { deliver, signedJson } from './slack-delivery.ts';
import { wireView } from './slack-views.ts';

/** A person opens the app's Home tab. Undefined when the app's manifest does not ask for `app_home_opened`. */
export async function openHome(caller: Caller, userId: string): Promise<Interaction | undefined> {
  const { world, events, place, appUrl, signingSecret, nowMs, journal } = caller;
  if (!events.includes('app_home_opened')) return undefined;
  const { workspace } = world.state;
  const { channel } = place(`D${userId.slice(1)}`, userId);
  const home = world.views.home(userId);
  const event = {
    type: 'app_home_opened',
    user: userId,
    channel: channel.id,
    tab: 'home',
    event_ts: world.state.nextTs(),
    ...(home === undefined ? {} : { view: wireView(home, [], workspace) }),
  };
  const body = {
    token: 'local-verification-token',
    team_id: workspace.team.id,
    api_app_id: workspace.app.id,
    event,
    type: 'event_callback',
    event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
    event_time: Math.floor(nowMs() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: workspace.team.id, user_id: workspace.bot.userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
  const delivery = signedJson(appUrl(), body, { secret: signingSecret, nowMs: nowMs() });
  const trouble = troubleWith(await deliver('event app_home_opened', delivery, journal));
  return trouble === undefined ? { kind: 'taken', delivery } : { kind: 'failed', delivery, ...trouble };
}
