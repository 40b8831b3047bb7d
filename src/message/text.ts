import { plainText } from '../outcome/error-text.ts';

/** Text from outside for a mrkdwn field: what Slack would take for a mention, a link or an entity is shown as written. */
export const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** mrkdwn of ours where Slack takes plain text: without marks and entities. */
export const unmarked = (mrkdwn: string): string =>
  mrkdwn.replace(/[`*]/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** Text from outside as inline code in a mrkdwn field. */
export const code = (text: string): string => `\`${escapeText(oneLine(text).replaceAll('`', "'"))}\``;

/** At most `length` characters, the last of them `…` when something was left out. Never cuts a character in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const short = text.slice(0, Math.max(0, length - 1));
  return `${/[\ud800-\udbff]$/.test(short) ? short.slice(0, -1) : short}…`;
}

/** As a person reads it, in one line. */
export const oneLine = (text: string): string => plainText(text).replace(/\s+/g, ' ').trim();

/** `1 scenario`, `41 scenarios`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** So much of an error is read in a message. */
export const errorLines = 8;
export const errorCharacters = 700;

/** An error's beginning. */
export function firstLines(text: string, most = { lines: errorLines, characters: errorCharacters }): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const short = lines.slice(0, most.lines).join('\n');
  return cut(lines.length > most.lines ? `${short}\n…` : short, most.characters);
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A time between two runs, as one says it: `20 minutes`, `3 hours`, `5 days`. */
export function elapsed(durationMs: number): string {
  if (durationMs < minuteMs) return 'less than a minute';
  if (durationMs < hourMs) return plural(Math.round(durationMs / minuteMs), 'minute');
  if (durationMs < 2 * dayMs) return plural(Math.round(durationMs / hourMs), 'hour');
  return plural(Math.round(durationMs / dayMs), 'day');
}

/** `shard 2 is`, `shards 2 and 5 are`: what stands before a participle. */
export function listed(one: string, numbers: readonly number[]): string {
  const [first, ...rest] = numbers.map(String);
  if (rest.length === 0) return `${one} ${first} is`;
  return `${one}s ${[first, ...rest.slice(0, -1)].join(', ')} and ${rest.at(-1)} are`;
}

/** A time that nobody knows to the second: `less than a minute`, `about 3 min`, `about 1 h 20 min`. */
export function about(durationMs: number): string {
  if (durationMs < 50_000) return 'less than a minute';
  const minutes = Math.max(1, Math.round(durationMs / minuteMs));
  return `about ${duration((minutes < 60 ? minutes : Math.round(minutes / 5) * 5) * minuteMs)}`;
}

/** `3 min 12 s`, `850 ms`, `2 h 5 min`. */
export function duration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.max(0, Math.round(durationMs))} ms`;
  const seconds = Math.round(durationMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
