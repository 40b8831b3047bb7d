import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coldStartsPage } from '../../src/app/cold-starts-page.ts';
import { arrivalBook } from '../../src/coldstart/arrivals.ts';
import { chance } from '../../src/coldstart/chance.ts';
import { coldStartCounter } from '../../src/coldstart/count.ts';
import { type Summary, summarise, usualChanges } from '../../src/coldstart/summary.ts';
import { checkMessage } from '../../src/local/slack/block-kit.ts';
import { messageAsText } from '../../src/local/slack/message-text.ts';
import { coldStartsMessage, expensiveMessage, lookingMessage } from '../../src/message/cold-starts.ts';
import { coldStartsHelp } from '../../src/message/cold-starts-help.ts';
import type { ColdStartsView } from '../../src/message/cold-starts-view.ts';
import type { Message } from '../../src/message/message.ts';
import { poisson, simulatedLog } from '../coldstart/simulated-log.ts';
import { cases } from '../every-row.ts';

const dayMs = 86_400_000;
const fromMs = Date.parse('2026-11-22T08:00:00Z');
const golden = (name: string) => `../golden/message/cold-starts-${name}.json`;
const asJson = (message: Message) => `${JSON.stringify(message, null, 2)}\n`;

const problems = (message: Message) => checkMessage({ text: message.text, blocks: message.blocks });

const view = (functions: number): ColdStartsView => ({
  command: { functions: ['orders-*'], windowMs: dayMs, whatIfs: [], isConfirmed: false },
  askedBy: 'U0ADA',
  functions,
  bytesScanned: 1_234_567_890,
});

/** A day, and the one before, of so many functions: the first is called most. */
function summaryOf(functions: number): Summary {
  const random = chance(1);
  const log = simulatedLog(
    Array.from({ length: functions }, (_, index) => ({
      name: `orders-${['api', 'export', 'billing', 'search', 'mail', 'audit', 'report', 'import'][index] ?? `worker-number-${index}`}`,
      arrivals: poisson(400 / (index + 1) ** 1.5 + 0.2, 2 * dayMs, random, fromMs - dayMs),
      durationMs: () => 20 + 100 * random(),
      initMs: 300 + 10 * index,
    })),
    () => 360_000,
  );
  const book = arrivalBook();
  const counter = coldStartCounter({ window: { fromMs, toMs: fromMs + dayMs }, tell: book.add });
  for (const { functionName, stream, arrivedMs, durationMs, initMs } of log) {
    const duration = durationMs.toFixed(2);
    const init = initMs === 0 ? '' : `Init Duration: ${initMs.toFixed(2)} ms\t`;
    const atMs = arrivedMs + initMs + durationMs;
    if (init !== '') counter.read({ message: 'INIT_START Runtime Version: nodejs:24.v1', stream, functionName, atMs: arrivedMs });
    const billed = Math.ceil(initMs + durationMs);
    const message = `REPORT RequestId: a\tDuration: ${duration} ms\tBilled Duration: ${billed} ms\tMemory Size: 512 MB\tMax Memory Used: 90 MB\t${init}`;
    counter.read({ message, stream, functionName, atMs });
  }
  const counted = counter.end();
  return summarise({ counted, arrivals: book.close(), whatIfs: usualChanges(counted.functions), window: { fromMs, toMs: fromMs + dayMs } });
}

describe('the answer to /coldstarts', { timeout: 60_000 }, () => {
  it.each([0, 1, 8, 200])('about %i functions is what we read in review, and Slack takes it', async (functions) => {
    const message = coldStartsMessage(
      summaryOf(functions),
      view(functions),
      functions === 0 ? undefined : 'https://coldframe.example.com/reports/x',
      { kind: 'block' },
    );
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden(`${functions}`));
  });

  it('says who is not counted and why', async () => {
    const counter = coldStartCounter();
    const line = (functionName: string, message: string) => counter.read({ functionName, message, atMs: fromMs, stream: functionName });
    line('quiet', 'hello');
    line('managed', '{"time":"2026-11-22T08:00:00.000Z","type":"platform.report","record":{"metrics":{"durationMs":1}}}');
    line('web', '{"timestamp":"2026-11-22T08:00:00.000Z","type":"platform.initReport","record":{}}');
    line('usual', 'REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 90 MB\t');
    const message = coldStartsMessage(summarise({ counted: counter.end(), window: { fromMs, toMs: fromMs + dayMs } }), view(4), undefined, {
      kind: 'block',
    });
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden('not-counted'));
  });

  it('reckons calls an hour and the cost of a month by the time since the first call, where the log is younger than what was asked for', () => {
    const counted = (days: number, before: boolean) => {
      const window = { fromMs: fromMs - days * dayMs, toMs: fromMs + dayMs };
      const counter = coldStartCounter({ window });
      const call = (atMs: number) =>
        counter.read({
          ...{ functionName: 'orders-api', stream: `${atMs}`, atMs },
          message:
            'REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 301 ms\tMemory Size: 1024 MB\tMax Memory Used: 90 MB\tInit Duration: 300.00 ms\t',
        });
      if (before) call(window.fromMs - 1_000);
      for (let hour = 0; hour < 24; hour += 1) call(fromMs + hour * 3_600_000);
      return summarise({ counted: counter.end(), window });
    };
    const [whole, young, quiet] = [counted(0, false), counted(6, false), counted(6, true)];
    expect(young.monthlyInitCost).toBeCloseTo(whole.monthlyInitCost ?? 0, 10);
    expect(young.untold.join()).toContain(
      'The first call is of 2026-11-22 08:00 UTC: calls an hour, and what a month costs, go by the time since.',
    );
    expect(young.advice[0]).toContain('of its 1 calls an hour');
    expect(quiet.monthlyInitCost).toBeCloseTo((whole.monthlyInitCost ?? 0) / 7, 10);
    expect([...whole.untold, ...quiet.untold].join()).not.toContain('The first call');
  });

  it.each<[string, Message]>([
    ['help', coldStartsHelp({ functions: ['orders-'], allow: { users: [], userGroups: [], channels: [] }, askAboveGb: 100, channels: [] })],
    ['looking', lookingMessage(view(8))],
    ['expensive', expensiveMessage(420e9, 'orders-* 7d')],
  ])('%s is what we read in review, and Slack takes it', async (name, message) => {
    expect(problems(message)).toEqual([]);
    await expect(asJson(message)).toMatchFileSnapshot(golden(name));
  });

  it('shows names as they are, whatever they are', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      fc.constantFrom('<!channel>', '*a*', '`', '</table><script>', '&amp;'),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), (names) => {
        const counter = coldStartCounter();
        const init =
          'REPORT RequestId: a\tDuration: 1.00 ms\tBilled Duration: 1 ms\tMemory Size: 128 MB\tMax Memory Used: 90 MB\tInit Duration: 2000.00 ms\t';
        for (const functionName of names)
          for (let call = 0; call < 40; call += 1)
            counter.read({ functionName, message: init, atMs: fromMs + call, stream: `${functionName}${call}` });
        const summary = summarise({ counted: counter.end(), window: { fromMs, toMs: fromMs + dayMs } });
        const message = coldStartsMessage(summary, view(names.length), undefined, { kind: 'block' });
        expect(problems(message)).toEqual([]);
        expect(
          JSON.stringify(message.blocks.filter(({ type }) => type !== 'table' && type !== ('data_visualization' as string))),
        ).not.toContain('<!channel>');
        const page = coldStartsPage(summary, view(names.length));
        expect(page).not.toContain('<script');
        expect(page.match(/<\/table>/g)).toHaveLength(1);
      }),
      { numRuns: cases(50) },
    );
  });

  it('reads well as text', () => {
    expect(
      messageAsText({ text: '', blocks: coldStartsMessage(summaryOf(3), view(3), undefined, { kind: 'block' }).blocks as never }),
    ).toContain('Calls that started cold, %');
  });
});
