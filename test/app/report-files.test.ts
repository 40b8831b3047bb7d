import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { taskStopped } from '../../src/app/finish-run.ts';
import { keepLatest } from '../../src/app/latest-run.ts';
import { openLink } from '../../src/app/open-link.ts';
import type { RunRef } from '../../src/app/run-store.ts';
import { runKeys, shardKeys } from '../../src/run/keys.ts';
import { latestRun, linkTo } from '../../src/run/link.ts';
import type { RunId } from '../../src/run/run-id.ts';
import { recorded } from '../outcome/streams.ts';
import { aSuite } from '../report/a-suite.ts';
import { type Edges, startEdges } from './edges.ts';
import { leaveMessages, start, stoppedTask } from './run-steps.ts';

let edges: Edges;
beforeEach(async () => {
  edges = await startEdges();
});
afterEach(async () => await edges.stop());

const linkOf = ({ environment, runId }: RunRef, file: string): URL => new URL(linkTo({ environment, runId, file }, edges.world.linkKey));
async function open({ pathname, searchParams }: URL): Promise<string | undefined> {
  const opened = await openLink(pathname, searchParams.get('s') ?? '', edges.world);
  return opened.kind === 'there' ? opened.address : undefined;
}
const latest = () => open(new URL(linkTo({ environment: 'local', runId: latestRun, file: 'report.html' }, edges.world.linkKey)));

/** What stands at the address a link leads to, and how it is served. */
async function read(url: URL) {
  const answer = await fetch((await open(url)) ?? 'none:');
  return { text: await answer.text(), type: answer.headers.get('content-type'), disposition: answer.headers.get('content-disposition') };
}

async function end(name = 'everything'): Promise<RunRef> {
  const ref = await start(edges);
  await leaveMessages(edges, ref, Buffer.from(recorded.get(name) ?? ''), 1);
  await taskStopped(await stoppedTask(edges, ref), edges.world);
  return ref;
}

/** A function whose memory or time is over while it makes the report: nothing of it is heard any more. */
const diesOverItsReport = (task: Awaited<ReturnType<typeof stoppedTask>>): Promise<void> =>
  new Promise((die) => {
    const { store } = edges.world;
    const put: typeof store.put = (key, ...rest) => {
      if (!key.endsWith('report.html')) return store.put(key, ...rest);
      die();
      return new Promise(() => {});
    };
    void taskStopped(task, { ...edges.world, store: { ...store, put } });
  });

const linksIn = (html: string): URL[] => [...html.matchAll(/href="(https:\/\/bot[^"]*)"/g)].map(([, href = '']) => new URL(href));

describe('the report of a run', () => {
  it('leads to everything that stands beside it', async () => {
    const ref = await end();
    const page = await read(linkOf(ref, 'report.html'));
    expect(page).toMatchObject({ type: 'text/html; charset=utf-8', disposition: null });
    const [cucumber, junit, messages, newest, history, ...more] = linksIn(page.text);
    expect(more.map(({ pathname }) => pathname).filter((path) => !path.includes('/attachments/'))).toEqual([]);
    expect((await read(history ?? new URL('none:'))).text).toContain('local: history');
    expect((await read(cucumber ?? new URL('none:'))).text).toContain('id="messages"');
    expect((await read(junit ?? new URL('none:'))).text).toContain('<testsuites name="local"');
    const packed = await read(messages ?? new URL('none:'));
    expect(packed).toMatchObject({ type: 'application/gzip', disposition: 'attachment' });
    const stored = await edges.world.store.getBytes(runKeys(ref.environment, ref.runId).reportFile('messages.ndjson.gz'));
    expect(
      gunzipSync(stored ?? '')
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(recorded.get('everything')?.trim().split('\n').length ?? 0);
    expect((await read(newest ?? new URL('none:'))).text).toBe(page.text);
  });

  it('is where each failure in Slack leads: to its scenario', async () => {
    const ref = await end();
    const page = await read(linkOf(ref, 'report.html'));
    const message = JSON.stringify(edges.parents()[0]?.blocks);
    const anchors = [...message.matchAll(/report\.html\?s=[\w-]+#(s-[\w-]+)\|/g)].map(([, anchor]) => anchor);
    expect(anchors.length).toBeGreaterThan(2);
    expect(anchors.filter((anchor) => !page.text.includes(`"anchor":"${anchor}"`))).toEqual([]);
  });

  it('that two have died over is left out: the end is told without it, with where its messages are', async () => {
    const ref = await start(edges);
    await leaveMessages(edges, ref, Buffer.from(recorded.get('everything') ?? ''), 1);
    const task = await stoppedTask(edges, ref);
    for (let time = 0; time < 2; time += 1) {
      await diesOverItsReport(task);
      expect(edges.parents()[0]?.text).toBe('local: starting');
      edges.pass(3 * 60_000);
    }
    await taskStopped(task, edges.world);
    expect(edges.parents()).toHaveLength(1);
    expect(edges.parents()[0]?.text).toContain('local failed');
    expect(JSON.stringify(edges.parents()[0]?.blocks)).toContain(
      `There is no report: making it failed, as a log of ours says. The messages are kept: \`messages/local/${ref.runId}\` in the bucket.`,
    );
  });

  it('is there for a suite that left no message, and says what happened', async () => {
    const ref = await start(edges);
    await leaveMessages(edges, ref, Buffer.from(''), 1);
    await taskStopped(await stoppedTask(edges, ref), edges.world);
    const page = await read(linkOf(ref, 'report.html'));
    expect(page.text).toContain('local could not run');
    expect(linksIn(page.text).map(({ pathname }) => pathname)).toEqual([
      `/reports/local/${ref.runId}/junit.xml`,
      '/reports/local/latest/report.html',
      '/reports/local/history/history.html',
    ]);
  });

  it('may show pictures from our endpoint and from the store it redirects to, and from nowhere else', async () => {
    const ref = await end();
    const store = new URL((await open(linkOf(ref, 'report.html'))) ?? '').origin;
    expect((await read(linkOf(ref, 'report.html'))).text).toContain(`img-src data: https://bot.example.com ${store};`);
  });
});

describe('a link', () => {
  it.each(['report.html', 'cucumber.html'])('to %s shows it; to an attachment that is a page it is a download', async (file) => {
    const ref = await end();
    const keys = shardKeys(ref.environment, ref.runId, 1);
    await edges.world.store.put(keys.attachment(file), '<script>alert(1)</script>', 'text/html');
    expect((await read(linkOf(ref, file))).disposition).toBeNull();
    expect((await read(linkOf(ref, `shards/1/attachments/${file}`))).disposition).toBe('attachment');
  });

  it('that we signed still leads to nothing that is not for people', async () => {
    const ref = await end();
    for (const file of ['shards/1/000001.ndjson.gz', 'shards/1/attachments', 'cucumber/x.html', 'run.json'])
      expect(await open(linkOf(ref, file)), file).toBeUndefined();
  });
});

describe('the newest report', () => {
  it('is none before the first run', async () => {
    expect(await latest()).toBeUndefined();
  });

  it('stays that of the run which ended last, in whatever order they are told', async () => {
    const ref = await end('all-well');
    await keepLatest(edges.world.store, 'local', { runId: 'local-20200101-0000-aaaaaa' as RunId, endedAt: '2020-01-01T00:00:00.000Z' });
    expect(await latest()).toContain(ref.runId);
    const next = await end('all-well');
    expect(await latest()).toContain(next.runId);
  });

  it('is not another file than the report', async () => {
    await end('all-well');
    const other = new URL(linkTo({ environment: 'local', runId: latestRun, file: 'cucumber.html' }, edges.world.linkKey));
    expect(await open(other)).toBeUndefined();
  });
});

describe("Cucumber's own report of a run that is too large for one page", () => {
  it('is a list of parts, each with some of the features and all of theirs', async () => {
    const ref = await start(edges);
    const messages = [...aSuite({ features: 25, scenarios: 2_100, fateOf: (number) => (number === 2_000 ? 'fails' : 'passes') })];
    await leaveMessages(edges, ref, Buffer.from(messages.map((envelope) => `${JSON.stringify(envelope)}\n`).join('')), 1);
    await taskStopped(await stoppedTask(edges, ref), edges.world);
    const list = await read(linkOf(ref, 'cucumber.html'));
    const parts = linksIn(list.text.replaceAll('&amp;', '&'));
    expect(parts.map(({ pathname }) => pathname.split('/').at(-1))).toEqual(['1.html', '2.html', '3.html', '4.html', '5.html']);
    expect(list.text.match(/<li>/g)).toHaveLength(25);
    const pages = await Promise.all(parts.map(read));
    const started = pages.map(({ text }) => text.match(/"testCaseStarted":\{"id"/g)?.length ?? 0);
    expect(started.reduce((sum, count) => sum + count, 0)).toBe(2_100);
    expect(Math.max(...started)).toBeLessThan(700);
    expect(pages.every(({ text }) => text.includes('"testRunFinished"'))).toBe(true);
  });
});
