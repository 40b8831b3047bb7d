import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRun, noHistory } from '../../src/outcome/history.ts';
import { cases } from '../every-row.ts';
import { historyOf, resultOf, runOf } from '../outcome/remembered.ts';
import { aHistory, aMute, historyPageOf } from './a-history.ts';

const page = historyPageOf(aHistory());
/** What an element of the page says, without its tags. */
const partOf = (html: string, id: string): string =>
  (html.split(`aria-labelledby="${id}"`)[1] ?? '').split('</section>')[0]?.replace(/<[^>]*>/g, ' ') ?? '';
const dataOf = (html: string) => JSON.parse(/<script type="application\/json" id="history">(.*)<\/script>/.exec(html)?.[1] ?? '');

describe("the page of an environment's last runs", () => {
  it('runs the one script that it names by its hash, and loads nothing', () => {
    const script = /<script>([\s\S]*)<\/script>\n<\/body>/.exec(page)?.[1] ?? '';
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(page.replace(/<script>[\s\S]*<\/script>|<a [^>]*>/g, '')).not.toMatch(/(?:src|href)="http|@import|url\(|style="/);
  });

  it('has each run that is remembered, with what it came to, and a chart for each selection with a trend', () => {
    const history = aHistory();
    for (const { id } of history.runs) expect(page).toContain(`<li id="${id}">`);
    expect(page.match(/<section class="card figure"/g)).toHaveLength(2);
    expect(page).toContain('The last 36 runs, the oldest first: 24 of 36 passed.');
  });

  it('names the flakiest and the slowest, each with its history in words, and nothing that merely broke', () => {
    const flakiest = partOf(page, 'flakiest');
    expect(flakiest).toMatch(/The confirmation arrives by mail\s+4 of 20 runs/);
    expect(page).toContain('passed at a retry, passed 3 times');
    expect(flakiest).not.toContain('A password is changed');
    expect(partOf(page, 'slowest')).toMatch(/^[\s\S]*Nothing is found for nonsense/);
  });

  it('gives its script a character for each run of each scenario', () => {
    const { runs, scenarios, files } = dataOf(historyPageOf(historyOf({ a: 'ppf', b: ' pp' })));
    expect(runs.map(([id]: [string]) => id)).toEqual(['staging-0', 'staging-1', 'staging-2']);
    expect(scenarios).toEqual([
      ['Scenario a', 0, 'ppf'],
      ['Scenario b', 0, '.pp'],
    ]);
    expect(files).toEqual(['features/shop.feature']);
  });

  it('shows what is muted, with who muted it, since when and until when; and nothing where nothing is', () => {
    expect(page).not.toContain('id="muted"');
    const html = historyPageOf(historyOf({ a: 'pf' }), {
      mutes: [aMute, ...Array.from({ length: 40 }, () => ({ ...aMute, scenarios: [] }))],
    });
    const muted = partOf(html, 'muted');
    expect(muted).toContain('&lt;b&gt;Button&lt;/b&gt; not found');
    expect(muted).toContain('and 11 more');
    const one = partOf(historyPageOf(historyOf({ a: 'pf' }), { mutes: [aMute] }), 'muted');
    expect(one.replace(/\s+/g, ' ')).toContain(
      'Scenario a , 1 other by U0GRACE 2026-11-23 04:40 UTC , until 2026-11-30 04:40 UTC · staging-1 at main',
    );
  });

  it('shows no link to a report that is not to be reached any more', () => {
    const html = historyPageOf(historyOf({ a: 'pp' }), {
      reportOf: ({ id }) => (id === 'staging-1' ? 'https://bot.example/r' : undefined),
    });
    expect(html.match(/<a href="https:\/\/bot.example\/r"/g)).toHaveLength(1);
  });

  it('begins and stays well with none, one or two runs', () => {
    expect(historyPageOf(noHistory)).toContain('None has ended yet.');
    const one = historyPageOf(historyOf({ a: 'f' }));
    expect(one).toContain('After three runs of the same tags there is a trend to show.');
    expect(one).not.toContain('<select');
    expect(historyPageOf(historyOf({ a: 'pf' }))).toContain('<select id="from">');
  });

  it('is the same HTML whatever stands in names, tags and refs', () => {
    const shapeOf = (text: string): string => {
      const results = [resultOf({ id: 'a', scenario: text, uri: text }), resultOf({ id: 'b', verdict: 'flaky', scenario: text })];
      const history = [0, 1, 2].reduce((now, run) => addRun(now, runOf(run, { tags: text, ref: text, scenarios: results })), noHistory);
      const html = historyPageOf(history);
      return html
        .replace(/<script type="application\/json"[\s\S]*?<\/script>/, '')
        .replace(/>[^<]*</g, '><')
        .replace(/"[^"]*"/g, '""');
    };
    const plain = shapeOf('x');
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '-', '!', 's') }), (text) => {
        fc.pre(text.trim() !== '');
        expect(shapeOf(text)).toBe(plain);
      }),
      { numRuns: cases(60), examples: [['</script><script>alert(1)</script>'], ['"><img src=x onerror=alert(1)>']] },
    );
  });
});
