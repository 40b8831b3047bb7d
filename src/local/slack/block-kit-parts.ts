import {
  all,
  anything,
  boolean,
  byType,
  type Check,
  integer,
  isRecord,
  list,
  number,
  object,
  oneOf,
  optional,
  rule,
  string,
  webUrl,
} from './json-shape.ts';

/** `docs.slack.dev/reference/block-kit/blocks`, as of @slack/types 3.2.0 and facts/slack.md. */
const slackKnows: ReadonlySet<string> = new Set(
  `actions alert card carousel container context context_actions data_table data_visualization divider file header image input markdown
  plan rich_text section table task_card video
  button channels_select checkboxes conversations_select datepicker datetimepicker email_text_input external_select feedback_buttons
  file_input icon_button multi_channels_select multi_conversations_select multi_external_select multi_static_select multi_users_select
  number_input overflow plain_text_input radio_buttons rich_text_input static_select timepicker url_text_input users_select
  workflow_button`.split(/\s+/),
);

/**
 * The sentence for a type that is not accepted where it stands: one that the local Slack offers elsewhere, one that only
 * Slack itself offers, or one that nobody knows.
 */
export const unsupported =
  (offered: readonly string[]) =>
  (type: string): string =>
    slackKnows.has(type) && !offered.includes(type) ? `the local Slack does not offer \`${type}\`` : `unsupported type: ${type}`;

export const plainText = (max: number): Check => object({ type: oneOf(['plain_text']), text: string({ max }), emoji: optional(boolean) });

const mrkdwn = (max: number): Check => object({ type: oneOf(['mrkdwn']), text: string({ max }), verbatim: optional(boolean) });

/** A text object of either kind. */
export const anyText = (max: number): Check =>
  byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) }, (type) => `unsupported type: ${type}`);

export const actionId = optional(string({ max: 255 }));

/** The dialog that Slack shows before an action is sent. */
export const confirmation: Check = object({
  title: optional(plainText(100)),
  text: anyText(300),
  confirm: optional(plainText(30)),
  deny: optional(plainText(30)),
  style: optional(oneOf(['primary', 'danger'])),
});

const value = string({ max: 75 });

/** One choice of a menu. */
export const menuOption: Check = object({ text: plainText(75), value, description: optional(plainText(75)) });

/** One choice of an overflow menu: it may be a link. */
export const overflowOption: Check = object({ text: plainText(75), value, url: optional(webUrl()), description: optional(plainText(75)) });

/** One choice of checkboxes or radio buttons: it may be formatted. */
export const boxOption: Check = object({ text: anyText(75), value, description: optional(anyText(75)) });

export const optionGroup: Check = object({ label: plainText(75), options: list(menuOption, { max: 100 }) });

export const dispatchConfig: Check = object({
  trigger_actions_on: optional(list(oneOf(['on_enter_pressed', 'on_character_entered']), { max: 2 })),
});

/** The fields of an image, alone or inside another block. */
export const imageFields = { image_url: optional(webUrl()), alt_text: string({ max: 2000 }), slack_file: optional(anything) };

/** An image has one source; files of Slack's own are offered in image blocks of messages only. */
export const imageRule: Check = rule((image) => {
  if (image.slack_file !== undefined) return 'the local Slack does not offer `slack_file` here';
  return image.image_url === undefined ? 'missing required field: image_url' : undefined;
});

const fileSource = all(
  object({ id: optional(string({})), url: optional(webUrl()) }),
  rule((file) => ((file.id === undefined) === (file.url === undefined) ? 'must define either `id` or `url`' : undefined)),
);

/** An image that may be a file of Slack's own. */
export const fileOrUrl: Check = all(
  (image, at) => (isRecord(image) && image.slack_file !== undefined ? fileSource(image.slack_file, `${at}/slack_file`) : []),
  rule((image) => {
    if (image.slack_file === undefined) return image.image_url === undefined ? 'missing required field: image_url' : undefined;
    return image.image_url === undefined ? undefined : 'must define either `image_url` or `slack_file`';
  }),
);

/** A rule: what `initial` names must be among the options, word for word. */
export const initialAmongOptions = (initial: 'initial_option' | 'initial_options'): Check =>
  rule((menu) => {
    const wanted = menu[initial];
    if (wanted === undefined) return undefined;
    const groups = Array.isArray(menu.option_groups) ? menu.option_groups : [];
    const offered = [menu.options, ...groups.map((group) => (isRecord(group) ? group.options : []))]
      .flat()
      .map((option) => JSON.stringify(option));
    const isOffered = [wanted].flat().every((option) => offered.includes(JSON.stringify(option)));
    return isOffered ? undefined : `${initial} must exactly match one of the options`;
  });

/** A cell of a table. */
export const rawCell = {
  raw_text: object({ type: oneOf(['raw_text']), text: string({}) }),
  raw_number: object({ type: oneOf(['raw_number']), value: number, text: string({}) }),
};

export const border = optional(integer(0, 1));
