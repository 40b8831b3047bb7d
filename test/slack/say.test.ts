import { describe, expect, it } from 'vitest';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { slackSay } from '../../src/slack/say.ts';
import { anApp, aSlack, clientOf } from '../local/a-slack.ts';
import { said, usual } from '../message/catalogue.ts';

const channel = 'C0UITESTS';
const subject = { event: 'coldframe_run', runId: 'staging-20261127-0912-k3f9qa' } as const;

function messageOf(name: string, text = usual) {
  const made = said.find((one) => one.name === name)?.make(2, text);
  if (made === undefined || 'type' in made) throw new Error(`${name} is no message`);
  return made;
}

/** What stands after it was said to a Slack that does not take these kinds of blocks, nor more than so many of all. */
async function saidTo(refuses: readonly string[], name: string, text?: string) {
  const tries: number[] = [];
  const slack = await aSlack({
    refuses: () => refuses,
    journal: ({ name: method }) => void (method === 'chat.postMessage' && tries.push(1)),
  });
  const message = messageOf(name, text);
  const told = await slackSay(clientOf(slack)).post(channel, message, subject);
  const [stands] = slack.messages(channel);
  const types = new Set((stands?.blocks ?? []).map(({ type }) => type as string));
  return { told, types, tries: tries.length, message, text: messageAsText(stands ?? { text: '' }), raw: JSON.stringify(stands) };
}

const all = ['section', 'context', 'actions'];
const everyWord = ['Then they are taken to the "Stacks" page', 'expected "Log in" to be "Stacks"', 'Mute'];

describe('a message whose blocks Slack refuses', () => {
  it('is said as it is where Slack takes all of them', async () => {
    expect(await saidTo([], 'run-failed-thread')).toMatchObject({ told: { kind: 'told', isCut: false }, tries: 1 });
  });

  it.each([
    ['pictures', ['image'], 2, ['section', 'rich_text', 'context']],
    ['the output of programs', ['rich_text'], 3, ['section', 'context']],
    ['either', ['rich_text', 'image'], 3, ['section', 'context']],
  ])('for %s is said in older ones, with every word and every button', async (_, refuses, tries, types) => {
    const { told, text, raw, ...seen } = await saidTo(refuses, 'run-failed-thread');
    expect(told).toMatchObject({ kind: 'told', isCut: true });
    expect(seen).toMatchObject({ tries, types: new Set(types) });
    for (const word of everyWord) expect(text).toContain(word);
    expect(raw).toContain('Screenshot at the failure of');
  });

  it('for a table and a chart has their numbers in lines', async () => {
    const { types, text, message } = await saidTo(['table', 'data_visualization'], 'cold-starts');
    expect(types).toEqual(new Set(all));
    expect(text).toMatch(/Function +Calls +Cold +Rate/);
    for (const name of ['orders-alpha', 'orders-beta'])
      expect(text.split('\n').filter((line) => line.includes(name)).length).toBeGreaterThan(1);
    expect(JSON.stringify(message.blocks)).toContain('data_visualization');
  });

  it('for all of them is said in words', async () => {
    const { told, types, text } = await saidTo(['section', 'context', 'actions', 'image', 'rich_text'], 'run-failed');
    expect([told, types]).toMatchObject([{ kind: 'told', isCut: true }, new Set()]);
    expect(text).toContain('staging failed: 2 of 40 scenarios failed');
  });

  it('for being too long keeps what it is about, and what can be done', async () => {
    let size = Number.POSITIVE_INFINITY;
    const slack = await aSlack({
      disturb: (_, { blocks }) => {
        const is = String(blocks ?? '').length;
        if (is < 1_500) return undefined;
        size = Math.min(size, is);
        return { kind: 'error', error: 'msg_blocks_too_long' };
      },
    });
    await slackSay(clientOf(slack)).post(channel, messageOf('run-failed'), subject);
    const [stands] = slack.messages(channel);
    expect(size).toBeGreaterThan(1_500);
    expect(stands?.blocks?.map(({ type }) => type)).toEqual(['section', 'actions']);
    expect(JSON.stringify(stands)).toContain('rerun_failed');
  });

  it('reaches Slack without halves of characters', async () => {
    const { told, raw } = await saidTo([], 'run-failed', 'half a \ud83e character');
    expect(told).toMatchObject({ kind: 'told', isCut: false });
    expect(raw).not.toMatch(/\\ud83e/i);
  });
});

describe('what only one person sees', () => {
  it('is said in older blocks by an answer to a command', async () => {
    const { slack, requests } = await anApp(undefined, { refuses: () => ['rich_text'] });
    await slack.command({ userId: 'U0ADA', channelId: channel, text: '/run-tests local' });
    const url = new URLSearchParams(requests[0]?.body.toString()).get('response_url') ?? '';
    expect(await slackSay(clientOf(slack)).answer(url, messageOf('run-why'))).toBe(true);
    expect(JSON.stringify(slack.messages(channel).at(-1))).toContain('The last lines of the task');
  });

  // Fuzz seed 2214977: the error of the fetch stood in a log, with the address that is a secret.
  it('cannot be said where the address is none, and no error tells that one', async () => {
    const { slack } = await anApp();
    await expect(slackSay(clientOf(slack)).answer('https://hooks.slack.com%2Fcommands/T0/1/secret', 'hello')).resolves.toBe(false);
  });

  it('is said in older blocks by an answer to them, and in their Home', async () => {
    const answers: string[] = [];
    const slack = await aSlack({
      refuses: () => ['rich_text', 'header'],
      journal: ({ request }) => void answers.push(JSON.stringify(request)),
    });
    const say = slackSay(clientOf(slack));
    expect(await say.whisper({ channel, userId: 'U0ADA' }, messageOf('run-why'))).toBe(true);
    const [stands] = slack.messages(channel);
    expect(stands).toMatchObject({ onlyFor: 'U0ADA' });
    expect(JSON.stringify(stands)).toContain('The last lines of the task');
    const home = said.find(({ name }) => name === 'home')?.make(1, usual);
    if (home === undefined || !('type' in home) || home.type !== 'home') throw new Error('there is a Home');
    expect(await say.publishHome('U0ADA', home)).toBe(true);
    expect(JSON.stringify(slack.views.home('U0ADA'))).toContain('*My last runs*');
  });
});
