import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { findChrome } from '../../../container/chrome.ts';
import { changeSchedules } from '../../app/schedule-store.ts';
import { schedulerSource } from '../../aws/bus.ts';
import { parseRunId, type RunId } from '../../run/run-id.ts';
import { withSchedule } from '../../schedule/schedule.ts';
import type { JournalEntry } from '../wire/journal.ts';
import { type LocalWorld, startWorld } from '../world.ts';
import { type LoadRound, roundOf } from './load-round.ts';
import { ada, ended, environment, parents, runOf, started, until } from './stand-in-runs.ts';

const nights = 30;
const nightly = Array.from({ length: nights }, (_, index) => `night-${index + 1}`);
const presses = 100;
/** A new AWS account lets so many of all its functions run at once. */
const pressesAtOnce = 5;
const shards = 40;

/**
 * Many at once, on the real functions: people who press the same button, environments whose nightly runs start in the same minute, and a
 * run of forty shards. Tasks are stand-ins.
 *
 * @param note told what is being done
 */
export async function measureLoad(note: (words: string) => void): Promise<readonly LoadRound[]> {
  const folder = await mkdtemp(join(tmpdir(), 'coldframe-load-'));
  const chrome = await findChrome();
  if (chrome.kind === 'none') throw new Error(chrome.because);
  const journal: JournalEntry[] = [];
  note('starting the local world');
  const world = await startWorld({
    dir: join(folder, 'world'),
    port: 0,
    environments: [...nightly.map((name) => environment(name, 1)), environment('wide', shards)],
    container: fileURLToPath(new URL('stand-in-task.ts', import.meta.url)),
    onJournal: (entry) => void journal.push(entry),
  });
  const rounds: LoadRound[] = [];

  async function round(name: string, act: () => Promise<readonly RunId[]>): Promise<void> {
    note(name);
    const from = journal.length;
    const startedAtMs = Date.now();
    const runs = await act();
    await Promise.all([...new Set(runs)].map((runId) => ended(world, runId)));
    await world.lambda.settled();
    rounds.push(roundOf(name, { entries: journal.slice(from), messages: parents(world), runs, tookMs: Date.now() - startedAtMs }));
  }

  try {
    const [before] = await started(world, 1, async () => {
      await world.slack.command({ ...ada, text: '/run-tests night-1' });
    });
    if (before === undefined) throw new Error('no run has started');
    await ended(world, before);
    await round(`${presses} people press the same button`, async () => {
      const { ts: messageTs } = parents(world).find((message) => runOf(message) === before) ?? { ts: '' };
      let left = presses;
      const press = async () => {
        while (left > 0) {
          left -= 1;
          await world.slack.press({ ...ada, messageTs, actionId: 'run_again' });
        }
      };
      return await started(world, 1, async () => {
        await Promise.all(Array.from({ length: pressesAtOnce }, press));
      });
    });
    await round(`the nightly runs of ${nights} environments start in the same minute`, async () => {
      const known = new Set(await nightRuns(world));
      await askForNights(world);
      // What runs by the clock is told at its end, if at all.
      return await until(async () => {
        const found = (await nightRuns(world)).filter((runId) => !known.has(runId));
        return found.length >= nights ? found : undefined;
      });
    });
    await round(`a run of 10,000 scenarios in ${shards} shards`, () =>
      started(world, 1, async () => {
        await world.slack.command({ ...ada, text: '/run-tests wide' });
      }),
    );
    return rounds;
  } finally {
    await world.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** All runs that there are of the environments that run by night. */
async function nightRuns({ store }: LocalWorld): Promise<readonly RunId[]> {
  const names = await Promise.all(nightly.map((name) => Array.fromAsync(store.folders(`claims/${name}/runs/`))));
  return names.flat().flatMap((name) => parseRunId(name) ?? []);
}

const scheduleOf = (name: string): string => `${name}-abcdef`;

/** What a schedule of each environment asks for, all at once. */
async function askForNights({ awsEnvironment, store }: LocalWorld): Promise<void> {
  const { AWS_REGION: region = '', AWS_ENDPOINT_URL_EVENTBRIDGE: endpoint = '' } = awsEnvironment;
  const bus = new EventBridgeClient({ region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  const askedAt = new Date().toISOString();
  const times = { kind: 'every', minutes: 1_440 } as const;
  const by = { by: ada.userId, channel: ada.channelId, madeAt: askedAt };
  for (const name of nightly) {
    const schedule = { id: scheduleOf(name), command: { environment: name, features: [] }, times, ...by };
    await changeSchedules(name, store, (now) => withSchedule(now, schedule));
  }
  const entries = nightly.map((name) => ({
    EventBusName: 'coldframe-local',
    Source: schedulerSource,
    DetailType: 'Run Requested',
    Detail: JSON.stringify({
      ...{ version: 1, key: `schedule:${name}:${askedAt}`, askedAt, text: name },
      asker: { kind: 'schedule', name: scheduleOf(name) },
      command: { environment: name, features: [] },
    }),
  }));
  for (let from = 0; from < entries.length; from += 10) await bus.send(new PutEventsCommand({ Entries: entries.slice(from, from + 10) }));
}
