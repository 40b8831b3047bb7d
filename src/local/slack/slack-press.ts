import { actionOf, type Choice, type Placed, placedElements, stateOf } from './slack-action.ts';
import { troubleWith } from './slack-answers.ts';
import type { Caller, Interaction } from './slack-caller.ts';
import { messageActionPayload, viewActionPayload } from './slack-payloads.ts';

interface Act {
  readonly userId: string;
  readonly actionId: string;
  /** Needed when several blocks have an element with this action id. */
  readonly blockId?: string;
  /** What is chosen in a menu or typed. */
  readonly value?: Choice;
}

/** A person acting on an element of a message. */
export interface MessagePress extends Act {
  readonly channelId: string;
  readonly messageTs: string;
}

/** A person acting on an element of a modal or Home tab. */
export interface ViewPress extends Act {
  readonly viewId: string;
  /** What the view's other controls hold, as for a submission. */
  readonly choices?: Readonly<Record<string, Choice>>;
}

export type Press = MessagePress | ViewPress;

/** A person acts on an element of a message or view. */
export async function press(caller: Caller, input: Press): Promise<Interaction> {
  return 'viewId' in input ? pressInView(caller, input) : pressInMessage(caller, input);
}

async function pressInMessage(caller: Caller, input: MessagePress): Promise<Interaction> {
  const { channelId, messageTs } = input;
  const { world, responseUrls, place, interact, tell } = caller;
  const { state, triggers } = world;
  const { workspace } = state;
  const { channel, person } = place(channelId, input.userId);
  const message = state.find(channelId, messageTs);
  if (message === undefined || (message.onlyFor ?? person.id) !== person.id) {
    throw new RangeError(`${person.id} sees no message ${messageTs} in ${channelId}`);
  }
  const placed = placedElements([message.blocks ?? [], ...(message.attachments ?? []).map(({ blocks }) => blocks)].flat());
  const { action, values } = act(input, placed, state.nextTs());
  const path = responseUrls.issue({ kind: 'action', userId: person.id, channel: channelId, original: message });
  const payload = messageActionPayload({
    workspace,
    person,
    channel,
    message,
    values,
    action,
    triggerId: triggers.issue(person.id),
    responseUrl: `${world.url()}${path}`,
  });
  const { delivery, received } = await interact(`block_actions ${input.actionId}`, payload);
  const trouble = troubleWith(received);
  if (trouble === undefined) return { kind: 'taken', delivery };
  const told = tell(channel, person, `Something went wrong with this action ("${trouble.error}"). Try again.`);
  return { kind: 'failed', delivery, ...trouble, message: told };
}

async function pressInView(caller: Caller, input: ViewPress): Promise<Interaction> {
  const { world, opened, interact } = caller;
  const { workspace } = world.state;
  const { person, view, stack } = opened(input.userId, input.viewId);
  const { action, values } = act(input, placedElements(view.view.blocks), world.state.nextTs(), input.choices);
  const payload = viewActionPayload({ workspace, person, view, stack, values, action, triggerId: world.triggers.issue(person.id) });
  const { delivery, received } = await interact(`block_actions ${input.actionId}`, payload);
  const trouble = troubleWith(received);
  return trouble === undefined ? { kind: 'taken', delivery } : { kind: 'failed', delivery, ...trouble };
}

function act({ actionId, blockId, value }: Act, placed: readonly Placed[], actionTs: string, choices: ViewPress['choices'] = {}) {
  const named = placed.filter((one) => one.element.action_id === actionId);
  const there = named.filter((one) => (blockId ?? one.blockId) === one.blockId);
  // A message that changed while somebody was asked "are you sure?" has new block ids: the same button still counts.
  const found = there.length > 0 ? there : named;
  const [pressed, another] = found;
  if (pressed === undefined) {
    const offered = placed.map(({ element }) => String(element.action_id)).join(', ') || 'nothing';
    throw new RangeError(`there is no \`${actionId}\` to press here; there is ${offered}`);
  }
  if (another !== undefined) throw new RangeError(`several blocks have a \`${actionId}\`: say which by blockId`);
  return { action: actionOf(pressed, value, actionTs), values: stateOf(placed, { ...choices, [`${pressed.blockId}/${actionId}`]: value }) };
}
