import { emoji } from './emoji.ts';
import type { Span } from './mrkdwn.ts';
import { formatDate } from './slack-date.ts';
import type { TextReader } from './span-text.ts';
import { classed, element, link, type ViewNode } from './view-node.ts';

/** Formatted text as elements of a page. */
export const spansAsView = (spans: readonly Span[], reader: TextReader): readonly ViewNode[] =>
  spans.map((span) => spanAsView(span, reader));

const tags = { bold: 'strong', italic: 'em', strike: 's', underline: 'u' } as const;

function spanAsView(span: Span, reader: TextReader): ViewNode {
  switch (span.kind) {
    case 'text':
      return span.text;
    case 'break':
      return element('br');
    case 'bold':
    case 'italic':
    case 'strike':
    case 'underline':
      return element(tags[span.kind], spansAsView(span.spans, reader));
    case 'code':
      return element('code', [span.text]);
    case 'preformatted':
      return element('pre', [span.text]);
    case 'quote':
      return element('blockquote', spansAsView(span.spans, reader));
    case 'link':
      return link(span.url, [span.label]);
    case 'mention':
      return classed('span', 'mention', [`${span.sigil}${reader.nameOf(span.id) ?? span.label ?? span.id}`]);
    case 'broadcast':
      return classed('span', 'mention', [`@${span.range}`]);
    case 'emoji':
      return emojiAsView(span.name);
    case 'date':
      return dateAsView(span, reader);
  }
}

function emojiAsView(name: string): ViewNode {
  const sign = emoji(name);
  if (sign.startsWith(':')) return sign;
  return {
    tag: 'span',
    attributes: { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' '), title: `:${name}:` },
    children: [sign],
  };
}

function dateAsView({ atS, format, fallback, url }: Extract<Span, { kind: 'date' }>, reader: TextReader): ViewNode {
  const at = new Date(atS * 1000).toISOString();
  const time: ViewNode = { tag: 'time', attributes: { datetime: at, title: at }, children: [formatDate(atS, format, reader) ?? fallback] };
  return url === undefined ? time : link(url, [time]);
}
