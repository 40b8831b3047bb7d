import { confirmRerunMessage, refusedMessage } from '../message/answers.ts';
import { mayRun } from '../run/permission.ts';
import type { RunRequest } from '../run/request.ts';
import type { RunId } from '../run/run-id.ts';
import type { Answer, Asked } from './asked.ts';
import type { DoorWorld } from './world.ts';

/**
 * Takes somebody's wish to run again what a run has not seen through: checks what can be checked without a look at that run, and hands
 * it over. However often and by whomever it is asked of one run, it is one request.
 *
 * @throws when it could not be handed over
 */
export async function askForRerun(
  { environment: name, runId }: { readonly environment: string; readonly runId: RunId },
  asked: Omit<Asked, 'text' | 'key'>,
  { catalogue, bus, log }: DoorWorld,
): Promise<Answer> {
  const environment = catalogue.get(name);
  if (environment === undefined) return { kind: 'answer', message: refusedMessage(`There is no environment \`${name}\` any more.`) };
  const permission = mayRun(environment, asked.userId, asked.channelId);
  if (permission.kind === 'refused') return { kind: 'answer', message: refusedMessage(permission.because) };
  if (environment.confirm && !asked.isConfirmed) return { kind: 'answer', message: confirmRerunMessage(name, runId) };
  const request: RunRequest = {
    version: 1,
    key: `button:rerun:${name}/${runId}`,
    askedAt: asked.askedAt,
    asker: { kind: 'slack', userId: asked.userId },
    command: { environment: name, features: [] },
    text: '',
    rerun: runId,
    channel: asked.channelId,
    ...(asked.responseUrl !== undefined && { responseUrl: asked.responseUrl }),
  };
  await bus.put({ detailType: 'Run Requested', detail: request });
  log('info', 'rerun requested', { key: request.key, of: runId, by: asked.userId });
  return { kind: 'accepted' };
}
