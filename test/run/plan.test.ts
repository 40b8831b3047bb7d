import { describe, expect, it } from 'vitest';
import { defaultSuitePlan, planRun } from '../../src/run/plan.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { environmentOf } from '../catalogue.ts';

const suite = { repository: 'https://github.com/example/ui-tests.git', path: 'tests/ui' };
const request = (command: Partial<RunRequest['command']>): RunRequest => ({
  version: 1,
  key: 'a',
  askedAt: '2026-11-23T04:12:00.000Z',
  asker: { kind: 'slack', userId: 'U0ADA' },
  command: { environment: 'staging', features: [], ...command },
  text: '/run-tests staging',
});
const fargate = { cluster: 'c', taskFamilyPrefix: 'coldframe-test', subnets: [], securityGroups: [], assignPublicIp: false };
const planOf = (command: Partial<RunRequest['command']>, fields: object) =>
  planRun(request(command), environmentOf({ name: 'staging', ...fields }), fargate).suite;

describe('a plan', () => {
  it('says where a suite comes from only when the command names a ref', () => {
    expect(planOf({ ref: 'main' }, { suite })).toMatchObject({ ref: 'main', source: suite });
    expect(planOf({}, { suite })).not.toHaveProperty('source');
    expect(planOf({}, { suite })).not.toHaveProperty('ref');
  });

  it.each([
    ['a command that says how many shards', { shards: 3 }, { shards: 'auto', tasksAtOnce: 9 }, 3, undefined],
    ['one that leaves it to us', { shards: 'auto' }, { shards: 2, tasksAtOnce: 9 }, 6, 6],
    ['an environment that does', {}, { shards: 'auto', tasksAtOnce: 9 }, 6, 6],
    ['neither', {}, { shards: 2, tasksAtOnce: 9 }, 2, undefined],
  ] as const)('of %s has as many', (_, command, fields, shards, chosen) => {
    const environment = environmentOf({ name: 'staging', ...fields });
    const plan = planRun(request(command), environment, fargate, { chosen: { shards: 6, ms: 250_000, nextSavesMs: 9_000 } });
    expect(plan.tasks).toHaveLength(shards);
    expect(plan.chosen?.shards).toBe(chosen);
  });

  it.each([
    [undefined, 4, undefined],
    ['vcpu', 0.25, 1],
    ['vcpu', undefined, 2],
    ['vcpu', 8, 8],
    [3, 2, 3],
  ])('with parallel: %s on %s vCPUs has %s workers', (parallel, vcpu, workers) => {
    const environment = environmentOf({ name: 'staging', ...(parallel && { parallel: parallel as 'vcpu' }), ...(vcpu && { vcpu }) });
    expect(defaultSuitePlan(environment).parallel).toBe(workers);
  });
});
