import type { Envelope } from '@cucumber/messages';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../src/outcome/counts.ts';
import type { Outcome } from '../../src/outcome/outcome.ts';
import { budgetOf } from '../../src/report/budget.ts';
import { cspHash } from '../../src/report/content-policy.ts';
import { emptyDetails } from '../../src/report/details-state.ts';
import { observeDetails } from '../../src/report/observe-details.ts';
import type { AttemptDetails, Row } from '../../src/report/scenario-details.ts';
import { scenariosOf } from '../../src/report/scenarios.ts';
import { readStream, recorded, samples } from '../outcome/streams.ts';
import { aSuite } from './a-suite.ts';
import { pageOf } from './pages.ts';

const stream = (name: string): Envelope[] => readStream([recorded.get(name) ?? samples.get(name) ?? '']);

/** The data elements of a page, as its script reads them. */
const dataIn = (html: string) => {
  const texts = [...html.matchAll(/<script type="application\/json" [^>]*>([\s\S]*?)<\/script>/g)].map(([, json = 'null']) =>
    JSON.parse(json),
  );
  const [features, rows, ...details] = texts;
  return { features, rows: (rows ?? []) as Row[], attempts: details.flat() as AttemptDetails[][] };
};

const countsOf = (rows: readonly Row[]) => {
  const counts: Record<string, number> = { ...noCounts, total: rows.length };
  for (const { status, error } of rows) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 'passed' && error !== undefined) counts.flaky = (counts.flaky ?? 0) + 1;
  }
  return counts;
};

const attemptsOf = (html: string, name: string): AttemptDetails[] => {
  const { rows, attempts } = dataIn(html);
  return attempts[rows.findIndex((row) => row.name.startsWith(name))] ?? [];
};

describe('the page', () => {
  it.each([...recorded.keys(), ...samples.keys()])('of %s has every scenario once, as the verdict counts it', (name) => {
    const { html, suite } = pageOf(stream(name));
    const { rows, attempts } = dataIn(html);
    expect(countsOf(rows)).toEqual(suite.counts);
    expect(attempts).toHaveLength(rows.length);
    expect(new Set(rows.map(({ anchor }) => anchor)).size).toBe(rows.length);
    const linked = [...html.matchAll(/href="#(s-[^"]*)"/g)].map(([, anchor]) => anchor);
    expect(linked.filter((anchor) => !rows.some((row) => row.anchor === anchor))).toEqual([]);
  });

  it('of a stream that ends anywhere says of each scenario what the verdict says', () => {
    const all = stream('everything');
    for (let length = 0; length <= all.length; length += 7) {
      const { html, suite } = pageOf(all.slice(0, length));
      expect(countsOf(dataIn(html).rows), String(length)).toEqual(suite.counts);
    }
  });

  it('runs its own script, and nothing that stands in a name, an error or an attachment', () => {
    const attack = `</script><script>alert(1)</script><!--<script><img src=x onerror=alert(2)>`;
    const text = (recorded.get('everything') ?? '')
      .replaceAll('A visitor pays with a wrong card', attack)
      .replaceAll('the shop is empty', attack)
      .replaceAll('features/shop.feature', `features/${attack}`)
      .replaceAll('@flaky', `@${attack}`);
    const { html, page } = pageOf(readStream([text]), { facts: [{ label: 'x', value: attack }], notes: [attack] });
    const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    expect(scripts).toEqual([page.assets.script]);
    expect(html).toContain(`script-src ${cspHash(page.assets.script)};`.replaceAll("'", '&#39;'));
    const outside = html.replace(page.assets.script, '').replace(page.assets.styles, '');
    expect(outside).not.toMatch(/<!--|<img src=x|alert\(1\)<\/script>/);
    expect(outside).not.toMatch(/\son\w+=(?!alert)/);
    expect(dataIn(html).rows.some(({ name }) => name.includes('<img src=x onerror=alert(2)>'))).toBe(true);
  });

  it('leads nowhere a suite wants it to lead but to the web', () => {
    const uris = 'javascript:alert(1)\nhttps://example.org/a\ndata:text/html,x\n# a remark';
    const attached = { testCaseStartedId: 's0-0', body: uris, mediaType: 'text/uri-list', contentEncoding: 'IDENTITY' };
    const envelopes = [...aSuite({ features: 1, scenarios: 1 })];
    const at = envelopes.findIndex(({ testCaseFinished }) => testCaseFinished !== undefined);
    const { html } = pageOf(envelopes.toSpliced(at, 0, { attachment: attached } as unknown as Envelope));
    expect(attemptsOf(html, 'A visitor')[0]?.files).toEqual([
      { kind: 'note', text: 'javascript:alert(1)' },
      { kind: 'link', href: 'https://example.org/a', name: 'https://example.org/a' },
      { kind: 'note', text: 'data:text/html,x' },
    ]);
  });

  it('takes terminal codes and what turns text round out of everything', () => {
    const escapeCode = String.fromCharCode(27);
    const text = (recorded.get('everything') ?? '')
      .replaceAll('A visitor pays', `\\u001b[31mA visitor\\u202e pays`)
      .replaceAll('the shop is empty', '\\u2066the shop is empty');
    const { html } = pageOf(readStream([text]));
    expect(html).toContain('A visitor pays');
    expect(html.includes(escapeCode) || /[\u202a-\u202e\u2066-\u2069]|\\u001b|\\u202e/.test(html.replace(/<script>[\s\S]*/, ''))).toBe(
      false,
    );
  });

  it('is a page for each kind of outcome, with its words', () => {
    const stop = { what: 'The container ran out of memory.', next: 'Give it more.', raw: 'OutOfMemoryError', isTransient: false };
    const counts = noCounts;
    const outcomes: readonly Outcome[] = [
      { kind: 'empty', counts },
      { kind: 'broken', counts, error: 'features/a.feature: expected: #EOF', next: 'Mend it.' },
      { kind: 'unfinished', counts, failures: [], stop, lastSeen: 'Log in › When I wait' },
      { kind: 'timed-out', counts, failures: [], limitMs: 60_000 },
      { kind: 'cancelled', counts, failures: [], by: { kind: 'slack', userId: 'U0ADA' } },
      { kind: 'not-started', stop },
    ];
    const pages = outcomes.map((outcome) => pageOf([], { outcome }).html.replace(/<style>[\s\S]*<\/style>|<script>[\s\S]*/g, ''));
    const words = [
      'checked nothing',
      'expected: #EOF',
      'ran out of memory',
      'limit of 1 min',
      'cancelled by somebody in Slack',
      'did not start',
    ];
    expect(pages.map((html, index) => html.includes(words[index] ?? '?'))).toEqual(words.map(() => true));
  });
});

describe('what a scenario did', () => {
  it('is told attempt by attempt, with each error', () => {
    const { html } = pageOf(aSuite({ features: 1, scenarios: 3, fateOf: (number) => (number === 1 ? 'is flaky' : 'passes') }));
    const [first, second, ...more] = attemptsOf(html, 'A member');
    expect(more).toEqual([]);
    expect([first?.status, second?.status]).toEqual(['failed', 'passed']);
    expect(first?.steps.map(({ status = 'passed' }) => status)).toEqual(['passed', 'passed', 'failed', 'skipped', 'skipped', 'passed']);
    expect(first?.steps[2]?.error).toContain('locator.click: Timeout');
    expect(first?.steps.at(-1)?.files?.[0]).toMatchObject({ kind: 'text', name: 'browser.txt' });
    expect(second?.steps.map(({ keyword }) => keyword)).toEqual(['Given', 'When', 'And', 'Then', 'And']);
  });

  it('has data tables, doc strings, and code to begin a missing step with', () => {
    const tables = attemptsOf(pageOf(stream('data-tables')).html, '')[0]?.steps.flatMap(({ table = [] }) => table) ?? [];
    expect(tables.length).toBeGreaterThan(1);
    const docs = dataIn(pageOf(stream('doc-strings')).html).attempts.flatMap(([one]) => one?.steps.flatMap(({ doc = [] }) => doc) ?? []);
    expect(docs.length).toBeGreaterThan(0);
    const snippets = dataIn(pageOf(stream('undefined')).html).attempts.flatMap(
      ([one]) => one?.steps.flatMap(({ snippet = [] }) => snippet) ?? [],
    );
    expect(snippets[0]).toContain('a step that is yet to be defined');
  });

  it('is left out, aloud, where there is no room; the scenario itself never is', () => {
    const details = emptyDetails({ addressOf: () => undefined, budget: budgetOf(0) }, 0.01);
    for (const envelope of aSuite({ features: 2, scenarios: 100, fateOf: (number) => (number === 99 ? 'fails' : 'passes') }))
      observeDetails(details, envelope);
    const { all, leftOut } = scenariosOf(details);
    expect(all).toHaveLength(100);
    expect(leftOut).toBeGreaterThan(50);
    expect(all.filter(({ attempts }) => attempts === undefined)).toHaveLength(leftOut);
    expect(all[99]?.attempts, 'what failed has room of its own').toContain('Timeout');
  });

  it('stays small however much somebody writes', () => {
    const endless = 'x'.repeat(1_000_000);
    const text = (recorded.get('everything') ?? '')
      .replaceAll('A visitor pays with a wrong card', endless)
      .replaceAll('the shop is empty', endless);
    expect(pageOf(readStream([text])).html.length).toBeLessThan(400_000);
  });

  it('is no failure when it ended after a stop was asked for', () => {
    const outcome: Outcome = { kind: 'cancelled', counts: noCounts, failures: [], by: { kind: 'slack', userId: 'U0ADA' } };
    const { html } = pageOf(aSuite({ features: 1, scenarios: 3, fateOf: (number) => (number === 1 ? 'fails' : 'passes') }), { outcome });
    expect(dataIn(html).rows.map(({ status, why }) => why ?? status)).toEqual(['passed', 'after the stop', 'passed']);
  });
});
