import type { KnownBlock } from '@slack/types';
import { context, packed, section, sectionMost } from './blocks.ts';
import { hasFit } from './fit.ts';
import { cut, escapeText, oneLine } from './text.ts';

/**
 * Slack grows new kinds of blocks, and takes some of them in some workspaces only: what it refuses is said in older ones. Tables, charts,
 * output of programs and pictures become paragraphs that say the same; buttons, menus and inputs stay.
 */

type Blocks = readonly KnownBlock[];

/** The blocks without halves of characters, which no JSON of Slack's takes: a suite may write them. */
export const wellFormed = (blocks: Blocks): Blocks =>
  JSON.parse(JSON.stringify(blocks, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value)));

/** The blocks in ever simpler forms, each of which says the same: without pictures, then in paragraphs, small lines and buttons alone. */
export function simplerForms(blocks: Blocks): readonly Blocks[] {
  const withoutPictures = blocks.flatMap((block) => (block.type === 'image' ? plainly(block) : [block]));
  const plain = blocks.flatMap(plainly);
  // What was escaped is longer than it was.
  const forms = [withoutPictures, hasFit(plain) || !hasFit(blocks) ? plain : briefForm(blocks)];
  return forms.filter((form, index) => JSON.stringify(form) !== JSON.stringify([blocks, ...forms][index]));
}

/** What must not be missing where Slack finds the blocks too long: what it is about, and what can be done. */
export const briefForm = (blocks: Blocks): Blocks => blocks.filter(({ type }, index) => index === 0 || type === 'actions').flatMap(plainly);

/** What a block looks like to this file: Slack has more kinds than the types know. */
interface Loose {
  readonly type: string;
  readonly [field: string]: unknown;
}

function plainly(block: KnownBlock): Blocks {
  switch (block.type) {
    case 'section': {
      const { expand: _, ...old } = block;
      return [old];
    }
    case 'context':
    case 'actions':
    case 'divider':
    case 'input':
      return [block];
    case 'header':
      return [section(`*${escapeText(block.text.text).replaceAll('*', '∗')}*`)].flatMap(plainly);
    case 'image':
      return [
        context('image_url' in block && block.image_url ? `<${block.image_url}|${linkText(block.alt_text)}>` : linkText(block.alt_text)),
      ];
    case 'table':
      return monospaced(columns(block.rows.map((row) => row.map(textIn))));
    default:
      return others(block as unknown as Loose);
  }
}

/** What the types lack, or what is program output or prose. */
function others(block: Loose): Blocks {
  if (block.type === 'data_visualization') return monospaced(columns(chartRows(block)));
  const text = textIn(block).trimEnd();
  return text.trim() === '' ? [] : monospaced(text.split('\n'));
}

const linkText = (alt: string): string => escapeText(cut(oneLine(alt), 300)).replaceAll('|', '¦') || 'Picture';

/** All text in a block or a part of it; the parts of a list or a line follow one another. */
function textIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(textIn).join('');
  if (typeof value !== 'object' || value === null) return '';
  const { text, elements, value: number } = value as { text?: unknown; elements?: unknown; value?: unknown };
  if (typeof text === 'string') return text;
  if (typeof number === 'number') return String(number);
  return `${textIn(text)}${textIn(elements)}`;
}

/** A chart as a table: what its axis or its parts are called, and the numbers of each series. */
function chartRows({ title, chart }: Loose): readonly (readonly string[])[] {
  const { series = [], segments = [] } = (chart ?? {}) as { series?: readonly Series[]; segments?: readonly Point[] };
  const all = series.length > 0 ? series : [{ name: '', data: segments }];
  const labels = [...new Set(all.flatMap(({ data = [] }) => data.map(({ label }) => String(label))))];
  const numbers = (label: string) => all.map(({ data = [] }) => String(data.find((point) => String(point.label) === label)?.value ?? ''));
  return [[String(title ?? ''), ...all.map(({ name }) => String(name ?? ''))], ...labels.map((label) => [label, ...numbers(label)])];
}

interface Point {
  readonly label?: unknown;
  readonly value?: unknown;
}

interface Series {
  readonly name?: unknown;
  readonly data?: readonly Point[];
}

/** Longer cells would push the others out of sight. */
const cellMost = 60;

/** Rows as lines, each column as wide as its longest cell: the first to the left, the others, which are numbers, to the right. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => cut(oneLine(cell), cellMost)));
  const widths = (cells[0] ?? []).map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Lines in a typewriter's letters, exactly as they are. */
const monospaced = (lines: readonly string[]): Blocks =>
  packed(
    // A row of three would end it.
    lines.map((line) => escapeText(cut(line, sectionMost / 6)).replaceAll('```', "'''")),
    sectionMost - 8,
    (text) => section(`\`\`\`\n${text}\n\`\`\``),
  ).flatMap(plainly);
