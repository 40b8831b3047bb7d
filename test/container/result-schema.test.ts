import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseShardResult } from '../../src/run/stored.ts';

const docs = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/** The part of JSON Schema that docs/result.schema.json uses. */
interface Schema {
  readonly type?: 'object' | 'string' | 'integer';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: 'date-time';
  readonly minimum?: number;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(docs('result.schema.json')) as Schema;
const example: Record<string, unknown> = JSON.parse(/```json\n(\{[\s\S]*?\n\})\n```/.exec(docs('result.md'))?.[1] ?? '');
const full = {
  ...example,
  how: 'timed-out',
  signal: 'SIGKILL',
  stopAskedAt: '2026-11-23T04:15:43.000Z',
  limit: 'scenario',
  error: 'why',
  versions: { cucumber: '13.3.0', node: 'v24.21.0', browser: '156.0.8078.79', suite: 'a'.repeat(40) },
};

function fits(value: unknown, { type, properties = {}, required = [], ...rest }: Schema): boolean {
  if ('const' in rest && value !== rest.const) return false;
  if (rest.enum !== undefined && !rest.enum.includes(value)) return false;
  if (type === 'string')
    return (
      typeof value === 'string' &&
      value.length <= (rest.maxLength ?? 100) &&
      (rest.format === undefined || /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
    );
  if (type === 'integer') return Number.isInteger(value) && Number(value) >= (rest.minimum ?? Number.NEGATIVE_INFINITY);
  if (type !== 'object') return true;
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map(Object.entries(value));
  return (
    required.every((name) => fields.has(name)) &&
    Object.entries(properties).every(([name, inner]) => !fields.has(name) || fits(fields.get(name), inner))
  );
}

const isTaken = (value: unknown): boolean => {
  try {
    parseShardResult(value);
    return true;
  } catch {
    return false;
  }
};

const strange: readonly unknown[] = [undefined, null, 2, -1, 'x', '', '2026-11-23', [], {}, 'x'.repeat(20_000)];

describe('the schema of result.json in the docs', () => {
  it('takes the example beside it, and the fullest result there is', () => {
    for (const result of [example, full]) expect([fits(result, schema), isTaken(result)]).toEqual([true, true]);
  });

  it.each(Object.keys(full))('wants of %s what the reader wants', (name) => {
    for (const value of strange) {
      const changed: Record<string, unknown> = { ...full, [name]: value };
      if (value === undefined) delete changed[name];
      expect([JSON.stringify(value)?.slice(0, 20), fits(changed, schema)]).toEqual([JSON.stringify(value)?.slice(0, 20), isTaken(changed)]);
    }
  });

  it('names every field that the reader keeps', () => {
    expect(Object.keys(parseShardResult(full)).toSorted()).toEqual(Object.keys(schema.properties ?? {}).toSorted());
    expect(Object.keys(parseShardResult(full).versions).toSorted()).toEqual(
      Object.keys(schema.properties?.versions?.properties ?? {}).toSorted(),
    );
  });
});
