import { confirmedMessage, confirmedRerunMessage, confirmedRevokeMessage, refusedMessage } from '../message/answers.ts';
import { buttons, parseCauseValue, parseInsteadValue, parseRunValue } from '../message/buttons.ts';
import type { Message } from '../message/message.ts';
import type { Errand, ScheduleChange } from '../run/errand.ts';
import { mayRun } from '../run/permission.ts';
import { keyHash, parseRunId } from '../run/run-id.ts';
import type { Pressed } from '../slack/app.ts';
import type { Typed } from '../slack/command.ts';
import { type AskedColdStarts, askForColdStarts } from './ask-for-cold-starts.ts';
import { askForErrand } from './ask-for-errand.ts';
import { askForRerun } from './ask-for-rerun.ts';
import { askForRun } from './ask-for-run.ts';
import type { Asked } from './asked.ts';
import { shownKey } from './mask.ts';
import { notHandedOver } from './not-handed-over.ts';
import { openForm } from './open-form.ts';
import type { DoorWorld } from './world.ts';

/** What only the person who pressed is to see. */
type ButtonAnswer = { readonly message: Message; readonly replacesOriginal: boolean };

/** Somebody typed our command: the answer only they see, or undefined when a form or the run's message will be the answer. */
export async function typeCommand(typed: Typed, door: DoorWorld): Promise<Message | undefined> {
  if (typed.text.trim() === '') return await openForm(typed, door);
  return await ask({ ...typed, key: `command:${typed.triggerId}`, isConfirmed: false }, door);
}

const answerableBy = ({ responseUrl }: Pick<Pressed, 'responseUrl'>) => (responseUrl === undefined ? {} : { responseUrl });

/** Somebody pressed a button of ours. */
export async function pressButton(pressed: Pressed, door: DoorWorld): Promise<ButtonAnswer | undefined> {
  const { action, value, userId, channelId, messageTs, askedAt } = pressed;
  const answerable = answerableBy(pressed);
  // Message, action and subject: a hundred presses of one button are one request.
  const key = `button:${channelId}:${messageTs}:${action}:${keyHash(value)}`;
  // Which button of a row it was says its value.
  switch (action.split(':')[0]) {
    case buttons.confirm: {
      const message = await ask({ text: value, userId, channelId, key, askedAt, ...answerable, isConfirmed: true }, door);
      return { message: message ?? confirmedMessage(value), replacesOriginal: true };
    }
    case buttons.runAgain: {
      const message = await ask({ text: value, userId, channelId, key, askedAt, ...answerable, isConfirmed: false }, door);
      return message && { message, replacesOriginal: false };
    }
    case buttons.runAgainAsked: {
      const message = await ask({ text: value, userId, channelId, key, askedAt, ...answerable, isConfirmed: true }, door);
      return message && { message, replacesOriginal: false };
    }
    case buttons.beside: {
      const asked = { text: value, userId, channelId, key, askedAt, ...answerable, isConfirmed: true, beside: true } as const;
      return { message: (await ask(asked, door)) ?? confirmedMessage(value), replacesOriginal: true };
    }
    case buttons.instead: {
      const subject = parseInsteadValue(value);
      const instead = subject && parseRunId(subject.runId);
      if (subject === undefined || instead === undefined) return undefined;
      const asked = { text: subject.typed, userId, channelId, key, askedAt, ...answerable, isConfirmed: true, instead };
      return { message: (await ask(asked, door)) ?? confirmedMessage(subject.typed), replacesOriginal: true };
    }
    case buttons.rerunAsked: {
      const message = await askRerun(pressed, true, door);
      return message && { message, replacesOriginal: false };
    }
    case buttons.rerun: {
      const message = await askRerun(pressed, false, door);
      return message && { message, replacesOriginal: false };
    }
    case buttons.confirmRerun: {
      const message = await askRerun(pressed, true, door);
      return { message: message ?? confirmedRerunMessage(value), replacesOriginal: true };
    }
    case buttons.cancel:
      return await wish('Cancel Requested', pressed, door);
    case buttons.cancelListed: {
      const subject = parseRunValue(value);
      return subject && (await errandOf({ kind: 'cancel', ...subject }, { ...pressed, key: `${key}:${userId}:${askedAt}` }, door));
    }
    case buttons.approve:
      return await wish('Approval Given', pressed, door);
    case buttons.why: {
      const subject = parseRunValue(value);
      // Whoever asks again wants to be told again.
      return subject && (await errandOf({ kind: 'why', ...subject }, { ...pressed, key: `${key}:${userId}:${askedAt}` }, door));
    }
    case buttons.mute:
    case buttons.unmute: {
      const subject = parseCauseValue(value);
      const kind = action === buttons.mute ? 'mute' : 'unmute';
      return subject && (await errandOf({ kind, ...subject }, { ...pressed, key: `${key}:${askedAt}` }, door));
    }
    case buttons.revokeLinks: {
      const message = await errand({ kind: 'revoke-links', environment: value }, { ...pressed, key, isConfirmed: true }, door);
      return { message: message ?? confirmedRevokeMessage(value), replacesOriginal: true };
    }
    case buttons.pauseSchedule:
      return await changeSchedule('pause', { ...pressed, key }, door);
    case buttons.resumeSchedule:
      return await changeSchedule('resume', { ...pressed, key }, door);
    case buttons.removeSchedule:
      return await changeSchedule('remove', { ...pressed, key }, door);
    case buttons.coldStarts: {
      // Whoever asks again later wants to know how it is then.
      const minute = askedAt.slice(0, '2026-11-27T09:00'.length);
      const message = await askColdStarts({ ...pressed, text: value, key: `${key}:${minute}` }, door);
      return message && { message, replacesOriginal: false };
    }
    default:
      // A link's button: Slack has opened it already.
      return undefined;
  }
}

/** Somebody typed `/coldstarts`: the answer only they see, or undefined when a message will follow. */
export async function typeColdStarts(typed: Typed, door: DoorWorld): Promise<Message | undefined> {
  return await askColdStarts({ ...typed, key: `command:${typed.triggerId}` }, door);
}

async function askColdStarts(asked: AskedColdStarts, door: DoorWorld): Promise<Message | undefined> {
  try {
    return await askForColdStarts(asked, door);
  } catch (error) {
    return notHandedOver({ key: shownKey(asked.key) }, error, door);
  }
}

async function changeSchedule(
  change: ScheduleChange,
  pressed: Pressed & { readonly key: string },
  door: DoorWorld,
): Promise<ButtonAnswer | undefined> {
  const subject = parseRunValue(pressed.value);
  if (subject === undefined) return undefined;
  const { environment, runId: id } = subject;
  // Paused, resumed and paused again, it is another wish each time; twice within a second it is one.
  const key = `${pressed.key}:${pressed.askedAt}`;
  return await errandOf({ kind: 'change-schedule', change, environment, id }, { ...pressed, key }, door);
}

/** What a button asks for: the answer to whoever pressed it, if there is one at once. */
async function errandOf(wanted: Errand, pressed: Pressed & { readonly key: string }, door: DoorWorld): Promise<ButtonAnswer | undefined> {
  const message = await errand(wanted, { ...pressed, isConfirmed: true }, door);
  return message && { message, replacesOriginal: false };
}

async function errand(wanted: Errand, asked: Omit<Asked, 'text'>, door: DoorWorld): Promise<Message | undefined> {
  try {
    const answer = await askForErrand(wanted, asked, door);
    return answer.kind === 'answer' ? answer.message : undefined;
  } catch (error) {
    return notHandedOver({ key: shownKey(asked.key) }, error, door);
  }
}

async function ask(asked: Asked, door: DoorWorld): Promise<Message | undefined> {
  try {
    const answer = await askForRun(asked, door);
    return answer.kind === 'answer' ? answer.message : undefined;
  } catch (error) {
    return notHandedOver({ key: shownKey(asked.key) }, error, door);
  }
}

async function askRerun(pressed: Pressed, isConfirmed: boolean, door: DoorWorld): Promise<Message | undefined> {
  const subject = parseRunValue(pressed.value);
  const runId = subject && parseRunId(subject.runId);
  if (subject === undefined || runId === undefined) return undefined;
  try {
    const answer = await askForRerun({ environment: subject.environment, runId }, { ...pressed, isConfirmed }, door);
    return answer.kind === 'answer' ? answer.message : undefined;
  } catch (error) {
    return notHandedOver({ runId }, error, door);
  }
}

async function wish(
  detailType: 'Cancel Requested' | 'Approval Given',
  pressed: Pressed,
  { bus, catalogue, log }: DoorWorld,
): Promise<ButtonAnswer | undefined> {
  const { value, userId, channelId, askedAt } = pressed;
  const subject = parseRunValue(value);
  if (subject === undefined) return undefined;
  // A run goes on when its environment is taken out of coldframe.yml, and with it who may end it.
  const environment = catalogue.get(subject.environment);
  const permission = environment && mayRun(environment, userId, channelId);
  if (permission?.kind === 'refused') return { message: refusedMessage(permission.because), replacesOriginal: false };
  try {
    await bus.put({
      detailType,
      detail: { version: 1, ...subject, askedAt, asker: { kind: 'slack', userId }, channel: channelId, ...answerableBy(pressed) },
    });
    log('info', detailType.toLowerCase(), { runId: subject.runId, by: userId });
    return undefined;
  } catch (error) {
    return { message: notHandedOver({ runId: subject.runId }, error, { log }), replacesOriginal: false };
  }
}
