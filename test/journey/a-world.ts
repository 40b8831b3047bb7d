import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLedger } from '../../src/app/ledger-store.ts';
import { readRun } from '../../src/app/run-store.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { type LocalWorld, startWorld, type WorldOptions } from '../../src/local/world.ts';
import { runKeys } from '../../src/run/keys.ts';
import { environmentOf, parseRunId, type RunId } from '../../src/run/run-id.ts';
import { parseSaid } from '../../src/run/stored.ts';
import { useOneBuild } from '../one-build.ts';

/** The local world on a folder of its own, in a hurry. `prepare` may put files into the folder before it starts. */
export async function aWorld(
  options: Pick<WorldOptions, 'suite' | 'browser' | 'permissions'> & { prepare?: (dir: string) => Promise<void> } = {},
) {
  const { prepare, ...more } = options;
  const dir = await mkdtemp(join(tmpdir(), 'coldframe-world-'));
  await useOneBuild(dir);
  await prepare?.(dir);
  const world = await startWorld({ dir, port: 0, isHurried: true, ...more });
  return {
    ...world,
    dir,
    end: async () => {
      await world.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export type AWorld = Awaited<ReturnType<typeof aWorld>>;

export const ada = { userId: 'U0ADA', channelId: 'C0UITESTS' };

/** What the bot says to all, replies left out. */
export const parents = (world: LocalWorld, channel = ada.channelId): readonly SlackMessage[] =>
  world.slack.messages(channel).filter((message) => message.onlyFor === undefined && message.threadTs === undefined);

/** What the bot says in threads. */
export const replies = (world: LocalWorld, channel = ada.channelId): readonly SlackMessage[] =>
  world.slack.messages(channel).filter((message) => message.threadTs !== undefined);

/** The run that a message is about. */
export function runOf(message: SlackMessage | undefined): RunId {
  const runId = parseRunId(String(message?.metadata?.event_payload.run_id));
  if (runId === undefined) throw new Error('this message is about no run');
  return runId;
}

/** The run's one message, in words. @throws when it has none, or several */
export function onlyMessageOf(world: LocalWorld, runId: string): string {
  const [message, ...others] = parents(world).filter((one) => runOf(one) === runId);
  if (message === undefined || others.length > 0) throw new Error(`${runId} has ${message === undefined ? 0 : others.length + 1} messages`);
  return messageAsText(message, { nowMs: Date.now(), nameOf: world.slack.nameOf });
}

/** Waits until something holds; whatever happens in the world is looked at again. */
export async function until<T>(world: LocalWorld, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const changed = world.nextChange();
    const found = await look();
    if (found !== undefined) return found;
    await changed;
  }
}

/** The run's end, once the channel shows it. */
export const endOf = (world: LocalWorld, runId: RunId) =>
  until(world, async () => {
    const environment = environmentOf(runId);
    // It is looked at hundreds of times: the file costs nothing, and each of those that follow is a call, one after the other.
    const file = world.pathOf(runKeys(environment, runId).run);
    if (!existsSync(file) || !readFileSync(file, 'utf8').includes('"finished"')) return undefined;
    const run = await readRun(world.store, { environment, runId });
    if (run?.phase.kind !== 'finished') return undefined;
    const said = await world.store.get(runKeys(environment, runId).said, parseSaid);
    const isSilent = said?.value.heard?.place.kind === 'nowhere';
    if (!isSilent && said?.value.confirmed?.revision !== run.revision) return undefined;
    const { active } = await readLedger(world.store, environment);
    if (active.some((entry) => entry.runId === runId)) return undefined;
    await world.lambda.settled();
    return run.phase.outcome;
  });

/** The next new run of the channel. */
export async function nextRun(world: LocalWorld, before: readonly SlackMessage[], channel = ada.channelId): Promise<RunId> {
  const known = new Set(before.map((message) => message.ts));
  return runOf(await until(world, () => parents(world, channel).find((message) => !known.has(message.ts))));
}

/** A person's command, and the run it leads to. */
export async function runTests(world: LocalWorld, text: string): Promise<RunId> {
  const before = parents(world);
  const said = await world.slack.command({ ...ada, text });
  if (said.kind !== 'taken' || said.message !== undefined) throw new Error(`refused: ${said.message?.text ?? said.kind}`);
  return await nextRun(world, before);
}
