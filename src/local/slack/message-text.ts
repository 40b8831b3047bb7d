import type { ActionsBlock, InputBlock, RichTextBlock, RichTextList, SectionBlock, TableBlock, TextObject } from '@slack/types';
import type { OfferedBlock } from './block-kit.ts';
import { chartRows, type DataVisualizationBlock } from './data-visualization.ts';
import { parseMrkdwn, textSpans } from './mrkdwn.ts';
import { richTextSpans } from './rich-text-spans.ts';
import type { Attachment } from './slack-message.ts';
import { prefixed, spansAsText, type TextReader } from './span-text.ts';

/** A message as plain text for a terminal: links as `label (url)`, buttons as `[Label]`, images as `[image: alt — url]`. */
export function messageAsText(
  message: { readonly text: string; readonly blocks?: readonly OfferedBlock[]; readonly attachments?: readonly Attachment[] },
  reader: TextReader = { nowMs: Date.now(), nameOf: () => undefined },
): string {
  const { text, blocks = [], attachments = [] } = message;
  const own = blocks.length > 0 ? blocks.map((block) => blockAsText(block, reader)) : [spansAsText(parseMrkdwn(text), reader)];
  const barred = attachments.map((attachment) => prefixed(attachment.blocks.map((block) => blockAsText(block, reader)).join('\n'), '│ '));
  return [...own, ...barred].filter((part) => part !== '').join('\n');
}

function blockAsText(block: OfferedBlock, reader: TextReader): string {
  const say = (given: TextObject) => textObject(given, reader);
  switch (block.type) {
    case 'header':
      return say(block.text);
    case 'section':
      return sectionAsText(block, reader);
    case 'context':
      return block.elements.map((element) => (element.type === 'image' ? imageAsText(element) : say(element))).join(' ');
    case 'actions':
      return block.elements.map((element) => elementAsText(element, reader)).join(' ');
    case 'divider':
      return '────────';
    case 'image':
      return [block.title === undefined ? '' : say(block.title), imageAsText(block)].filter((part) => part !== '').join('\n');
    case 'rich_text':
      return richTextAsText(block, reader);
    case 'markdown':
      return block.text;
    case 'table':
      return tableAsText(block, reader);
    case 'data_visualization':
      return chartAsText(block);
    case 'input':
      return inputAsText(block, reader);
  }
}

function sectionAsText({ text, fields = [], accessory }: SectionBlock, reader: TextReader): string {
  const beside = accessory === undefined ? [] : [elementAsText(accessory, reader)];
  return [...(text === undefined ? [] : [text]), ...fields]
    .map((one) => textObject(one, reader))
    .concat(beside)
    .join('\n');
}

function inputAsText({ label, element, hint }: InputBlock, reader: TextReader): string {
  const hints = hint === undefined ? [] : [textObject(hint, reader)];
  return [`${textObject(label, reader)}: ${elementAsText(element, reader)}`, ...hints].join('\n');
}

type AnyElement = ActionsBlock['elements'][number] | InputBlock['element'] | NonNullable<SectionBlock['accessory']>;

function elementAsText(element: AnyElement, reader: TextReader): string {
  const options = (list: readonly { readonly text: TextObject }[]) => list.map(({ text }) => textObject(text, reader)).join(' | ');
  switch (element.type) {
    case 'image':
      return imageAsText(element);
    case 'button':
      return element.url === undefined ? `[${textObject(element.text, reader)}]` : `[${textObject(element.text, reader)} (${element.url})]`;
    case 'overflow':
      return `[… ${options(element.options)}]`;
    case 'static_select':
      return `[${placeholder(element, reader) ?? options(element.options ?? [])} ▾]`;
    case 'users_select':
      return `[${placeholder(element, reader) ?? 'Choose a person'} ▾]`;
    case 'checkboxes':
    case 'radio_buttons':
      return `[${options(element.options)}]`;
    default:
      return `[${placeholder(element, reader) ?? element.type}]`;
  }
}

function placeholder(element: AnyElement, reader: TextReader): string | undefined {
  return 'placeholder' in element && element.placeholder !== undefined ? textObject(element.placeholder, reader) : undefined;
}

function imageAsText(image: { readonly alt_text: string }): string {
  const url = 'image_url' in image && typeof image.image_url === 'string' ? ` — ${image.image_url}` : '';
  return `[image: ${image.alt_text}${url}]`;
}

const richTextAsText = ({ elements }: RichTextBlock, reader: TextReader): string =>
  elements.map((part) => richTextPartAsText(part, reader)).join('\n');

function richTextPartAsText(part: RichTextBlock['elements'][number], reader: TextReader): string {
  const line = (spans: Parameters<typeof richTextSpans>[0]) => spansAsText(richTextSpans(spans), reader);
  switch (part.type) {
    case 'rich_text_section':
      return line(part.elements);
    case 'rich_text_quote':
      return prefixed(line(part.elements), '> ');
    case 'rich_text_preformatted':
      return prefixed(line(part.elements), '    ');
    case 'rich_text_list':
      return part.elements.map((item, index) => `${'  '.repeat(part.indent ?? 0)}${bullet(part, index)} ${line(item.elements)}`).join('\n');
  }
}

function bullet(list: RichTextList, index: number): string {
  const offset = 'offset' in list && typeof list.offset === 'number' ? list.offset : 0;
  return list.style === 'ordered' ? `${index + 1 + offset}.` : '•';
}

function chartAsText(block: DataVisualizationBlock): string {
  const rows = chartRows(block);
  const width = Math.max(...rows.map(([label]) => label.length));
  return [block.title, ...rows.map(([label, bar, value]) => `${label.padEnd(width)} ${bar.padEnd(20)} ${value}`)].join('\n');
}

function tableAsText({ rows }: TableBlock, reader: TextReader): string {
  const cells = rows.map((row) => row.map((cell) => (cell.type === 'rich_text' ? richTextAsText(cell, reader) : cell.text)));
  const widths = (cells[0] ?? []).map((_cell, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    )
    .join('\n');
}

const textObject = (given: TextObject, reader: TextReader): string => spansAsText(textSpans(given), reader);
