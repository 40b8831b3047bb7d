import type { LogEvent } from './log-files.ts';

/** Between two events of a stream: behind all with a smaller time, or the same time and a smaller sequence. */
interface LogPosition {
  readonly timestamp: number;
  readonly sequence: number;
}

/** Where a page of GetLogEvents begins: at a position, going on from there or coming up to it. */
export type LogPageStart =
  | { readonly kind: 'head' }
  | { readonly kind: 'tail' }
  | { readonly kind: 'forward'; readonly from: LogPosition }
  | { readonly kind: 'backward'; readonly to: LogPosition };

export interface LogPage {
  /** In order of time, whichever way the page was reached. */
  readonly events: readonly LogEvent[];
  readonly nextForwardToken: string;
  readonly nextBackwardToken: string;
}

/** CloudWatch Logs counts this for each event beside its message. */
export const eventOverheadBytes = 26;
/** And an answer, like a batch, holds this much. */
export const maxPageBytes = 1_048_576;

/**
 * One page of a stream's events. Tokens stand for positions, so that new events don't move them; at either end of the stream the
 * token that was given comes back, which is how a reader knows.
 */
export function logPage(events: readonly LogEvent[], start: LogPageStart, limit: number): LogPage {
  const isForward = start.kind === 'head' || start.kind === 'forward';
  const candidates = events.filter((event) => isWithin(event, start));
  const page = isForward ? whatFits(candidates, limit) : whatFits(candidates.toReversed(), limit).toReversed();
  const [first, last] = [page.at(0), page.at(-1)];
  const here = positionOf(start);
  return {
    events: page,
    nextForwardToken: token('f', last === undefined ? here : { timestamp: last.timestamp, sequence: last.sequence + 1 }),
    nextBackwardToken: token('b', first ?? here),
  };
}

function isWithin(event: LogEvent, start: LogPageStart): boolean {
  switch (start.kind) {
    case 'head':
    case 'tail':
      return true;
    case 'forward':
      return !isBefore(event, start.from);
    case 'backward':
      return isBefore(event, start.to);
  }
}

const isBefore = (a: LogPosition, b: LogPosition): boolean =>
  a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);

const beginning: LogPosition = { timestamp: 0, sequence: 0 };

function positionOf(start: LogPageStart): LogPosition {
  switch (start.kind) {
    // Without events, head and tail are the same place.
    case 'head':
    case 'tail':
      return beginning;
    case 'forward':
      return start.from;
    case 'backward':
      return start.to;
  }
}

/** The first events that fit into one answer: at least one, or a long message would end all reading. */
export function whatFits<T extends { readonly message: string }>(events: readonly T[], limit: number): readonly T[] {
  let sizeBytes = 0;
  const end = events.findIndex((event, index) => {
    sizeBytes += Buffer.byteLength(event.message) + eventOverheadBytes;
    return index >= limit || (index > 0 && sizeBytes > maxPageBytes);
  });
  return end === -1 ? events : events.slice(0, end);
}

const token = (direction: 'f' | 'b', { timestamp, sequence }: LogPosition): string =>
  `${direction}/${String(timestamp).padStart(20, '0')}${String(sequence).padStart(36, '0')}/s`;

/** Reads a token that `logPage` gave, or gives undefined for any other text. */
export function parseLogToken(text: string): LogPageStart | undefined {
  const match = /^([fb])\/(\d{20})(\d{36})\/s$/.exec(text);
  if (match === null) return undefined;
  const position = { timestamp: Number(match[2]), sequence: Number(match[3]) };
  return match[1] === 'f' ? { kind: 'forward', from: position } : { kind: 'backward', to: position };
}
