import { isRecord, type Problem } from './json-shape.ts';

/** Kinds of blocks that this Slack does not take, though it knows them, as a workspace may that has not got them yet; asked at each call. */
export type RefusedBlocks = () => readonly string[];

/** What of these blocks it does not take. @param at the pointer of the array */
export function refusedBlocks(blocks: unknown, refuses: RefusedBlocks | undefined, at = '/blocks'): readonly Problem[] {
  const types = refuses?.() ?? [];
  if (types.length === 0 || !Array.isArray(blocks)) return [];
  return blocks.flatMap((block, index) =>
    isRecord(block) && types.includes(String(block.type))
      ? [{ pointer: `${at}/${index}/type`, because: `unsupported type: ${String(block.type)}` }]
      : [],
  );
}
