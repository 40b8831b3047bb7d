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

/** In JSON a quotation mark within a text has a backslash: so these are names, and what they stand before is all there is to it. */
const idPattern = /("(?:id|\w*Id)"\s*:\s*")([^"]*)"|("\w*Ids"\s*:\s*\[)([^\]]*)\]/g;
const isListOfIds = /^\s*(?:"[^"\\]*"\s*(?:,\s*|$))*$/;

/** What cannot stand in JSON as it is. */
const needsEscape = /["\\\p{Cc}]/u;

/** The line of NDJSON with each id in it renamed, as `withIds` does it; undefined where an id has an escape: such a line must be parsed. */
export const lineWithIds = (line: string, rename: (id: string) => string): string | undefined => {
  let isLost = false;
  const another = (id: string): string => {
    const name = rename(id);
    isLost ||= id.includes('\\') || (name !== id && needsEscape.test(name));
    return name;
  };
  const renamedLine = line.replace(idPattern, (_, name: string | undefined, id: string, names: string, ids: string) => {
    if (name !== undefined) return `${name}${another(id)}"`;
    isLost ||= !isListOfIds.test(ids);
    return `${names}${ids.replace(/"([^"]*)"/g, (__, each: string) => `"${another(each)}"`)}]`;
  });
  return isLost ? undefined : renamedLine;
};

const collect = (name: string, value: unknown, ids: string[], depth: number): void => {
  if (typeof value === 'string' && isId(name)) ids.push(value);
  if (typeof value !== 'object' || value === null || depth > deepest) return;
  if (Array.isArray(value)) for (const each of value) collect(isIds(name) && typeof each === 'string' ? 'id' : '', each, ids, depth + 1);
  else for (const [each, below] of Object.entries(value)) collect(each, below, ids, depth + 1);
};

/** All ids in the message, in the order they stand in. */
export const idsIn = (message: Fields): readonly string[] => {
  const ids: string[] = [];
  collect('', message, ids, 0);
  return ids;
};

/** What the message says, whatever ids it says it with: equal for equal messages of different runs. */
export const contentOf = (message: Fields): string => JSON.stringify(withIds(message, () => ''));
