import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { areBlocks, type OfferedBlock } from './block-kit.ts';
import type { SlackMessage } from './slack-message.ts';

const ticksPerSecond = 10_000;

/** A `ts` like `1763871234.000100` in ticks of 100 microseconds, which a number can hold exactly. */
export const tickOf = (ts: string): number => Math.round(Number(ts) * ticksPerSecond);

/** The `ts` of a tick. */
export const tsOf = (tick: number): string =>
  `${Math.floor(tick / ticksPerSecond)}.${String((tick % ticksPerSecond) * 100).padStart(6, '0')}`;

const blocks = v.custom<readonly OfferedBlock[]>((value) => areBlocks(value, 'message'));

const message = v.object({
  channel: v.string(),
  ts: v.string(),
  threadTs: v.exactOptional(v.string()),
  userId: v.string(),
  text: v.string(),
  blocks: v.exactOptional(blocks),
  attachments: v.exactOptional(v.array(v.object({ color: v.exactOptional(v.string()), fallback: v.exactOptional(v.string()), blocks }))),
  metadata: v.exactOptional(v.object({ event_type: v.string(), event_payload: v.record(v.string(), v.unknown()) })),
  edited: v.exactOptional(v.object({ userId: v.string(), ts: v.string() })),
  onlyFor: v.exactOptional(v.string()),
});

const logLine = v.variant('kind', [
  v.object({ kind: v.literal('said'), message }),
  v.object({ kind: v.literal('deleted'), channel: v.string(), ts: v.string() }),
  /** The last time stamp given before the log was rewritten. */
  v.object({ kind: v.literal('clock'), ts: v.string() }),
]);

/** One line of the log. */
export type LogLine = v.InferOutput<typeof logLine> | { readonly kind: 'said'; readonly message: SlackMessage };

/** What a log comes to. */
export interface Log {
  readonly said: ReadonlyMap<string, SlackMessage>;
  /** The last tick that was used. */
  readonly last: number;
}

/**
 * Reads the log of everything said.
 *
 * @throws for a line that is none of ours, with its number; a last line that was cut off is left out
 */
export function readLog(file: string): Log {
  const said = new Map<string, SlackMessage>();
  let last = 0;
  for (const line of logLines(file)) {
    const ts = line.kind === 'said' ? line.message.ts : line.ts;
    last = Math.max(last, tickOf(ts));
    if (line.kind === 'said') said.set(`${line.message.channel} ${ts}`, line.message);
    if (line.kind === 'deleted') said.delete(`${line.channel} ${ts}`);
  }
  return { said, last };
}

function logLines(file: string): readonly v.InferOutput<typeof logLine>[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  // What follows the last line break was being written when the process was killed.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    try {
      return v.parse(logLine, JSON.parse(line));
    } catch (cause) {
      throw new Error(`${file}, line ${index + 1}: not something the local Slack wrote; delete the file to start afresh`, { cause });
    }
  });
}

/** Writes the log anew, with nothing in it that was changed or deleted since. */
export function compactLog(file: string, { said, last }: Log): void {
  const lines: readonly LogLine[] = [
    { kind: 'clock', ts: tsOf(last) },
    ...[...said.values()].map((one) => ({ kind: 'said' as const, message: one })),
  ];
  writeFileSync(`${file}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  renameSync(`${file}.new`, file);
}
