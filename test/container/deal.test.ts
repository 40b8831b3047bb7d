import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lineage, scenarioId } from '../../src/outcome/scenario-id.ts';
import type { ScenarioRef } from '../../src/run/dealt.ts';
import { isEveryRow, someOf } from '../every-row.ts';
import { type ContainerWorld, openContainerWorld } from './container-world.ts';
import { all, type Share, sharesOf as sharesIn, step, suite } from './shares.ts';

let world: ContainerWorld;
let folder: string;
/** Cucumber 13, and a cucumber before plugins: 12.9 that says it is 12.4. */
const cucumbers = new Map<string, string>();
beforeAll(async () => {
  world = await openContainerWorld();
  folder = await mkdtemp(join(tmpdir(), 'coldframe-deal-'));
  cucumbers.set('13', ours('@cucumber/cucumber'));
  cucumbers.set('12.4', await olderCucumber());
});
afterAll(async () => {
  await world.stop();
  await rm(folder, { recursive: true });
});

const ours = (name: string) => fileURLToPath(new URL(`../../node_modules/${name}`, import.meta.url));

async function olderCucumber(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(ours('cucumber-12'), 'package.json'), 'utf8'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: '12.4.0' }));
  for (const name of ['bin', 'lib', 'node_modules']) await symlink(join(ours('cucumber-12'), name), join(folder, name));
  return folder;
}

const sharesOf = (cucumber: string, shards: number, how?: Parameters<typeof sharesIn>[3]) =>
  sharesIn(world, cucumbers.get(cucumber) ?? '', shards, how);

const a = 'features/a.feature';
const b = 'features/sub/b.feature';
const namesOf = (shares: readonly Share[]) => shares.flatMap(({ scenarios }) => scenarios.map(({ name }) => name));
const sorted = (names: readonly string[]) => names.toSorted();

describe.each(someOf(['13', '12.4'], 2))('shards with cucumber %s', (cucumber) => {
  it('run every scenario once, each finding the same deal for itself, and write down who has what', async () => {
    const inB = (scenario: string) => scenarioId({ feature: 'b', scenario }, 1);
    const basis = { durations: { [inB('first')]: 10, [inB('second')]: 10, [inB('third')]: 1_000_000 } };
    const shares = await sharesOf(cucumber, 3, { plan: { together: ['@serial', '@group-*'] }, basis });
    expect(sorted(namesOf(shares))).toEqual(sorted(all));
    expect(shares.map(namesOfOne)).toContainEqual(['third']);
    for (const [index, { dealt, scenarios }] of shares.entries()) {
      expect(dealt).toEqual(shares[0]?.dealt);
      const own = dealt.scenarios.filter(({ shard }) => shard === index + 1);
      expect(sorted(own.map(({ id, line, uri }) => `${id} ${uri}:${line}`))).toEqual(
        sorted(scenarios.map(({ id, line, uri }) => `${id} ${uri}:${line}`)),
      );
      // @serial, and by the row that is both, @group-x.
      const together = ['a small row', 'a large row', 'a huge row', 'first'];
      expect([0, 4]).toContain(scenarios.filter(({ name }) => together.includes(name)).length);
    }
    expect(shares[0]?.dealt.scenarios.map(({ uri, line }) => [uri, line])).toEqual([
      ...[5, 8, 16, 17, 21, 25, 29].map((line) => ['features/a.feature', line]),
      ...[3, 5, 7].map((line) => ['features/sub/b.feature', line]),
    ]);
  });

  it.runIf(isEveryRow)('may have nothing to do, and find the code beside the features all the same', async () => {
    const files = {
      'cucumber.json': '{}',
      'features/a.feature': 'Feature: a\n  Scenario: only\n    Given a step\n',
      'features/steps.js': step,
    };
    const shares = await sharesOf(cucumber, 2, { files, plan: { parallel: 2 } });
    expect(shares.map(namesOfOne)).toEqual([['only'], []]);
  });

  it.runIf(isEveryRow || cucumber === '13')(
    'run only what is to be run again, though lines have moved and a file has got another name; what is gone is named',
    async () => {
      const ref = (uri: string, scenario: string, lineage: Partial<Lineage>, ordinal = 1): ScenarioRef => {
        const feature = uri === a ? 'a' : 'b';
        return { id: scenarioId({ feature, scenario, ...lineage }, ordinal), uri, line: 1, scenario };
      };
      const only = [
        ref(a, 'one', {}, 2),
        ref(a, 'a <size> row', { row: ['large'] }),
        ref(a, 'within', { rule: 'it is not so' }),
        ref(b, 'second', {}),
        ref(b, 'fourth', {}),
      ];
      const moved = (text = '') => text.replace('Feature:', '# moved\n\nFeature:');
      const files = {
        ...suite,
        'features/a.feature': moved(suite['features/a.feature']),
        'features/sub/b.feature': 'Feature: another\n  Scenario: second\n    Given a step\n',
        'features/renamed.feature': suite['features/sub/b.feature'] ?? '',
      };
      const shares = await sharesOf(cucumber, 2, { files, basis: { only } });
      expect(sorted(namesOf(shares))).toEqual(sorted(['one', 'a large row', 'within', 'second']));
      expect(shares.flatMap(({ scenarios }) => scenarios.map(({ uri, line }) => `${uri}:${line}`)).toSorted()).toEqual([
        'features/a.feature:10',
        'features/a.feature:19',
        'features/a.feature:31',
        'features/renamed.feature:5',
      ]);
      expect(shares[0]?.dealt.missing).toEqual([only.at(-1)]);
    },
  );
});

it.runIf(isEveryRow)('shards deal out what the features of the command leave', async () => {
  const shares = await sharesOf('12.4', 2, { plan: { features: ['features/sub/b.feature'], tags: 'not @group-x' } });
  expect(sorted(namesOf(shares))).toEqual(['second', 'third']);
});

it("a suite's own plugin comes before the deal", async () => {
  const shares = await sharesOf('13', 2, {
    files: {
      ...suite,
      'cucumber.json': JSON.stringify({
        default: { import: ['steps/*.js'], plugin: ['./own.mjs'], pluginOptions: { own: { leave: 'one' } } },
      }),
      'own.mjs': `export default {
        type: 'plugin',
        optionsKey: 'own',
        coordinator: ({ transform, options }) =>
          transform('pickles:filter', (pickles) => pickles.filter(({ pickle }) => pickle.name === options.leave)),
      };`,
    },
  });
  expect(shares.map(namesOfOne)).toEqual([['one'], ['one']]);
});

const namesOfOne = ({ scenarios }: Share) => scenarios.map(({ name }) => name);
