import { expect } from 'vitest';
import { runShard } from '../../container/runner.ts';
import { observe } from '../../src/outcome/judge.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import type { DealBasis, Dealt } from '../../src/run/dealt.ts';
import type { SuitePlan } from '../../src/run/plan.ts';
import type { ContainerWorld, Files } from './container-world.ts';
import { inProcess } from './in-process.ts';

export const step = `
  import { Given } from '@cucumber/cucumber';
  Given(/.*/, () => {});`;

export const suite: Files = {
  'steps/steps.js': step,
  'cucumber.json': JSON.stringify({ default: { import: ['steps/*.js'] } }),
  'features/a.feature': `Feature: a
  Background:
    Given a start

  Scenario: one
    Given a step

  Scenario: one
    Given another step

  @serial
  Scenario Outline: a <size> row
    Given a <size> step
    Examples:
      | size  |
      | small |
      | large |
    @group-x
    Examples:
      | size |
      | huge |

  Rule: it is so
    @serial
    Scenario: within
      Given a step

  Rule: it is not so
    Scenario: within
      Given a step
    @wip
    Scenario: not yet
      Given a step
`,
  'features/sub/b.feature': `Feature: b
  @group-x
  Scenario: first
    Given a step
  Scenario: second
    Given a step
  Scenario: third
    Given a step
`,
};
/** The scenarios that are not @wip. */
export const all = ['one', 'one', 'a small row', 'a large row', 'a huge row', 'within', 'within', 'first', 'second', 'third'];

let runs = 0;

/** What a shard has run, and what it wrote of the deal. */
export interface Share {
  readonly dealt: Dealt;
  readonly scenarios: readonly { readonly id: string; readonly name: string; readonly line: number; readonly uri: string }[];
}

/** Runs a suite in several shards, in this process. */
export async function sharesOf(
  world: ContainerWorld,
  cucumber: string,
  shards: number,
  { files = suite, plan = {}, basis = {} }: { files?: Files; plan?: Partial<SuitePlan>; basis?: Partial<DealBasis> } = {},
): Promise<readonly Share[]> {
  runs += 1;
  const runId = `local-20261123-0700-${String(runs).padStart(6, '0')}`;
  const dir = await world.suite(files, { '@cucumber/cucumber': cucumber });
  const numbers = Array.from({ length: shards }, (_, index) => index + 1);
  const whole = { version: 1 as const, durations: {}, ...basis };
  await world.putPlan(runId, { tags: 'not @wip', limitMs: 280_000, ...plan }, { shards, basis: whole });
  return await Promise.all(
    numbers.map(async (shard) => {
      const runner = inProcess(world, dir, runId, shard);
      expect(await runShard(runner), runner.log()).toEqual({ how: 'ended' });
      const objects = world.of(runId, shard);
      expect(objects.result(), runner.log()).toMatchObject({ how: 'ended', exitCode: 0 });
      const state = emptySuite();
      for (const message of objects.messages()) observe(state, message);
      const scenarios = [...state.testCases.values()].map(({ name }) => ({
        id: name.id ?? '',
        name: name.scenario,
        line: name.line,
        uri: name.uri,
      }));
      return { dealt: objects.dealt(), scenarios };
    }),
  );
}
