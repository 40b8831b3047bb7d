import type { RichTextElement, RichTextQuote, RichTextSection } from '@slack/types';
import type { Span } from './mrkdwn.ts';

/** The pieces of a line of rich text. */
export function richTextSpans(elements: RichTextSection['elements'] | RichTextQuote['elements']): readonly Span[] {
  return elements.flatMap((element) => withBreaks(styled(spanOf(element), element.style ?? {})));
}

function spanOf(element: RichTextElement): Span {
  switch (element.type) {
    case 'text':
      return element.style?.code === true ? { kind: 'code', text: element.text } : { kind: 'text', text: element.text };
    case 'link':
      return { kind: 'link', url: element.url, label: element.text ?? element.url };
    case 'user':
      return { kind: 'mention', sigil: '@', id: element.user_id };
    case 'usergroup':
      return { kind: 'mention', sigil: '@', id: element.usergroup_id };
    case 'channel':
      return { kind: 'mention', sigil: '#', id: element.channel_id };
    case 'emoji':
      return { kind: 'emoji', name: element.name };
    case 'broadcast':
      return { kind: 'broadcast', range: element.range };
    case 'date': {
      const url = element.url === undefined ? {} : { url: element.url };
      return { kind: 'date', atS: element.timestamp, format: element.format, fallback: element.fallback ?? '', ...url };
    }
    case 'color':
      return { kind: 'text', text: element.value };
    case 'team':
      return { kind: 'text', text: element.team_id };
  }
}

function styled(span: Span, style: NonNullable<RichTextElement['style']>): Span {
  const marks = [style.bold && 'bold', style.italic && 'italic', style.strike && 'strike', style.underline && 'underline'] as const;
  return marks.reduce<Span>((inner, mark) => (mark ? { kind: mark, spans: [inner] } : inner), span);
}

function withBreaks(span: Span): readonly Span[] {
  if (span.kind !== 'text') return [span];
  return span.text
    .split('\n')
    .flatMap((text, index): readonly Span[] => [
      ...(index === 0 ? [] : [{ kind: 'break' as const }]),
      ...(text === '' ? [] : [{ kind: 'text' as const, text }]),
    ]);
}
