import type { KnownBlock } from '@slack/types';
import type { Message } from './message.ts';

/**
 * Slack's limits, and what we stay below: it documents 50 blocks; `msg_blocks_too_long` was seen from about 11,300
 * characters over all blocks.
 *
 * @see https://docs.slack.dev/reference/block-kit/blocks
 */
const maxBlocks = 48;
const maxCharacters = 9_000;
/** More is refused, as far as is known; for what cannot be made shorter. */
const mostCharacters = 11_000;

/** A part of a message that can be left out as a whole: a failure with its screenshot. */
export type Part = readonly KnownBlock[];

interface Fitting {
  readonly text: string;
  readonly head: Part;
  readonly parts: readonly Part[];
  /** The same parts said in fewer words, in case not all that are to be shown have room; the longest first. */
  readonly shorter?: readonly (readonly Part[])[];
  readonly most: number;
  readonly leftOut: (count: number) => Part;
  readonly foot: Part;
}

/**
 * The message with as many of the parts as Slack takes, at most `most`, in their order; `leftOut` says what is missing.
 * Head and foot always stay.
 */
export function fit(message: Fitting): Message {
  const { text, head, parts, shorter = [], most, leftOut, foot } = message;
  const tries = [parts, ...shorter].map((all) => keep(all, message));
  const kept = tries.find(({ length }) => length >= Math.min(most, parts.length)) ?? tries.at(-1) ?? [];
  const missing = parts.length - kept.length;
  return { text, blocks: [...head, ...kept.flat(), ...(missing > 0 ? leftOut(missing) : []), ...foot] };
}

/** As many of the first parts as there is room for. */
function keep(parts: readonly Part[], { head, most, leftOut, foot }: Fitting): readonly Part[] {
  const room = { blocks: maxBlocks, characters: maxCharacters };
  for (const part of [head, foot, leftOut(parts.length)]) take(room, part);
  const kept: Part[] = [];
  for (const part of parts.slice(0, most)) {
    if (!hasRoom(room, part)) break;
    take(room, part);
    kept.push(part);
  }
  return kept;
}

interface Room {
  blocks: number;
  characters: number;
}

const hasRoom = (room: Room, part: Part): boolean => room.blocks >= part.length && room.characters >= characters(part);

function take(room: Room, part: Part): void {
  room.blocks -= part.length;
  room.characters -= characters(part);
}

/** Whether Slack takes so much in one message. */
export const hasFit = (blocks: Part): boolean => blocks.length <= maxBlocks && characters(blocks) <= mostCharacters;

/** What Slack counts is not documented; all of the JSON's strings is more than that. */
const characters = (part: Part): number => JSON.stringify(part).length;
