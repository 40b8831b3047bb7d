import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readRun } from '../app/run-store.ts';
import { hasAnswer } from '../app/tell-cold-starts.ts';
import { coldStartsKeys } from '../coldstart/request.ts';
import { views } from '../message/form-loading.ts';
import type { OutcomeKind } from '../outcome/outcome.ts';
import { runKeys, shardKeys } from '../run/keys.ts';
import { reportFiles } from '../run/report-file.ts';
import { environmentOf, parseRunId, type RunId } from '../run/run-id.ts';
import { nothingSaid } from '../run/said.ts';
import { parseSaid } from '../run/stored.ts';
import { messageAsText } from './slack/message-text.ts';
import type { SlackMessage } from './slack/slack-message.ts';
import type { OfferedView } from './slack/slack-views.ts';
import type { LocalWorld } from './world.ts';

/** Ada may run everything that is open to all, and asks in #ui-tests. */
const userId = 'U0ADA';
const channelId = 'C0UITESTS';

/** What `--say` comes to. */
type Ending =
  | { readonly kind: OutcomeKind; readonly runId: RunId; readonly hasReport: boolean }
  | { readonly kind: 'refused' | 'answered' };

/**
 * Sends a command as a person would, prints every message as text each time it changes, and the closing line when the run
 * has ended and the channel shows it: `outcome: KIND, tasks started: N, report: ADDRESS-OR-FILE`.
 *
 * @returns the exit code: 0 passed, 1 failed, 2 anything else
 */
export async function sayAndFollow(
  world: LocalWorld,
  text: string,
  options: { keepsReport: boolean; signal: AbortSignal },
): Promise<number> {
  const heard = new Map<string, SlackMessage>();
  const unsubscribe = world.slack.onChange(({ kind, message }) => {
    if (kind !== 'deleted' && (message.onlyFor ?? userId) === userId) hear(message, heard, world);
  });
  try {
    const said = await world.slack.command({ userId, channelId, text });
    const isAnswered = said.kind === 'failed' || said.message !== undefined;
    const ending: Ending = isAnswered ? { kind: 'refused' } : await endOf(world, heard, options.signal);
    const report = await reportOf(world, ending, options.keepsReport);
    console.log(`\noutcome: ${ending.kind}, tasks started: ${world.tasksStarted()}, report: ${report}`);
    return ending.kind === 'passed' || ending.kind === 'answered' ? 0 : ending.kind === 'failed' ? 1 : 2;
  } finally {
    unsubscribe();
  }
}

/** Prints a message unless it reads as before. */
function hear(message: SlackMessage, heard: Map<string, SlackMessage>, { slack }: LocalWorld): void {
  const reader = { nowMs: Date.now(), nameOf: slack.nameOf };
  const before = heard.get(message.ts);
  heard.set(message.ts, message);
  const shown = messageAsText(message, reader);
  if (before !== undefined && messageAsText(before, reader) === shown) return;
  const whose = message.onlyFor === undefined ? '' : ', only you see this';
  const where = message.threadTs === undefined ? '' : ', in the thread';
  console.log(`\n── ${new Date().toTimeString().slice(0, 8)}${where}${whose}\n${shown}`);
}

type Dialog = Extract<OfferedView, { readonly type: 'modal' }>;

/** The dialog that a command has opened, once there is something to choose in it. */
function dialogIn({ slack }: LocalWorld): Dialog | undefined {
  const { view } = slack.views.stack(userId).at(-1) ?? {};
  return view?.type === 'modal' && view.callback_id !== views.loading ? view : undefined;
}

function printDialog({ title, blocks }: Dialog, { slack }: LocalWorld): void {
  const shown = messageAsText({ text: title.text, blocks }, { nowMs: Date.now(), nameOf: slack.nameOf });
  console.log(`\n── ${new Date().toTimeString().slice(0, 8)}, a dialog, only you see this: ${title.text}\n${shown}`);
  console.log('\nA terminal can only show a dialog: `npm start` has the page on which it is filled in.');
}

/** Waits until the channel shows the run's end, the person was told that there will be none, or a dialog asks for more. */
async function endOf(world: LocalWorld, heard: ReadonlyMap<string, SlackMessage>, signal: AbortSignal): Promise<Ending> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('ended before the run was')), { once: true });
  });
  for (;;) {
    const changed = world.nextChange();
    const runId = [...heard.values()].map(runOf).findLast((id) => id !== undefined);
    if (runId !== undefined) {
      const ending = await shownEnd(world, runId);
      if (ending !== undefined) return ending;
    } else if ([...heard.values()].some((message) => message.metadata?.event_type === 'coldframe_cold_starts')) {
      if (await isAnswered(world, heard)) return { kind: 'answered' };
    } else if ([...heard.values()].some((message) => message.onlyFor !== undefined)) return { kind: 'refused' };
    else {
      const dialog = dialogIn(world);
      if (dialog !== undefined) {
        printDialog(dialog, world);
        return { kind: 'refused' };
      }
    }
    await Promise.race([changed, aborted]);
  }
}

/** The run's end, once Slack has confirmed that it shows it, and nobody has anything left to say. */
async function shownEnd(world: LocalWorld, runId: RunId): Promise<Ending | undefined> {
  const environment = environmentOf(runId);
  const run = await readRun(world.store, { environment, runId });
  if (run?.phase.kind !== 'finished') return undefined;
  const said = (await world.store.get(runKeys(environment, runId).said, parseSaid))?.value ?? nothingSaid;
  if (said.confirmed?.revision !== run.revision) return undefined;
  await world.lambda.settled();
  return { kind: run.phase.outcome.kind, runId, hasReport: run.phase.hasReport };
}

/** Whether a question about cold starts has its last word, and everything about it has been done. */
async function isAnswered(world: LocalWorld, heard: ReadonlyMap<string, SlackMessage>): Promise<boolean> {
  const ids = [...heard.values()].flatMap(({ metadata }) =>
    metadata?.event_type === 'coldframe_cold_starts' ? [metadata.event_payload.run_id] : [],
  );
  const said = await Promise.all(ids.map((id) => world.store.get(coldStartsKeys(String(id)).said, parseSaid)));
  if (!said.every((one) => hasAnswer(one?.value))) return false;
  await world.lambda.settled();
  return true;
}

/** The run a message of the bot is about. */
function runOf({ metadata }: SlackMessage): RunId | undefined {
  const id = metadata?.event_type === 'coldframe_run' ? metadata.event_payload.run_id : undefined;
  return typeof id === 'string' ? parseRunId(id) : undefined;
}

/** The report's file; a copy of it when the world it is in goes away. */
async function reportOf(world: LocalWorld, ending: Ending, keepsReport: boolean): Promise<string> {
  if (!('runId' in ending) || !ending.hasReport) return 'none';
  const file = world.pathOf(runKeys(environmentOf(ending.runId), ending.runId).reportFile(reportFiles.page));
  const content = await readFile(file);
  const isPacked = content[0] === 0x1f && content[1] === 0x8b;
  if (!keepsReport && !isPacked) return file;
  const copy = join(await mkdtemp(join(tmpdir(), 'coldframe-report-')), `${ending.runId}.html`);
  const page = (isPacked ? gunzipSync(content) : content).toString();
  await writeFile(copy, keepsReport ? await withPictures(page, world, ending.runId) : page);
  return copy;
}

/** The page with its pictures in it: nobody is there any more to ask for them. */
async function withPictures(page: string, world: LocalWorld, runId: RunId): Promise<string> {
  const links = new Set(page.match(/https?:\/\/[^\s"'<>]+\/shards\/\d+\/attachments\/[\w.-]+\.png\?s=[\w-]+/g));
  for (const link of links) {
    const [, shard = '', name = ''] = /\/shards\/(\d+)\/attachments\/([\w.-]+)\?/.exec(link) ?? [];
    const bytes = await readFile(world.pathOf(shardKeys(environmentOf(runId), runId, Number(shard)).attachment(name)));
    page = page.replaceAll(link, `data:image/png;base64,${bytes.toString('base64')}`);
  }
  return page;
}
