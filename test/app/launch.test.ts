import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch } from '../../src/app/launch.ts';
import { changeStoredRun, readRun } from '../../src/app/run-store.ts';
import { newRun } from '../../src/run/run.ts';
import { type Edges, startEdges } from './edges.ts';
import { outcomeOf, start } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges();
});
afterEach(async () => await edges.stop());

describe('a run that somebody else has started a moment ago', () => {
  it('is not called "not started" by one whom ECS refused', async () => {
    const ref = await start(edges);
    const refusing = {
      ...edges.world,
      tasks: {
        ...edges.world.tasks,
        run: async () => ({ kind: 'refused' as const, stop: { what: 'no', next: '', raw: '', isTransient: true } }),
      },
    };
    await launch(ref, newRun(ref.runId, ref.environment), refusing);
    expect(await outcomeOf(edges, ref)).toBe('started');
  });

  it('is stopped, and not ended before it was, by one who read that it is cancelled', async () => {
    const ref = await start(edges);
    const cancel = { kind: 'cancel-asked', by: { kind: 'slack', userId: 'U0GRACE' }, at: new Date().toISOString() } as const;
    const { cancel: asked } = await changeStoredRun(edges.world.store, ref, cancel);
    if (asked === undefined) throw new Error('the cancel was not recorded');
    await launch(ref, { ...newRun(ref.runId, ref.environment), cancel: asked }, edges.world);
    expect(await outcomeOf(edges, ref)).toBe('started');
    expect((await readRun(edges.world.store, ref))?.cancel).toEqual(asked);
    expect(edges.ecs.tasks().map((task) => task.desiredStatus)).toEqual(['STOPPED']);
  });
});
