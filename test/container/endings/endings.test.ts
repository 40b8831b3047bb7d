import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEveryRow } from '../../every-row.ts';
import { endings } from './endings.ts';
import { type Ended, type EndingsWorld, openEndingsWorld } from './endings-world.ts';
import { together } from './together.ts';

/** Most of them wait for something most of the time. */
const atOnce = 6;
const timeout = 240_000;

/** One of each kind, unless all are asked for. */
const groups = endings
  .map(({ about, all }) => ({ about, all: all.filter(({ like, leftOut }) => isEveryRow || (like ?? leftOut) === undefined) }))
  .filter(({ all }) => all.length > 0);

let world: EndingsWorld;
let runs: ReadonlyMap<string, Promise<Ended>>;
beforeAll(async () => {
  world = await openEndingsWorld();
  const every = groups.flatMap((group) => group.all);
  const all = [...every.filter(({ mostlyWaits }) => mostlyWaits), ...every.filter(({ mostlyWaits }) => !mostlyWaits)];
  runs = together(atOnce, new Map(all.map((ending) => [ending.name, () => world.run(ending)])));
}, timeout);
afterAll(async () => {
  await Promise.allSettled(runs.values());
  await world.stop();
}, timeout);

describe.each(groups)('$about', ({ all }) => {
  it.each(all)('$title: the run is $kind, its message says why, and nothing is left', { timeout }, async ({ name, kind, says }) => {
    const { outcome, message, thread, left } = await (runs.get(name) ?? Promise.reject(new Error(`${name} was not run`)));
    expect(outcome, message).toMatchObject({ kind });
    for (const words of says) expect(`${message}\n${thread}`).toMatch(words);
    expect(left).toEqual([]);
  });
});

it('that is left out for another is like one that is not, with the same outcome', () => {
  const every = endings.flatMap((group) => group.all);
  const done = every.filter(({ like }) => like === undefined).map(({ name, kind }) => `${name}: ${kind}`);
  for (const { like, kind } of every) if (like !== undefined) expect(done).toContain(`${like}: ${kind}`);
});
