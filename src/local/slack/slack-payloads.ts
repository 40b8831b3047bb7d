import { type SlackMessage, wireMessage } from './slack-message.ts';
import { type OpenView, type ViewValues, wireView } from './slack-views.ts';
import { type Channel, isDirect, type Person, type Workspace } from './slack-workspace.ts';

/** Slack's old way to prove itself, which is still sent: never a secret, never to be relied upon. */
const verificationToken = 'local-verification-token';

/** The form that Slack sends for a slash command. */
export function commandForm(given: {
  readonly workspace: Workspace;
  readonly channel: Channel;
  readonly person: Person;
  readonly command: string;
  readonly text: string;
  readonly responseUrl: string;
  readonly triggerId: string;
}): Readonly<Record<string, string>> {
  const { workspace, channel, person } = given;
  return {
    token: verificationToken,
    team_id: workspace.team.id,
    team_domain: workspace.team.domain,
    channel_id: channel.id,
    channel_name: channel.isPrivate && !isDirect(channel) ? 'privategroup' : channel.name,
    user_id: person.id,
    user_name: person.name,
    command: given.command,
    text: given.text,
    api_app_id: workspace.app.id,
    is_enterprise_install: 'false',
    response_url: given.responseUrl,
    trigger_id: given.triggerId,
  };
}

interface Who {
  readonly workspace: Workspace;
  readonly person: Person;
  readonly triggerId: string;
}

const common = ({ workspace, person, triggerId }: Who) => ({
  user: { id: person.id, username: person.name, name: person.name, team_id: workspace.team.id },
  api_app_id: workspace.app.id,
  token: verificationToken,
  trigger_id: triggerId,
  team: { id: workspace.team.id, domain: workspace.team.domain },
  enterprise: null,
  is_enterprise_install: false,
});

/** The payload that Slack sends when a person acts on an element of a message. */
export function messageActionPayload(
  given: Who & {
    readonly channel: Channel;
    readonly message: SlackMessage;
    readonly responseUrl: string;
    readonly values: ViewValues;
    readonly action: object;
  },
): object {
  const { channel, message, workspace } = given;
  const isEphemeral = message.onlyFor !== undefined;
  const threadTs = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  return {
    type: 'block_actions',
    ...common(given),
    container: { type: 'message', message_ts: message.ts, channel_id: channel.id, is_ephemeral: isEphemeral, ...threadTs },
    channel: { id: channel.id, name: channel.isPrivate && !isDirect(channel) ? 'privategroup' : channel.name },
    // An answer that only one person sees is not kept by Slack, so it cannot come back.
    ...(isEphemeral ? {} : { message: wireMessage(message, workspace) }),
    state: { values: given.values },
    response_url: given.responseUrl,
    actions: [given.action],
  };
}

interface Shortcut extends Who {
  readonly callbackId: string;
  readonly actionTs: string;
}

/** The payload that Slack sends when a person uses a shortcut of the app. */
export const shortcutPayload = (given: Shortcut): object => ({
  type: 'shortcut',
  ...common(given),
  callback_id: given.callbackId,
  action_ts: given.actionTs,
});

/** The payload that Slack sends when a person uses a shortcut on a message. */
export const messageShortcutPayload = (
  given: Shortcut & { readonly channel: Channel; readonly message: SlackMessage; readonly responseUrl: string },
): object => ({
  ...shortcutPayload(given),
  type: 'message_action',
  channel: { id: given.channel.id, name: given.channel.name },
  message_ts: given.message.ts,
  message: wireMessage(given.message, given.workspace),
  response_url: given.responseUrl,
});

interface InView extends Who {
  readonly view: OpenView;
  readonly stack: readonly OpenView[];
  readonly values: ViewValues;
}

const shownView = ({ view, stack, workspace, values }: InView) => wireView(view, stack, workspace, values);

/** The payload that Slack sends when a person acts on an element of a modal or Home tab. */
export const viewActionPayload = (given: InView & { readonly action: object }): object => ({
  type: 'block_actions',
  ...common(given),
  container: { type: 'view', view_id: given.view.id },
  view: shownView(given),
  actions: [given.action],
});

/** The payload that Slack sends when a person submits a modal. */
export const submissionPayload = (given: InView): object => ({
  type: 'view_submission',
  ...common(given),
  view: shownView(given),
  response_urls: [],
});

/** The payload that Slack sends when a person closes a modal that asked to be told. */
export function closedPayload(given: InView & { readonly isCleared: boolean }): object {
  const { trigger_id: _trigger, ...rest } = common(given);
  return { type: 'view_closed', ...rest, view: shownView(given), is_cleared: given.isCleared };
}
