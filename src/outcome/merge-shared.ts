import { createHash } from 'node:crypto';
import type { Envelope } from '@cucumber/messages';
import { type Fields, fields, list, someFields, text } from './fields.ts';
import { contentOf, idsIn, lineWithIds, withIds } from './message-ids.ts';

/** What several shards have in common, each of it once: feature files, scenarios, and the suite's own code. */
export interface Shared {
  /** Content of a feature file → the ids its document is known by, in the order they stand in, and the place of the first. */
  readonly documents: Map<string, { readonly ids: readonly string[]; readonly place: number }>;
  /** File → its first content, and the shard it came from. */
  readonly files: Map<string, { readonly content: string; readonly shard: number }>;
  /** The nodes a pickle is made of → its id and those of its steps. */
  readonly pickles: Map<string, readonly string[]>;
  /** Hooks, step definitions and parameter types: what they say, and which of several that say the same → id. */
  readonly code: Map<string, string>;
  /** What needs to be said once only. */
  readonly said: Set<string>;
  /** The first id that each shard spoke of. */
  readonly firstIds: Set<string>;
  /** Places that are taken by the nodes of the documents so far. */
  places: number;
  /** Shards had different files of the same name. */
  hasConflict: boolean;
}

export const nothingShared = (): Shared => ({
  documents: new Map(),
  files: new Map(),
  pickles: new Map(),
  code: new Map(),
  said: new Set(),
  firstIds: new Set(),
  places: 0,
  hasConflict: false,
});

/** One shard, while its part of what is shared is read. */
export interface ShardIds {
  readonly shard: number;
  /** Its ids → the ids the merged messages have for the same, where `idOf` would give others. */
  readonly known: Map<string, string>;
  /** Its documents' nodes → their places in the order of all features. */
  readonly places: Map<string, number>;
  /** Sources whose documents have not come yet. */
  readonly sources: Map<string, Fields>;
  /** How many hooks or step definitions have said the same so far. */
  readonly alike: Map<string, number>;
  /** It has spoken of something with an id. */
  hasSpoken: boolean;
  /** Its ids, though they may look like those that come up only once, are those of another shard, too. */
  isTwin: boolean;
}

/** A message of one kind, and the line that says it and nothing else. */
export interface Said {
  readonly kind: string;
  readonly message: Fields;
  readonly line: string;
}

/** The messages of an envelope: one, but for what is none of Cucumber's. */
export const saidIn = (envelope: Envelope, line: string): readonly Said[] => {
  const entries = Object.entries(envelope);
  return entries.flatMap(([kind, value]) => {
    const message = someFields(value);
    return message === undefined ? [] : [{ kind, message, line: entries.length === 1 ? line : lineOf(kind, message) }];
  });
};

export const shardIds = (shard: number): ShardIds => ({
  shard,
  known: new Map(),
  places: new Map(),
  sources: new Map(),
  alike: new Map(),
  hasSpoken: false,
  isTwin: false,
});

/** An id as cucumber-js makes it: by chance, and out of so many that none comes up twice. */
export const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const dashes = [8, 13, 18, 23];
const isUuid = (id: string): boolean => id.length === 36 && id[14] === '4' && dashes.every((at) => id[at] === '-');

/** Finds an id that is none of these. */
const otherId = new RegExp(`"(?:id|\\w*Id)"\\s*:\\s*"(?!${uuid}")|"\\w*Ids"\\s*:\\s*\\[(?!(?:"${uuid}",?)*\\])`);

/** What the merged messages call it: the id of the same thing elsewhere, or one that no other shard can have. */
export const idOf = ({ shard, known, isTwin }: ShardIds, id: string): string =>
  known.get(id) ?? (!isTwin && isUuid(id) ? id : `${shard}-${id}`);

/** Takes the first id that a shard speaks of: no other shard has it, unless they make the same ids. */
export const hearFirstId = (shared: Shared, ids: ShardIds, { message }: Said): void => {
  if (ids.hasSpoken) return;
  const [first] = idsIn(message);
  if (first === undefined) return;
  ids.hasSpoken = true;
  ids.isTwin = shared.firstIds.has(first);
  shared.firstIds.add(first);
};

/** A message as a line of NDJSON. */
export const lineOf = (kind: string, message: Fields): string => JSON.stringify({ [kind]: message });

/** The message as a line, under the ids of the merged messages. */
export const renamedLine = (ids: ShardIds, { kind, message, line }: Said): string => {
  if (ids.known.size === 0 && !ids.isTwin && !otherId.test(line)) return line;
  const rename = (id: string): string => idOf(ids, id);
  return lineWithIds(line, rename) ?? lineOf(kind, withIds(message, rename));
};

const hash = (value: string): string => createHash('sha256').update(value).digest('base64');

const learn = (ids: ShardIds, own: readonly string[], shared: readonly string[]): void =>
  own.forEach((id, index) => {
    const same = shared[index];
    // Most are called what they are called already: of these nothing need be kept.
    if (same !== undefined && same !== idOf(ids, id)) ids.known.set(id, same);
  });

const once = (shared: Shared, kind: string, message: Fields): string[] => {
  const said = `${kind} ${hash(contentOf(message))}`;
  if (shared.said.has(said)) return [];
  shared.said.add(said);
  return [lineOf(kind, message)];
};

/** Files of the same name and different content: such shards ran different suites. */
const conflict = (shared: Shared, { shard }: ShardIds, uri: string, content: string): string[] => {
  const first = shared.files.get(uri);
  if (first === undefined) shared.files.set(uri, { content, shard });
  if (first === undefined || first.content === content) return [];
  shared.hasConflict = true;
  const message = `Shards ${first.shard} and ${shard} ran different versions of this file: they are not parts of one run.`;
  return once(shared, 'parseError', { source: { uri }, message });
};

/** Takes what a shard says of what all have in common; gives the lines that say what none before it has said. */
export type Share = (shared: Shared, ids: ShardIds, said: Said) => string[];

export const shareSource: Share = (_, { sources }, { message }) => {
  sources.set(text(message.uri) ?? '', message);
  return [];
};

/** The sources that no document came for: those that could not be parsed. */
export const shareRest = (shared: Shared, { sources }: ShardIds): string[] =>
  [...sources.values()].flatMap((source) => once(shared, 'source', source));

export const shareDocument: Share = (shared, ids, said) => {
  const document = said.message;
  const uri = text(document.uri) ?? '';
  const source = ids.sources.get(uri);
  ids.sources.delete(uri);
  const own = idsIn(document);
  const content = `${uri} ${own.length} ${hash(text(source?.data) ?? contentOf(document))}`;
  const found = shared.documents.get(content);
  const known = found ?? { ids: own.map((id) => idOf(ids, id)), place: shared.places };
  learn(ids, own, known.ids);
  own.forEach((id, index) => {
    ids.places.set(id, known.place + index);
  });
  if (found !== undefined) return [];
  shared.documents.set(content, known);
  shared.places += own.length;
  const beside = source === undefined ? [] : [lineOf('source', source)];
  return [...conflict(shared, ids, uri, content), ...beside, renamedLine(ids, said)];
};

/** The nodes of the documents a pickle is made of: its scenario, and the row of its examples. */
const nodesOf = (pickle: Fields): readonly string[] => list(pickle.astNodeIds).map((id) => text(id) ?? '');

const ownIdsOf = (pickle: Fields): readonly string[] => [pickle, ...list(pickle.steps).map(fields)].map(({ id }) => text(id) ?? '');

export const sharePickle: Share = (shared, ids, said) => {
  const pickle = said.message;
  const nodes = nodesOf(pickle);
  const key = JSON.stringify([text(pickle.uri), nodes.map((id) => idOf(ids, id))]);
  const own = ownIdsOf(pickle);
  const found = shared.pickles.get(key);
  const known = found ?? own.map((id) => idOf(ids, id));
  learn(ids, own, known);
  const place = ids.places.get(nodes.at(-1) ?? '');
  if (place !== undefined) ids.places.set(own[0] ?? '', place);
  if (found !== undefined) return [];
  shared.pickles.set(key, known);
  return [renamedLine(ids, said)];
};

/** Hooks, step definitions and parameter types have no name of their own: they are told apart by all they say, and by their number. */
export const shareCode: Share = (shared, ids, said) => {
  const content = `${said.kind} ${hash(contentOf(said.message))}`;
  const number = ids.alike.get(content) ?? 0;
  ids.alike.set(content, number + 1);
  const own = text(said.message.id) ?? '';
  const found = shared.code.get(`${content} ${number}`);
  learn(ids, [own], [found ?? idOf(ids, own)]);
  if (found !== undefined) return [];
  shared.code.set(`${content} ${number}`, idOf(ids, own));
  return [renamedLine(ids, said)];
};

export const shareOnce: Share = (shared, _, { kind, message }) => once(shared, kind, message);

/** The machine and the CI are the first shard's. */
export const shareMeta: Share = (shared, _, { line }) => {
  if (shared.said.has('meta')) return [];
  shared.said.add('meta');
  return [line];
};
