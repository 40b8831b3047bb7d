import { expect, it } from 'vitest';
import type { OfferedBlock } from '../../src/local/slack/block-kit.ts';
import { checkMessage } from '../../src/local/slack/block-kit.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });

const blocks: readonly OfferedBlock[] = [
  { type: 'header', text: plain(':x: 2 of 41 failed on staging') },
  {
    type: 'section',
    text: mrkdwn(
      '*staging* · `@smoke and not @wip` · asked for by <@U0ADA> in <#C0UITESTS> · <!date^1763871234^{date_short} at {time}|today>',
    ),
    fields: [mrkdwn('*Passed*\n39, 1 of them flaky'), plain('Duration\n3 min 12 s')],
    accessory: {
      type: 'overflow',
      action_id: 'more',
      options: [
        { text: plain('Copy'), value: 'copy' },
        { text: plain('Mute'), value: 'mute' },
      ],
    },
  },
  { type: 'divider' },
  {
    type: 'section',
    text: mrkdwn(
      '<https://example.com/r#1|Login › wrong password> &lt;b&gt; &amp; co\n```Error: expected "Stacks"\n  at login.ts:12```\n> first ~seen~\n> today\nhttps://example.com/bare.',
    ),
  },
  {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'text', text: 'Failures', style: { bold: true } },
          { type: 'text', text: ' for ' },
          { type: 'usergroup', usergroup_id: 'S0QA' },
          { type: 'emoji', name: 'boom' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'ordered',
        elements: [
          { type: 'rich_text_section', elements: [{ type: 'text', text: '<!channel> is only text here' }] },
          { type: 'rich_text_section', elements: [{ type: 'link', url: 'https://example.com', text: 'a link' }] },
        ],
      },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'TimeoutError\n  at login.ts:12' }] },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'quoted' }] },
    ],
  },
  {
    type: 'table',
    rows: [
      [
        { type: 'raw_text', text: 'Feature' },
        { type: 'raw_text', text: 'Duration' },
      ],
      [
        { type: 'raw_text', text: 'Login' },
        { type: 'raw_text', text: '3 s' },
      ],
    ],
  },
  { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'The login page', title: plain('After: When I log in') },
  {
    type: 'context',
    elements: [
      { type: 'image', image_url: 'https://example.com/i.png', alt_text: 'sprout' },
      mrkdwn('staging-20261123-0412-k3f9qa'),
      plain(':unknown_one:'),
    ],
  },
  {
    type: 'actions',
    elements: [
      { type: 'button', action_id: 're-run', text: plain('Re-run failed') },
      { type: 'button', action_id: 'report', text: plain('Open report'), url: 'https://example.com/report' },
      { type: 'static_select', action_id: 'where', placeholder: plain('Environment'), options: [{ text: plain('staging'), value: 's' }] },
      { type: 'users_select', action_id: 'who' },
    ],
  },
];

const names: Readonly<Record<string, string>> = { U0ADA: 'Ada Lovelace', C0UITESTS: 'ui-tests', S0QA: 'qa' };
const reader = { nowMs: 1_763_900_000_000, timeZone: 'Europe/Berlin', nameOf: (id: string) => names[id] };

it('a message with one of everything reads as in the golden file', async () => {
  expect(checkMessage({ text: 'a', blocks })).toEqual([]);
  await expect(`${messageAsText({ text: 'not said', blocks }, reader)}\n`).toMatchFileSnapshot('../golden/local/message.txt');
});

it('a message without blocks is its text', () => {
  expect(messageAsText({ text: '*Nothing* was <https://example.com|checked>' }, reader)).toBe('Nothing was checked (https://example.com)');
});

it('what stands beside a bar has the bar before each line', () => {
  const attachments = [{ color: '#ff0000', blocks: [{ type: 'section' as const, text: mrkdwn('one\ntwo') }] }];
  expect(messageAsText({ text: '', attachments }, reader)).toBe('│ one\n│ two');
});
