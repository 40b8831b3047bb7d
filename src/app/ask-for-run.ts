import { confirmMessage, helpMessage, refusedMessage } from '../message/answers.ts';
import { confirmView } from '../message/form-loading.ts';
import { cut } from '../message/text.ts';
import type { AuditEntry } from '../run/audit.ts';
import { maxCharacters, parseCommand, type RunCommand } from '../run/command.ts';
import { mayRun } from '../run/permission.ts';
import type { RunRequest } from '../run/request.ts';
import { askForErrand } from './ask-for-errand.ts';
import type { Answer, Asked } from './asked.ts';
import { tellOfRefusal } from './keep-audit.ts';
import { errorText } from './log.ts';
import { shownKey } from './mask.ts';
import { openSettings } from './open-form.ts';
import type { DoorWorld } from './world.ts';

/**
 * Takes a request at the door: reads it, checks what can be checked without a call to Slack, and hands it over.
 *
 * @throws when it could not be handed over: what was accepted must not vanish
 */
export async function askForRun(asked: Asked, door: DoorWorld): Promise<Answer> {
  const { catalogue, bus, log } = door;
  const refuse = async (because: string, environment?: string): Promise<Answer> => {
    await tellOfRefusal(inVain(asked, because, environment), asked.key, door);
    return { kind: 'answer', message: refusedMessage(because) };
  };
  const command = parseCommand(asked.text, catalogue);
  switch (command.kind) {
    case 'help':
      return { kind: 'answer', message: helpMessage(catalogue) };
    case 'refused':
      return await refuse(command.because);
    case 'errand':
      if (command.errand.kind === 'settings') return await askForSettings(command.errand.environment, asked, door);
      return await askForErrand(command.errand, asked, door);
    case 'run':
      break;
  }
  const environment = catalogue.get(command.command.environment);
  if (environment === undefined) throw new Error(`parseCommand let the unknown environment ${command.command.environment} through`);
  const permission = mayRun(environment, asked.userId, asked.channelId);
  if (permission.kind === 'refused') return await refuse(permission.because, environment.name);
  if (environment.confirm && !asked.isConfirmed) return await question(command.command, asked, door);

  const request: RunRequest = {
    version: 1,
    key: asked.key,
    askedAt: asked.askedAt,
    asker: { kind: 'slack', userId: asked.userId },
    command: command.command,
    text: `/run-tests ${asked.text.trim()}`,
    ...(asked.channelId !== '' && { channel: asked.channelId }),
    ...(asked.responseUrl !== undefined && { responseUrl: asked.responseUrl }),
    ...(asked.threadTs !== undefined && { threadTs: asked.threadTs }),
    ...(asked.beside === true && { beside: true }),
    ...(asked.instead !== undefined && { instead: asked.instead }),
  };
  await bus.put({ detailType: 'Run Requested', detail: request });
  log('info', 'run requested', { key: shownKey(request.key), environment: environment.name, by: asked.userId });
  return { kind: 'accepted' };
}

/** They are shown in a modal, which only a command or a button can open. */
async function askForSettings(environment: string | undefined, asked: Asked, door: DoorWorld): Promise<Answer> {
  const { triggerId, ...rest } = asked;
  const message =
    triggerId === undefined
      ? refusedMessage('Settings are shown in a window of their own, which Slack opens for `/run-tests settings` and in my Home.')
      : await openSettings({ ...rest, triggerId, ...(environment !== undefined && { environment }) }, door);
  return message === undefined ? { kind: 'accepted' } : { kind: 'answer', message };
}

/** "Are you sure?", in a modal where Slack lets us open one, else in a message. */
async function question(command: RunCommand, asked: Asked, { slack, log }: DoorWorld): Promise<Answer> {
  const { text, channelId, responseUrl, triggerId } = asked;
  const message = { kind: 'answer', message: confirmMessage(command, text) } as const;
  const metadata = JSON.stringify({ text: text.trim(), channelId, ...(responseUrl !== undefined && { responseUrl }) });
  if (triggerId === undefined || metadata.length > 3_000) return message;
  const view = confirmView(command.environment, `/run-tests ${text.trim()}`, metadata);
  try {
    const opened = await slack('views.open', { trigger_id: triggerId, view });
    if (opened.kind === 'done') return { kind: 'accepted' };
    log('warn', 'question not opened', { because: opened.error });
  } catch (error) {
    log('warn', 'question not opened', { because: errorText(error) });
  }
  return message;
}

const inVain = ({ askedAt, userId, channelId, text }: Asked, because: string, environment?: string): AuditEntry => ({
  version: 1,
  at: askedAt,
  by: { kind: 'slack', userId },
  ...(channelId !== '' && { channel: channelId }),
  ...(environment !== undefined && { environment }),
  deed: 'run',
  text: cut(text.trim(), maxCharacters),
  came: { kind: 'refused', because },
});
