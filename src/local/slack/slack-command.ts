import { asTypedInAClient } from './client-typing.ts';
import { parseCommandAnswer, troubleWith } from './slack-answers.ts';
import type { Caller, ClientError, Interaction } from './slack-caller.ts';
import { post } from './slack-content.ts';
import { deliver } from './slack-delivery.ts';
import { commandForm } from './slack-payloads.ts';

export interface CommandInput {
  readonly userId: string;
  readonly channelId: string;
  /** `/run-tests staging` */
  readonly text: string;
  /** As a Slack client would send it: curly quotes, em dashes. */
  readonly isRetyped?: boolean;
}

/** A person sends a slash command. */
export async function command(caller: Caller, { userId, channelId, text, isRetyped = false }: CommandInput): Promise<Interaction> {
  const { world, responseUrls, place, sign, tell, journal } = caller;
  const { state, triggers } = world;
  const { workspace } = state;
  const { channel, person } = place(channelId, userId);
  const [, name, rest = ''] = /^(\/\S+)\s*([\s\S]*)$/.exec((isRetyped ? asTypedInAClient(text) : text).trim()) ?? [];
  if (name === undefined) throw new RangeError(`${JSON.stringify(text)} is not a command: commands begin with a slash`);
  const path = responseUrls.issue({ kind: 'command', userId, channel: channelId });
  const responseUrl = `${world.url()}${path}`;
  const delivery = sign(
    commandForm({ workspace, channel, person, command: name, text: rest, responseUrl, triggerId: triggers.issue(userId) }),
  );
  const received = await deliver(`command ${name}`, delivery, journal);

  const failed = (error: ClientError, because: string): Interaction => {
    const message = tell(channel, person, `${name} failed with the error "${error}"`);
    return { kind: 'failed', delivery, error, because, message };
  };
  const trouble = troubleWith(received);
  if (trouble !== undefined) return failed(trouble.error, trouble.because);
  const answer = received.kind === 'answered' ? parseCommandAnswer(received) : { kind: 'nothing' as const };
  if (answer.kind === 'nothing') return { kind: 'taken', delivery };
  if (answer.kind === 'refused') {
    const refusal = { what: `the answer to ${name}`, error: 'invalid_command_response', because: [answer.because] };
    world.refusals.add({ ...refusal, channelId, userId });
    return failed('invalid_command_response', answer.because);
  }
  if (answer.isForAll) post(state, { channel: channel.id, userId, text: `${name} ${rest}`.trim() });
  return { kind: 'taken', delivery, message: responseUrls.answered(path, answer.content, answer.isForAll) };
}
