import { emoji } from './emoji.ts';
import type { Span } from './mrkdwn.ts';
import { formatDate, type Reader } from './slack-date.ts';

/** Who reads the text: when and where, and what they call people and channels. */
export interface TextReader extends Reader {
  /** The name behind an id, without `@` or `#`. */
  nameOf(id: string): string | undefined;
  /** Whether a person or group is the reader, or one that the reader is in. */
  isMe?(id: string): boolean;
}

/** Formatted text as plain text: links as `label (url)`, quotes and code on lines of their own. */
export function spansAsText(spans: readonly Span[], reader: TextReader): string {
  const texts = spans.map((span) => ({ isBlock: span.kind === 'quote' || span.kind === 'preformatted', text: spanAsText(span, reader) }));
  return texts.reduce((whole, { isBlock, text }, index) => {
    const breaks = index > 0 && !whole.endsWith('\n') && (isBlock || texts[index - 1]?.isBlock === true) && text !== '\n';
    return `${whole}${breaks ? '\n' : ''}${text}`;
  }, '');
}

function spanAsText(span: Span, reader: TextReader): string {
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'break':
      return '\n';
    case 'bold':
    case 'italic':
    case 'strike':
    case 'underline':
      return spansAsText(span.spans, reader);
    case 'code':
      return span.text;
    case 'preformatted':
      return prefixed(span.text, '    ');
    case 'quote':
      return prefixed(spansAsText(span.spans, reader), '> ');
    case 'link':
      return span.label === span.url ? span.url : `${span.label} (${span.url})`;
    case 'mention':
      return `${span.sigil}${reader.nameOf(span.id) ?? span.label ?? span.id}`;
    case 'broadcast':
      return `@${span.range}`;
    case 'emoji':
      return emoji(span.name);
    case 'date': {
      const text = formatDate(span.atS, span.format, reader) ?? span.fallback;
      return span.url === undefined ? text : `${text} (${span.url})`;
    }
  }
}

/** Every line of a text with something before it. */
export const prefixed = (text: string, prefix: string): string =>
  text
    .split('\n')
    .map((line) => `${prefix}${line}`)
    .join('\n');
