import { readdir, readFile } from 'node:fs/promises';
import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { checkMessage } from '../../src/local/slack/block-kit.ts';
import { checkView } from '../../src/local/slack/block-kit-view.ts';
import { emojiName, isDrawn } from '../../src/local/slack/emoji.ts';
import { briefForm, simplerForms } from '../../src/message/simpler.ts';
import { said, usual } from './catalogue.ts';
import { galleryPage } from './gallery-page.ts';

const sizes = [0, 1, 10, 1_000];
const hostile: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['a space', ' '],
  ['markup and pings', '<!channel> <@U0HOSTILE> <!subteam^S0HOSTILE> <https://evil.example|click> *b* _i_ ~s~'],
  ['backticks', '`a` ```b``` ``` `'],
  ['entities', '&lt;!here&gt; &amp;amp; &'],
  ['right to left', '\u202eשלום\u202c \u2066x\u2069'],
  ['emoji', '👩‍👩‍👧‍👦 :tada: 🏳️‍🌈'],
  ['nothing to see', '\u200b\u200d\ufeff\u2060'],
  ['half characters', 'a\ud83e b\udc00'],
  ['many lines', '\r\n\n\u2028x\n'.repeat(500)],
  ['control characters', '\u0000\u001b[31mred\u001b[0m\u0007'],
  ['a long name', 'W'.repeat(10_000)],
  ['long, and all to be escaped', '<&>'.repeat(3_400)],
  ['long, of halves', '🧪'.repeat(5_000)],
];

type Shown = ReturnType<(typeof said)[number]['make']>;
const blocksOf = (shown: Shown) => shown.blocks as readonly KnownBlock[];
const problems = (shown: Shown) => ('type' in shown ? checkView(shown) : checkMessage(shown, { textMax: 4_000 }));

/** Everything in which Slack finds mentions. */
function markupIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(markupIn);
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { readonly type?: unknown; readonly text?: unknown };
  return [...(type === 'mrkdwn' && typeof text === 'string' ? [text] : []), ...Object.values(value).flatMap(markupIn)];
}
const actionsIn = (value: unknown): readonly string[] => JSON.stringify(value).match(/"action_id":"[^"]+"/g) ?? [];

function expectSound(shown: Shown, what: string): void {
  expect(problems(shown), what).toEqual([]);
  const words = [...markupIn(shown.blocks), 'text' in shown ? shown.text : ''].join('\n');
  expect(words, what).not.toMatch(/<!(?:channel|here|everyone)|<[@!]\S*HOSTILE|<https:\/\/evil/);
  const isMessage = !('type' in shown);
  if (isMessage) expect(shown.text.trim(), what).not.toBe('');
  const buttons = actionsIn(shown.blocks);
  for (const form of simplerForms(blocksOf(shown))) {
    expect(problems({ ...shown, blocks: [...form] } as Shown), `${what}, simpler`).toEqual([]);
    expect(markupIn(form).join('\n'), what).not.toMatch(/<!(?:channel|here|everyone)|<[@!]\S*HOSTILE|<https:\/\/evil/);
    expect(actionsIn(form), what).toEqual(buttons);
  }
  if (isMessage) expect(problems({ ...shown, blocks: briefForm(blocksOf(shown)) }), `${what}, in brief`).toEqual([]);
}

describe.each(said)('$name', ({ make }) => {
  it.each(sizes)('of %i is taken by Slack, and so are its simpler forms', (size) => expectSound(make(size, usual), `of ${size}`));

  it('is taken by Slack whatever it is about is called, and pings nobody it should not', () => {
    for (const [what, text] of hostile) for (const size of [1, 10]) expectSound(make(size, text), `${what}, of ${size}`);
    expectSound(make(1_000, '<&> `'.repeat(40)), 'a thousand');
  });
});

it('is what docs/messages.md says', async () => {
  await expect(galleryPage()).toMatchFileSnapshot('../../docs/messages.md');
});

it('has no sign that the local channel cannot draw', () => {
  const signs = new Set(said.flatMap(({ make }) => JSON.stringify(make(2, usual)).match(/\p{Extended_Pictographic}\ufe0f?/gu) ?? []));
  expect([...signs].filter((sign) => !isDrawn(emojiName(sign) ?? ''))).toEqual([]);
});

it('is all there is: no builder of src/message is left out', async () => {
  const folder = new URL('../../src/message/', import.meta.url);
  const sources = await Promise.all((await readdir(folder)).map((file) => readFile(new URL(file, folder), 'utf8')));
  const builders = sources.flatMap((source) =>
    [...source.matchAll(/^export (?:const|function) (\w+)([\s\S]*?)(?: =>| \{\n| = \w+\()/gm)]
      .filter(([, , head = '']) => /: (?:Message|ModalView|Home)(?: \| undefined)?$/.test(head))
      .map(([, name = '']) => name)
      // It makes whatever it is given.
      .filter((name) => name !== 'fit'),
  );
  // Whose type is not written down, since what it calls has it.
  const named = [...builders, 'savingView'];
  expect([...new Set(said.flatMap((one) => one.builders))].toSorted()).toEqual([...new Set(named)].toSorted());
});
