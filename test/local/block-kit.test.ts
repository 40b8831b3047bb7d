import { describe, expect, it } from 'vitest';
import { areBlocks, blocksSize, blocksSizeMax, checkBlocks, checkMessage, type Surface } from '../../src/local/slack/block-kit.ts';
import { checkView } from '../../src/local/slack/block-kit-view.ts';

type Json = Readonly<Record<string, unknown>>;

const x = (length: number) => 'x'.repeat(length);
const plain = (length: number): Json => ({ type: 'plain_text', text: x(length) });
const mrkdwn = (length: number): Json => ({ type: 'mrkdwn', text: x(length) });
const many = <T>(length: number, one: (index: number) => T): readonly T[] => Array.from({ length }, (_, index) => one(index));
const url = (length: number) => `https://example.com/${x(length - 'https://example.com/'.length)}`;

const section = (more: Json = {}): Json => ({ type: 'section', text: mrkdwn(1), ...more });
const actions = (...elements: readonly Json[]): Json => ({ type: 'actions', elements });
const button = (more: Json = {}): Json => ({ type: 'button', text: plain(1), action_id: 'go', ...more });
const option = (more: Json = {}): Json => ({ text: plain(1), value: 'v', ...more });
const select = (more: Json = {}): Json => ({ type: 'static_select', action_id: 'menu', options: [option()], ...more });
const overflow = (options: readonly Json[]): Json => ({ type: 'overflow', action_id: 'more', options });
const boxes = (more: Json = {}): Json => ({ type: 'checkboxes', action_id: 'boxes', options: [option()], ...more });
const radio = (more: Json = {}): Json => ({ type: 'radio_buttons', action_id: 'radio', options: [option()], ...more });
const image = (more: Json = {}): Json => ({ type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a', ...more });
const typed = (more: Json = {}): Json => ({ type: 'plain_text_input', action_id: 'typed', ...more });
const input = (more: Json = {}): Json => ({ type: 'input', label: plain(1), element: typed(), ...more });
const confirm = (more: Json = {}): Json => button({ confirm: { text: plain(1), ...more } });
const richText = (...elements: readonly Json[]): Json => ({ type: 'rich_text', elements });
const line = (...elements: readonly Json[]): Json => ({ type: 'rich_text_section', elements });
const raw = (text: string): Json => ({ type: 'raw_text', text });
const table = (rows: unknown, more: Json = {}): Json => ({ type: 'table', rows, ...more });

const sayings = (blocks: unknown, surface: Surface = 'message') =>
  checkBlocks(blocks, surface).map(({ pointer, because }) => `${because} [json-pointer:${pointer}]`);

describe('a limit holds at its edge:', () => {
  it.each<[string, number, (length: number) => Json, string]>([
    ['a section’s text', 3000, (n) => section({ text: mrkdwn(n) }), 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    [
      'a section’s field',
      2000,
      (n) => section({ fields: [plain(n)] }),
      'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]',
    ],
    [
      'a section’s fields',
      10,
      (n) => section({ fields: many(n, () => plain(1)) }),
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    ['a header', 150, (n) => ({ type: 'header', text: plain(n) }), 'must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
    ['a block id', 255, (n) => ({ type: 'divider', block_id: x(n) }), 'must be less than 256 characters [json-pointer:/blocks/0/block_id]'],
    [
      'the elements of a context',
      10,
      (n) => ({ type: 'context', elements: many(n, () => mrkdwn(1)) }),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'the elements of actions',
      25,
      (n) => actions(...many(n, (i) => button({ action_id: `a${i}` }))),
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a button’s text',
      75,
      (n) => actions(button({ text: plain(n) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a button’s value',
      2000,
      (n) => actions(button({ value: x(n) })),
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a button’s address',
      3000,
      (n) => actions(button({ url: url(n) })),
      'must be less than 3001 characters [json-pointer:/blocks/0/elements/0/url]',
    ],
    [
      'a button’s label',
      75,
      (n) => actions(button({ accessibility_label: x(n) })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/accessibility_label]',
    ],
    [
      'an action id',
      255,
      (n) => actions(button({ action_id: x(n) })),
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'a confirmation’s title',
      100,
      (n) => actions(confirm({ title: plain(n) })),
      'must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]',
    ],
    [
      'a confirmation’s text',
      300,
      (n) => actions(confirm({ text: plain(n) })),
      'must be less than 301 characters [json-pointer:/blocks/0/elements/0/confirm/text/text]',
    ],
    [
      'a confirmation’s yes',
      30,
      (n) => actions(confirm({ confirm: plain(n) })),
      'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/confirm/text]',
    ],
    [
      'a confirmation’s no',
      30,
      (n) => actions(confirm({ deny: plain(n) })),
      'must be less than 31 characters [json-pointer:/blocks/0/elements/0/confirm/deny/text]',
    ],
    [
      'an option’s text',
      75,
      (n) => actions(select({ options: [option({ text: plain(n) })] })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]',
    ],
    [
      'an option’s value',
      75,
      (n) => actions(select({ options: [option({ value: x(n) })] })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/value]',
    ],
    [
      'an option’s description',
      75,
      (n) => actions(select({ options: [option({ description: plain(n) })] })),
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/description/text]',
    ],
    [
      'a placeholder',
      150,
      (n) => actions(select({ placeholder: plain(n) })),
      'must be less than 151 characters [json-pointer:/blocks/0/elements/0/placeholder/text]',
    ],
    [
      'a select’s options',
      100,
      (n) => actions(select({ options: many(n, (i) => option({ value: `${i}` })) })),
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'a select’s groups',
      100,
      (n) => actions(select({ options: undefined, option_groups: many(n, () => ({ label: plain(1), options: [option()] })) })),
      'no more than 100 items allowed [json-pointer:/blocks/0/elements/0/option_groups]',
    ],
    [
      'an overflow menu',
      5,
      (n) => actions(overflow(many(n, (i) => option({ value: `${i}` })))),
      'no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'checkboxes',
      10,
      (n) => actions(boxes({ options: many(n, (i) => option({ value: `${i}` })) })),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'radio buttons',
      10,
      (n) => actions(radio({ options: many(n, (i) => option({ value: `${i}` })) })),
      'no more than 10 items allowed [json-pointer:/blocks/0/elements/0/options]',
    ],
    [
      'an image’s address',
      3000,
      (n) => image({ image_url: url(n) }),
      'must be less than 3001 characters [json-pointer:/blocks/0/image_url]',
    ],
    [
      'an image’s alternative text',
      2000,
      (n) => image({ alt_text: x(n) }),
      'must be less than 2001 characters [json-pointer:/blocks/0/alt_text]',
    ],
    ['an image’s title', 2000, (n) => image({ title: plain(n) }), 'must be less than 2001 characters [json-pointer:/blocks/0/title/text]'],
    [
      'a markdown block',
      12_000,
      (n) => ({ type: 'markdown', text: x(n) }),
      'must be less than 12001 characters [json-pointer:/blocks/0/text]',
    ],
    ['a table’s rows', 100, (n) => table(many(n, () => [raw('a')])), 'no more than 100 items allowed [json-pointer:/blocks/0/rows]'],
    ['a table’s columns', 20, (n) => table([many(n, () => raw('a'))]), 'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]'],
    [
      'a table’s text',
      10_000,
      (n) => table([[raw(x(n - 1)), raw('a')]]),
      'no more than 10000 characters allowed in all cells together [json-pointer:/blocks/0]',
    ],
    [
      'a list’s indent',
      8,
      (n) => richText({ type: 'rich_text_list', style: 'bullet', indent: n, elements: [line({ type: 'text', text: 'a' })] }),
      'must be less than or equal to 8 [json-pointer:/blocks/0/elements/0/indent]',
    ],
  ])('%s may be %i long, not one more', (_what, limit, block, because) => {
    expect(sayings([block(limit)])).toEqual([]);
    expect(sayings([block(limit + 1)])).toContain(because);
  });

  it.each<[string, number, (length: number) => Json, string]>([
    ['an input’s label', 2000, (n) => input({ label: plain(n) }), 'must be less than 2001 characters [json-pointer:/blocks/0/label/text]'],
    ['an input’s hint', 2000, (n) => input({ hint: plain(n) }), 'must be less than 2001 characters [json-pointer:/blocks/0/hint/text]'],
    [
      'an input’s max_length',
      3000,
      (n) => input({ element: typed({ max_length: n }) }),
      'must be less than or equal to 3000 [json-pointer:/blocks/0/element/max_length]',
    ],
    [
      'an input’s first value',
      3000,
      (n) => input({ element: typed({ initial_value: x(n) }) }),
      'must be less than 3001 characters [json-pointer:/blocks/0/element/initial_value]',
    ],
  ])('%s in a modal may be %i long, not one more', (_what, limit, block, because) => {
    expect(sayings([block(limit)], 'modal')).toEqual([]);
    expect(sayings([block(limit + 1)], 'modal')).toContain(because);
  });

  it.each<[Surface, number]>([
    ['message', 50],
    ['modal', 100],
    ['home', 100],
  ])('a %s has up to %i blocks', (surface, limit) => {
    const dividers = (length: number) => many(length, () => ({ type: 'divider' }));
    expect(sayings(dividers(limit), surface)).toEqual([]);
    expect(sayings(dividers(limit + 1), surface)).toEqual([`no more than ${limit} items allowed [json-pointer:/blocks]`]);
  });

  it('all markdown of a message has 12,000 characters together', () => {
    const halves = (length: number) => [
      { type: 'markdown', text: x(6000) },
      { type: 'markdown', text: x(length - 6000) },
    ];
    expect(sayings(halves(12_000))).toEqual([]);
    expect(sayings(halves(12_001))).toEqual([
      'no more than 12000 characters allowed in all markdown blocks together [json-pointer:/blocks]',
    ]);
  });

  it('all blocks of a message have 13,200 characters together, and Slack names that error differently', () => {
    const rest = blocksSizeMax - blocksSize(many(5, () => section({ text: mrkdwn(1) }))) + 5;
    const sized = (length: number) => [...many(4, () => section({ text: mrkdwn(2600) })), section({ text: mrkdwn(length - 4 * 2600) })];
    expect(blocksSize(sized(rest))).toBe(13_200);
    expect(checkMessage({ text: 'a', blocks: sized(rest) })).toEqual([]);
    expect(checkMessage({ text: 'a', blocks: sized(rest + 1) })).toMatchObject([{ error: 'msg_blocks_too_long', pointer: '/blocks' }]);
  });
});

describe('refuses, in Slack’s words,', () => {
  it.each<[string, unknown, string]>([
    ['what is no list', { type: 'divider' }, 'must provide an array [json-pointer:/blocks]'],
    ['what is no block', ['a'], 'must provide an object [json-pointer:/blocks/0]'],
    ['a block without a type', [{ text: 'a' }], 'missing required field: type [json-pointer:/blocks/0]'],
    ['a type that nobody knows', [{ type: 'sektion' }], 'unsupported type: sektion [json-pointer:/blocks/0/type]'],
    [
      'a block that only Slack offers',
      [{ type: 'carousel', elements: [] }],
      'the local Slack does not offer `carousel` [json-pointer:/blocks/0/type]',
    ],
    [
      'an element that only Slack offers',
      [actions({ type: 'datepicker' })],
      'the local Slack does not offer `datepicker` [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'an element where it may not stand',
      [{ type: 'context', elements: [button()] }],
      'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    ['an image among actions', [actions(image())], 'unsupported type: image [json-pointer:/blocks/0/elements/0/type]'],
    ['an input in a message', [input()], 'unsupported type: input [json-pointer:/blocks/0/type]'],
    ['a field that nobody knows', [section({ colour: 'red' })], 'invalid additional property: colour [json-pointer:/blocks/0]'],
    [
      'a block id on an element',
      [actions(button({ block_id: 'b' }))],
      'invalid additional property: block_id [json-pointer:/blocks/0/elements/0]',
    ],
    ['an image without alternative text', [image({ alt_text: undefined })], 'missing required field: alt_text [json-pointer:/blocks/0]'],
    ['an image without a source', [image({ image_url: undefined })], 'missing required field: image_url [json-pointer:/blocks/0]'],
    [
      'a file of Slack’s own beside a text',
      [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'a' },
          accessory: { type: 'image', slack_file: { id: 'F1' }, alt_text: 'a' },
        },
      ],
      'the local Slack does not offer `slack_file` here [json-pointer:/blocks/0/accessory]',
    ],
    [
      'an image that is no web address',
      [image({ image_url: 'file:///etc/passwd' })],
      'must be an http or https URL [json-pointer:/blocks/0/image_url]',
    ],
    [
      'a script as a link',
      [actions(button({ url: 'javascript:alert(1)' }))],
      'must be an http or https URL [json-pointer:/blocks/0/elements/0/url]',
    ],
    ['a section without text', [{ type: 'section' }], 'must define either `text` or `fields` [json-pointer:/blocks/0]'],
    ['an empty text', [section({ text: plain(0) })], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a text that is a string', [section({ text: 'a' })], 'must provide an object [json-pointer:/blocks/0/text]'],
    ['a formatted header', [{ type: 'header', text: mrkdwn(1) }], 'must be a valid enum value [json-pointer:/blocks/0/text/type]'],
    [
      'a formatted button',
      [actions(button({ text: mrkdwn(1) }))],
      'must be a valid enum value [json-pointer:/blocks/0/elements/0/text/type]',
    ],
    [
      'emoji in mrkdwn',
      [section({ text: { ...mrkdwn(1), emoji: true } })],
      'invalid additional property: emoji [json-pointer:/blocks/0/text]',
    ],
    [
      'a style that nobody knows',
      [actions(button({ style: 'warning' }))],
      'must be a valid enum value [json-pointer:/blocks/0/elements/0/style]',
    ],
    ['no elements', [actions()], 'must provide at least 1 items [json-pointer:/blocks/0/elements]'],
    [
      'options and groups',
      [actions(select({ option_groups: [{ label: plain(1), options: [option()] }] }))],
      'must define either `options` or `option_groups` [json-pointer:/blocks/0/elements/0]',
    ],
    [
      'a first choice that is not offered',
      [actions(select({ initial_option: option({ value: 'w' }) }))],
      'initial_option must exactly match one of the options [json-pointer:/blocks/0/elements/0]',
    ],
    ['an empty cell', [table([[raw('')]])], 'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]'],
    ['two tables', [table([[raw('a')]]), table([[raw('a')]])], 'only one table allowed in a message [json-pointer:/blocks/1]'],
    [
      'a block id twice',
      [{ type: 'divider', block_id: 'b' }, section({ block_id: 'b' })],
      '`block_id` "b" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'an action id twice in a block',
      [actions(button(), button())],
      '`action_id` "go" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    ['rich text without elements', [richText()], 'must provide at least 1 items [json-pointer:/blocks/0/elements]'],
    [
      'a person in preformatted text',
      [richText({ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U1' }] })],
      'unsupported type: user [json-pointer:/blocks/0/elements/0/elements/0/type]',
    ],
    [
      'an empty piece of rich text',
      [richText(line({ type: 'text', text: '' }))],
      'must be more than 0 characters [json-pointer:/blocks/0/elements/0/elements/0/text]',
    ],
  ])('%s', (_what, blocks, because) => {
    expect(sayings(blocks)).toContain(because);
  });

  it('a view that is longer, or asks without a way to submit', () => {
    const modal = { type: 'modal', title: plain(24), blocks: [section()] };
    expect(checkView(modal)).toEqual([]);
    expect(checkView({ ...modal, title: plain(25) })).toEqual([
      { pointer: '/view/title/text', because: 'must be less than 25 characters' },
    ]);
    expect(checkView({ ...modal, private_metadata: x(3000) })).toEqual([]);
    expect(checkView({ ...modal, private_metadata: x(3001) })).toMatchObject([{ pointer: '/view/private_metadata' }]);
    expect(checkView({ ...modal, blocks: [input()] })).toEqual([
      { pointer: '/view', because: 'must provide `submit` when there is an input block' },
    ]);
    expect(checkView({ ...modal, blocks: [input()], submit: plain(24) })).toEqual([]);
    expect(checkView({ type: 'home', blocks: [{ type: 'markdown', text: 'a' }] })).toEqual([
      { pointer: '/view/blocks/0/type', because: 'unsupported type: markdown' },
    ]);
    expect(checkView({ type: 'modal', title: plain(1) })).toMatchObject([{ because: 'missing required field: blocks' }]);
  });

  it('a message that says nothing, too much, or carries wrong metadata', () => {
    const errors = (message: Json, limits?: Parameters<typeof checkMessage>[1]) => checkMessage(message, limits).map(({ error }) => error);
    expect(errors({})).toEqual(['no_text']);
    expect(errors({ text: ' \n' })).toEqual(['no_text']);
    expect(errors({ text: x(40_000) })).toEqual([]);
    expect(errors({ text: x(40_001) })).toEqual(['msg_too_long']);
    expect(errors({ text: x(4_001) }, { textMax: 4_000 })).toEqual(['msg_too_long']);
    expect(errors({ text: 'a', metadata: { event_type: 'run', event_payload: { id: 'r' } } })).toEqual([]);
    expect(errors({ text: 'a', metadata: {} })).toEqual([]);
    expect(errors({ text: 'a', metadata: { event_type: 'run' } })).toEqual(['invalid_metadata_format']);
    expect(errors({ text: 'a', metadata: { event_type: 'run', event_payload: { id: x(8_000) } } })).toEqual(['metadata_too_large']);
    expect(errors({ attachments: [{ color: '#ff0000', blocks: [section()] }] })).toEqual([]);
    expect(checkMessage({ attachments: [{ blocks: [image({ alt_text: undefined })] }] })).toEqual([
      { error: 'invalid_attachments', pointer: '/attachments/0/blocks/0', because: 'missing required field: alt_text' },
    ]);
  });
});

it('takes a message with one of everything it offers', () => {
  const blocks = [
    { type: 'header', text: plain(1) },
    section({ fields: [plain(1), mrkdwn(1)], accessory: image() }),
    section({ accessory: button({ url: 'http://127.0.0.1:1/report', style: 'danger' }) }),
    { type: 'divider' },
    { type: 'context', elements: [image(), mrkdwn(1), plain(1)] },
    actions(button(), overflow([option({ url: 'https://example.com' })]), select({ initial_option: option() }), boxes(), radio()),
    actions({ type: 'users_select', action_id: 'who', initial_user: 'U0ADA' }),
    image(),
    richText(
      line(
        { type: 'text', text: 'a', style: { bold: true, code: true } },
        { type: 'link', url: 'https://example.com' },
        { type: 'user', user_id: 'U0ADA' },
        { type: 'usergroup', usergroup_id: 'S0QA' },
        { type: 'channel', channel_id: 'C0DEV' },
        { type: 'emoji', name: 'x' },
        { type: 'broadcast', range: 'here' },
        { type: 'date', timestamp: 1763871234, format: '{date}', fallback: 'a day' },
      ),
      { type: 'rich_text_list', style: 'ordered', indent: 0, border: 0, elements: [line({ type: 'text', text: 'a' })] },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'a' }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'a' }] },
    ),
    { type: 'markdown', text: '# a' },
    table([[raw('a'), { type: 'raw_number', value: 1, text: '1' }, richText(line({ type: 'text', text: 'a' }))]], {
      column_settings: [{ align: 'right', is_wrapped: true }, null],
    }),
  ];
  expect(sayings(blocks)).toEqual([]);
  expect(areBlocks(blocks, 'message')).toBe(true);
});
