import type { OfferedBlock } from './block-kit.ts';
import type { ViewValues } from './slack-views.ts';

/** What a Slack client says below inputs before it lets a modal go, by block id; nothing when all is filled in. */
export function missingInputs(blocks: readonly OfferedBlock[], values: ViewValues): Readonly<Record<string, string>> {
  return Object.fromEntries(
    blocks.flatMap((block) => {
      if (block.type !== 'input' || block.block_id === undefined) return [];
      const held = values[block.block_id]?.[block.element.action_id ?? ''];
      const because = problemWith(block, held);
      return because === undefined ? [] : [[block.block_id, because]];
    }),
  );
}

type Input = Extract<OfferedBlock, { type: 'input' }>;

function problemWith({ element, optional }: Input, held: unknown): string | undefined {
  const { value, selected_option, selected_options, selected_user } = (held ?? {}) as Readonly<Record<string, unknown>>;
  const isEmpty = [value, selected_option, selected_user, Array.isArray(selected_options) && selected_options.length > 0].every(
    (one) => !one,
  );
  if (isEmpty) return optional === true ? undefined : 'Please complete this required field.';
  if (element.type !== 'plain_text_input' || typeof value !== 'string') return undefined;
  if (value.length < (element.min_length ?? 0)) return `Please use at least ${element.min_length} characters.`;
  if (value.length > (element.max_length ?? 3000)) return `Please use at most ${element.max_length ?? 3000} characters.`;
  return undefined;
}
