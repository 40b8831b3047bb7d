import { handOverFailedMessage, refusedMessage } from '../message/answers.ts';
import { loadingView } from '../message/form-loading.ts';
import type { Message } from '../message/message.ts';
import type { FormRequest } from '../run/form-request.ts';
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
export async function openForm(asked: FormAsked, door: DoorWorld): Promise<Message | undefined> {
  const { triggerId, userId, channelId, responseUrl, askedAt, again } = asked;
  const metadata = JSON.stringify({ ...(channelId !== undefined && { channelId }), ...(responseUrl !== undefined && { responseUrl }) });
  try {
    const opened = await door.slack('views.open', { trigger_id: triggerId, view: loadingView(metadata) });
    if (opened.kind === 'refused' || opened.viewId === undefined) {
      door.log('warn', 'form not opened', { by: userId, because: opened.kind === 'refused' ? opened.error : 'Slack named no view' });
      return refusedMessage(
        'Slack did not open the form: it waits three seconds for me, and I may just have been starting. Please try again, or type `/run-tests help`.',
      );
    }
    await want({ version: 1, viewId: opened.viewId, userId, askedAt, metadata, ...place(channelId), ...(again && { again }) }, door);
    return undefined;
  } catch (error) {
    door.log('error', 'form not opened', { by: userId, because: errorText(error), next: 'look at Slack, the event bus and the bot token' });
    return handOverFailedMessage;
  }
}

export const place = (channel: string | undefined) => (channel === undefined ? {} : { channel });

/** Has the worker make an open modal the form. */
export const want = (detail: FormRequest, { bus }: DoorWorld): Promise<void> => bus.put({ detailType: 'Form Wanted', detail });
