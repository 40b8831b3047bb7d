import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { noCounts } from '../../src/outcome/counts.ts';
import { shardKeys } from '../../src/run/keys.ts';
import { runIdOf } from '../../src/run/run-id.ts';
import type { Chance } from '../simulation/chance.ts';
import { deepJson, gzipBomb, oddText, spoiled, spoiledText } from './odd.ts';

/** A run whose container writes what it likes where it may. */
export interface ContainerInput {
  readonly kind: 'container';
  /** The event by which the run is asked for. */
  readonly request: object;
  readonly runId: string;
  readonly objects: readonly (readonly [key: string, body: string | Uint8Array])[];
  /** The last lines of its log. */
  readonly lastLines: readonly string[];
  readonly stop: { readonly stopCode: string; readonly stoppedReason: string; readonly exitCode: number; readonly reason: string };
}

const environment = 'staging';
const streams = ['all-well', 'everything', 'parse-error', 'before-all-fails', 'stopped'] as const;
const recorded = new Map<string, readonly string[]>();

function linesOf(name: string): readonly string[] {
  const lines =
    recorded.get(name) ??
    readFileSync(new URL(`../fixtures/messages/${name}.ndjson`, import.meta.url), 'utf8')
      .trim()
      .split('\n');
  recorded.set(name, lines);
  return lines;
}

/** What a suite may name as it likes. */
const named = new Set([
  'name',
  'text',
  'message',
  'description',
  'uri',
  'keyword',
  'data',
  'stackTrace',
  'fileName',
  'mediaType',
  'body',
  'value',
  'type',
]);

/** Messages of a suite whose texts are odd. */
const renamed = (value: unknown, chance: Chance, name = ''): unknown => {
  if (typeof value === 'string') return named.has(name) && chance.happens(0.3) ? oddText(chance, 600) : value;
  if (Array.isArray(value)) return value.map((one) => renamed(one, chance, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, renamed(one, chance, field)]));
};

function messages(chance: Chance): string {
  const lines = linesOf(chance.oneOf(streams));
  const isRenamed = chance.happens(0.7);
  const isSpoiled = chance.happens(0.4);
  const told = lines.map((line) => {
    if (chance.happens(0.6)) return line;
    const message = isRenamed ? renamed(JSON.parse(line), chance) : JSON.parse(line);
    return JSON.stringify(isSpoiled ? spoiled(message, chance, 0.02) : message);
  });
  if (chance.happens(0.1))
    told.splice(
      chance.below(told.length),
      0,
      chance.oneOf([
        oddText(chance),
        'null',
        '[]',
        `{"attachment":${deepJson(chance)}}`,
        `{"testStepFinished":{"x":${deepJson(chance)}}}`,
        '{"pickle":null}',
        '{"testCaseStarted":[]}',
      ]),
    );
  return `${told.join('\n')}\n`;
}

function chunk(chance: Chance): Uint8Array {
  if (chance.happens(0.004)) return gzipBomb();
  const packed = gzipSync(messages(chance), { level: 1 });
  return chance.happens(0.1) ? packed.subarray(0, chance.below(packed.length)) : packed;
}

const spoiltOrNot = (value: object, chance: Chance): string => {
  const text = JSON.stringify(chance.happens(0.3) ? spoiled(value, chance, 0.05) : value);
  return chance.happens(0.15) ? spoiledText(text, chance) : text;
};

export function containerInput(chance: Chance): ContainerInput {
  const askedAt = new Date().toISOString();
  const key = `command:${chance.hex(8)}`;
  const runId = runIdOf({ environment, key, askedAt });
  const shards = chance.oneOf([1, 1, 2]);
  const text = `/run-tests ${oddText(chance, 100).slice(0, 1_000)}`;
  const command = { environment, features: [], shards };
  const request = { version: 1, key, askedAt, asker: { kind: 'slack', userId: 'U0ADA12345' }, command, text, channel: 'C0STAGING1' };
  const objects = Array.from({ length: shards }, (_, index) => objectsOf(runId, index + 1, askedAt, chance)).flat();
  const stop = {
    stopCode: chance.oneOf(['EssentialContainerExited', 'SpotInterruption', 'TaskFailedToStart', oddText(chance, 40)]),
    stoppedReason: chance.happens(0.6) ? 'Essential container in task exited' : oddText(chance),
    exitCode: chance.oneOf([0, 1, 137]),
    reason: chance.happens(0.5) ? '' : oddText(chance, 800),
  };
  const lastLines = Array.from({ length: chance.below(4) }, () => oddText(chance));
  return { kind: 'container', request, runId, objects, lastLines, stop };
}

function objectsOf(runId: string, shard: number, at: string, chance: Chance): ContainerInput['objects'] {
  const keys = shardKeys(environment, runId, shard);
  const odd = (length: number) => oddText(chance, length).slice(0, length);
  const progress = {
    ...{ version: 1, runId, shard, at, step: chance.oneOf(['preparing', 'running', 'finishing']) },
    counts: { ...noCounts, total: 10, passed: chance.below(10), failed: chance.below(3), unknown: chance.below(10) },
    now: Array.from({ length: chance.below(4) }, () => odd(900)),
  };
  const how = chance.oneOf(['ended', 'ended', 'ended', 'stopped', 'timed-out', 'not-run']);
  const result = {
    ...{ version: 1, runId, shard, startedAt: at, endedAt: at, how, chunks: chance.oneOf([1, 1, 1, 2, 0, 9_999_999]) },
    ...(chance.happens(0.7) && { exitCode: chance.oneOf([0, 1]) }),
    ...(chance.happens(0.3) && { error: odd(3_000) }),
    versions: { node: odd(60), cucumber: odd(60), browser: odd(60), suite: odd(60) },
  };
  const scenario = { id: odd(60), uri: odd(100), line: 3, scenario: odd(300) };
  const deal = { version: 1, shards: 2, scenarios: [{ ...scenario, shard }], missing: chance.happens(0.3) ? [scenario] : [] };
  const written: ContainerInput['objects'] = [
    [keys.progress, spoiltOrNot(progress, chance)],
    [keys.deal, gzipSync(spoiltOrNot(deal, chance), { level: 1 })],
    [keys.chunk(1), chunk(chance)],
    [keys.chunk(2), chunk(chance)],
    [keys.attachment('a.html'), oddText(chance)],
    [keys.result, spoiltOrNot(result, chance)],
  ];
  return written.filter(() => !chance.happens(0.1));
}
