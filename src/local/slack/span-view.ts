import { emoji, emojiName, isDrawn } from './emoji.ts';
import type { Span } from './mrkdwn.ts';
import { formatDate } from './slack-date.ts';
import type { TextReader } from './span-text.ts';
import { classed, element, link, type ViewNode } from './view-node.ts';

/** Formatted text as elements of a page. */
export const spansAsView = (spans: readonly Span[], reader: TextReader): readonly ViewNode[] =>
  spans.flatMap((span) => (span.kind === 'text' ? textAsNodes(span.text) : [spanAsView(span, reader)]));

const tags = { bold: 'strong', italic: 'em', strike: 's', underline: 'u' } as const;

function spanAsView(span: Exclude<Span, { kind: 'text' }>, reader: TextReader): ViewNode {
  switch (span.kind) {
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
      return classed('span', reader.isMe?.(span.id) === true ? 'mention me' : 'mention', [
        `${span.sigil}${reader.nameOf(span.id) ?? span.label ?? span.id}`,
      ]);
    case 'broadcast':
      return classed('span', 'mention me', [`@${span.range}`]);
    case 'emoji':
      return emojiAsView(span.name);
    case 'date':
      return dateAsView(span, reader);
  }
}

/** A text whose emoji are drawn where we have a drawing: not every machine has a font for them. */
const textAsNodes = (text: string): readonly ViewNode[] =>
  text
    .split(/(\p{RGI_Emoji})/v)
    .filter((part) => part !== '')
    .map((part) => {
      const name = emojiName(part);
      return name === undefined ? part : emojiAsView(name);
    });

function emojiAsView(name: string): ViewNode {
  const sign = emoji(name);
  if (!isDrawn(name)) return sign;
  return { tag: 'img', attributes: { class: 'emoji', src: `/page/emoji/${name}.svg`, alt: sign, title: `:${name}:` } };
}

function dateAsView({ atS, format, fallback, url }: Extract<Span, { kind: 'date' }>, reader: TextReader): ViewNode {
  const at = new Date(atS * 1000).toISOString();
  const time: ViewNode = { tag: 'time', attributes: { datetime: at, title: at }, children: [formatDate(atS, format, reader) ?? fallback] };
  return url === undefined ? time : link(url, [time]);
}
