import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDue } from '../../src/coldstart/due.ts';
import { toldKeys } from '../../src/coldstart/request.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { aPlainWorld } from './a-plain-world.ts';
import { type AWorld, ada, parents, until } from './a-world.ts';

const timeout = 120_000;

let world: AWorld;
beforeAll(async () => {
  world = await aPlainWorld();
}, timeout);
afterAll(async () => await world.end(), timeout);

/** What the bot says to all about cold starts, once it is no longer looking. */
const answers = (): readonly SlackMessage[] =>
  parents(world).filter(({ metadata, text }) => metadata?.event_type === 'coldframe_cold_starts' && !text.startsWith('Looking'));

describe('/coldstarts', { timeout }, () => {
  it("counts the local functions' own, real cold starts, in one message with a page", async () => {
    expect(await world.slack.command({ ...ada, text: '/coldstarts' })).toMatchObject({ kind: 'taken' });
    const message = await until(world, () => answers()[0]);
    const text = messageAsText(message);
    expect(text).toMatch(/1 of 1 invocations started cold \(100 %\); people waited \d+ ms/);
    expect(text).toContain('coldframe-local-http');
    const link = /https?:\S+\/reports\/0-cold-starts\/\S+\?s=[\w-]+/.exec(text)?.[0] ?? '';
    const page = await (await fetch(link)).text();
    expect(page).toContain('coldframe-local-http');
    expect(page).toContain("default-src 'none'");
    expect(answers()).toHaveLength(1);
  });

  it('names the nearest function when there is none of that name, to the asker only', async () => {
    await world.slack.command({ ...ada, text: '/coldstarts coldframe-local-htp' });
    const refusal = await until(world, () => world.slack.messages(ada.channelId).find(({ text }) => text.includes('did you mean')));
    expect(refusal).toMatchObject({
      onlyFor: ada.userId,
      text: 'I see no function `coldframe-local-htp`; did you mean `coldframe-local-http`?',
    });
  });

  it('explains itself', async () => {
    const said = await world.slack.command({ ...ada, text: '/coldstarts help' });
    expect(said.message?.text).toContain('/coldstarts [function or prefix …] [window] [what-if …]');
  });

  it('sends the weekly digest to each channel that coldframe.yml names, once, when it is due', async () => {
    const digests = () => answers().filter(({ text }) => text.startsWith('Cold starts this week'));
    const say = () =>
      fetch(`${world.slack.pageUrl.replace(/\/$/, '')}/workbench/trouble`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'digest', choice: 'now' }),
      });
    expect((await say()).status).toBe(200);
    const text = messageAsText(await until(world, () => digests()[0]));
    expect(text).toContain('calls started cold');
    expect(text).toContain('every Monday 09:00 Europe/Berlin: coldframe.yml says so');
    await world.lambda.settled();
    expect(digests()).toHaveLength(1);
  });

  it('looks at the clock, and says nothing when nothing is due', async () => {
    const before = answers().length;
    world.events.tick('coldframe-local-clock');
    const due = toldKeys(ada.channelId).due;
    const known = await until(world, async () => (await world.store.get(due, parseDue))?.value);
    await world.lambda.settled();
    expect(known).toMatchObject({ digest: { schedule: 'monday 09:00 Europe/Berlin', isDone: true }, watch: { scope: 'coldframe-*' } });
    expect(answers()).toHaveLength(before);
  });
});
