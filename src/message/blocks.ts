import type { ActionsBlock, Button, ConfirmationDialog, ContextBlock, ImageBlock, RichTextBlock, SectionBlock } from '@slack/types';
import type { Schedule } from '../schedule/schedule.ts';
import { buttons, runValue } from './buttons.ts';
import { cut } from './text.ts';

/** Characters of a section, and of a context. */
export const sectionMost = 3_000;
export const contextMost = 2_000;

/** A paragraph of mrkdwn; what comes from outside must be escaped already. */
export const section = (mrkdwn: string, accessory?: Button): SectionBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: cut(mrkdwn, sectionMost) },
  expand: true,
  ...(accessory !== undefined && { accessory }),
});

/** A small grey line of mrkdwn. */
export const context = (mrkdwn: string): ContextBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: cut(mrkdwn, contextMost) }],
});

/** The lines in as few blocks as hold them whole. @param most characters of a block */
export function packed<T>(lines: readonly string[], most: number, block: (mrkdwn: string) => T): readonly T[] {
  const texts: string[] = [];
  for (const line of lines) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= most) texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.map((text) => block(text));
}

/** Output of a program, exactly as it is: nothing in it is taken for markup. */
export const output = (text: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : text }] }],
});

/** A picture that people may click; `alt` is what a screen reader says. */
export const picture = (url: string, alt: string): ImageBlock => ({ type: 'image', image_url: url, alt_text: cut(alt, 2_000) });

/** A row of buttons, or nothing when there is none. */
export function buttonRow(...row: readonly (Button | undefined)[]): readonly ActionsBlock[] {
  const elements = row.filter((button) => button !== undefined);
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** Leads to the report. */
export const openReportButton = (url: string | undefined): Button | undefined =>
  url === undefined ? undefined : { type: 'button', action_id: buttons.openReport, text: { type: 'plain_text', text: 'Open report' }, url };

/** Leads to the page of an environment's last runs. */
export const openHistoryButton = (url: string): Button => ({
  type: 'button',
  action_id: buttons.openHistory,
  text: { type: 'plain_text', text: 'Open history' },
  url,
});

/** What can be done about a schedule. */
export function scheduleButtons({ id, command: { environment }, rest }: Schedule): readonly ActionsBlock[] {
  const button = (action: string, text: string): Button => ({
    type: 'button',
    action_id: `${action}:${id}`,
    text: { type: 'plain_text', text },
    value: runValue(environment, id),
  });
  const confirm: ConfirmationDialog = {
    title: { type: 'plain_text', text: 'Remove this schedule?' },
    text: { type: 'plain_text', text: 'It will not run any more. To pause it is enough if it is to run again one day.' },
    confirm: { type: 'plain_text', text: 'Remove it' },
    deny: { type: 'plain_text', text: 'Keep it' },
  };
  return buttonRow(rest === undefined ? button(buttons.pauseSchedule, 'Pause') : button(buttons.resumeSchedule, 'Resume'), {
    ...button(buttons.removeSchedule, 'Remove'),
    confirm,
  });
}

/** Asks for the same again; `asksFor`: after a question that names this environment. */
export const runAgainButton = (typed: string, asksFor?: string): Button => ({
  type: 'button',
  action_id: asksFor === undefined ? buttons.runAgain : buttons.runAgainAsked,
  ...question(asksFor),
  text: { type: 'plain_text', text: 'Re-run all' },
  value: cut(typed, 2_000),
});

/** Says why the run ended as it did, to whoever presses it. */
export const whyButton = (environment: string, runId: string): Button => ({
  type: 'button',
  action_id: buttons.why,
  text: { type: 'plain_text', text: 'Why?' },
  value: runValue(environment, runId),
});

/** Mutes the failures of a cause. No question: it can be taken back, ten of them have to have room in a message, and who it was stands there. */
export const muteButton = (value: string): Button => ({
  type: 'button',
  action_id: buttons.mute,
  text: { type: 'plain_text', text: 'Mute' },
  accessibility_label: 'Mute this failure until it passes',
  value,
});

/** Lets them be heard again. */
export const unmuteButton = (value: string): Button => ({
  type: 'button',
  action_id: buttons.unmute,
  text: { type: 'plain_text', text: 'Unmute' },
  accessibility_label: 'Unmute this failure',
  value,
});

/** Asks for what the run has not seen through, if there is any. */
export const rerunButton = (
  text: string | undefined,
  { environment, runId, asksFor }: { readonly environment: string; readonly runId: string; readonly asksFor?: string | undefined },
): Button | undefined =>
  text === undefined
    ? undefined
    : {
        type: 'button',
        action_id: asksFor === undefined ? buttons.rerun : buttons.rerunAsked,
        text: { type: 'plain_text', text },
        value: runValue(environment, runId),
        ...question(asksFor),
      };

/** Slack's own dialog before the button does anything, where an environment asks "are you sure?". */
const question = (environment: string | undefined): Pick<Button, 'confirm'> =>
  environment === undefined
    ? {}
    : {
        confirm: {
          title: { type: 'plain_text', text: `Run on ${environment}?` },
          text: { type: 'plain_text', text: `The tests are run on ${environment} again.` },
          confirm: { type: 'plain_text', text: 'Run them' },
          deny: { type: 'plain_text', text: 'No' },
        },
      };

/** Says yes to the run, after a question. */
export const approveButton = (environment: string, runId: string): Button => ({
  type: 'button',
  action_id: buttons.approve,
  style: 'primary',
  text: { type: 'plain_text', text: 'Approve' },
  value: runValue(environment, runId),
  confirm: {
    title: { type: 'plain_text', text: 'Approve this run?' },
    text: { type: 'plain_text', text: `It is run on ${environment}, and your name stands beside it.` },
    confirm: { type: 'plain_text', text: 'Approve' },
    deny: { type: 'plain_text', text: 'Not yet' },
  },
});

/** Ends the run before it was started, after a question. */
export const refuseButton = (environment: string, runId: string): Button => ({
  ...cancelButton(environment, runId),
  text: { type: 'plain_text', text: 'Refuse' },
  confirm: {
    title: { type: 'plain_text', text: 'Refuse this run?' },
    text: { type: 'plain_text', text: `Nothing is run on ${environment}, and the message says that it was you.` },
    confirm: { type: 'plain_text', text: 'Refuse' },
    deny: { type: 'plain_text', text: 'Not yet' },
  },
});

/** Ends the run, after a question. */
export const cancelButton = (environment: string, runId: string): Button => ({
  type: 'button',
  action_id: buttons.cancel,
  text: { type: 'plain_text', text: 'Cancel' },
  value: runValue(environment, runId),
  confirm: {
    title: { type: 'plain_text', text: 'Cancel this run?' },
    text: { type: 'plain_text', text: `What has run so far on ${environment} will be reported.` },
    confirm: { type: 'plain_text', text: 'Cancel the run' },
    deny: { type: 'plain_text', text: 'Let it run' },
  },
});
