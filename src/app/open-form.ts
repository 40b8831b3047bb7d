import type { ModalView } from '@slack/types';
import { handOverFailedMessage, refusedMessage } from '../message/answers.ts';
import { loadingView, settingsLoadingView } from '../message/form-loading.ts';
import type { Message } from '../message/message.ts';
import type { FormRequest } from '../run/form-request.ts';
import { askForErrand } from './ask-for-errand.ts';
import { errorText } from './log.ts';
import type { DoorWorld } from './world.ts';

/** Somebody who wants to choose what to run. */
export interface FormAsked {
  readonly triggerId: string;
  readonly userId: string;
  /** Where; absent: nowhere in particular, so that the run is reported where its environment reports. */
  readonly channelId?: string;
  readonly responseUrl?: string;
  readonly askedAt: string;
  /** The run that is to be asked for again. */
  readonly again?: FormRequest['again'];
}

/**
 * Opens the form: at once as a modal that says to wait, since a trigger_id lives three seconds; what there is to choose is looked
 * up by the worker. Gives an answer for the person when there is no modal.
 */
export function openForm(asked: FormAsked, door: DoorWorld): Promise<Message | undefined> {
  const { userId, channelId, responseUrl, askedAt, again } = asked;
  const metadata = JSON.stringify({ ...(channelId !== undefined && { channelId }), ...(responseUrl !== undefined && { responseUrl }) });
  return openModal(asked, loadingView(metadata), door, (viewId) =>
    want({ version: 1, viewId, userId, askedAt, metadata, ...place(channelId), ...(again && { again }) }, door),
  );
}

/** The same for the settings, of an environment if one is named. */
export function openSettings(asked: FormAsked & { readonly environment?: string }, door: DoorWorld): Promise<Message | undefined> {
  const { userId, channelId = '', askedAt, environment } = asked;
  return openModal(asked, settingsLoadingView, door, async (viewId) => {
    const errand = { kind: 'show-settings', viewId, ...(environment !== undefined && { environment }) } as const;
    await askForErrand(errand, { userId, channelId, askedAt, key: `settings:${viewId}`, isConfirmed: true }, door);
  });
}

/** Opens a modal that says to wait, and has somebody fill it. */
async function openModal(
  { triggerId, userId }: FormAsked,
  view: ModalView,
  door: DoorWorld,
  fill: (viewId: string) => Promise<void>,
): Promise<Message | undefined> {
  try {
    const opened = await door.slack('views.open', { trigger_id: triggerId, view });
    if (opened.kind === 'refused' || opened.viewId === undefined) {
      door.log('warn', 'form not opened', { by: userId, because: opened.kind === 'refused' ? opened.error : 'Slack named no view' });
      return refusedMessage(
        'Slack did not open the form: it waits three seconds for me, and I may just have been starting. Please try again, or type `/run-tests help`.',
      );
    }
    await fill(opened.viewId);
    return undefined;
  } catch (error) {
    door.log('error', 'form not opened', { by: userId, because: errorText(error), next: 'look at Slack, the event bus and the bot token' });
    return handOverFailedMessage;
  }
}

export const place = (channel: string | undefined) => (channel === undefined ? {} : { channel });

/** Has the worker make an open modal the form. */
export const want = (detail: FormRequest, { bus }: DoorWorld): Promise<void> => bus.put({ detailType: 'Form Wanted', detail });
