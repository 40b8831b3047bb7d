import { areBlocks, checkMessage, type MessageProblem, type OfferedBlock, updateTextMax } from './block-kit.ts';
import { isRecord, type Problem } from './json-shape.ts';
import { filesIn, type SlackFiles } from './slack-files.ts';
import { type Attachment, type SlackMessage, withIds } from './slack-message.ts';
import type { SlackState } from './slack-state.ts';

/** What a message says, checked and complete. */
export type Content = Pick<SlackMessage, 'text' | 'blocks' | 'attachments' | 'metadata'>;

/** Content that somebody sent, or what Slack refuses in it. */
export type ParsedContent =
  | { readonly kind: 'content'; readonly content: Content }
  | { readonly kind: 'refused'; readonly problems: readonly MessageProblem[] };

/** Reads what a message is to say from the arguments of a call or the body of an answer. */
export function parseContent(
  given: Readonly<Record<string, unknown>>,
  { files, ...limits }: { readonly textMax?: number; readonly blocksMax?: number; readonly files?: SlackFiles } = {},
): ParsedContent {
  const problems = checkMessage(given, limits);
  if (problems.length > 0) return { kind: 'refused', problems };
  const { text, blocks, attachments, metadata } = given;
  const pictures = areBlocks(blocks, 'message') ? pictureProblems(blocks, files) : [];
  if (pictures.length > 0) return { kind: 'refused', problems: pictures };
  return {
    kind: 'content',
    content: {
      text: typeof text === 'string' ? text : '',
      ...(areBlocks(blocks, 'message') && blocks.length > 0 ? { blocks: withIds(blocks) } : {}),
      ...(Array.isArray(attachments) && attachments.length > 0 ? { attachments: attachments.flatMap(parseAttachment) } : {}),
      ...parseMetadata(metadata),
    },
  };
}

/** Files are shown in what the Web API posts; not in answers to an interaction. */
function pictureProblems(blocks: readonly OfferedBlock[], files: SlackFiles | undefined): readonly MessageProblem[] {
  const problems =
    files === undefined
      ? filesIn(blocks).map((pointer) => ({ pointer, because: 'the local Slack does not offer `slack_file` here' }))
      : files.problems(blocks);
  return problems.map((problem) => ({ ...problem, error: 'invalid_blocks' }));
}

function parseAttachment(value: unknown): readonly Attachment[] {
  if (!isRecord(value) || !areBlocks(value.blocks, 'message')) return [];
  const { color, fallback } = value;
  return [
    {
      ...(typeof color === 'string' ? { color } : {}),
      ...(typeof fallback === 'string' ? { fallback } : {}),
      blocks: withIds(value.blocks),
    },
  ];
}

function parseMetadata(value: unknown): Pick<SlackMessage, 'metadata'> {
  if (!isRecord(value) || typeof value.event_type !== 'string' || !isRecord(value.event_payload)) return {};
  return { metadata: { event_type: value.event_type, event_payload: value.event_payload } };
}

/** Posts a message and returns it with its `ts`. */
export function post(state: SlackState, message: Omit<SlackMessage, 'ts'>): SlackMessage {
  const posted = { ...message, ts: state.nextTs() };
  state.put(posted);
  return posted;
}

/**
 * The message with new content, by Slack's rules: what is not given stays, except that a text without blocks takes the
 * blocks away; only a change of text without blocks is marked as edited.
 */
export function revised(
  message: SlackMessage,
  given: Readonly<Record<string, unknown>>,
  { files, ...by }: { readonly userId: string; readonly ts: string; readonly files: SlackFiles },
):
  | { readonly kind: 'revised'; readonly message: SlackMessage }
  | { readonly kind: 'refused'; readonly problems: readonly MessageProblem[] } {
  const says = [given.text, given.blocks, given.attachments].some((part) => part !== undefined);
  if (!says) return { kind: 'refused', problems: [{ error: 'no_text', pointer: '', because: 'no text, no blocks' }] };
  const keeps = given.text === undefined && given.blocks === undefined;
  const whole = {
    text: given.text ?? message.text,
    blocks: given.blocks ?? (keeps ? message.blocks : undefined),
    attachments: given.attachments ?? message.attachments,
    metadata: given.metadata ?? message.metadata,
  };
  const parsed = parseContent(withoutUndefined(whole), { textMax: updateTextMax, files });
  if (parsed.kind === 'refused') return parsed;
  const { blocks: _blocks, attachments: _attachments, metadata: _metadata, ...rest } = message;
  const isEdited = parsed.content.blocks === undefined && parsed.content.text !== message.text;
  return { kind: 'revised', message: { ...rest, ...parsed.content, ...(isEdited ? { edited: by } : {}) } };
}

const withoutUndefined = (value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));

/** A problem as Slack says it in `response_metadata.messages`. */
export const sentence = ({ pointer, because }: Problem): string => `${because} [json-pointer:${pointer}]`;
