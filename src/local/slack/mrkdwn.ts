import type { TextObject } from '@slack/types';

/** A piece of formatted text, of `mrkdwn` or rich text. */
export type Span =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'underline'; readonly spans: readonly Span[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'preformatted'; readonly text: string }
  | { readonly kind: 'quote'; readonly spans: readonly Span[] }
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  /** A person, channel or user group, by id. */
  | { readonly kind: 'mention'; readonly sigil: '@' | '#'; readonly id: string; readonly label?: string }
  | { readonly kind: 'broadcast'; readonly range: string }
  | { readonly kind: 'emoji'; readonly name: string }
  | { readonly kind: 'date'; readonly atS: number; readonly format: string; readonly fallback: string; readonly url?: string };

/** Reads Slack's `mrkdwn`. Whatever is not markup is text, as it stands. */
export function parseMrkdwn(source: string): readonly Span[] {
  const parts = source.split(/```([\s\S]+?)```/);
  return parts.flatMap((part, index) =>
    index % 2 === 1 ? [{ kind: 'preformatted' as const, text: plain(part.replace(/^\n|\n$/g, '')) }] : quotesAndLines(part),
  );
}

/** Reads plain text: line breaks and, unless told otherwise, emoji. */
export function parsePlainText(source: string, { hasEmoji = true }: { readonly hasEmoji?: boolean } = {}): readonly Span[] {
  return lines(source, (line) => (hasEmoji ? withEmoji(line) : [{ kind: 'text', text: line }]));
}

/** Reads a text object of either kind. */
export const textSpans = (given: TextObject): readonly Span[] =>
  given.type === 'mrkdwn' ? parseMrkdwn(given.text) : parsePlainText(given.text, { hasEmoji: given.emoji !== false });

function quotesAndLines(source: string): readonly Span[] {
  if (source === '') return [];
  const groups: { isQuote: boolean; lines: string[] }[] = [];
  for (const line of source.split('\n')) {
    const quoted = /^(?:&gt;|>) ?(.*)$/.exec(line);
    const last = groups.at(-1);
    const text = quoted?.[1] ?? line;
    if (last !== undefined && last.isQuote === (quoted !== null)) last.lines.push(text);
    else groups.push({ isQuote: quoted !== null, lines: [text] });
  }
  return groups.flatMap(({ isQuote, lines: texts }, index) => {
    const spans = lines(texts.join('\n'), inline);
    if (isQuote) return [{ kind: 'quote' as const, spans }];
    // A quote stands on lines of its own; only between two of text is a break to be shown.
    return index > 0 && !groups[index - 1]?.isQuote ? [{ kind: 'break' as const }, ...spans] : spans;
  });
}

function lines(source: string, read: (line: string) => readonly Span[]): readonly Span[] {
  return source.split('\n').flatMap((line, index) => (index === 0 ? read(line) : [{ kind: 'break' as const }, ...read(line)]));
}

// One of: `code`, <reference>, *bold*, _italic_, ~strike~, a bare address. Marks count only at the edges of words.
const markup =
  /`([^`\n]+)`|<([^<>\n]+)>|(?<![\p{L}\p{N}*])\*(?=\S)([^*\n]*[^*\s])\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?=\S)([^_\n]*[^_\s])_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?=\S)([^~\n]*[^~\s])~(?![\p{L}\p{N}~])|(https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"])/gu;

function inline(source: string): readonly Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const match of source.matchAll(markup)) {
    spans.push(...withEmoji(plain(source.slice(end, match.index))), marked(match));
    end = match.index + match[0].length;
  }
  return [...spans, ...withEmoji(plain(source.slice(end)))];
}

function marked([, code, reference, bold, italic, strike, url]: RegExpExecArray): Span {
  if (code !== undefined) return { kind: 'code', text: plain(code) };
  if (reference !== undefined) return referenced(reference);
  if (bold !== undefined) return { kind: 'bold', spans: inline(bold) };
  if (italic !== undefined) return { kind: 'italic', spans: inline(italic) };
  if (strike !== undefined) return { kind: 'strike', spans: inline(strike) };
  return { kind: 'link', url: plain(url ?? ''), label: plain(url ?? '') };
}

function referenced(source: string): Span {
  const [target = '', ...rest] = source.split('|');
  const label = rest.length > 0 ? { label: plain(rest.join('|')) } : {};
  const date = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(target);
  if (date !== null) {
    const url = date[3] === undefined ? {} : { url: plain(date[3]) };
    return { kind: 'date', atS: Number(date[1]), format: plain(date[2] ?? ''), fallback: label.label ?? '', ...url };
  }
  const group = /^!subteam\^(\w+)$/.exec(target);
  if (group?.[1] !== undefined) return { kind: 'mention', sigil: '@', id: group[1], ...label };
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'broadcast', range: target.slice(1) };
  if (/^@[UW]\w+$/.test(target)) return { kind: 'mention', sigil: '@', id: target.slice(1), ...label };
  if (/^#[CGD]\w+$/.test(target)) return { kind: 'mention', sigil: '#', id: target.slice(1), ...label };
  if (/^(https?:\/\/|mailto:)/.test(target)) return { kind: 'link', url: plain(target), label: label.label ?? plain(target) };
  return { kind: 'text', text: plain(`<${source}>`) };
}

function withEmoji(source: string): readonly Span[] {
  const parts = source.split(/:([a-z0-9_+'-]+):/);
  return parts
    .map((part, index): Span => (index % 2 === 1 ? { kind: 'emoji', name: part } : { kind: 'text', text: part }))
    .filter((span) => span.kind !== 'text' || span.text !== '');
}

/** The three characters that Slack wants escaped, as they were. */
const plain = (source: string): string => source.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
