import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { linkGeneration, revokeLinks } from '../../src/app/link-store.ts';
import { openLink } from '../../src/app/open-link.ts';
import { readRun } from '../../src/app/run-store.ts';
import { readStanding, writeHistory } from '../../src/app/write-history.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { noHistory } from '../../src/outcome/history.ts';
import { environmentKeys } from '../../src/run/keys.ts';
import { historyPage, linkTo } from '../../src/run/link.ts';
import { type Edges, requestOf, startEdges } from './edges.ts';
import { passedMessages } from './messages.ts';
import { leaveMessages, start, stoppedTask } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges();
});
afterEach(async () => await edges.stop());

async function ran() {
  edges.pass(24 * 3_600_000);
  const ref = await start(edges, requestOf({ askedAt: new Date(edges.world.nowMs()).toISOString() }));
  await leaveMessages(edges, ref, passedMessages, 0);
  await taskStopped(await stoppedTask(edges, ref), edges.world);
  return ref;
}

const opened = (link: string) => {
  const { pathname, searchParams } = new URL(link);
  return openLink(pathname, searchParams.get('s') ?? '', edges.world);
};
async function pageAt(link: string): Promise<string> {
  const found = await opened(link);
  return found.kind === 'there' ? await (await fetch(found.address)).text() : found.kind;
}
const history = (generation = 0) => linkTo({ environment: 'local', ...historyPage, generation }, edges.world.linkKey);
/** The links in what the page, or the message, says. */
const linksIn = (text: string): readonly string[] =>
  [...text.replaceAll('&amp;', '&').matchAll(/https:\/\/bot[^"|>\s]*/g)].map(([link]) => link);

describe("the page of an environment's last runs", () => {
  it('has every run that has ended, and is reached from the message and the report of each', async () => {
    const [one, two] = [await ran(), await ran()];
    const page = await pageAt(history());
    for (const { runId } of [one, two]) expect(page).toContain(`<li id="${runId}">`);
    expect(JSON.stringify(edges.parents().at(-1))).toContain(history());
    expect(linksIn(page).map((link) => link.replace(/\?.*/, ''))).toContain(
      `https://bot.example.com/reports/local/${two.runId}/report.html`,
    );
    const report = linksIn(page).find((link) => link.includes(two.runId)) ?? '';
    expect(linksIn(await pageAt(report))).toContain(history());
    expect(messageAsText(edges.parents().at(-1) ?? { text: '', blocks: [] })).toContain('· history (');
  });

  it('has the newest run though several write it at once, and one that read before writes last', async () => {
    await ran();
    const { store } = edges.world;
    let held: (() => void) | undefined;
    // One that has read the history, and is slow to put its page.
    const slow = {
      ...edges.world,
      store: {
        ...store,
        put: async (...given: Parameters<typeof store.put>) => {
          if (held === undefined) await new Promise<void>((resolve) => (held = resolve));
          await store.put(...given);
        },
      },
    };
    const late = writeHistory('local', slow);
    await expect.poll(() => held).toBeDefined();
    const { runId } = await ran();
    held?.();
    await late;
    expect(await pageAt(history())).toContain(`<li id="${runId}">`);
    expect((await readStanding('local', store))?.runs.at(-1)?.id).toBe(runId);
  });

  it('is begun anew with a history that was deleted', async () => {
    for (let run = 0; run < 3; run += 1) await ran();
    await edges.world.store.put(environmentKeys('local').history, gzipSync(JSON.stringify(noHistory)), 'application/gzip');
    const { runId } = await ran();
    expect((await readStanding('local', edges.world.store))?.runs.map(({ id }) => id)).toEqual([runId]);
    expect(await pageAt(history())).toContain(runId);
  });
});

describe('revoked links', () => {
  it('lead nowhere, whatever they led to, and later runs have new ones', async () => {
    const before = await ran();
    const old = [...linksIn(JSON.stringify(edges.parents())), ...linksIn(await pageAt(history()))];
    expect(old.length).toBeGreaterThan(2);
    await revokeLinks('local', { key: 'one', at: new Date(edges.world.nowMs()).toISOString() }, edges.world.store);
    for (const link of old) expect(await opened(link)).toEqual({ kind: 'revoked', environment: 'local' });
    const after = await ran();
    const page = await pageAt(history(1));
    expect(page).toContain(`<li id="${before.runId}">`);
    const links = linksIn(page);
    expect(links.some((link) => link.includes(before.runId))).toBe(false);
    const report = links.find((link) => link.includes(after.runId)) ?? '';
    expect(await pageAt(report)).toContain('<html');
    expect(await readRun(edges.world.store, after)).toMatchObject({ phase: { links: 1 } });
  });

  it('are revoked once by one request, and not again by an older one that comes late', async () => {
    const { store } = edges.world;
    for (const [key, at] of [
      ['one', '2026-11-27T09:00:00.000Z'],
      ['one', '2026-11-27T09:00:00.000Z'],
      ['two', '2026-11-27T10:00:00.000Z'],
      ['one', '2026-11-27T09:00:00.000Z'],
    ] as const)
      await revokeLinks('local', { key, at }, store);
    expect(await linkGeneration('local', store)).toBe(2);
  });
});
