import type { ActionsBlock, Confirm, ImageElement, InputBlock, Option, SectionBlock, TextObject } from '@slack/types';
import { textSpans } from './mrkdwn.ts';
import type { TextReader } from './span-text.ts';
import { spansAsText } from './span-text.ts';
import { spansAsView } from './span-view.ts';
import { type Act, type ConfirmView, classed, element, image, type ViewElement, type ViewNode } from './view-node.ts';

/** Who sees the page: as for text, and whom that person can choose in a menu of people. */
export interface ViewReader extends TextReader {
  readonly people: readonly { readonly id: string; readonly name: string }[];
}

type AnyElement = ActionsBlock['elements'][number] | InputBlock['element'] | NonNullable<SectionBlock['accessory']>;

type Control = Exclude<AnyElement, ImageElement>;

/** An element of a block as an element of a page that acts. */
export function elementAsView(given: AnyElement, blockId: string, reader: ViewReader): ViewNode {
  if (given.type === 'image') return 'image_url' in given ? image(given.image_url, given.alt_text) : given.alt_text;
  if (given.type === 'overflow') return overflowAsView(given, blockId, reader);
  const act = actOf(given, blockId, reader);
  if (given.type === 'button') return buttonAsView(given, act, reader);
  const control = controlAsView(given, blockId, reader);
  // Nothing beside it says what it is for, as a label does in a modal.
  const label = 'placeholder' in given && given.placeholder !== undefined ? text(given.placeholder, reader) : 'Choose';
  return { ...control, attributes: { ...control.attributes, 'aria-label': label }, act };
}

/** An input block: its label, its control and its hint. */
export function inputAsView(input: InputBlock, reader: ViewReader): ViewElement {
  const { label, element: control, hint, optional, block_id = '', dispatch_action: acts = false } = input;
  const isGroup = control.type === 'checkboxes' || control.type === 'radio_buttons';
  const name = [...textAsView(label, reader), ...(optional === true ? [classed('small', 'optional', [' (optional)'])] : [])];
  return {
    tag: isGroup ? 'fieldset' : 'label',
    attributes: { class: 'input', 'data-block': block_id },
    children: [
      isGroup ? element('legend', name) : element('span', name),
      { ...controlAsView(control, block_id, reader), ...(acts ? { act: actOf(control, block_id, reader) } : {}) },
      ...(hint === undefined ? [] : [element('small', textAsView(hint, reader))]),
    ],
  };
}

/** The control alone; what it holds goes by the name `block id/action id`. */
function controlAsView(control: Control, blockId: string, reader: ViewReader): ViewElement {
  const isFirst = 'focus_on_load' in control && control.focus_on_load === true;
  const named = { name: `${blockId}/${control.action_id ?? ''}`, ...(isFirst ? { autofocus: '' } : {}) };
  const hint = 'placeholder' in control && control.placeholder !== undefined ? text(control.placeholder, reader) : '';
  switch (control.type) {
    case 'static_select': {
      const groups = (control.option_groups ?? []).map((group) => ({
        tag: 'optgroup' as const,
        attributes: { label: text(group.label, reader) },
        children: group.options.map((one) => optionAsView(one, control.initial_option, reader)),
      }));
      const options = (control.options ?? []).map((one) => optionAsView(one, control.initial_option, reader));
      return { tag: 'select', attributes: named, children: [nothing(hint), ...options, ...groups] };
    }
    case 'multi_static_select': {
      const initial = control.initial_options ?? [];
      const chosen = (one: Option) => initial.find(({ value }) => value === one.value);
      const options = [...(control.options ?? []), ...(control.option_groups ?? []).flatMap((group) => group.options)];
      const children = options.map((one) => optionAsView(one, chosen(one), reader));
      return { tag: 'select', attributes: { ...named, multiple: '' }, children };
    }
    case 'users_select': {
      const people = reader.people.map(({ id, name }) => choice(id, name, id === control.initial_user));
      return { tag: 'select', attributes: named, children: [nothing(hint), ...people] };
    }
    case 'checkboxes':
    case 'radio_buttons': {
      const initial = control.type === 'checkboxes' ? (control.initial_options ?? []) : [control.initial_option ?? []].flat();
      const type = control.type === 'checkboxes' ? 'checkbox' : 'radio';
      return classed(
        'div',
        'boxes',
        control.options.map((one) => {
          const isOn = initial.some(({ value }) => value === one.value) ? { checked: '' } : {};
          const box: ViewElement = { tag: 'input', attributes: { ...named, type, value: one.value ?? '', ...isOn } };
          const more = one.description === undefined ? [] : [' ', element('small', textAsView(one.description, reader))];
          return element('label', [box, element('span', [...textAsView(one.text, reader), ...more])]);
        }),
      );
    }
    case 'plain_text_input': {
      const limits = control.max_length === undefined ? {} : { maxlength: String(control.max_length) };
      const attributes = { ...named, ...limits, placeholder: hint };
      if (control.multiline === true) return { tag: 'textarea', attributes, children: [control.initial_value ?? ''] };
      return { tag: 'input', attributes: { ...attributes, type: 'text', value: control.initial_value ?? '' } };
    }
    default:
      return element('span', [`[${control.type}]`]);
  }
}

function buttonAsView(button: Extract<Control, { type: 'button' }>, act: Act, reader: ViewReader): ViewElement {
  const label = button.accessibility_label === undefined ? {} : { 'aria-label': button.accessibility_label };
  return {
    tag: 'button',
    attributes: { type: 'button', class: `button ${button.style ?? ''}`.trim(), ...label },
    children: textAsView(button.text, reader),
    act: { ...act, ...(button.url === undefined ? {} : { url: button.url }) },
  };
}

function overflowAsView(menu: Extract<Control, { type: 'overflow' }>, blockId: string, reader: ViewReader): ViewElement {
  const act = actOf(menu, blockId, reader);
  const entries = menu.options.map((one): ViewElement => {
    const url = one.url === undefined ? {} : { url: one.url };
    return {
      tag: 'button',
      attributes: { type: 'button', class: 'button' },
      children: textAsView(one.text, reader),
      act: { ...act, ...url, choice: one.value ?? '' },
    };
  });
  return { tag: 'span', attributes: { class: 'overflow', role: 'group', 'aria-label': 'More actions' }, children: entries };
}

function actOf(given: Control, blockId: string, reader: ViewReader): Act {
  const confirm = 'confirm' in given && given.confirm !== undefined ? { confirm: confirmAsView(given.confirm, reader) } : {};
  return { blockId, actionId: given.action_id ?? '', ...confirm };
}

const confirmAsView = ({ title, text: question, confirm, deny, style }: Confirm, reader: ViewReader): ConfirmView => ({
  title: title === undefined ? 'Are you sure?' : text(title, reader),
  text: textAsView(question, reader),
  yes: confirm === undefined ? 'Yes' : text(confirm, reader),
  no: deny === undefined ? 'Cancel' : text(deny, reader),
  isDangerous: style === 'danger',
});

const nothing = (hint: string): ViewElement => choice('', hint === '' ? 'Choose…' : hint, false);

const optionAsView = (option: Option, initial: Option | undefined, reader: ViewReader): ViewElement =>
  choice(option.value ?? '', text(option.text, reader), option.value === initial?.value && initial !== undefined);

const choice = (value: string, name: string, isChosen: boolean): ViewElement => ({
  tag: 'option',
  attributes: { value, ...(isChosen ? { selected: '' } : {}) },
  children: [name],
});

/** A text object as elements of a page. */
export const textAsView = (given: TextObject, reader: ViewReader): readonly ViewNode[] => spansAsView(textSpans(given), reader);

const text = (given: TextObject, reader: ViewReader): string => spansAsText(textSpans(given), reader);
