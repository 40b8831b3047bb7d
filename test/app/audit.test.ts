import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approveRun } from '../../src/app/approve-run.ts';
import { keepAudit, keyOfWish, ofRequest, ofWish } from '../../src/app/keep-audit.ts';
import { typeCommand } from '../../src/app/slack-door.ts';
import { startRun } from '../../src/app/start-run.ts';
import { readAudit } from '../../src/local/remote/audit-command.ts';
import { parseVainRequest } from '../../src/run/audit.ts';
import { catalogueOf } from '../catalogue.ts';
import { aDoor } from './a-door.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';

const catalogue = catalogueOf(
  { name: 'local', approval: 2 },
  { name: 'closed', allow: { users: ['U0GRACE'], userGroups: [], channels: [] } },
);
let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue });
});
afterEach(async () => await edges.stop());

describe('the audit log', () => {
  it('has who asked for what, who approved it, and what came of it, once, and no response_url', async () => {
    const request = requestOf({
      responseUrl: 'https://hooks.slack.com/commands/T0/1/secret',
      text: '/run-tests local token=xoxb-1234567890',
    });
    for (const _ of [1, 2]) await keepAudit(ofRequest(request, await startRun(request, edges.world)), request.key, edges.world);
    const [asked] = await readAudit(edges.world.store, request.askedAt.slice(0, 10));
    const runId = asked?.came.kind === 'run' ? asked.came.runId : '';
    const wish = { version: 1 as const, runId, environment: 'local', askedAt: new Date(Date.now() + 1_000).toISOString() };
    for (const userId of ['U0ADA', 'U0GRACE']) {
      const by = { ...wish, asker: { kind: 'slack' as const, userId }, channel: 'C0UITESTS' };
      await keepAudit(ofWish('approve', by, await approveRun(by, edges.world)), keyOfWish(by), edges.world);
    }
    const entries = await readAudit(edges.world.store, request.askedAt.slice(0, 10));
    expect(entries.filter(({ deed }) => deed === 'run')).toHaveLength(1);
    expect(entries.filter(({ deed }) => deed === 'approve').map(({ by, came }) => [by, came.kind])).toEqual(
      expect.arrayContaining([
        [{ kind: 'slack', userId: 'U0ADA' }, 'refused'],
        [{ kind: 'slack', userId: 'U0GRACE' }, 'done'],
      ]),
    );
    expect(JSON.stringify(entries)).not.toMatch(/secret|xoxb-1234567890/);
  });

  it('is told by the door of what it refused, and why', async () => {
    const { world, handedOver } = aDoor(catalogue);
    const typed = {
      command: '/run-tests',
      userId: 'U0ADA',
      channelId: 'C0UITESTS',
      triggerId: '1.2.3',
      responseUrl: '',
      askedAt: '2026-11-27T09:00:00.000Z',
    };
    for (const text of ['closed', 'nowhere']) await typeCommand({ ...typed, text }, world);
    const told = handedOver.map(({ detail }) => parseVainRequest(JSON.parse(JSON.stringify(detail))).entry);
    expect(told).toMatchObject([
      {
        by: { userId: 'U0ADA' },
        environment: 'closed',
        text: 'closed',
        came: { kind: 'refused', because: expect.stringContaining('<@U0GRACE>') },
      },
      { text: 'nowhere', came: { kind: 'refused' } },
    ]);
  });
});
