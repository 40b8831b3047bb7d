import {
  actionId,
  anyText,
  boxOption,
  confirmation,
  dispatchConfig,
  imageFields,
  imageRule,
  initialAmongOptions,
  menuOption,
  optionGroup,
  overflowOption,
  plainText,
  unsupported,
} from './block-kit-parts.ts';
import {
  all,
  boolean,
  byType,
  type Check,
  type Fields,
  integer,
  list,
  object,
  oneOf,
  optional,
  rule,
  string,
  webUrl,
} from './json-shape.ts';

const confirm = optional(confirmation);
const placeholder = optional(plainText(150));
const focus = optional(boolean);

const element = (type: string, fields: Fields): Check => object({ type: oneOf([type]), action_id: actionId, ...fields });

const button = element('button', {
  text: plainText(75),
  value: optional(string({ max: 2000 })),
  url: optional(webUrl()),
  style: optional(oneOf(['primary', 'danger'])),
  confirm,
  accessibility_label: optional(string({ max: 75 })),
});

const overflow = element('overflow', { options: list(overflowOption, { max: 5 }), confirm });

const optionsOrGroups = rule((menu) =>
  (menu.options === undefined) === (menu.option_groups === undefined) ? 'must define either `options` or `option_groups`' : undefined,
);

const staticSelect = all(
  element('static_select', {
    placeholder,
    options: optional(list(menuOption, { max: 100 })),
    option_groups: optional(list(optionGroup, { max: 100 })),
    initial_option: optional(menuOption),
    focus_on_load: focus,
    confirm,
  }),
  optionsOrGroups,
  initialAmongOptions('initial_option'),
);

const multiStaticSelect = all(
  element('multi_static_select', {
    placeholder,
    options: optional(list(menuOption, { max: 100 })),
    option_groups: optional(list(optionGroup, { max: 100 })),
    initial_options: optional(list(menuOption, { max: 100 })),
    max_selected_items: optional(integer(1, 100)),
    focus_on_load: focus,
    confirm,
  }),
  optionsOrGroups,
  initialAmongOptions('initial_options'),
);

const usersSelect = element('users_select', { placeholder, initial_user: optional(string({})), focus_on_load: focus, confirm });

const checkboxes = all(
  element('checkboxes', {
    options: list(boxOption, { max: 10 }),
    initial_options: optional(list(boxOption, { max: 10 })),
    focus_on_load: focus,
    confirm,
  }),
  initialAmongOptions('initial_options'),
);

const radioButtons = all(
  element('radio_buttons', { options: list(boxOption, { max: 10 }), initial_option: optional(boxOption), focus_on_load: focus, confirm }),
  initialAmongOptions('initial_option'),
);

const plainTextInput = all(
  element('plain_text_input', {
    placeholder,
    initial_value: optional(string({ min: 0, max: 3000 })),
    multiline: optional(boolean),
    min_length: optional(integer(0, 3000)),
    max_length: optional(integer(1, 3000)),
    dispatch_action_config: optional(dispatchConfig),
    focus_on_load: focus,
  }),
  rule((input) =>
    Number(input.min_length ?? 0) > Number(input.max_length ?? 3000) ? 'min_length must be less than or equal to max_length' : undefined,
  ),
);

const image = all(object({ type: oneOf(['image']), ...imageFields }), imageRule);

const menus = { overflow, static_select: staticSelect, users_select: usersSelect, checkboxes, radio_buttons: radioButtons };
const offered = ['button', 'image', 'plain_text_input', 'multi_static_select', ...Object.keys(menus)];

/** What may stand in an actions block. */
export const actionElement: Check = byType({ button, ...menus }, unsupported(offered));

/** What may stand beside a section's text. */
export const accessory: Check = byType({ button, image, ...menus }, unsupported(offered));

/** What may stand in a context block. */
export const contextElement: Check = byType({ image, plain_text: anyText(3000), mrkdwn: anyText(3000) }, unsupported(offered));

/** What an input block may ask for. */
export const inputElement: Check = byType(
  {
    plain_text_input: plainTextInput,
    static_select: staticSelect,
    multi_static_select: multiStaticSelect,
    users_select: usersSelect,
    checkboxes,
    radio_buttons: radioButtons,
  },
  unsupported(offered),
);
