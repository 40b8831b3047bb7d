import { type Fields, fields } from './fields.ts';

/** Messages are flat; whatever is nested deeper than this is none of ours, and left as it is. */
const deepest = 60;

const isId = (name: string): boolean => name === 'id' || name.endsWith('Id');
const isIds = (name: string): boolean => name.endsWith('Ids');

const renamed = (name: string, value: unknown, rename: (id: string) => string, depth: number): unknown => {
  if (typeof value === 'string') return isId(name) ? rename(value) : value;
  if (typeof value !== 'object' || value === null || depth > deepest) return value;
  if (!Array.isArray(value)) return withIdsBelow(fields(value), rename, depth);
  return value.map((each: unknown) => (isIds(name) && typeof each === 'string' ? rename(each) : renamed('', each, rename, depth + 1)));
};

const withIdsBelow = (message: Fields, rename: (id: string) => string, depth: number): Fields => {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(message)) copy[name] = renamed(name, message[name], rename, depth + 1);
  return copy;
};

/** The message with each id in it renamed: its own, and those it refers to (`id`, `pickleId`, `astNodeIds`, …), in the order they stand in. */
export const withIds = (message: Fields, rename: (id: string) => string): Fields => withIdsBelow(message, rename, 0);

/** All ids in the message, in the order they stand in. */
export const idsIn = (message: Fields): readonly string[] => {
  const ids: string[] = [];
  withIds(message, (id) => {
    ids.push(id);
    return id;
  });
  return ids;
};

/** What the message says, whatever ids it says it with: equal for equal messages of different runs. */
export const contentOf = (message: Fields): string => JSON.stringify(withIds(message, () => ''));
