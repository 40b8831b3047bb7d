// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how CloudFormation writes its variables
import { beforeAll, describe, expect, it } from 'vitest';
import { iamCall } from '../../../src/local/iam/iam-call.ts';
import { decide, parseStatement, type Role } from '../../../src/local/iam/policy.ts';
import { readCatalogue } from '../../../src/local/read-catalogue.ts';
import { isEveryRow } from '../../every-row.ts';
import { packaged } from '../packaged.ts';
import { rolesOf, statementsOf, type Template } from '../template.ts';
import { forEveryEnvironment } from './every-environment.ts';
import { type SeenUse, usesOfAllFlows } from './flows.ts';
import { grantsOf, judgePermissions } from './judge.ts';
import { recordedUses } from './recorded-uses.ts';
import { waivers } from './waivers.ts';

/** For the flows. */
const timeout = 600_000;
const catalogue = await readCatalogue();

let template: Template;
let roles: readonly Role[];
let uses: readonly SeenUse[];
beforeAll(async () => {
  template = (await packaged('local')).template;
  roles = rolesOf(template);
  uses = forEveryEnvironment(await (isEveryRow ? usesToday() : recordedUses()), catalogue);
}, timeout);

/** As vitest does with a journey that fails: once more, and said aloud. Look at it before it becomes a habit. */
const usesToday = (): Promise<readonly SeenUse[]> =>
  usesOfAllFlows().catch((error: unknown) => {
    console.error('once more:', error);
    return usesOfAllFlows();
  });

const judged = (changed: readonly Role[]) => judgePermissions({ roles: changed, uses, waivers });

it('what the roles of the packaged template may do is what their code does', () => {
  expect(judged(roles).join('\n\n')).toBe('');
});

describe('a permission', () => {
  it('that is taken away is named, with the statement to write, whichever it is', () => {
    const waived = new Set(waivers.map(({ role, action }) => `${role} ${action}`));
    for (const { role, statement, action } of grantsOf(roles).filter((grant) => !waived.has(`${grant.role} ${grant.action}`))) {
      const without = changed(roles, role, (one) =>
        one === statement ? { ...one, actions: one.actions.filter((name) => name !== action) } : one,
      );
      // What another role lacks is not asked: to judge all of them for each permission takes six times as long.
      const [its, itsUses] = [without.filter(({ id }) => id === role), uses.filter((use) => use.role === role)];
      const said = judgePermissions({ roles: its, uses: itsUses, waivers }).filter((line) =>
        line.startsWith(`${role} lacks ${action} on `),
      );
      expect(said.join('\n'), `${role} without ${action}`).toContain(`Action: [${action}]`);
    }
  });

  it('that is added is named, whichever role it is added to', () => {
    for (const { id } of roles) {
      const added = parseStatement({
        Sid: 'OneMore',
        Effect: 'Allow',
        Action: 's3:DeleteObject',
        Resource: 'arn:aws:s3:::coldframe-local-000000000000/state/*',
      });
      const more = roles.filter((role) => role.id === id).map((role) => ({ ...role, statements: [...role.statements, added] }));
      const [itsUses, itsWaivers] = [uses.filter(({ role }) => role === id), waivers.filter(({ role }) => role === id)];
      expect(judgePermissions({ roles: more, uses: itsUses, waivers: itsWaivers })).toEqual([
        expect.stringContaining(
          `${id} may s3:DeleteObject on arn:aws:s3:::coldframe-local-000000000000/state/*, which nothing calls: take it out of the statement OneMore`,
        ),
      ]);
    }
  });

  it('on more than is used is named, and so is a condition that forbids what is called', () => {
    const elsewhere = 'arn:aws:s3:::coldframe-local-000000000000/claims/*';
    const wider = changed(roles, 'SweepRole', (one) =>
      one.sid === 'KeepState' ? { ...one, resources: [...one.resources, elsewhere] } : one,
    );
    expect(judged(wider)).toEqual([expect.stringMatching(/^SweepRole may s3:PutObject on .*claims/)]);
    const other = { ArnEquals: { 'ecs:cluster': ['arn:aws:ecs:eu-central-1:000000000000:cluster/other'] } };
    const narrower = changed(roles, 'WorkerRole', (one) => (one.sid === 'StartTasks' ? { ...one, conditions: other } : one));
    expect(judged(narrower).join('\n')).toContain(
      'ecs:cluster: [!Sub "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/coldframe-${sls:stage}"]',
    );
  });

  it('that is waived and used after all loses its waiver', () => {
    const idle = [...waivers, { role: 'HttpRole', action: 'events:PutEvents', because: 'x' }];
    expect(judgePermissions({ roles, uses, waivers: idle })).toEqual([expect.stringContaining('HttpRole: events:PutEvents is waived')]);
  });
});

describe("a branch of the suite that runs on staging reaches nothing of production's", () => {
  const bucket = 'arn:aws:s3:::coldframe-local-000000000000';
  const run = 'production-20261123-0412-k3f9';
  const arn = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:000000000000:${rest}`;
  const mayOf = (environment: string) => {
    const role = roles.find(({ id }) => id === `TaskRole${environment}`);
    const policies = [
      ...(role?.statements ?? []),
      ...statementsOf(template)
        .filter(({ where }) => where === 'BucketPolicy')
        .map(({ where: _, ...one }) => parseStatement(one)),
    ];
    return (action: string, resource: string, context = {}) =>
      decide(policies, iamCall(action, resource, { 'aws:SecureTransport': ['true'], ...context })).kind;
  };

  it("though production's own task does", () => {
    const may = mayOf('Production');
    expect(may('s3:PutObject', `${bucket}/messages/production/${run}/shards/1/000001.ndjson.gz`)).toBe('allowed');
    expect(may('s3:GetObject', `${bucket}/claims/production/runs/${run}/plan.json`)).toBe('allowed');
    expect(may('ssm:GetParametersByPath', arn('ssm', 'parameter/coldframe/prod/suite/production'))).toBe('allowed');
    expect(may('s3:PutObject', `${bucket}/claims/production/runs/production-task-1/plan.json`, { 's3:if-none-match': ['*'] })).toBe(
      'allowed',
    );
    // Not even production's: a claim is written once.
    expect(may('s3:PutObject', `${bucket}/claims/production/runs/production-task-1/plan.json`)).toBe('denied');
  });

  it.each([
    ['s3:GetObject', `${bucket}/claims/production/runs/${run}/plan.json`],
    ['s3:PutObject', `${bucket}/claims/production/runs/production-task-1/plan.json`],
    ['s3:PutObject', `${bucket}/claims/production/runs/${run}/plan.json`],
    ['s3:GetObject', `${bucket}/state/production/runs/${run}/run.json`],
    ['s3:PutObject', `${bucket}/state/production/runs/${run}/run.json`],
    ['s3:PutObject', `${bucket}/state/production/ledger.json`],
    ['s3:PutObject', `${bucket}/state/production/runs/${run}/shards/1/result.json`],
    ['s3:PutObject', `${bucket}/state/production/runs/${run}/shards/1/progress.json`],
    ['s3:GetObject', `${bucket}/messages/production/${run}/shards/1/000001.ndjson.gz`],
    ['s3:PutObject', `${bucket}/messages/production/${run}/shards/1/000001.ndjson.gz`],
    ['s3:GetObject', `${bucket}/reports/production/${run}/report.html`],
    ['s3:PutObject', `${bucket}/reports/production/${run}/report.html`],
    ['s3:PutObject', `${bucket}/history/production/${run}.json`],
    ['s3:DeleteObject', `${bucket}/messages/production/${run}/shards/1/000001.ndjson.gz`],
    ['s3:ListBucket', bucket],
    ['ssm:GetParametersByPath', arn('ssm', 'parameter/coldframe/prod/suite/production')],
    ['ssm:GetParameters', arn('ssm', 'parameter/coldframe/prod/suite/production/APP_PASSWORD')],
    ['ssm:GetParametersByPath', arn('ssm', 'parameter/coldframe/prod')],
    ['ssm:GetParameters', arn('ssm', 'parameter/coldframe/local/slack-bot-token')],
    ['ecs:RunTask', arn('ecs', 'task-definition/coldframe-local-production:1')],
    ['ecs:StopTask', arn('ecs', 'task/coldframe-local/1')],
    ['iam:PassRole', 'arn:aws:iam::000000000000:role/TaskRoleProduction'],
    ['events:PutEvents', arn('events', 'event-bus/coldframe-local')],
    ['events:PutEvents', arn('events', 'event-bus/default')],
    ['logs:GetLogEvents', arn('logs', 'log-group:/coldframe/local/tasks:log-stream:production/suite/1')],
    // Nor what is its own, but not its business.
    ['s3:PutObject', `${bucket}/state/staging/runs/staging-20261123-0412-k3f9/run.json`],
    ['s3:PutObject', `${bucket}/state/staging/ledger.json`],
    ['s3:PutObject', `${bucket}/claims/staging/runs/staging-20261123-0412-k3f9/plan.json`],
  ])('it may not %s %s', (action, resource) => {
    const context = {
      's3:if-none-match': ['*'],
      'ecs:cluster': [arn('ecs', 'cluster/coldframe-local')],
      'events:source': ['coldframe.door'],
    };
    expect(mayOf('Staging')(action, resource, context)).toBe('denied');
  });
});

const changed = (
  all: readonly Role[],
  id: string,
  change: (statement: Role['statements'][number]) => Role['statements'][number],
): readonly Role[] => all.map((role) => (role.id === id ? { ...role, statements: role.statements.map(change) } : role));
