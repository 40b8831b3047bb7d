import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseDue } from '../../src/coldstart/due.ts';
import { toldKeys } from '../../src/coldstart/request.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import type { SlackMessage } from '../../src/local/slack/slack-message.ts';
import { isEveryRow } from '../every-row.ts';
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
    expect(text).toMatch(/1 of 1 invocations started cold \(100 %\); people waited [\d.]+ m?s/);
    expect(text).toContain('coldframe-local-http');
    const link = /https?:\S+\/reports\/0-cold-starts\/\S+\?s=[\w-]+/.exec(text)?.[0] ?? '';
    const page = await (await fetch(link)).text();
    expect(page).toContain('coldframe-local-http');
    expect(page).toContain("default-src 'none'");
    expect(answers()).toHaveLength(1);
  });

  it.runIf(isEveryRow)('asks for another window, and for what would change it, when their buttons are pressed', async () => {
    const before = answers().length;
    const messageTs = answers().at(-1)?.ts ?? '';
    const press = (button: string) => world.slack.press({ ...ada, messageTs, actionId: `cold_starts:${button}` });
    const pressed = await Promise.all(['1h', '7d', 'what-if'].map(press));
    expect(pressed.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken']);
    const more = await until(world, () => (answers().length === before + 3 ? answers().slice(before) : undefined));
    const texts = more.map((message) => messageAsText(message));
    for (const window of ['1 h', '7 days', '24 h']) expect(texts.filter((text) => text.includes(`, ${window}  ·`))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('What if, in cold starts') && text.includes('1 provisioned each'))).toHaveLength(1);
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

  it.runIf(isEveryRow)('asks back before it looks at more than coldframe.yml lets pass, and looks when it is told to', async () => {
    const file = join(world.dir, 'coldframe.json');
    const settings = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...settings, coldStarts: { ...settings.coldStarts, askAboveGb: 0 } }));
    // A function reads it when it starts.
    for (const { pid } of world.lambda.processes('worker')) if (pid !== undefined) process.kill(pid);
    await vi.waitUntil(() => world.lambda.processes('worker').length === 0);
    const before = answers().length;
    await world.slack.command({ ...ada, text: '/coldstarts coldframe-local-http' });
    const question = await until(world, () => answers()[before]);
    expect(messageAsText(question)).toMatch(/CloudWatch would look at about .+ of logs, for about .+ A shorter window/s);
    await world.slack.press({ ...ada, messageTs: question.ts, actionId: 'cold_starts:confirm' });
    expect(messageAsText(await until(world, () => answers()[before + 1]))).toMatch(/invocations started cold.*coldframe-local-http/s);
    await writeFile(file, JSON.stringify(settings));
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
