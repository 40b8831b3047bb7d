import { accessory, actionElement, contextElement, inputElement } from './block-kit-elements.ts';
import { anyText, fileOrUrl, imageFields, imageRule, plainText, rawCell, unsupported } from './block-kit-parts.ts';
import { richText } from './block-kit-rich-text.ts';
import { dataVisualizationFields } from './data-visualization.ts';
import { all, boolean, byType, type Check, type Fields, isRecord, list, object, oneOf, optional, rule, string } from './json-shape.ts';

/** Slack's limit for one markdown block, and for all of a message together. */
export const markdownMax = 12_000;

const tableTextMax = 10_000;

/** How many characters a reader sees of a rich text, a cell or a row of cells. */
export function textLength(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (!isRecord(value)) return 0;
  return (typeof value.text === 'string' ? value.text.length : 0) + textLength(value.elements);
}

const block = (type: string, fields: Fields): Check => object({ type: oneOf([type]), block_id: optional(string({ max: 255 })), ...fields });

const section = all(
  block('section', {
    text: optional(anyText(3000)),
    fields: optional(list(anyText(2000), { max: 10 })),
    accessory: optional(accessory),
    expand: optional(boolean),
  }),
  rule((value) => (value.text === undefined && value.fields === undefined ? 'must define either `text` or `fields`' : undefined)),
);

const columnSettings = object({ align: optional(oneOf(['left', 'center', 'right'])), is_wrapped: optional(boolean) });

const table = all(
  block('table', {
    rows: list(list(byType({ ...rawCell, rich_text: richText }, unsupported([])), { max: 20 }), { max: 100 }),
    // null stands for a column that has nothing special
    column_settings: optional(list((value, at) => (value === null ? [] : columnSettings(value, at)), { max: 20 })),
  }),
  rule((value) =>
    textLength(value.rows) > tableTextMax ? `no more than ${tableTextMax} characters allowed in all cells together` : undefined,
  ),
);

const everywhere = {
  section,
  header: block('header', { text: plainText(150) }),
  divider: block('divider', {}),
  context: block('context', { elements: list(contextElement, { max: 10 }) }),
  actions: block('actions', { elements: list(actionElement, { max: 25 }) }),
  image: all(block('image', { ...imageFields, title: optional(plainText(2000)) }), imageRule),
  rich_text: richText,
};

const inViews = {
  ...everywhere,
  input: block('input', {
    label: plainText(2000),
    element: inputElement,
    hint: optional(plainText(2000)),
    optional: optional(boolean),
    dispatch_action: optional(boolean),
  }),
};

const inMessages = {
  ...everywhere,
  markdown: block('markdown', { text: string({ max: markdownMax }) }),
  table,
  image: all(block('image', { ...imageFields, title: optional(plainText(2000)) }), fileOrUrl),
  data_visualization: block('data_visualization', dataVisualizationFields),
};

const offered = Object.keys({ ...inViews, ...inMessages });

const inAView = list(byType(inViews, unsupported(offered)), { min: 0, max: 100 });

/** The blocks that each surface takes, each right by itself. */
export const blocksOn = {
  message: list(byType(inMessages, unsupported(offered)), { min: 0, max: 50 }),
  modal: inAView,
  home: inAView,
};
