import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMrkdwn, parsePlainText, type Span } from '../../src/local/slack/mrkdwn.ts';
import { formatDate } from '../../src/local/slack/slack-date.ts';

const text = (words: string): Span => ({ kind: 'text', text: words });

describe('mrkdwn', () => {
  it.each<[string, readonly Span[]]>([
    ['plain', [text('plain')]],
    ['*bold* and _it_', [{ kind: 'bold', spans: [text('bold')] }, text(' and '), { kind: 'italic', spans: [text('it')] }]],
    ['*_both_*', [{ kind: 'bold', spans: [{ kind: 'italic', spans: [text('both')] }] }]],
    ['~gone~', [{ kind: 'strike', spans: [text('gone')] }]],
    ['2*3*4 snake_case_name', [text('2*3*4 snake_case_name')]],
    ['* no * bold', [text('* no * bold')]],
    ['`*code* &lt;b&gt;`', [{ kind: 'code', text: '*code* <b>' }]],
    ['a\nb', [text('a'), { kind: 'break' }, text('b')]],
    ['```\na *b*\n```', [{ kind: 'preformatted', text: 'a *b*' }]],
    ['&gt; a\n> b\nc', [{ kind: 'quote', spans: [text('a'), { kind: 'break' }, text('b')] }, text('c')]],
    ['&amp;lt; &lt;b&gt;', [text('&lt; <b>')]],
    ['<https://example.com?a=1&amp;b=2>', [{ kind: 'link', url: 'https://example.com?a=1&b=2', label: 'https://example.com?a=1&b=2' }]],
    ['<https://example.com|a|b>', [{ kind: 'link', url: 'https://example.com', label: 'a|b' }]],
    [
      'see https://example.com/a, b',
      [text('see '), { kind: 'link', url: 'https://example.com/a', label: 'https://example.com/a' }, text(', b')],
    ],
    ['<javascript:alert(1)|x>', [text('<javascript:alert(1)|x>')]],
    ['<@U0ADA>', [{ kind: 'mention', sigil: '@', id: 'U0ADA' }]],
    ['<#C0DEV|dev>', [{ kind: 'mention', sigil: '#', id: 'C0DEV', label: 'dev' }]],
    ['<!subteam^S0QA>', [{ kind: 'mention', sigil: '@', id: 'S0QA' }]],
    ['<!here> &lt;!channel&gt;', [{ kind: 'broadcast', range: 'here' }, text(' <!channel>')]],
    [':x: 10:30:45', [{ kind: 'emoji', name: 'x' }, text(' 10'), { kind: 'emoji', name: '30' }, text('45')]],
    [
      '<!date^1763871234^{date} {time}^https://example.com|then>',
      [{ kind: 'date', atS: 1763871234, format: '{date} {time}', fallback: 'then', url: 'https://example.com' }],
    ],
  ])('reads %j', (source, spans) => {
    expect(parseMrkdwn(source)).toEqual(spans);
  });

  it('escaped text comes out as it went in, whatever it is', () => {
    const inert = fc
      .string({ unit: fc.constantFrom('a', ' ', '<', '>', '&', ';', 'lt', '!', '@', '|', '"') })
      .filter((words) => !words.startsWith('>'));
    const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    fc.assert(
      fc.property(inert, (words) => {
        expect(parseMrkdwn(escaped(words))).toEqual(words === '' ? [] : [text(words)]);
      }),
    );
  });

  it('plain text has emoji only where it wants them', () => {
    expect(parsePlainText(':x: *a*')).toEqual([{ kind: 'emoji', name: 'x' }, text(' *a*')]);
    expect(parsePlainText(':x:', { hasEmoji: false })).toEqual([text(':x:')]);
  });
});

describe('a date', () => {
  const at = Date.UTC(2026, 10, 23, 22, 30, 5) / 1000;
  const reader = { nowMs: Date.UTC(2026, 10, 24, 12), timeZone: 'Europe/Berlin' };

  it.each([
    ['{date_num} {time_secs}', '2026-11-23 23:30:05'],
    ['{date}', 'November 23rd, 2026'],
    ['{date_short}', 'Nov 23, 2026'],
    ['{date_long}', 'Monday, November 23rd, 2026'],
    ['{date_pretty} at {time}', 'yesterday at 23:30'],
    ['{ago}', '13 hours ago'],
  ])('in the form %s', (format, shown) => {
    expect(formatDate(at, format, reader)).toBe(shown);
  });

  it('is today in a zone where it is', () => {
    expect(formatDate(at, '{date_short_pretty}', { ...reader, timeZone: 'Asia/Tokyo' })).toBe('today');
  });

  it('in a form that Slack does not know is not shown at all', () => {
    expect(formatDate(at, '{datum}', reader)).toBeUndefined();
  });
});
