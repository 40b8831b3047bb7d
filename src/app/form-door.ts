import type { ModalView } from '@slack/types';
import * as v from 'valibot';
import { confirmView, noteView, views } from '../message/form-loading.ts';
import { plainFaults } from '../message/run-form.ts';
import { commandText } from '../run/command.ts';
import { blockId, commandOf, parseFilled } from '../run/form.ts';
import { mayRun } from '../run/permission.ts';
import { environmentOf, parseRunId } from '../run/run-id.ts';
import { unknownEnvironment } from '../run/unknown-environment.ts';
import type { Interaction } from '../slack/interaction.ts';
import { askForRun } from './ask-for-run.ts';
import { errorText } from './log.ts';
import { notHandedOver } from './not-handed-over.ts';
import { openForm, place, want } from './open-form.ts';
import type { DoorWorld } from './world.ts';

/** What a modal gets as the answer to its button; undefined closes it. */
export type Submission =
  | { readonly response_action: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly response_action: 'update' | 'push'; readonly view: ModalView }
  | { readonly response_action: 'clear' };

/** Somebody changes what the form holds: what it means is counted anew. */
export async function changeForm(changed: Extract<Interaction, { kind: 'changed' }>, door: DoorWorld): Promise<void> {
  const filled = changed.callbackId === views.runForm ? parseFilled(changed.values) : undefined;
  // A form is made for an environment that is there; for none, the worker would be asked in vain.
  if (filled === undefined || !door.catalogue.has(filled.choice.environment)) return;
  const { viewId, userId, askedAt, metadata } = changed;
  try {
    await want({ version: 1, viewId, userId, askedAt, metadata, filled, ...place(parseMetadata(metadata).channelId) }, door);
  } catch (error) {
    // The form stays as it is; its button still works.
    door.log('warn', 'form not changed', { by: userId, because: errorText(error) });
  }
}

const metadataJson = v.object({
  // No longer than the worker takes it: what is no channel's is nobody's.
  channelId: v.exactOptional(v.pipe(v.string(), v.maxLength(100))),
  responseUrl: v.exactOptional(v.string()),
  text: v.exactOptional(v.string()),
});

/** What a modal of ours remembers; nothing when it is none. */
function parseMetadata(text: string): v.InferOutput<typeof metadataJson> {
  try {
    const parsed = v.safeParse(metadataJson, JSON.parse(text));
    return parsed.success ? parsed.output : {};
  } catch {
    // Not JSON is none of ours.
    return {};
  }
}

/** Somebody presses the form's button: what is wrong is said below the field, everything else is handed over like a command. */
export async function submitForm(submitted: Extract<Interaction, { kind: 'submitted' }>, door: DoorWorld): Promise<Submission | undefined> {
  const { callbackId, metadata, values, userId } = submitted;
  const { channelId = '', text } = parseMetadata(metadata);
  if (callbackId === views.confirmRun) return text === undefined ? undefined : await handOver(submitted, text, door);
  const filled = callbackId === views.runForm ? parseFilled(values) : undefined;
  if (filled === undefined) return undefined;
  const { environment: name } = filled.choice;
  const wrong = (because: string): Submission => ({ response_action: 'errors', errors: plainFaults({ environment: because }, name) });
  const environment = door.catalogue.get(name);
  if (environment === undefined) return wrong(unknownEnvironment(name, door.catalogue));
  if (filled.isStale) return wrong(`One moment: the form is being made ready for ${name}. Look at it, and press Run again.`);
  const permission = mayRun(environment, userId, channelId);
  if (permission.kind === 'refused') return { response_action: 'update', view: noteView(permission.because) };
  const wanted = commandOf(environment, filled);
  if ('faults' in wanted) return { response_action: 'errors', errors: plainFaults(wanted.faults, name) };
  const typed = commandText(wanted.command);
  if (!environment.confirm) return await handOver(submitted, typed, door);
  const kept = JSON.stringify({ ...parseMetadata(metadata), text: typed });
  if (kept.length > 3_000)
    return { response_action: 'errors', errors: { [blockId('features', name)]: 'That is too much for one run: use a tag.' } };
  return { response_action: 'push', view: confirmView(name, `/run-tests ${typed}`, kept) };
}

/** The same form, sent twice, is one request: it is known by the modal. */
async function handOver(
  { rootViewId, userId, askedAt, metadata }: Extract<Interaction, { kind: 'submitted' }>,
  text: string,
  door: DoorWorld,
): Promise<Submission> {
  const { channelId = '', responseUrl } = parseMetadata(metadata);
  const key = `form:${rootViewId}`;
  const asked = { text, userId, channelId, key, askedAt, isConfirmed: true, ...(responseUrl !== undefined && { responseUrl }) };
  try {
    const answer = await askForRun(asked, door);
    return answer.kind === 'accepted' ? { response_action: 'clear' } : { response_action: 'update', view: noteView(answer.message.text) };
  } catch (error) {
    return { response_action: 'update', view: noteView(notHandedOver({ key }, error, door).text) };
  }
}

/** The shortcuts in the app's manifest. */
export const shortcuts = { run: 'run_ui_tests', again: 'run_this_again' } as const;

const runIdForm = /[a-z][a-z0-9-]{0,27}-\d{8}-\d{4}-[0-9a-z]{6}/g;
const ofRun = v.looseObject({ metadata: v.looseObject({ event_payload: v.looseObject({ run_id: v.string() }) }) });

/** Somebody uses a shortcut: the form, for a run's message filled in as that run was. */
export async function useShortcut(used: Extract<Interaction, { kind: 'shortcut' }>, door: DoorWorld): Promise<void> {
  const { callbackId, message, triggerId } = used;
  if (callbackId === shortcuts.run) {
    await openForm(used, door);
    return;
  }
  if (callbackId !== shortcuts.again) return;
  // Slack shows the metadata of a message to the app that posted it; the small line of every run's message names it, too.
  const named = v.is(ofRun, message)
    ? message.metadata.event_payload.run_id
    : JSON.stringify(message ?? '')
        .match(runIdForm)
        ?.at(-1);
  const runId = named === undefined ? undefined : parseRunId(named);
  if (runId !== undefined) {
    await openForm({ ...used, again: { environment: environmentOf(runId), runId } }, door);
    return;
  }
  const note = noteView(
    'That message is about no run of mine. Use this on a message that says how a run of UI tests is going, or how it ended.',
  );
  await door.slack('views.open', { trigger_id: triggerId, view: note });
}
