import { globSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { matches } from '../../src/local/events/event-pattern.ts';
import { objectCreatedEvent } from '../../src/local/s3/object-created.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { reportFiles } from '../../src/run/report-file.ts';
import { packaged } from './packaged.ts';
import { ofType, type Template } from './template.ts';

/** Of the packaged template, by what stands after `coldframe-local-`. */
let template: Template;
beforeAll(async () => {
  template = (await packaged('local')).template;
}, 600_000);

const patternOf = (name: string): unknown =>
  ofType(template, 'AWS::Events::Rule').find(([, { Properties }]) => Properties.Name === `coldframe-local-${name}`)?.[1].Properties
    .EventPattern;

/** A recorded event of ECS, of our cluster unless said otherwise. */
const recorded = (name: string, clusterArn = 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local') => {
  const event = JSON.parse(readFileSync(new URL(`../fixtures/ecs/${name}.json`, import.meta.url), 'utf8'));
  return { ...event, detail: { ...event.detail, clusterArn } };
};

describe("the rule for a task's end takes", () => {
  it.each(['exited-deprovisioning', 'stopped-by-user', 'stopped-by-scheduler', 'out-of-memory', 'cannot-pull'])('%s', (name) => {
    expect(matches(patternOf('stopped'), recorded(name))).toBe(true);
  });

  it.each([
    ['a task that runs', () => recorded('running')],
    ["another cluster's end", () => recorded('stopped-by-user', 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-prod')],
    ['an end that nobody of AWS told', () => ({ ...recorded('stopped-by-user'), source: 'coldframe.door' })],
    ['another kind of event', () => ({ ...recorded('stopped-by-user'), 'detail-type': 'ECS Service Action' })],
  ])('but not %s', (_, event) => {
    expect(matches(patternOf('stopped'), event())).toBe(false);
  });
});

describe('the rule for progress takes', () => {
  const written = (key: string, bucket = 'coldframe-local-000000000000') => {
    const object = { bucket, key, sizeBytes: 1, etag: 'e', at: '2026-11-27T00:00:00.000Z', sequencer: '1', requestId: 'r' };
    return objectCreatedEvent(object, { account: '000000000000', region: 'eu-central-1' });
  };
  const shard = shardKeys('staging', 'staging-20261123-0412-k3f9qa', 1);
  const run = runKeys('staging', 'staging-20261123-0412-k3f9qa');

  it("a shard's progress", () => {
    expect(matches(patternOf('progress'), written(shard.progress))).toBe(true);
  });

  it.each([shard.result, shard.stopped, shard.chunk(1), run.run, run.said, run.plan, run.reportFile(reportFiles.page), run.history])(
    'but not %s, or each write would lead to the next',
    (key) => {
      expect(matches(patternOf('progress'), written(key))).toBe(false);
    },
  );

  it('but not that of another stage', () => {
    expect(matches(patternOf('progress'), written(shard.progress, 'coldframe-prod-000000000000'))).toBe(false);
  });
});

describe('the rule for requests takes', () => {
  const asked = (source: string, type: string) => ({ source, 'detail-type': type, detail: {} });

  it.each([
    ['coldframe.door', 'Run Requested'],
    ['coldframe.scheduler', 'Run Requested'],
    ['coldframe.door', 'Cancel Requested'],
    ['coldframe.door', 'Approval Given'],
    ['coldframe.door', 'Errand Requested'],
    ['coldframe.door', 'Form Wanted'],
    ['coldframe.door', 'Asked In Vain'],
    ['coldframe.door', 'Cold Starts Requested'],
  ])('from %s: %s', (source, type) => {
    expect(matches(patternOf('requests'), asked(source, type))).toBe(true);
  });

  it.each([
    ['somebody', 'Run Requested'],
    ['coldframe.door.other', 'Run Requested'],
    ['coldframe.door', 'Run Started'],
  ])('but not from %s: %s', (source, type) => {
    expect(matches(patternOf('requests'), asked(source, type))).toBe(false);
  });
});

it('every metric is counted from a line that some function logs, and every alarm but AWS’s own watches such a metric', () => {
  const filters = ofType(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
  const events = filters.flatMap(({ FilterPattern }) => /\$\.event = "([^"]+)"/.exec(String(FilterPattern))?.[1] ?? []);
  const root = new URL('../../', import.meta.url).pathname;
  const code = globSync(['src/app/*.ts', 'handlers/*.ts'], { cwd: root })
    .map((file) => readFileSync(`${root}${file}`, 'utf8'))
    .join('\n');
  for (const event of events) expect(code).toContain(`'${event}'`);
  const metrics = filters.flatMap(({ MetricTransformations }) =>
    (MetricTransformations as { MetricName: string }[]).map(({ MetricName }) => MetricName),
  );
  const watched = ofType(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  expect(watched).toHaveLength(5);
  for (const { Namespace, MetricName } of watched) if (Namespace === 'Coldframe/local') expect(metrics).toContain(MetricName);
});
