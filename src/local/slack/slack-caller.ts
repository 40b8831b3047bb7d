import type { Journal } from '../wire/journal.ts';
import { post } from './slack-content.ts';
import { type Delivery, deliver, type Received, signedForm } from './slack-delivery.ts';
import { type SlackMessage, slackbotId } from './slack-message.ts';
import type { SlackWorld } from './slack-method.ts';
import type { ResponseUrls } from './slack-response-urls.ts';
import type { OpenView } from './slack-views.ts';
import { type Channel, isMember, type Person } from './slack-workspace.ts';

/** What came of something a person did. */
export type Interaction =
  /** The app took it; `message` is what it said at once, if anything. */
  | { readonly kind: 'taken'; readonly delivery: Delivery; readonly message?: SlackMessage }
  /** The app did not, and the person was told by `message` (in a modal: by `because` alone). */
  | {
      readonly kind: 'failed';
      readonly delivery: Delivery;
      readonly error: ClientError;
      readonly because: string;
      readonly message?: SlackMessage;
    };

/** What Slack tells a person when the app does not do its part. */
export type ClientError = 'operation_timeout' | 'dispatch_failed' | 'invalid_command_response';

/** What Slack needs to call the app. */
export interface CallerOptions {
  readonly world: SlackWorld;
  readonly responseUrls: ResponseUrls;
  readonly journal: Journal;
  readonly signingSecret: string;
  /** Where the app takes Slack's requests: `http://127.0.0.1:1234/slack/events`. */
  readonly appUrl: () => string;
  readonly nowMs: () => number;
  /** The events the app's manifest asks for. */
  readonly events: readonly string[];
}

/** Slack as the caller of the app: what commands, buttons and modals have in common. */
export interface Caller extends CallerOptions {
  /** @throws {RangeError} for a channel or person that is not there, or a person who is not in the channel */
  place(channelId: string, userId: string): { readonly channel: Channel; readonly person: Person };
  /** @throws {RangeError} for a person who is not there */
  personBy(userId: string): Person;
  /** @throws {RangeError} when the person has no such view open */
  opened(userId: string, viewId: string): { readonly person: Person; readonly view: OpenView; readonly stack: readonly OpenView[] };
  sign(fields: Readonly<Record<string, string>>): Delivery;
  /** Sends an interaction's payload. */
  interact(name: string, payload: object): Promise<{ readonly delivery: Delivery; readonly received: Received }>;
  /** Slack tells a person something in a channel, nobody else. */
  tell(channel: Channel, person: Person, text: string): SlackMessage;
}

export function newCaller(options: CallerOptions): Caller {
  const { world, journal, signingSecret, appUrl, nowMs } = options;
  const { state, views } = world;
  const { workspace } = state;

  function place(channelId: string, userId: string): { readonly channel: Channel; readonly person: Person } {
    const channel = workspace.channels.find(({ id }) => id === channelId);
    const person = personBy(userId);
    if (channel === undefined)
      throw new RangeError(`there is no channel ${channelId}; there are ${workspace.channels.map(({ id }) => id).join(', ')}`);
    if (!isMember(channel, userId)) throw new RangeError(`${userId} is not in ${channelId}`);
    return { channel, person };
  }

  function personBy(userId: string): Person {
    const person = workspace.people.find(({ id }) => id === userId);
    if (person === undefined)
      throw new RangeError(`there is no person ${userId}; there are ${workspace.people.map(({ id }) => id).join(', ')}`);
    return person;
  }

  const sign = (fields: Readonly<Record<string, string>>) => signedForm(appUrl(), fields, { secret: signingSecret, nowMs: nowMs() });

  return {
    ...options,
    place,
    personBy,
    sign,
    opened: (userId, viewId) => {
      const view = views.find(viewId);
      if (view === undefined || view.userId !== userId) throw new RangeError(`${userId} has no view ${viewId} open`);
      return { person: personBy(userId), view, stack: views.stack(userId) };
    },
    interact: async (name, payload) => {
      const delivery = sign({ payload: JSON.stringify(payload) });
      return { delivery, received: await deliver(name, delivery, journal) };
    },
    tell: (channel, person, text) => post(state, { channel: channel.id, userId: slackbotId, onlyFor: person.id, text }),
  };
}
