import { createHash } from 'node:crypto';
import type { Envelope } from '@cucumber/messages';
import { type Fields, fields, list, text } from './fields.ts';
import { contentOf, idsIn, withIds } from './message-ids.ts';

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
  places: 0,
  hasConflict: false,
});

/** One shard, while its part of what is shared is read. */
export interface ShardIds {
  readonly shard: number;
  /** Its ids → the ids the merged messages have for the same. */
  readonly known: Map<string, string>;
  /** Its documents' nodes → their places in the order of all features. */
  readonly places: Map<string, number>;
  /** Sources whose documents have not come yet. */
  readonly sources: Map<string, Fields>;
  /** How many hooks or step definitions have said the same so far. */
  readonly alike: Map<string, number>;
}

export const shardIds = (shard: number): ShardIds => ({
  shard,
  known: new Map(),
  places: new Map(),
  sources: new Map(),
  alike: new Map(),
});

/** What the merged messages call it: the id of the same thing elsewhere, or one that no other shard can have. */
export const idOf = ({ shard, known }: ShardIds, id: string): string => known.get(id) ?? `${shard}-${id}`;

/** A message that was read as JSON and renamed is an envelope as much as the one that was read. */
export const envelope = (kind: keyof Envelope, message: Fields): Envelope => ({ [kind]: message }) as Envelope;

const hash = (value: string): string => createHash('sha256').update(value).digest('base64');

const learn = (ids: ShardIds, own: readonly string[], shared: readonly string[]): void =>
  own.forEach((id, index) => {
    const same = shared[index];
    if (same !== undefined) ids.known.set(id, same);
  });

const once = (shared: Shared, kind: keyof Envelope, message: Fields): Envelope[] => {
  const said = `${kind} ${hash(contentOf(message))}`;
  if (shared.said.has(said)) return [];
  shared.said.add(said);
  return [envelope(kind, message)];
};

/** Files of the same name and different content: such shards ran different suites. */
const conflict = (shared: Shared, { shard }: ShardIds, uri: string, content: string): Envelope[] => {
  const first = shared.files.get(uri);
  if (first === undefined) shared.files.set(uri, { content, shard });
  if (first === undefined || first.content === content) return [];
  shared.hasConflict = true;
  const message = `Shards ${first.shard} and ${shard} ran different versions of this file: they are not parts of one run.`;
  return once(shared, 'parseError', { source: { uri }, message });
};

export const shareSource = (_: Shared, { sources }: ShardIds, source: Fields): Envelope[] => {
  sources.set(text(source.uri) ?? '', source);
  return [];
};

/** The sources that no document came for: those that could not be parsed. */
export const shareRest = (shared: Shared, { sources }: ShardIds): Envelope[] =>
  [...sources.values()].flatMap((source) => once(shared, 'source', source));

export const shareDocument = (shared: Shared, ids: ShardIds, document: Fields): Envelope[] => {
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
  return [
    ...conflict(shared, ids, uri, content),
    ...(source === undefined ? [] : [envelope('source', source)]),
    envelope(
      'gherkinDocument',
      withIds(document, (id) => idOf(ids, id)),
    ),
  ];
};

/** The nodes of the documents a pickle is made of: its scenario, and the row of its examples. */
const nodesOf = (pickle: Fields): readonly string[] => list(pickle.astNodeIds).map((id) => text(id) ?? '');

const ownIdsOf = (pickle: Fields): readonly string[] => [pickle, ...list(pickle.steps).map(fields)].map(({ id }) => text(id) ?? '');

export const sharePickle = (shared: Shared, ids: ShardIds, pickle: Fields): Envelope[] => {
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
  return [
    envelope(
      'pickle',
      withIds(pickle, (id) => idOf(ids, id)),
    ),
  ];
};

/** Hooks, step definitions and parameter types have no name of their own: they are told apart by all they say, and by their number. */
export const shareCode =
  (kind: 'hook' | 'stepDefinition' | 'parameterType') =>
  (shared: Shared, ids: ShardIds, message: Fields): Envelope[] => {
    const content = `${kind} ${hash(contentOf(message))}`;
    const number = ids.alike.get(content) ?? 0;
    ids.alike.set(content, number + 1);
    const own = text(message.id) ?? '';
    const found = shared.code.get(`${content} ${number}`);
    learn(ids, [own], [found ?? idOf(ids, own)]);
    if (found !== undefined) return [];
    shared.code.set(`${content} ${number}`, idOf(ids, own));
    return [
      envelope(
        kind,
        withIds(message, (id) => idOf(ids, id)),
      ),
    ];
  };

export const shareOnce =
  (kind: 'parseError' | 'undefinedParameterType') =>
  (shared: Shared, _: ShardIds, message: Fields): Envelope[] =>
    once(shared, kind, message);

/** The machine and the CI are the first shard's. */
export const shareMeta = (shared: Shared, _: ShardIds, meta: Fields): Envelope[] => {
  if (shared.said.has('meta')) return [];
  shared.said.add('meta');
  return [envelope('meta', meta)];
};
