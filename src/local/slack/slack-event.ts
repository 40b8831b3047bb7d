import { randomBytes } from 'node:crypto';
import { troubleWith } from './slack-answers.ts';
import type { Caller, Interaction } from './slack-caller.ts';
import { deliver, signedJson } from './slack-delivery.ts';

/** An event that an app's manifest may ask for, as the Events API knows it. */
export type SlackEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Tells the app of an event. Undefined when its manifest does not ask for such ones. */
export async function tellEvent(caller: Caller, event: SlackEvent): Promise<Interaction | undefined> {
  const { world, events, appUrl, signingSecret, nowMs, journal } = caller;
  if (!events.includes(event.type)) return undefined;
  const { workspace } = world.state;
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
  const trouble = troubleWith(await deliver(`event ${event.type}`, delivery, journal));
  return trouble === undefined ? { kind: 'taken', delivery } : { kind: 'failed', delivery, ...trouble };
}
