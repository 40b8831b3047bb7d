import type {
  ActionsBlock,
  ContextBlock,
  DividerBlock,
  HeaderBlock,
  ImageBlock,
  InputBlock,
  MarkdownBlock,
  RichTextBlock,
  SectionBlock,
  TableBlock,
} from '@slack/types';
import { blocksOn, markdownMax, textLength } from './block-kit-blocks.ts';
import { doubleIds } from './block-kit-ids.ts';
import { chartsMax, type DataVisualizationBlock } from './data-visualization.ts';
import { anything, isRecord, object, optional, type Problem, string } from './json-shape.ts';

/** Where blocks are shown. */
export type Surface = 'message' | 'modal' | 'home';

/** The blocks that the local Slack offers. */
export type OfferedBlock =
  | ActionsBlock
  | ContextBlock
  | DataVisualizationBlock
  | DividerBlock
  | HeaderBlock
  | ImageBlock
  | InputBlock
  | MarkdownBlock
  | RichTextBlock
  | SectionBlock
  | TableBlock;

/** What Slack would refuse in a message, with the error it would answer. */
export interface MessageProblem extends Problem {
  readonly error:
    | 'no_text'
    | 'msg_too_long'
    | 'invalid_arguments'
    | 'invalid_blocks'
    | 'msg_blocks_too_long'
    | 'invalid_attachments'
    | 'too_many_attachments'
    | 'invalid_metadata_format'
    | 'metadata_too_large';
}

/**
 * Slack refuses a message whose blocks are longer than this, all together. The number is not documented; it was measured
 * at about 13,200 (bolt-js#2509), with less left for text the more blocks there are (bolt-js#2867).
 */
export const blocksSizeMax = 13_200;

/** A new message's text is cut beyond this; we refuse it, so that nobody is surprised. */
const postTextMax = 40_000;

/** `chat.update` refuses a longer text. */
export const updateTextMax = 4_000;

const metadataBytesMax = 8_000;
const attachmentsMax = 100;

/** What Slack would refuse in these blocks; nothing when it would take them. `at` is the pointer of the array. */
export function checkBlocks(blocks: unknown, surface: Surface, at = '/blocks'): readonly Problem[] {
  const problems = blocksOn[surface](blocks, at);
  if (!Array.isArray(blocks)) return problems;
  return [...problems, ...doubleIds(blocks, at), ...tooMuchOf(blocks, at)];
}

/** Whether Slack would take these blocks. */
export const areBlocks = (blocks: unknown, surface: Surface): blocks is readonly OfferedBlock[] =>
  checkBlocks(blocks, surface).length === 0;

/** What Slack would refuse in this message; nothing when it would take it. */
export function checkMessage(
  message: { readonly text?: unknown; readonly blocks?: unknown; readonly attachments?: unknown; readonly metadata?: unknown },
  { textMax = postTextMax, blocksMax = blocksSizeMax }: { readonly textMax?: number; readonly blocksMax?: number } = {},
): readonly MessageProblem[] {
  const { text, blocks, attachments, metadata } = message;
  const isSaid = [text, blocks, attachments].some((part) =>
    typeof part === 'string' ? part.trim() !== '' : Array.isArray(part) && part.length > 0,
  );
  const ofMessage: readonly MessageProblem[] = isSaid ? [] : [{ error: 'no_text', pointer: '', because: 'no text, no blocks' }];
  return [
    ...ofMessage,
    ...(text === undefined ? [] : checkText(text, textMax)),
    ...(blocks === undefined
      ? []
      : [...asInvalid(checkBlocks(blocks, 'message'), 'invalid_blocks'), ...checkSize(blocks, blocksMax, '/blocks')]),
    ...(attachments === undefined ? [] : checkAttachments(attachments, blocksMax)),
    ...(metadata === undefined ? [] : checkMetadata(metadata)),
  ];
}

function checkText(text: unknown, max: number): readonly MessageProblem[] {
  if (typeof text !== 'string') return [{ error: 'invalid_arguments', pointer: '/text', because: 'must provide a string' }];
  return text.length <= max ? [] : [{ error: 'msg_too_long', pointer: '/text', because: `must be less than ${max + 1} characters` }];
}

const asInvalid = (problems: readonly Problem[], error: MessageProblem['error']): readonly MessageProblem[] =>
  problems.map((problem) => ({ ...problem, error }));

function checkSize(blocks: unknown, max: number, pointer: string): readonly MessageProblem[] {
  const size = Array.isArray(blocks) ? blocksSize(blocks) : 0;
  const because = `${size} characters in all blocks together; Slack refuses more than about ${max}`;
  return size > max ? [{ error: 'msg_blocks_too_long', pointer, because }] : [];
}

// Attachments are Slack's older form; what is left of their use is a coloured bar beside blocks.
const attachment = object({ color: optional(string({ max: 7 })), fallback: optional(string({ max: 3000 })), blocks: anything });

function checkAttachments(attachments: unknown, blocksMax: number): readonly MessageProblem[] {
  if (!Array.isArray(attachments)) return [{ error: 'invalid_attachments', pointer: '/attachments', because: 'must provide an array' }];
  if (attachments.length > attachmentsMax) {
    return [{ error: 'too_many_attachments', pointer: '/attachments', because: `no more than ${attachmentsMax} items allowed` }];
  }
  return attachments.flatMap((value, index) => {
    const pointer = `/attachments/${index}`;
    const shape = asInvalid(attachment(value, pointer), 'invalid_attachments');
    if (!isRecord(value) || value.blocks === undefined) return shape;
    const blocks = asInvalid(checkBlocks(value.blocks, 'message', `${pointer}/blocks`), 'invalid_attachments');
    return [...shape, ...blocks, ...checkSize(value.blocks, blocksMax, `${pointer}/blocks`)];
  });
}

const metadataShape = object({
  event_type: string({ max: 255 }),
  event_payload: (value, at) => (isRecord(value) ? [] : [{ pointer: at, because: 'must provide an object' }]),
});

function checkMetadata(metadata: unknown): readonly MessageProblem[] {
  // an empty object takes the metadata away
  if (isRecord(metadata) && Object.keys(metadata).length === 0) return [];
  const bytes = Buffer.byteLength(JSON.stringify(metadata) ?? '');
  const problems = asInvalid(metadataShape(metadata, '/metadata'), 'invalid_metadata_format');
  if (bytes <= metadataBytesMax) return problems;
  return [...problems, { error: 'metadata_too_large', pointer: '/metadata', because: `${bytes} bytes; Slack takes ${metadataBytesMax}` }];
}

/** How much of `blocksSizeMax` these blocks use: their JSON, but of tables only the text, since tables have a limit of their own. */
export function blocksSize(blocks: readonly unknown[]): number {
  const sizes = blocks.map((value) =>
    isRecord(value) && value.type === 'table' ? textLength(value.rows) : (JSON.stringify(value) ?? '').length,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tooMuchOf(blocks: readonly unknown[], at: string): readonly Problem[] {
  const ofType = (type: string) => blocks.flatMap((value, index) => (isRecord(value) && value.type === type ? [{ value, index }] : []));
  const markdown = ofType('markdown').reduce((sum, { value }) => sum + textLength(value), 0);
  const tables = ofType('table')
    .slice(1)
    .map(({ index }) => ({ pointer: `${at}/${index}`, because: 'only one table allowed in a message' }));
  const charts = ofType('data_visualization')
    .slice(chartsMax)
    .map(({ index }) => ({ pointer: `${at}/${index}`, because: `no more than ${chartsMax} charts allowed in a message` }));
  if (markdown <= markdownMax) return [...tables, ...charts];
  return [...tables, ...charts, { pointer: at, because: `no more than ${markdownMax} characters allowed in all markdown blocks together` }];
}
