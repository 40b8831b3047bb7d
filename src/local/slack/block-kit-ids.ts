import { isRecord, type Problem } from './json-shape.ts';

/** The interactive elements of a block, with their place in it. */
export function elementsOf(block: unknown): readonly { readonly element: unknown; readonly path: string }[] {
  if (!isRecord(block)) return [];
  if (block.type === 'actions' && Array.isArray(block.elements)) {
    return block.elements.map((element, index) => ({ element, path: `/elements/${index}` }));
  }
  if (block.type === 'section' && block.accessory !== undefined) return [{ element: block.accessory, path: '/accessory' }];
  return block.type === 'input' ? [{ element: block.element, path: '/element' }] : [];
}

/** Every id that stands twice where it may stand once: block ids in a message or view, action ids in a block. */
export function doubleIds(blocks: readonly unknown[], at: string): readonly Problem[] {
  const blockIds = blocks.map((value, index) => ({ id: isRecord(value) ? value.block_id : undefined, pointer: `${at}/${index}/block_id` }));
  const actionIds = blocks.map((value, index) =>
    elementsOf(value).map(({ element, path }) => ({
      id: isRecord(element) ? element.action_id : undefined,
      pointer: `${at}/${index}${path}/action_id`,
    })),
  );
  return [...doubles(blockIds, 'block_id'), ...actionIds.flatMap((ids) => doubles(ids, 'action_id'))];
}

function doubles(ids: readonly { readonly id: unknown; readonly pointer: string }[], field: string): readonly Problem[] {
  return ids
    .filter(({ id }, index) => typeof id === 'string' && ids.findIndex((other) => other.id === id) < index)
    .map(({ id, pointer }) => ({ pointer, because: `\`${field}\` "${id}" already exists` }));
}
