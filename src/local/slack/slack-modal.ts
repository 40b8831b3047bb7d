import { type Choice, placedElements, stateOf } from './slack-action.ts';
import { parseSubmissionAnswer, troubleWith } from './slack-answers.ts';
import type { Caller, ClientError, Interaction } from './slack-caller.ts';
import { closedPayload, submissionPayload } from './slack-payloads.ts';
import { missingInputs } from './slack-required.ts';

/** What a person filled in, by action id (or `block id/action id`). */
export interface Submission {
  readonly userId: string;
  readonly viewId: string;
  readonly choices: Readonly<Record<string, Choice>>;
}

/** What came of a submission; `errors`, by block id, stay in front of the person. */
export type Submitted =
  | (Interaction & { readonly errors?: Readonly<Record<string, string>> })
  /** Slack did not even ask the app: something is missing. */
  | { readonly kind: 'incomplete'; readonly errors: Readonly<Record<string, string>> };

/** A person submits a modal. */
export async function submitView(caller: Caller, { userId, viewId, choices }: Submission): Promise<Submitted> {
  const { world, opened, interact } = caller;
  const { views, triggers } = world;
  const { workspace } = world.state;
  const { person, view, stack } = opened(userId, viewId);
  const values = stateOf(placedElements(view.view.blocks), choices);
  const errors = missingInputs(view.view.blocks, values);
  if (Object.keys(errors).length > 0) return { kind: 'incomplete', errors };
  const { delivery, received } = await interact(
    `view_submission ${view.view.callback_id ?? ''}`.trim(),
    submissionPayload({ workspace, person, view, stack, values, triggerId: triggers.issue(userId) }),
  );
  const failed = (because: string, error: ClientError = 'dispatch_failed'): Interaction => ({ kind: 'failed', delivery, error, because });
  const trouble = troubleWith(received);
  if (trouble !== undefined) return failed(trouble.because, trouble.error);
  const answer = received.kind === 'answered' ? parseSubmissionAnswer(received.body) : { kind: 'close' as const };
  switch (answer.kind) {
    case 'refused':
      world.refusals.add({ what: 'the answer to a submission', error: 'invalid_response', because: [answer.because], userId });
      return failed(answer.because);
    case 'errors':
      return { kind: 'taken', delivery, errors: answer.errors };
    case 'update':
      views.replace(viewId, answer.view);
      break;
    case 'push':
      if (views.push(userId, answer.view) === undefined) return failed('three modals are open already');
      break;
    case 'clear':
      views.close(userId, 'all');
      break;
    case 'close':
      views.close(userId, 'top');
      break;
  }
  return { kind: 'taken', delivery };
}

/** A person closes a modal; undefined when the modal did not ask that the app be told. */
export async function closeView(
  caller: Caller,
  { userId, viewId }: Pick<Submission, 'userId' | 'viewId'>,
): Promise<Interaction | undefined> {
  const { world, opened, interact } = caller;
  const { views } = world;
  const { workspace } = world.state;
  const { person, view, stack } = opened(userId, viewId);
  const modal = view.view.type === 'modal' ? view.view : undefined;
  const isCleared = modal?.clear_on_close ?? false;
  views.close(userId, isCleared ? 'all' : 'top');
  if (modal?.notify_on_close !== true) return undefined;
  const payload = closedPayload({ workspace, person, view, stack, values: {}, triggerId: '', isCleared });
  const { delivery, received } = await interact('view_closed', payload);
  const trouble = troubleWith(received);
  return trouble === undefined ? { kind: 'taken', delivery } : { kind: 'failed', delivery, ...trouble };
}
