import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../src/app/ledger-store.ts';
import { pressButton } from '../../src/app/slack-door.ts';
import { startRun } from '../../src/app/start-run.ts';
import { buttons } from '../../src/message/buttons.ts';
import type { RunRequest } from '../../src/run/request.ts';
import { parseRunRequest } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';
import { aDoor } from './a-door.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import * as steps from './run-steps.ts';

const catalogue = catalogueOf({ name: 'local', tasksAtOnce: 1 });
let edges: Edges;
beforeEach(async () => {
  edges = await startEdges({ catalogue });
});
afterEach(async () => await edges.stop());

const grace = { kind: 'slack', userId: 'U0GRACE' } as const;
const text = '/run-tests local @smoke';
const command = { environment: 'local', tags: '@smoke', features: [] };
/** What somebody types who does not know of the other run. */
function typed(fields: Partial<RunRequest> = {}): RunRequest {
  const { beside: _, ...request } = requestOf({ text, command, ...fields });
  return request;
}
/** What only this person sees in the channel. */
const toldTo = (userId: string) => edges.slack.messages('C0UITESTS').filter(({ onlyFor }) => onlyFor === userId);

/** The request that the answer's button makes. */
async function pressed(actionId: string): Promise<RunRequest> {
  const answer = toldTo('U0GRACE').at(-1);
  const found = answer?.blocks
    ?.flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .find((one) => one.action_id === actionId);
  const value = found !== undefined && 'value' in found ? String(found.value) : '';
  const { world, handedOver } = aDoor(catalogue);
  await pressButton(
    {
      ...{ action: actionId, value, userId: 'U0GRACE', channelId: 'C0UITESTS', messageTs: answer?.ts ?? '' },
      ...{ responseUrl: '', askedAt: new Date().toISOString() },
    },
    world,
  );
  return parseRunRequest(JSON.parse(JSON.stringify(handedOver[0]?.detail)));
}

describe('somebody who asks for what is on already', () => {
  it('is shown that run, and nothing else is started, however often it is delivered', async () => {
    const first = await steps.start(edges, typed());
    const asked = typed({ asker: grace });
    const [came, again] = [await startRun(asked, edges.world), await startRun(asked, edges.world)];
    expect(came).toMatchObject({ kind: 'refused', because: expect.stringContaining(first.runId) });
    expect(again).toEqual(came);
    expect(edges.parents()).toHaveLength(1);
    expect(toldTo('U0GRACE').at(-1)?.text).toContain('/archives/C0UITESTS/p');
  });

  it('has one more run when that is wanted, which waits for its turn', async () => {
    await steps.start(edges, typed());
    await startRun(typed({ asker: grace }), edges.world);
    const second = await steps.start(edges, await pressed(buttons.beside));
    expect(await readLedger(edges.world.store, 'local')).toMatchObject({ queue: [{ runId: second.runId }] });
    expect(edges.parents()).toHaveLength(2);
  });

  it('has a run in its place when that is wanted: the other one is cancelled', async () => {
    const waiting = await steps.start(edges, requestOf());
    const first = await steps.start(edges, typed());
    await startRun(typed({ asker: grace }), edges.world);
    const request = await pressed(buttons.instead);
    const second = await steps.start(edges, request);
    await startRun(request, edges.world);
    expect(await steps.outcomeOf(edges, first)).toBe('cancelled');
    expect(await steps.outcomeOf(edges, second)).toBe('queued');
    expect(await steps.outcomeOf(edges, waiting)).toBe('started');
  });

  it.each([
    ['other words', { command: { ...command, tags: '@slow' } }],
    ['a button', { key: 'button:C0UITESTS:1.1:run_again:abc' }],
    ['a CI', { asker: { kind: 'http', keyId: 'merges' } as const, key: 'http:1' }],
  ])('by %s is not asked back', async (_, fields) => {
    await steps.start(edges, typed());
    expect((await startRun(typed({ asker: grace, ...fields }), edges.world)).kind).toBe('run');
  });
});
