import type { ModalView, PlainTextElement } from '@slack/types';
import { section } from './blocks.ts';
import { code, cut } from './text.ts';

/** The modals of ours, by `callback_id`. */
export const views = {
  runForm: 'run_form',
  confirmRun: 'run_form_confirm',
  note: 'run_form_note',
  settings: 'settings_form',
  loading: 'form_loading',
} as const;

export const title: PlainTextElement = { type: 'plain_text', text: 'Run UI tests' };
export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text });
/** A modal that only says something. `words` is mrkdwn of ours. */
export const noteView = (words: string, of: PlainTextElement = title): ModalView => ({
  type: 'modal',
  callback_id: views.note,
  title: of,
  close: plain('Close'),
  blocks: [section(words)],
});

export const settingsTitle = plain('Settings');

const loading = (of: PlainTextElement, metadata: string, words: string): ModalView => ({
  type: 'modal',
  callback_id: views.loading,
  private_metadata: metadata,
  title: of,
  close: plain('Cancel'),
  blocks: [section(words)],
});

/** What stands there until we know what to offer: a trigger_id lives three seconds, and the history of a suite may take longer. */
export const loadingView = (metadata: string): ModalView =>
  loading(title, metadata, '⏳ One moment: looking up what there is to run, and how long it takes …');
export const settingsLoadingView: ModalView = loading(settingsTitle, '', '⏳ One moment: looking up who hears of what …');

/** What stands there until the settings are kept. Should its end be lost on the way here, nothing is claimed. */
export const savingView = noteView(
  '⏳ Being saved … What came of it will stand here; `/run-tests settings` always shows what holds.',
  settingsTitle,
);

/** "Are you sure?"; `typed` is the whole command, `metadata` has it, too. */
export const confirmView = (environment: string, typed: string, metadata: string): ModalView => ({
  type: 'modal',
  callback_id: views.confirmRun,
  private_metadata: metadata,
  title: plain('Are you sure?'),
  submit: plain(cut(`Run on ${environment}`, 24)),
  close: plain('Cancel'),
  blocks: [section(`Run the tests on *${environment}*? That is ${code(cut(typed, 300))}.`)],
});
