import { beforeAll, describe, expect, it } from 'vitest';
import { isEveryRow } from '../../every-row.ts';
import { packaged } from '../packaged.ts';
import type { Template } from '../template.ts';
import { type Breach, breaches, guard } from './guard.ts';
import { type RuleWaiver, waivers } from './waivers.ts';

const { platform, arch } = process;

it.skipIf(guard !== undefined)(`cfn-guard is not made for ${platform} on ${arch}: its rules are checked on Linux and macOS only`, () => {});

// Where CI and most people are, it must never be skipped.
it.runIf(platform === 'linux' && arch === 'x64')('cfn-guard is there', () => expect(guard).toBeDefined());

describe.runIf(guard !== undefined)("AWS Control Tower's rules", () => {
  let template: Template;
  let found: readonly Breach[];
  beforeAll(async () => {
    template = (await packaged(isEveryRow ? 'prod' : 'local')).raw;
    found = await breaches(guard ?? '', template);
  }, 600_000);

  it('hold for the packaged template, but for what is waived with a reason', () => {
    expect(complaints(found, waivers).join('\n\n')).toBe('');
  });

  it.runIf(isEveryRow)('find what is taken away, and say what to do', async () => {
    const known = new Set(complaints(found, []));
    const changed = changes.reduce((one, [id, change]) => withChange(one, id, change), template);
    // Of what was changed alone: to look at all of it again takes seven times as long.
    const Resources = Object.fromEntries(Object.entries(changed.Resources).filter(([id]) => changes.some(([name]) => name === id)));
    const complained = complaints(await breaches(guard ?? '', { ...changed, Resources }), []).filter((line) => !known.has(line));
    expect(complained.toSorted()).toEqual(
      changes.map(([id, , rule]) => expect.stringMatching(new RegExp(`^${id} breaks ${rule.replaceAll('.', '\\.')}: .*\\n  .+`))),
    );
  });

  it('are waived for nothing that keeps them', () => {
    const idle = [...waivers, { rule: 'CT.ECS.PR.6', resources: ['TaskDefinitionStaging'], because: 'x' }];
    expect(complaints(found, idle)).toEqual([expect.stringContaining('CT.ECS.PR.6 is waived for TaskDefinitionStaging')]);
  });
});

/** By the resource: what is taken away, and the rule that forbids it. */
const changes: readonly (readonly [id: string, change: Properties, rule: string])[] = [
  ['Bucket', { PublicAccessBlockConfiguration: undefined }, 'CT.S3.PR.1'],
  ['BucketPolicy', { PolicyDocument: { Statement: [] } }, 'CT.S3.PR.8'],
  ['RequestQueue', { RedrivePolicy: undefined }, 'CT.SQS.PR.1'],
  ['SuiteRepository', { ImageScanningConfiguration: undefined }, 'CT.ECR.PR.2'],
];

function withChange(template: Template, id: string, change: Properties): Template {
  const resource = template.Resources[id];
  if (resource === undefined) throw new Error(`the template has no ${id}`);
  const changed = { ...resource, Properties: { ...resource.Properties, ...change } };
  return { ...template, Resources: { ...template.Resources, [id]: changed } };
}

type Properties = Readonly<Record<string, unknown>>;

/** What is wrong, each with what to do about it. */
function complaints(found: readonly Breach[], accepted: readonly RuleWaiver[]): readonly string[] {
  const isBreached = (rule: string, pattern: string) => found.some((breach) => breach.rule === rule && fits(breach.resource, pattern));
  const idle = accepted.flatMap(({ rule, resources }) =>
    resources.filter((pattern) => !isBreached(rule, pattern)).map((pattern) => ({ rule, pattern })),
  );
  const isAccepted = ({ rule, resource }: Breach) =>
    accepted.some((waiver) => waiver.rule === rule && waiver.resources.some((pattern) => fits(resource, pattern)));
  return [
    ...found
      .filter((breach) => !isAccepted(breach))
      .map(
        ({ rule, resource, asks, remedy }) =>
          `${resource} breaks ${rule}: ${asks}\n  ${remedy}\n  Or waive it with a reason in test/packaging/rules/waivers.ts.`,
      ),
    ...idle.map(({ rule, pattern }) => `${rule} is waived for ${pattern} in waivers.ts, but nothing of that name breaks it: take it out`),
  ];
}

const fits = (resource: string, pattern: string): boolean => new RegExp(`^${pattern.replaceAll('*', '\\w*')}$`).test(resource);
