import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactLog, type LogLine, readLog, tickOf, tsOf } from './slack-log.ts';
import type { SlackMessage } from './slack-message.ts';
import { openWorkspace, type Workspace } from './slack-workspace.ts';

/** Something that people in the workspace can see has changed. */
export type SlackChange =
  | { readonly kind: 'posted'; readonly message: SlackMessage }
  | { readonly kind: 'updated'; readonly message: SlackMessage }
  | { readonly kind: 'deleted'; readonly message: SlackMessage };

/** The workspace and everything said in it, kept in a folder. */
export interface SlackState {
  readonly workspace: Workspace;
  /** What was said in a channel, oldest first, with the answers that only one person sees. */
  messages(channel: string): readonly SlackMessage[];
  find(channel: string, ts: string): SlackMessage | undefined;
  /** A time stamp that no message has had, later than all before. */
  nextTs(): string;
  /** Posts the message, or replaces the one with its `ts`. */
  put(message: SlackMessage): void;
  remove(message: SlackMessage): void;
  /** Calls the listener for every change from now on; returns what ends that. */
  onChange(listener: (change: SlackChange) => void): () => void;
}

/**
 * Opens the local Slack's state in `dir`: `workspace.json`, and `messages.ndjson` with one line for every change, so that
 * a killed process loses at most the line it was writing.
 */
export async function openSlackState(dir: string, nowMs: () => number = Date.now): Promise<SlackState> {
  const workspace = await openWorkspace(dir);
  const file = join(dir, 'messages.ndjson');
  const { said, last } = readLog(file);
  compactLog(file, { said, last });

  const channels = new Map<string, Map<string, SlackMessage>>();
  for (const message of said.values()) channelOf(message.channel).set(message.ts, message);
  const listeners = new Set<(change: SlackChange) => void>();
  let lastTick = last;

  function channelOf(id: string): Map<string, SlackMessage> {
    const known = channels.get(id) ?? new Map<string, SlackMessage>();
    channels.set(id, known);
    return known;
  }

  function record(line: LogLine, change: SlackChange): void {
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    for (const listener of listeners) listener(change);
  }

  return {
    workspace,
    messages: (channel) => [...channelOf(channel).values()].toSorted((a, b) => tickOf(a.ts) - tickOf(b.ts)),
    find: (channel, ts) => channelOf(channel).get(ts),
    nextTs: () => {
      // In steps of 100 microseconds, as Slack's own numbers tend to be.
      lastTick = Math.max(nowMs() * 10, lastTick + 1);
      return tsOf(lastTick);
    },
    put: (message) => {
      const kind = channelOf(message.channel).has(message.ts) ? 'updated' : 'posted';
      channelOf(message.channel).set(message.ts, message);
      record({ kind: 'said', message }, { kind, message });
    },
    remove: (message) => {
      channelOf(message.channel).delete(message.ts);
      record({ kind: 'deleted', channel: message.channel, ts: message.ts }, { kind: 'deleted', message });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
