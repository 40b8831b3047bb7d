import { type CallerOptions, type Interaction, newCaller } from './slack-caller.ts';
import { type CommandInput, command } from './slack-command.ts';
import { post } from './slack-content.ts';
import { type Delivery, deliver, type Received } from './slack-delivery.ts';
import { openHome } from './slack-home.ts';
import { tellMention, withMention } from './slack-mention.ts';
import type { SlackMessage } from './slack-message.ts';
import { closeView, type Submission, type Submitted, submitView } from './slack-modal.ts';
import { type Press, press } from './slack-press.ts';
import { type ShortcutUse, shortcut } from './slack-shortcut.ts';

/** People using Slack: what they do reaches the app as a signed request. */
export interface SlackClient {
  command(input: CommandInput): Promise<Interaction>;
  press(input: Press): Promise<Interaction>;
  submitView(input: Submission): Promise<Submitted>;
  /** Undefined when the view did not ask to be told. */
  closeView(input: Pick<Submission, 'userId' | 'viewId'>): Promise<Interaction | undefined>;
  /** Undefined when the app does not want to hear of it. */
  openHome(userId: string): Promise<Interaction | undefined>;
  /** Takes an answer that only this person sees out of the way. */
  dismiss(input: { readonly userId: string; readonly channelId: string; readonly ts: string }): void;
  /** Uses a shortcut of the app, or of a message. */
  shortcut(input: ShortcutUse): Promise<Interaction>;
  /** Deletes a message, as an administrator of the workspace may; the app hears nothing of it. */
  remove(input: { readonly channelId: string; readonly ts: string }): void;
  /** Writes an ordinary message; the app hears of it if it is named there (`@coldframe`), and wants to. */
  say(input: { readonly userId: string; readonly channelId: string; readonly text: string; readonly threadTs?: string }): SlackMessage;
  /** Sends a request again, byte for byte, as a network may. */
  deliverAgain(delivery: Delivery): Promise<Received>;
}

export function slackClient(options: CallerOptions): SlackClient {
  const caller = newCaller(options);
  return {
    command: (input) => command(caller, input),
    press: (input) => press(caller, input),
    submitView: (input) => submitView(caller, input),
    closeView: (input) => closeView(caller, input),
    shortcut: (input) => shortcut(caller, input),
    openHome: (userId) => openHome(caller, userId),
    dismiss: ({ userId, channelId, ts }) => {
      const { state } = options.world;
      const message = state.find(channelId, ts);
      if (message?.onlyFor !== userId) throw new RangeError(`${userId} has no answer ${ts} in ${channelId} to dismiss`);
      state.remove(message);
    },
    remove: ({ channelId, ts }) => {
      const message = options.world.state.find(channelId, ts);
      if (message === undefined) throw new RangeError(`there is no message ${ts} in ${channelId} to delete`);
      options.world.state.remove(message);
    },
    say: ({ userId, channelId, text, threadTs }) => {
      caller.place(channelId, userId);
      const { state } = options.world;
      const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      const said = withMention(escaped, state.workspace);
      const message = post(state, { channel: channelId, userId, text: said, ...(threadTs === undefined ? {} : { threadTs }) });
      // Slack does not let anybody wait for what an app makes of an event.
      void tellMention(caller, message);
      return message;
    },
    deliverAgain: (delivery) => deliver('delivered again', delivery, options.journal),
  };
}
