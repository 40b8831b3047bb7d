import { checkBlocks } from './block-kit.ts';
import { plainText } from './block-kit-parts.ts';
import { anything, boolean, isRecord, object, oneOf, optional, type Problem, string } from './json-shape.ts';

/** What Slack would refuse in a modal or a Home tab. */
export function checkView(view: unknown, at = '/view'): readonly Problem[] {
  if (!isRecord(view)) return [{ pointer: at, because: 'must provide an object' }];
  const surface = view.type === 'home' ? 'home' : 'modal';
  const own = viewShape[surface](view, at);
  return view.blocks === undefined ? own : [...own, ...checkBlocks(view.blocks, surface, `${at}/blocks`), ...missingSubmit(view, at)];
}

const title = plainText(24);

const viewFields = {
  blocks: anything,
  private_metadata: optional(string({ min: 0, max: 3000 })),
  callback_id: optional(string({ min: 0, max: 255 })),
  external_id: optional(string({ min: 0, max: 255 })),
};

const viewShape = {
  home: object({ type: oneOf(['home']), ...viewFields }),
  modal: object({
    type: oneOf(['modal']),
    ...viewFields,
    title,
    submit: optional(title),
    close: optional(title),
    clear_on_close: optional(boolean),
    notify_on_close: optional(boolean),
  }),
};

function missingSubmit(view: Readonly<Record<string, unknown>>, at: string): readonly Problem[] {
  const asks = Array.isArray(view.blocks) && view.blocks.some((block) => isRecord(block) && block.type === 'input');
  return view.type === 'modal' && asks && view.submit === undefined
    ? [{ pointer: at, because: 'must provide `submit` when there is an input block' }]
    : [];
}
