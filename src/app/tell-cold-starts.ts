import type { ColdStartsCommand } from '../coldstart/command.ts';
import { type ColdStartsRequest, coldStartsKeys } from '../coldstart/request.ts';
import type { ColdStartSettings } from '../coldstart/settings.ts';
import { refusedMessage } from '../message/answers.ts';
import type { Message } from '../message/message.ts';
import { confirm, nothingSaid, type Said } from '../run/said.ts';
import { parseSaid } from '../run/stored.ts';
import { removeTwins, type SayingWorld, sayOnce, type Topic } from './say-once.ts';
import type { World } from './world.ts';

/** A question about cold starts that may be answered. */
export interface Question {
  readonly request: ColdStartsRequest;
  readonly command: ColdStartsCommand;
  /** Made from the request's key: the same question has the same. */
  readonly id: string;
  readonly settings: ColdStartSettings;
}

type TellingWorld = SayingWorld & Pick<World, 'log'>;

/** The message first says that we are looking, and then the answer: the revision that ends it. */
const answerRevision = 1;

const topicOf = ({ id, request }: Question): Topic => ({
  key: coldStartsKeys(id).said,
  id,
  askedAt: request.askedAt,
  events: { parent: 'coldframe_cold_starts', reply: 'coldframe_cold_starts' },
});

const saidOf = async (question: Question, { store }: Pick<World, 'store'>): Promise<Said> =>
  (await store.get(topicOf(question).key, parseSaid))?.value ?? nothingSaid;

/** Whether what was said is the answer. */
export const hasAnswer = (said: Said | undefined): boolean => said?.confirmed?.revision === answerRevision;

/** Whether the question has been answered: it may come twice. */
export const isAnswered = async (question: Question, world: Pick<World, 'store'>): Promise<boolean> =>
  hasAnswer(await saidOf(question, world));

/**
 * Posts the question's one message, which the answer will take the place of. Where Slack won't have it, the answer goes to the person
 * alone.
 *
 * @throws when it must be tried again: Slack did not take it, or somebody else is at it
 */
export async function tellLooking(question: Question, message: Message, world: TellingWorld): Promise<void> {
  const said = await sayOnce({ slot: 'parent', topic: topicOf(question), message, places: [{ channel: question.request.channel }] }, world);
  switch (said.kind) {
    case 'said':
      return;
    case 'given-up':
      return world.log('warn', 'cold starts not shown', { id: question.id, because: said.because });
    case 'busy':
      throw new Error(`somebody else is answering the question about cold starts ${question.id}, or died over it`);
    case 'later':
      throw new Error(`Slack did not take the message about cold starts ${question.id}: ${said.because}`);
  }
}

/** Shows how far we are. What Slack does not take is not said: the next one is better. */
export async function tellProgress(question: Question, message: Message, world: TellingWorld): Promise<void> {
  const { parent } = await saidOf(question, world);
  if (parent.kind === 'said') await world.say.update(parent.channel, parent.ts, message);
}

/**
 * Gives the answer, in the question's one message. What Slack has refused of its blocks (`isCut`) may be said again in another form.
 *
 * @throws when Slack did not take it now
 */
export async function tellAnswer(question: Question, message: Message, world: TellingWorld): Promise<{ readonly isCut: boolean }> {
  const topic = topicOf(question);
  await tellLooking(question, message, world);
  const said = await saidOf(question, world);
  const sentAt = new Date(world.nowMs()).toISOString();
  const told = said.parent.kind === 'said' ? await world.say.update(said.parent.channel, said.parent.ts, message) : undefined;
  if (told?.kind === 'not-now' || told?.kind === 'unknown')
    throw new Error(
      `Slack did not take the answer about cold starts ${question.id}: ${told.kind === 'unknown' ? told.error : told.because}`,
    );
  if (told?.kind !== 'told') {
    const because = told?.error ?? (said.parent.kind === 'given-up' ? said.parent.because : 'there is no message');
    world.log('warn', 'cold starts not shown', { id: question.id, because });
    await tellAlone(question, `${message.text} (I can't write in that channel: /invite @coldframe, and ask again for the whole.)`, world);
  }
  await removeTwins(topic, said, world);
  await world.store.update(topic.key, parseSaid, (now) => confirm(now ?? nothingSaid, answerRevision, sentAt));
  return { isCut: told?.kind === 'told' && told.isCut };
}

/** A sentence instead of an answer: where the message is already, else to the person alone. */
export async function refuse(question: Question, because: string, world: TellingWorld): Promise<void> {
  world.log('info', 'cold starts refused', { id: question.id, because });
  const { parent } = await saidOf(question, world);
  if (parent.kind === 'said' || question.request.responseUrl === undefined) {
    await tellAnswer(question, refusedMessage(because), world);
    return;
  }
  await tellAlone(question, because, world);
  const sentAt = new Date(world.nowMs()).toISOString();
  await world.store.update(topicOf(question).key, parseSaid, (now) => confirm(now ?? nothingSaid, answerRevision, sentAt));
}

async function tellAlone({ request }: Question, text: string, { say }: TellingWorld): Promise<void> {
  if (request.responseUrl !== undefined) await say.answer(request.responseUrl, text);
}
