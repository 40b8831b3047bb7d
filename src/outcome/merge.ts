import type { Envelope } from '@cucumber/messages';
import { type Fields, someFields, text } from './fields.ts';
import { addEnd, addStart, endOf, noRunYet, startOf, type WholeRun } from './merge-run.ts';
import {
  envelope,
  idOf,
  nothingShared,
  type ShardIds,
  type Shared,
  shardIds,
  shareCode,
  shareDocument,
  shareMeta,
  shareOnce,
  sharePickle,
  shareRest,
  shareSource,
} from './merge-shared.ts';
import { withIds } from './message-ids.ts';

/**
 * A shard's messages, from their beginning each time they are asked for: they are read twice. One that never started has none.
 *
 * @param skip kinds of messages that need not be given this time: what is left out need not be parsed
 */
export type ShardMessages = (skip: ReadonlySet<string>) => AsyncIterable<Envelope> | Iterable<Envelope>;

/** What tells of what happened, and is left out at the first reading. */
const happenings: ReadonlySet<string> = new Set([
  ...['testCaseStarted', 'testStepStarted', 'testStepFinished', 'testCaseFinished', 'attachment', 'externalAttachment'],
  ...['testRunHookStarted', 'testRunHookFinished'],
]);

/** What the first reading of a shard leaves for later: scenarios to be run and snippets, as text, since there are ten thousand of them. */
interface Plan {
  readonly ids: ShardIds;
  readonly testCases: { readonly place: number; readonly json: string }[];
  readonly suggestions: string[];
  started: number;
  ended: number;
}

const share: ReadonlyMap<string, (shared: Shared, ids: ShardIds, message: Fields) => Envelope[]> = new Map([
  ['meta', shareMeta],
  ['source', shareSource],
  ['gherkinDocument', shareDocument],
  ['pickle', sharePickle],
  ['hook', shareCode('hook')],
  ['stepDefinition', shareCode('stepDefinition')],
  ['parameterType', shareCode('parameterType')],
  ['parseError', shareOnce('parseError')],
  ['undefinedParameterType', shareOnce('undefinedParameterType')],
]);

const textOf = (ids: ShardIds, message: Fields): string => JSON.stringify(withIds(message, (id) => idOf(ids, id)));

type Keep = (plan: Plan, run: WholeRun, message: Fields) => void;

const keep: ReadonlyMap<string, Keep> = new Map<string, Keep>([
  [
    'testCase',
    ({ ids, testCases }, _, message) => {
      const place = ids.places.get(text(message.pickleId) ?? '') ?? Number.MAX_SAFE_INTEGER;
      testCases.push({ place, json: textOf(ids, message) });
    },
  ],
  ['suggestion', ({ ids, suggestions }, _, message) => void suggestions.push(textOf(ids, message))],
  [
    'testRunStarted',
    (plan, run, message) => {
      plan.started += 1;
      addStart(run, plan.ids, message);
    },
  ],
  [
    'testRunFinished',
    (plan, run, message) => {
      plan.ended += 1;
      addEnd(run, message);
    },
  ],
]);

/** What is known after the first reading, and left out at the second. */
const planned: ReadonlySet<string> = new Set([...share.keys(), ...keep.keys()]);

/** Reads what a shard says of the suite and of the run; hands on what no shard before it has said. */
async function* readPlan(
  messages: ShardMessages,
  plan: Plan,
  { shared, run }: { shared: Shared; run: WholeRun },
): AsyncGenerator<Envelope> {
  for await (const each of messages(happenings)) {
    for (const [kind, value] of Object.entries(each)) {
      const message = someFields(value);
      if (message === undefined) continue;
      yield* share.get(kind)?.(shared, plan.ids, message) ?? [];
      keep.get(kind)?.(plan, run, message);
    }
  }
  yield* shareRest(shared, plan.ids);
  run.isComplete &&= plan.ended > 0 && plan.ended >= plan.started;
}

/** What happened in the shard, scenario by scenario. */
async function* readTests(messages: ShardMessages, ids: ShardIds): AsyncGenerator<Envelope> {
  const rename = (id: string): string => idOf(ids, id);
  for await (const each of messages(planned)) {
    for (const [kind, value] of Object.entries(each)) {
      const message = someFields(value);
      if (message !== undefined && !planned.has(kind)) yield { [kind]: withIds(message, rename) } as Envelope;
    }
  }
}

/** Of what is shared, the messages of what happened name only the run and its hooks. */
const idsForTests = ({ shard, known }: ShardIds, shared: Shared, run: WholeRun): ShardIds => {
  const kept = new Set([...shared.code.values(), run.id]);
  const ids = shardIds(shard);
  for (const [id, same] of known) if (kept.has(same)) ids.known.set(id, same);
  return ids;
};

/**
 * The messages of several shards of one run as the messages of one run: feature files, scenarios, hooks and step definitions
 * once, whatever ids each shard gave them; the scenarios that were to be run in the order of their features; then what
 * happened, shard by shard. It is a success when every shard says so, and it has no end unless every shard has one: a run
 * with a shard that is missing, or was cut off, is never one that passed.
 *
 * Holds what was planned and the ids of what is shared, never what happened.
 */
export async function* mergeShards(shards: readonly ShardMessages[]): AsyncGenerator<Envelope> {
  const shared = nothingShared();
  const run = noRunYet();
  const plans: Plan[] = [];
  for (const [index, messages] of shards.entries()) {
    const plan: Plan = { ids: shardIds(index + 1), testCases: [], suggestions: [], started: 0, ended: 0 };
    yield* readPlan(messages, plan, { shared, run });
    plans.push({ ...plan, ids: idsForTests(plan.ids, shared, run) });
  }
  run.isSuccess &&= !shared.hasConflict;
  yield* startOf(run);
  const testCases = plans.flatMap((plan) => plan.testCases).toSorted((a, b) => a.place - b.place);
  for (const { json } of testCases) yield envelope('testCase', JSON.parse(json));
  for (const json of plans.flatMap(({ suggestions }) => suggestions)) yield envelope('suggestion', JSON.parse(json));
  for (const [index, messages] of shards.entries()) {
    const ids = plans[index]?.ids;
    if (ids !== undefined) yield* readTests(messages, ids);
  }
  yield* endOf(run);
}
