import { isRecord } from './json-shape.ts';
import type { ClientError } from './slack-caller.ts';
import { type Content, parseContent, sentence } from './slack-content.ts';
import type { Received } from './slack-delivery.ts';
import { isView, type OpenView } from './slack-views.ts';

/** Why a request of Slack's counts as failed, in Slack's word and in ours; undefined when it was answered well. */
export function troubleWith(received: Received): { readonly error: ClientError; readonly because: string } | undefined {
  switch (received.kind) {
    case 'timed-out':
      return { error: 'operation_timeout', because: 'the app did not answer within 3 seconds' };
    case 'unreachable':
      return { error: 'dispatch_failed', because: received.because };
    case 'answered':
      if (received.status >= 200 && received.status < 300) return undefined;
      return { error: 'dispatch_failed', because: `the app answered ${received.status}: ${received.body.slice(0, 300)}` };
  }
}

/** What the app says at once to a command. */
export type CommandAnswer =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'says'; readonly content: Content; readonly isForAll: boolean }
  | { readonly kind: 'refused'; readonly because: string };

export function parseCommandAnswer({ contentType, body }: Extract<Received, { kind: 'answered' }>): CommandAnswer {
  if (body.trim() === '') return { kind: 'nothing' };
  if (!contentType.startsWith('application/json')) return { kind: 'says', content: { text: body }, isForAll: false };
  const given = parseJson(body);
  if (given === undefined) return { kind: 'refused', because: `the answer is not a JSON object: ${body.slice(0, 300)}` };
  if (['text', 'blocks', 'attachments'].every((part) => given[part] === undefined)) return { kind: 'nothing' };
  const parsed = parseContent(given);
  if (parsed.kind === 'content') return { kind: 'says', content: parsed.content, isForAll: given.response_type === 'in_channel' };
  return { kind: 'refused', because: parsed.problems.map(sentence).join('; ') };
}

/** What the app wants done with a submitted modal. */
export type SubmissionAnswer =
  | { readonly kind: 'close' | 'clear' }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'update' | 'push'; readonly view: OpenView['view'] }
  | { readonly kind: 'refused'; readonly because: string };

export function parseSubmissionAnswer(body: string): SubmissionAnswer {
  if (body.trim() === '') return { kind: 'close' };
  const given = parseJson(body);
  if (given === undefined) return { kind: 'refused', because: `the answer is not a JSON object: ${body.slice(0, 300)}` };
  const action = given.response_action;
  if (action === undefined) return { kind: 'close' };
  if (action === 'clear') return { kind: 'clear' };
  if (action === 'errors' && isRecord(given.errors)) {
    return { kind: 'errors', errors: Object.fromEntries(Object.entries(given.errors).map(([blockId, error]) => [blockId, String(error)])) };
  }
  if ((action === 'update' || action === 'push') && isView(given.view)) return { kind: action, view: given.view };
  return { kind: 'refused', because: `not an answer to a submission: ${body.slice(0, 300)}` };
}

function parseJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // said by the caller, with the text
    return undefined;
  }
}
