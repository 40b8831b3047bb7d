import { caveats, headline, keptText, lifetimeText } from '../coldstart/as-text.ts';
import { windowText } from '../coldstart/command.ts';
import { initEdgesMs, type Summary } from '../coldstart/summary.ts';
import type { Figures } from '../coldstart/tally.ts';
import type { Band, WhatIfReport } from '../coldstart/what-if.ts';
import { between, dollars, milliseconds, number, percent } from '../coldstart/words.ts';
import { bytesText } from '../message/cold-starts.ts';
import type { ColdStartsView } from '../message/cold-starts-view.ts';
import { escapeHtml } from '../report/html.ts';

/** Sentences, in which no line ends between a number and its unit. */
const prose = (text: string): string => escapeHtml(text).replaceAll(/(\d) (%|ms|s|min|MB)(?!\w)/g, '$1&nbsp;$2');

const style = `
:root { color-scheme: light dark; --ink: #1d1c1d; --soft: #616061; --line: #d9d9d9; --back: #fff; --warm: #c8d6e5; --cold: #1f6feb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --soft: #ababad; --line: #3c3f44; --back: #1a1d21; --warm: #34495e; --cold: #58a6ff; } }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 84rem; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; line-height: 1.3; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
p, li { max-width: 46rem; } .soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 8rem; }
th { font-weight: 600; color: var(--soft); white-space: normal; vertical-align: bottom; }
small { display: block; color: var(--soft); font-size: .8em; }
@media (max-width: 48rem) {
  body { padding: 1rem .75rem 3rem; } h1 { font-size: 1.2rem; } table { font-size: .85rem; }
  th:first-child, td:first-child { position: sticky; left: 0; background: var(--back); }
}
svg { display: block; max-width: 100%; height: auto; } .bar { fill: var(--cold); } .all { fill: var(--warm); } text { fill: var(--soft); font: 11px system-ui, sans-serif; }
`;

/** The whole answer as one page that needs nothing else: no script, no font, no address. */
export function coldStartsPage(summary: Summary, view: ColdStartsView): string {
  const line = headline(summary);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cold starts</title>
<style>${style}</style>
</head>
<body>
<h1>${prose(line)}</h1>
<p class="soft">${escapeHtml(`${windowText(view.command.windowMs)}${untilText(summary)} · ${number(view.functions)} functions · ${bytesText(view.bytesScanned)} of logs looked at`)}</p>
${list(summary.advice.map((sentence) => sentence.replaceAll('`', '')))}
${list(summary.untold)}
<h2>By function</h2>
${functionTable(summary)}
<h2>Over the day</h2>
${dayChart(summary)}
${whatIfPart(summary.whatIf)}
<h2>How the counting is done</h2>
<p>A cold start is an invocation that had to wait for an environment: its report carries an init or a restore, or only an INIT_REPORT tells of it.
<em>Ahead</em> are environments that were ready more than a second before they were called (provisioned concurrency, or made ahead by Lambda): nobody waited.
<em>Re-init</em> are invocations after a crash or timeout of their environment, which wait for a restart that no figure shows.
${summary.monthlyInitCost === undefined ? '' : escapeHtml(`At this pace the inits are billed ${dollars(summary.monthlyInitCost)} a month (x86 price; since August 2025 inits are billed).`)}</p>
</body>
</html>
`;
}

function untilText({ lastMs }: Summary): string {
  return lastMs === undefined ? '' : `, the last invocation at ${new Date(lastMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const list = (sentences: readonly string[]): string =>
  sentences.length === 0 ? '' : `<ul>${sentences.map((sentence) => `<li>${prose(sentence)}</li>`).join('')}</ul>`;

const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<div class="scroll"><table><thead><tr>${head.map((one) => `<th>${escapeHtml(one)}</th>`).join('')}</tr></thead><tbody>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('')}</tbody></table></div>`;

function functionTable({ functions, all, initBuckets, before }: Summary): string {
  const row = (name: string, figures: Figures, was: Figures | undefined, buckets: readonly number[] | undefined): readonly string[] => {
    const { invocations, coldStarts, rate, initMs, preInitialised, reInits, memoryMb, initCost, notCounted } = figures;
    const label =
      notCounted.webFunctions > 0 ? ' (Web Function)' : notCounted.managedInstances > 0 && invocations === 0 ? ' (Managed Instances)' : '';
    const ms = (value: number | undefined): string => (value === undefined ? '' : milliseconds(value));
    return [
      escapeHtml(`${name}${label}`),
      number(invocations),
      number(coldStarts),
      rate === undefined ? '' : `${percent(rate.part)}<small>${percent(rate.low)} – ${percent(rate.high)}</small>`,
      was?.rate === undefined ? '' : percent(was.rate.part),
      ms(initMs?.p50),
      ms(initMs?.p90),
      ms(initMs?.p99),
      ms(initMs?.max),
      buckets === undefined ? '' : distributionChart(buckets),
      number(preInitialised),
      number(reInits),
      memoryMb === 0 ? '' : `${memoryMb} MB`,
      dollars(initCost),
    ];
  };
  const head = [
    'Function',
    'Calls',
    'Cold',
    'Rate (95 %)',
    'Before',
    'p50',
    'p90',
    'p99',
    'Max',
    'Inits',
    'Ahead',
    'Re-init',
    'Memory',
    'Billed',
  ];
  const rows = [...functions].map(([name, figures]) => row(name, figures, before?.functions.get(name), initBuckets.get(name)));
  return tableOf(head, functions.size > 1 ? [...rows, row('all', all, before?.all, undefined)] : rows);
}

/** How many inits took how long: a bar for each step from 50 ms to 10 s. */
function distributionChart(buckets: readonly number[]): string {
  const most = Math.max(...buckets);
  if (most === 0) return '';
  const bars = buckets.map((count, index) => {
    const height = count === 0 ? 0 : Math.max(1, Math.round((count / most) * 22));
    const until = initEdgesMs[index];
    const title = `${number(count)} ${until === undefined ? `from ${milliseconds(initEdgesMs.at(-1) ?? 0)} on` : `below ${milliseconds(until)}`}`;
    return `<rect class="bar" x="${index * 7}" y="${24 - height}" width="6" height="${height}"><title>${escapeHtml(title)}</title></rect>`;
  });
  return `<svg width="${buckets.length * 7}" height="24" viewBox="0 0 ${buckets.length * 7} 24" role="img" aria-label="Distribution of inits">${bars.join('')}</svg>`;
}

function dayChart({ hours }: Summary): string {
  const most = Math.max(1, ...hours.map(({ invocations }) => invocations));
  const mostCold = Math.max(1, ...hours.map(({ coldStarts }) => coldStarts));
  const bars = hours.map(({ invocations, coldStarts }, hour) => {
    const all = Math.round((invocations / most) * 90);
    const cold = Math.round((coldStarts / mostCold) * 90);
    const title = `${hour}:00 UTC: ${number(coldStarts)} cold of ${number(invocations)}`;
    const x = hour * 30;
    return `<g><title>${escapeHtml(title)}</title><rect class="all" x="${x}" y="${100 - all}" width="12" height="${all}"/><rect class="bar" x="${x + 13}" y="${100 - cold}" width="12" height="${cold}"/><text x="${x + 12}" y="114" text-anchor="middle">${hour}</text></g>`;
  });
  return `<p class="soft">Invocations (pale, at most ${number(most)} an hour) and cold starts (blue, at most ${number(mostCold)}) by hour of the day, UTC; each on a scale of its own.</p>
<div class="scroll"><svg width="720" height="120" viewBox="0 0 720 120" role="img" aria-label="Invocations and cold starts by hour of the day">${bars.join('')}</svg></div>`;
}

const bandCell = ({ low, middle, high }: Band): string =>
  `${percent(middle)}${percent(low) === percent(high) ? '' : `<small>${percent(low)} to ${percent(high)}</small>`}`;

function whatIfPart(whatIf: WhatIfReport | undefined): string {
  if (whatIf === undefined) return '';
  const { backTest, lifetime } = whatIf;
  const heading = '<h2>What if</h2>';
  if (whatIf.kind === 'refused') return `${heading}<p>${escapeHtml(`None: ${whatIf.because}.`)}</p>`;
  const changes = [whatIf.asIs, ...whatIf.changes];
  const most = Math.max(1, ...changes.map(({ coldStarts }) => coldStarts.high));
  const rows = changes.map(({ name, coldStarts, byCause, monthlyCost }) => [
    escapeHtml(name),
    `<svg width="200" height="14" viewBox="0 0 200 14" role="img" aria-label="${escapeHtml(between(coldStarts))}"><rect class="bar" x="0" y="3" width="${(coldStarts.middle / most) * 200}" height="8"/><rect class="all" x="${(coldStarts.low / most) * 200}" y="6" width="${Math.max(1, ((coldStarts.high - coldStarts.low) / most) * 200)}" height="2"/></svg>`,
    escapeHtml(between(coldStarts)),
    number(byCause.idle),
    number(byCause.busy),
    number(byCause.replaced),
    monthlyCost === undefined ? '' : dollars(monthlyCost),
  ]);
  const byFunction = [...whatIf.asIs.byFunction.keys()].map((name) => [
    escapeHtml(name),
    ...changes.map((change) => {
      const band = change.byFunction.get(name);
      return band === undefined ? '' : bandCell(band);
    }),
  ]);
  return `${heading}
<p>${escapeHtml(`The model reproduces ${between(backTest.reproduced)} of ${number(backTest.observed)} cold starts; ${lifetimeText(lifetime)}.${whatIf.kept > 0 ? ` ${keptText(whatIf.kept)}` : ''}`)}</p>
${tableOf(['', '', 'Cold starts', 'Nobody there', 'All busy', 'Replaced', 'A month'], rows)}
<h2>What if, by function</h2>
${tableOf(['Function', ...changes.map(({ name }) => name)], byFunction)}
<p class="soft">${escapeHtml(`${caveats} Merging takes cold starts of idling away; the busier the functions are, the less there are of those.`)}</p>`;
}
