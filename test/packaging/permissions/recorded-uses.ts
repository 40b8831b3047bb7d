import { readFile, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { SeenUse } from './flows.ts';

/** What the flows called when somebody last ran `npm run iam -- --write`: the flows take a minute, what they call seldom changes. */
const file = new URL('../../fixtures/permissions/uses.json', import.meta.url);

const usesSchema = v.pipe(
  v.array(
    v.object({
      role: v.string(),
      action: v.string(),
      resource: v.string(),
      context: v.record(v.string(), v.array(v.string())),
      where: v.string(),
    }),
  ),
  v.minLength(1),
);

export async function recordedUses(): Promise<readonly SeenUse[]> {
  return v.parse(usesSchema, JSON.parse(await readFile(file, 'utf8')));
}

/** Keeps one of all calls that differ in ids and times alone. */
export async function recordUses(uses: readonly SeenUse[]): Promise<void> {
  const kept = new Map(
    uses.map(withoutChance).map((use) => {
      const { where: _, ...call } = use;
      return [JSON.stringify(call), use];
    }),
  );
  const lines = [...kept].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => JSON.stringify(use));
  await writeFile(file, `[\n${lines.join(',\n')}\n]\n`);
}

const withoutChance = (use: SeenUse): SeenUse => ({
  ...use,
  resource: alike(use.resource),
  context: Object.fromEntries(Object.entries(use.context).map(([key, values]) => [key, values.map(alike)])),
});

/** Ids and times are others each time. */
const alike = (text: string): string =>
  text
    .replace(/(?<=-)\d{8}-\d{4}-[0-9a-z]{6}\b/, '20261123-0412-k3f9qa')
    .replace(/(?<=\/)\d{8}(?=-[0-9a-f]{12}\b)/, '20261123')
    .replace(/(?<=[/:])\d{4}([-/])\d\d\1\d\d(?=\/)/, (_, sign: string) => ['2026', '11', '23'].join(sign))
    .replace(/(?<=\/)\d\d-\d\d-\d\d(?=-[0-9a-f]{16}\b)/, '04-12-00')
    .replace(/(?<=\/local-)[0-9a-f]{6}$/, '0'.repeat(6))
    .replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{12})\b/g, (id) => '0'.repeat(id.length));
