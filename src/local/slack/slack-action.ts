import { elementsOf } from './block-kit-ids.ts';
import { isRecord } from './json-shape.ts';
import type { ViewValues } from './slack-views.ts';

/** What a person chose in a menu, or the text typed: an option's value, a person's id, several values. */
export type Choice = string | readonly string[];

type Element = Readonly<Record<string, unknown>>;

/** An interactive element in its block. */
export interface Placed {
  readonly blockId: string;
  readonly element: Element;
}

/** All interactive elements of these blocks. */
export function placedElements(blocks: readonly unknown[]): readonly Placed[] {
  return blocks.flatMap((block) =>
    elementsOf(block).flatMap(({ element }) =>
      isRecord(block) && isRecord(element) && typeof element.action_id === 'string' ? [{ blockId: String(block.block_id), element }] : [],
    ),
  );
}

/**
 * The entry of `actions` that Slack sends when a person acts on an element.
 *
 * @throws {RangeError} for a choice that the element does not offer: no person could have made it
 */
export function actionOf({ blockId, element }: Placed, choice: Choice | undefined, actionTs: string): Element {
  const { options: _options, option_groups: _groups, confirm: _confirm, url: _url, ...shown } = element;
  return { ...shown, block_id: blockId, ...chosen(element, choice), action_ts: actionTs };
}

/** What every menu and input of these blocks holds, as `state.values` has it: what is chosen, else what it started with. */
export function stateOf(placed: readonly Placed[], choices: Readonly<Record<string, Choice | undefined>> = {}): ViewValues {
  const values: Record<string, Record<string, unknown>> = {};
  for (const { blockId, element } of placed) {
    const { type } = element;
    const actionId = String(element.action_id);
    if (type === 'button' || type === 'overflow' || type === 'image') continue;
    const choice = choices[actionId] ?? choices[`${blockId}/${actionId}`] ?? initialChoice(element);
    values[blockId] = { ...values[blockId], [actionId]: { type, ...chosen(element, choice) } };
  }
  return values;
}

function chosen(element: Element, choice: Choice | undefined): Element {
  switch (element.type) {
    case 'static_select':
    case 'radio_buttons':
      return { selected_option: choice === undefined || choice === '' ? null : optionOf(element, String(choice)) };
    case 'overflow':
      return { selected_option: optionOf(element, String(choice)) };
    case 'checkboxes':
    case 'multi_static_select':
      return { selected_options: [choice ?? []].flat().map((value) => optionOf(element, value)) };
    case 'users_select':
      return { selected_user: choice === '' ? null : (choice ?? null) };
    case 'plain_text_input':
      return { value: choice === undefined || choice === '' ? null : choice };
    default:
      return {};
  }
}

function initialChoice(element: Element): Choice | undefined {
  const value = (option: unknown) => (isRecord(option) ? String(option.value) : '');
  if (element.initial_option !== undefined) return value(element.initial_option);
  if (Array.isArray(element.initial_options)) return element.initial_options.map(value);
  const initial = element.initial_user ?? element.initial_value;
  return typeof initial === 'string' ? initial : undefined;
}

function optionOf(element: Element, value: string): unknown {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  const options = [element.options ?? [], ...groups.map((group) => (isRecord(group) ? group.options : []))].flat();
  const option = options.find((one) => isRecord(one) && one.value === value);
  if (option === undefined)
    throw new RangeError(`${element.type} \`${element.action_id}\` has no option with the value ${JSON.stringify(value)}`);
  return option;
}
