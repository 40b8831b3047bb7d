import { text } from './fields.ts';
import { addEnd, addStart, endOf, noRunYet, startOf, type WholeRun } from './merge-run.ts';
import {
  hearFirstId,
  nothingShared,
  renamedLine,
  type Said,
  type ShardIds,
  type Share,
  type Shared,
  saidIn,
  shardIds,
  shareCode,
  shareDocument,
  shareMeta,
  shareOnce,
  sharePickle,
  shareRest,
  shareSource,
  uuid,
} from './merge-shared.ts';
import type { ReaderOptions, TakeMessage } from './messages.ts';

/**
 * Reads a shard's messages, from their beginning each time it is called: they are read twice. Hands each on, and comes back now and then,
 * so that what has come of them can go on. A shard that never started has none.
 *
 * @param how kinds of messages that need not be handed on this time, and lines that are taken as they are
 */
export type ReadShard = (each: TakeMessage, how: Pick<ReaderOptions, 'skip' | 'quick'>) => AsyncIterable<unknown> | Iterable<unknown>;

/** What tells of what happened, and is left out at the first reading. */
const happenings: ReadonlySet<string> = new Set([
  ...['testCaseStarted', 'testStepStarted', 'testStepFinished', 'testCaseFinished', 'attachment', 'externalAttachment'],
  ...['testRunHookStarted', 'testRunHookFinished'],
]);

/** What the first reading of a shard leaves for later: scenarios to be run and snippets, as lines. */
interface Plan {
  readonly ids: ShardIds;
  readonly testCases: { readonly place: number; readonly line: string }[];
  readonly suggestions: string[];
  started: number;
  ended: number;
}

const share: ReadonlyMap<string, Share> = new Map([
  ['meta', shareMeta],
  ['source', shareSource],
  ['gherkinDocument', shareDocument],
  ['pickle', sharePickle],
  ['hook', shareCode],
  ['stepDefinition', shareCode],
  ['parameterType', shareCode],
  ['parseError', shareOnce],
  ['undefinedParameterType', shareOnce],
]);

interface Whole {
  readonly shared: Shared;
  readonly run: WholeRun;
}

type Keep = (plan: Plan, whole: Whole, said: Said) => void;

const keep: ReadonlyMap<string, Keep> = new Map<string, Keep>([
  [
    'testCase',
    ({ ids, testCases }, _, said) => {
      const place = ids.places.get(text(said.message.pickleId) ?? '') ?? Number.MAX_SAFE_INTEGER;
      testCases.push({ place, line: renamedLine(ids, said) });
    },
  ],
  ['suggestion', ({ ids, suggestions }, _, said) => void suggestions.push(renamedLine(ids, said))],
  [
    'testRunStarted',
    (plan, { run }, { message }) => {
      plan.started += 1;
      addStart(run, plan.ids, message);
    },
  ],
  [
    'testRunFinished',
    (plan, { run }, { message }) => {
      plan.ended += 1;
      addEnd(run, message);
    },
  ],
]);

/** What is known after the first reading, and left out at the second. */
const planned: ReadonlySet<string> = new Set([...share.keys(), ...keep.keys()]);

/** Reads what a shard says of the suite and of the run; hands on what no shard before it has said. */
async function* readPlan(read: ReadShard, plan: Plan, whole: Whole): AsyncGenerator<readonly string[]> {
  let lines: string[] = [];
  const take: TakeMessage = (envelope, line) => {
    for (const said of saidIn(envelope, line)) {
      hearFirstId(whole.shared, plan.ids, said);
      lines.push(...(share.get(said.kind)?.(whole.shared, plan.ids, said) ?? []));
      keep.get(said.kind)?.(plan, whole, said);
    }
  };
  for await (const _ of read(take, { skip: happenings })) {
    yield lines;
    lines = [];
  }
  yield shareRest(whole.shared, plan.ids);
  whole.run.isComplete &&= plan.ended > 0 && plan.ended >= plan.started;
}

const number = '(?:0|[1-9][0-9]*)';
const time = `\\{"seconds":${number},"nanos":${number}\\}`;

/** Lines of cucumber-js that have ids of the shard alone: an attempt or a step of it begins or ends. */
const ownLine = new RegExp(
  [
    `\\{"testStepStarted":\\{"testCaseStartedId":"${uuid}","testStepId":"${uuid}","timestamp":${time}\\}\\}`,
    `\\{"testStepFinished":\\{"testCaseStartedId":"${uuid}","testStepId":"${uuid}","testStepResult":\\{"duration":${time},"status":"[A-Z]+"\\},"timestamp":${time}\\}\\}`,
    `\\{"testCaseStarted":\\{"attempt":${number},"testCaseId":"${uuid}","id":"${uuid}","timestamp":${time}\\}\\}`,
    `\\{"testCaseFinished":\\{"testCaseStartedId":"${uuid}","timestamp":${time},"willBeRetried":(?:true|false)\\}\\}`,
  ].join('|'),
  'y',
);

const isOwnLine = (content: string, from: number, end: number): boolean => {
  ownLine.lastIndex = from;
  return ownLine.test(content) && ownLine.lastIndex === end;
};

/** What happened in the shard, scenario by scenario. Most lines need no other ids than they have, and go on as they are. */
async function* readTests(read: ReadShard, ids: ShardIds): AsyncGenerator<readonly string[]> {
  let lines: string[] = [];
  const take: TakeMessage = (envelope, line) => {
    for (const said of saidIn(envelope, line)) if (!planned.has(said.kind)) lines.push(renamedLine(ids, said));
  };
  const quick = (content: string, from: number, end: number): boolean => {
    const isOwn = !ids.isTwin && isOwnLine(content, from, end);
    if (isOwn) lines.push(content.slice(from, end));
    return isOwn;
  };
  for await (const _ of read(take, { skip: planned, quick })) {
    yield lines;
    lines = [];
  }
}

/** Of what is shared, the messages of what happened name only the run and its hooks. */
const idsForTests = ({ shard, known, isTwin }: ShardIds, { shared, run }: Whole): ShardIds => {
  const kept = new Set([...shared.code.values(), run.id]);
  const ids = { ...shardIds(shard), isTwin };
  for (const [id, same] of known) if (kept.has(same)) ids.known.set(id, same);
  return ids;
};

/** So many scenarios to be run are handed on together. */
const atOnce = 100;

/**
 * The messages of several shards of one run as the messages of one run, some lines of NDJSON at a time: feature files, scenarios, hooks
 * and step definitions once, whatever ids each shard gave them; the scenarios that were to be run in the order of their features; then
 * what happened, shard by shard. It is a success when every shard says so, and it has no end unless every shard has one: a run
 * with a shard that is missing, or was cut off, is never one that passed.
 *
 * Holds what was planned and the ids of what is shared, never what happened.
 */
export async function* mergeShards(shards: readonly ReadShard[]): AsyncGenerator<readonly string[]> {
  const whole: Whole = { shared: nothingShared(), run: noRunYet() };
  const plans: Plan[] = [];
  for (const [index, read] of shards.entries()) {
    const plan: Plan = { ids: shardIds(index + 1), testCases: [], suggestions: [], started: 0, ended: 0 };
    yield* readPlan(read, plan, whole);
    plans.push({ ...plan, ids: idsForTests(plan.ids, whole) });
  }
  whole.run.isSuccess &&= !whole.shared.hasConflict;
  yield startOf(whole.run);
  const testCases = plans.flatMap((plan) => plan.testCases).toSorted((a, b) => a.place - b.place);
  for (let from = 0; from < testCases.length; from += atOnce) yield testCases.slice(from, from + atOnce).map(({ line }) => line);
  yield plans.flatMap(({ suggestions }) => suggestions);
  for (const [index, read] of shards.entries()) {
    const ids = plans[index]?.ids;
    if (ids !== undefined) yield* readTests(read, ids);
  }
  yield endOf(whole.run);
}
