import { readLedger } from '../../app/ledger-store.ts';
import { readRun } from '../../app/run-store.ts';
import type { Environment } from '../../run/catalogue.ts';
import { environmentOf, parseRunId, type RunId } from '../../run/run-id.ts';
import type { SlackMessage } from '../slack/slack-message.ts';
import type { LocalWorld } from '../world.ts';

/** Who asks, and where. */
export const ada = { userId: 'U0ADA', channelId: 'C0UITESTS' };

/** An environment with so many shards, all of which may run at once. */
export const environment = (name: string, tasks: number): Environment => ({
  ...{ name, url: 'https://example.com', channel: ada.channelId, confirm: false, tags: '', retry: 0 },
  allow: { users: [], userGroups: [], channels: [] },
  ...{ shards: tasks, tasksAtOnce: tasks, limitMs: 20 * 60_000, refs: [], mentionOnFailure: [] },
});

export const parents = (world: LocalWorld): readonly SlackMessage[] =>
  world.slack.messages(ada.channelId).filter(({ onlyFor, threadTs }) => onlyFor === undefined && threadTs === undefined);

export const runOf = ({ metadata }: SlackMessage): RunId | undefined => parseRunId(String(metadata?.event_payload.run_id));

/** Does something, and gives the runs that have a message then and had none before. */
export async function started(world: LocalWorld, count: number, act: () => Promise<void>): Promise<readonly RunId[]> {
  const known = new Set(parents(world).map(runOf));
  await act();
  return await until(() => {
    const runs = parents(world).flatMap((message) => runOf(message) ?? []);
    const found = runs.filter((runId) => !known.has(runId));
    return found.length >= count ? found : undefined;
  });
}

/** The run has ended, and its environment has let go of its places. @throws when it did not pass */
export async function ended(world: LocalWorld, runId: RunId): Promise<void> {
  const ref = { environment: environmentOf(runId), runId };
  const outcome = await until(async () => {
    const run = await readRun(world.store, ref);
    const { active } = await readLedger(world.store, ref.environment);
    return run?.phase.kind === 'finished' && active.length === 0 ? run.phase.outcome : undefined;
  });
  if (outcome.kind !== 'passed') throw new Error(`${runId} ended as ${JSON.stringify(outcome).slice(0, 1_000)}`);
}

/** Looks again and again: under load, what happens is too much to look after each of it. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
