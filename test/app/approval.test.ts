import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRun } from '../../src/app/approve-run.ts';
import { cancelRun } from '../../src/app/cancel-run.ts';
import { readLedger } from '../../src/app/ledger-store.ts';
import { type RunRef, readRun } from '../../src/app/run-store.ts';
import { sweep } from '../../src/app/sweep.ts';
import { readAudit } from '../../src/local/remote/audit-command.ts';
import { approvalMs } from '../../src/run/approval.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { catalogueOf } from '../catalogue.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import * as steps from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  const allow = { users: ['U0ALAN'], userGroups: ['S0QA'], channels: [] };
  edges = await startEdges({ catalogue: catalogueOf({ name: 'local', approval: 2, allow }) });
});
afterEach(async () => await edges.stop());

/** Ada is in the local Slack's S0QA; Grace is not. */
const asked = (fields: Partial<RunRequest> = {}) => requestOf({ asker: { kind: 'slack', userId: 'U0ADA' }, ...fields });
const wish = (ref: RunRef, userId: string) => ({
  version: 1 as const,
  ...ref,
  askedAt: new Date(edges.world.nowMs()).toISOString(),
  asker: { kind: 'slack' as const, userId },
  channel: 'C0UITESTS',
});
const message = () => JSON.stringify(edges.parents().map(({ text, blocks }) => ({ text, blocks })));
const tasks = () => new Set(edges.events.map(({ detail }) => detail.taskArn)).size;

describe('a run that a second person has to approve', () => {
  it('starts nothing and holds no place before, and starts once with the yes, however often it is said', async () => {
    const ref = await steps.start(edges, asked());
    await sweep(edges.world);
    expect(tasks()).toBe(0);
    expect(await readLedger(edges.world.store, 'local')).toMatchObject({ active: [], queue: [], asked: [{ runId: ref.runId }] });
    expect(edges.parents()[0]?.text).toBe('local: waiting for approval');
    expect(message()).toContain('<!subteam^S0QA>');

    await approveRun(wish(ref, 'U0ADA'), edges.world);
    expect(tasks()).toBe(0);
    await Promise.all([approveRun(wish(ref, 'U0ALAN'), edges.world), approveRun(wish(ref, 'U0ALAN'), edges.world)]);
    expect((await readRun(edges.world.store, ref))?.phase.kind).toBe('started');
    expect(tasks()).toBe(1);
    expect(edges.parents()).toHaveLength(1);
    expect(message()).toContain('approved by <@U0ALAN>');
  });

  it('is not approved by somebody who may not run there', async () => {
    const ref = await steps.start(edges, asked());
    await approveRun(wish(ref, 'U0GRACE'), edges.world);
    expect((await readRun(edges.world.store, ref))?.approval?.by).toEqual([]);
    expect(tasks()).toBe(0);
  });

  it('ends when somebody refuses it, and when nobody approves it within the hour', async () => {
    const refused = await steps.start(edges, asked());
    await cancelRun(wish(refused, 'U0ALAN'), edges.world);
    expect(await steps.outcomeOf(edges, refused)).toBe('cancelled');
    await approveRun(wish(refused, 'U0ALAN'), edges.world);

    const forgotten = await steps.start(edges, asked());
    edges.pass(approvalMs);
    await approveRun(wish(forgotten, 'U0ALAN'), edges.world);
    await sweep(edges.world);
    expect(await steps.outcomeOf(edges, forgotten)).toBe('not-started');
    expect(message()).toContain('Nobody approved it in time.');
    await sweep(edges.world);
    const entries = await readAudit(edges.world.store, '');
    expect(entries).toMatchObject([
      { deed: 'approval-expired', by: { userId: 'U0ADA' }, text: forgotten.runId, came: { kind: 'refused' } },
    ]);
    expect(tasks()).toBe(0);
  });

  it('asked for by nobody in Slack needs the yes of one, too', async () => {
    const ref = await steps.start(edges, asked({ asker: { kind: 'http', keyId: 'merges' } }));
    expect(tasks()).toBe(0);
    await approveRun(wish(ref, 'U0ADA'), edges.world);
    expect(tasks()).toBe(1);
  });
});
