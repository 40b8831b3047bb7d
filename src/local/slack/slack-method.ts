import type { Problem } from './json-shape.ts';
import { sentence } from './slack-content.ts';
import type { SlackFiles } from './slack-files.ts';
import type { Limit } from './slack-limits.ts';
import type { Refusals } from './slack-refusals.ts';
import type { SlackState } from './slack-state.ts';
import type { Triggers } from './slack-triggers.ts';
import type { Views } from './slack-views.ts';
import type { Channel } from './slack-workspace.ts';

/** The arguments of a call: strings when they came as a form, anything when they came as JSON. */
export type Args = Readonly<Record<string, unknown>>;

/** What the methods act upon. */
export interface SlackWorld {
  readonly state: SlackState;
  readonly files: SlackFiles;
  readonly triggers: Triggers;
  readonly views: Views;
  readonly refusals: Refusals;
  /** What the app was granted at its installation. */
  readonly scopes: readonly string[];
  /** `http://127.0.0.1:PORT` */
  url(): string;
}

/** An answer of the Web API. */
export type Reply =
  | { readonly ok: true; readonly [field: string]: unknown }
  | { readonly ok: false; readonly error: string; readonly [field: string]: unknown };

/** One method of the Web API. */
export interface Method {
  /** Any one of these is enough; none: no scope is needed. */
  readonly scopes: readonly string[];
  readonly limit: Limit;
  /** An argument whose values are limited each by itself. */
  readonly limitedBy?: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  run(args: Args, world: SlackWorld): Reply;
}

export type Methods = Readonly<Record<string, Method>>;

export const refused = (error: string, more: Readonly<Record<string, unknown>> = {}): Reply => ({ ...more, ok: false, error });

/** The refusal of something malformed, with every problem and its place. */
export const refusedFor = (error: string, problems: readonly Problem[]): Reply =>
  refused(error, {
    errors: problems.map(sentence),
    response_metadata: { messages: problems.map((problem) => `[ERROR] ${sentence(problem)}`) },
  });

export const missingScope = (needed: readonly string[], provided: readonly string[]): Reply =>
  refused('missing_scope', { needed: needed.join(','), provided: provided.join(',') });

/** An argument as text; empty when it is not given. */
export const text = (args: Args, name: string): string => {
  const value = args[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

/** Whether a boolean argument was given as true. */
export const isTrue = (args: Args, name: string): boolean => [true, 1, 'true', '1'].some((yes) => yes === args[name]);

/** A structured argument: forms carry it as JSON. Undefined when it is not given or is not JSON. */
export function structured(args: Args, name: string): unknown {
  const value = args[name];
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // said by the caller, each argument with an error of its own
    return undefined;
  }
}

/** The channel an id names; undefined when there is none, or none that the bot may know of. */
export function visibleChannel(id: string, { state }: SlackWorld): Channel | undefined {
  const channel = state.workspace.channels.find((one) => one.id === id);
  return channel === undefined || (channel.isPrivate && !channel.hasBot) ? undefined : channel;
}

/** A page of a list, with the cursor to the next one. */
export function page<T>(
  items: readonly T[],
  args: Args,
  { usual, most }: { readonly usual: number; readonly most: number },
):
  | { readonly kind: 'page'; readonly items: readonly T[]; readonly hasMore: boolean; readonly nextCursor: string }
  | { readonly kind: 'refused'; readonly error: 'invalid_cursor' | 'invalid_limit' } {
  const limit = args.limit === undefined ? usual : Number(args.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) return { kind: 'refused', error: 'invalid_limit' };
  const start = args.cursor === undefined || args.cursor === '' ? 0 : readCursor(text(args, 'cursor'));
  if (start === undefined) return { kind: 'refused', error: 'invalid_cursor' };
  const end = start + limit;
  const hasMore = end < items.length;
  return {
    kind: 'page',
    items: items.slice(start, end),
    hasMore,
    nextCursor: hasMore ? Buffer.from(`next:${end}`).toString('base64') : '',
  };
}

function readCursor(cursor: string): number | undefined {
  const match = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
