import type { ImageBlock, RichTextBlock, RichTextList, SectionBlock, TableBlock } from '@slack/types';
import type { OfferedBlock } from './block-kit.ts';
import type { DataVisualizationBlock } from './data-visualization.ts';
import { elementAsView, inputAsView, textAsView, type ViewReader } from './element-view.ts';
import { parseMrkdwn } from './mrkdwn.ts';
import { richTextSpans } from './rich-text-spans.ts';
import { idOf } from './slack-files.ts';
import type { Attachment } from './slack-message.ts';
import { spansAsView } from './span-view.ts';
import { classed, element, ownPicture, picture, type ViewElement, type ViewNode } from './view-node.ts';

/** What a person sees of a message: its blocks, or its text when it has none, and what stands beside a bar. */
export function messageAsView(
  {
    text,
    blocks = [],
    attachments = [],
  }: { readonly text: string; readonly blocks?: readonly OfferedBlock[]; readonly attachments?: readonly Attachment[] },
  reader: ViewReader,
): readonly ViewNode[] {
  const own =
    blocks.length > 0
      ? blocksAsView(blocks, reader)
      : [classed('div', 'section', [element('div', spansAsView(parseMrkdwn(text), reader))])];
  return [...own, ...attachments.map((one) => barred(one, reader))];
}

/** Blocks as elements of a page. */
export const blocksAsView = (blocks: readonly OfferedBlock[], reader: ViewReader): readonly ViewNode[] =>
  blocks.map((block) => blockAsView(block, reader));

function barred({ color, blocks }: Attachment, reader: ViewReader): ViewElement {
  const named = { good: '#2eb67d', warning: '#ecb22e', danger: '#e01e5a' };
  const hex = color !== undefined && /^#?[0-9a-f]{6}$/i.test(color) ? `#${color.replace('#', '')}` : undefined;
  const shown = color === 'good' || color === 'warning' || color === 'danger' ? named[color] : (hex ?? '');
  return { tag: 'div', attributes: { class: 'attachment', 'data-color': shown }, children: blocksAsView(blocks, reader) };
}

function blockAsView(block: OfferedBlock, reader: ViewReader): ViewNode {
  switch (block.type) {
    case 'header':
      return classed('h3', 'header', textAsView(block.text, reader));
    case 'section':
      return sectionAsView(block, reader);
    case 'context':
      return classed(
        'div',
        'context',
        block.elements.map((one) => (one.type === 'image' ? elementAsView(one, '', reader) : element('span', textAsView(one, reader)))),
      );
    case 'actions':
      return classed(
        'div',
        'actions',
        block.elements.map((one) => elementAsView(one, block.block_id ?? '', reader)),
      );
    case 'divider':
      return element('hr');
    case 'image':
      return imageAsView(block, reader);
    case 'rich_text':
      return richTextAsView(block, reader);
    case 'markdown':
      return element('pre', [block.text]);
    case 'table':
      return tableAsView(block, reader);
    case 'data_visualization':
      return chartAsView(block);
    case 'input':
      return inputAsView(block, reader);
  }
}

function sectionAsView({ text, fields = [], accessory, block_id = '' }: SectionBlock, reader: ViewReader): ViewElement {
  const main = [
    ...(text === undefined ? [] : [element('div', textAsView(text, reader))]),
    ...(fields.length === 0
      ? []
      : [
          classed(
            'div',
            'fields',
            fields.map((field) => element('div', textAsView(field, reader))),
          ),
        ]),
  ];
  const beside = accessory === undefined ? [] : [classed('div', 'accessory', [elementAsView(accessory, block_id, reader)])];
  return classed('div', 'section', [classed('div', 'section-text', main), ...beside]);
}

function imageAsView(block: ImageBlock, reader: ViewReader): ViewElement {
  const title = block.title === undefined ? [] : [element('figcaption', textAsView(block.title, reader))];
  return element('figure', [
    ...title,
    'image_url' in block
      ? picture(block.image_url, block.alt_text)
      : ownPicture(`/files-pri/local-${idOf(block.slack_file)}/`, block.alt_text),
  ]);
}

const richTextAsView = ({ elements }: RichTextBlock, reader: ViewReader): ViewElement =>
  classed(
    'div',
    'rich-text',
    elements.map((part) => richTextPartAsView(part, reader)),
  );

function richTextPartAsView(part: RichTextBlock['elements'][number], reader: ViewReader): ViewElement {
  const line = (spans: Parameters<typeof richTextSpans>[0]) => spansAsView(richTextSpans(spans), reader);
  switch (part.type) {
    case 'rich_text_section':
      return element('div', line(part.elements));
    case 'rich_text_quote':
      return element('blockquote', line(part.elements));
    case 'rich_text_preformatted':
      return element('pre', line(part.elements));
    case 'rich_text_list':
      return {
        tag: part.style === 'ordered' ? 'ol' : 'ul',
        attributes: { class: `indent-${part.indent ?? 0}`, ...startOf(part) },
        children: part.elements.map((item) => element('li', line(item.elements))),
      };
  }
}

const startOf = (list: RichTextList): Readonly<Record<string, string>> =>
  'offset' in list && typeof list.offset === 'number' ? { start: String(list.offset + 1) } : {};

/** The chart as a table with a bar in each row: read aloud, it says the same. */
function chartAsView(block: DataVisualizationBlock): ViewElement {
  const { series, axis_config: axes } = block.chart;
  const most = Math.max(0, ...series.flatMap(({ data }) => data.map(({ value }) => value)));
  const rows = axes.categories.flatMap((category) =>
    series.map(({ name, data }, index) => {
      const value = data.find(({ label }) => label === category)?.value ?? 0;
      const share = most > 0 ? (100 * Math.max(0, value)) / most : 0;
      const bar: ViewElement = { tag: 'span', attributes: { class: `bar series-${index}`, 'data-share': share.toFixed(1) } };
      const label = series.length > 1 ? `${category}, ${name}` : category;
      return element('tr', [element('td', [label]), classed('td', 'track', [bar]), classed('td', 'align-right', [String(value)])]);
    }),
  );
  return classed('figure', 'chart', [element('figcaption', [block.title]), element('table', [element('tbody', rows)])]);
}

function tableAsView({ rows, column_settings = [] }: TableBlock, reader: ViewReader): ViewElement {
  const cell = (content: TableBlock['rows'][number][number], column: number): ViewElement => ({
    tag: 'td',
    attributes: {
      class: `align-${column_settings[column]?.align ?? 'left'}${column_settings[column]?.is_wrapped === true ? ' wrapped' : ''}`,
    },
    children: [content.type === 'rich_text' ? richTextAsView(content, reader) : content.text],
  });
  return classed('div', 'table', [
    element('table', [
      element(
        'tbody',
        rows.map((row) => element('tr', row.map(cell))),
      ),
    ]),
  ]);
}
