import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/coldstart/summary.ts';
import type { Figures } from '../../src/coldstart/tally.ts';
import { figuresOf, newTally } from '../../src/coldstart/tally.ts';
import type { KnownJump } from '../../src/coldstart/watch.ts';
import { checkMessage } from '../../src/local/slack/block-kit.ts';
import { alertMessage, blindMessage } from '../../src/message/cold-starts-alert.ts';
import { digestMessage } from '../../src/message/cold-starts-digest.ts';
import type { Message } from '../../src/message/message.ts';

const golden = (name: string) => `../golden/message/cold-starts-${name}.json`;
const problems = ({ text, blocks }: Message) => checkMessage({ text, blocks });

function figures(invocations: number, cold: number): Figures {
  const tally = newTally();
  for (let index = 0; index < cold; index += 1) tally.inits.add(280 + (index % 60));
  return figuresOf({ ...tally, invocations, onDemand: cold });
}

type Weeks = Readonly<Record<string, readonly [now: readonly [number, number], before: readonly [number, number]]>>;

function summaryOf(weeks: Weeks, advice: readonly string[] = []): Summary {
  const sum = (at: 0 | 1): Figures => {
    const all = Object.values(weeks).map((week) => week[at]);
    return figures(
      all.reduce((total, [calls]) => total + calls, 0),
      all.reduce((total, [, cold]) => total + cold, 0),
    );
  };
  const each = (at: 0 | 1) => new Map(Object.entries(weeks).map(([name, week]) => [name, figures(...week[at])]));
  return {
    all: sum(0),
    functions: each(0),
    ...(sum(1).invocations > 0 && { before: { all: sum(1), functions: each(1) } }),
    hours: [],
    initBuckets: new Map(),
    untold: [],
    advice,
    monthlyInitCost: 0.12,
  };
}

const view = {
  ...{ command: { functions: ['orders-*'], windowMs: 7 * 86_400_000, whatIfs: [], isConfirmed: false }, askedBy: '' },
  ...{ functions: 4, bytesScanned: 6.2e9, schedule: 'monday 09:00 Europe/Berlin' },
};
const page = 'https://coldframe.example.com/reports/x';

const worse: Weeks = {
  'orders-api': [
    [41_000, 500],
    [40_000, 480],
  ],
  'orders-export': [
    [840, 512],
    [900, 36],
  ],
  'orders-mail': [
    [6_000, 90],
    [6_100, 240],
  ],
};

describe('a weekly digest', () => {
  it.each<[string, Summary]>([
    [
      'digest-worse',
      summaryOf(worse, ['`orders-export` starts cold on 61 % of its 5 calls an hour; merged into `orders-api` it would be 0.2 %.']),
    ],
    [
      'digest-better',
      summaryOf(
        {
          'orders-api': [
            [41_000, 200],
            [40_000, 480],
          ],
        },
        ['No change is worth it: 0.49 % of calls start cold, p99 339 ms.'],
      ),
    ],
    [
      'digest-same',
      summaryOf({
        'orders-api': [
          [41_000, 490],
          [40_000, 480],
        ],
      }),
    ],
    [
      'digest-first',
      summaryOf({
        'orders-api': [
          [41_000, 490],
          [0, 0],
        ],
      }),
    ],
    [
      'digest-few',
      summaryOf({
        'orders-api': [
          [20, 10],
          [10, 1],
        ],
      }),
    ],
    [
      'digest-none',
      summaryOf({
        'orders-api': [
          [0, 0],
          [10, 1],
        ],
      }),
    ],
  ])('%s is what we read in review, and Slack takes it', async (name, summary) => {
    const message = digestMessage(summary, view, summary.all.invocations === 0 ? undefined : page);
    expect(problems(message)).toEqual([]);
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(golden(name));
  });

  it('calls no change better or worse that chance can make, or that nobody would call so', () => {
    const text = (now: readonly [number, number], before: readonly [number, number]) =>
      digestMessage(summaryOf({ f: [now, before] }), view, undefined).text;
    expect(text([1_000, 14], [1_000, 10])).toContain('much as the week before');
    expect(text([10_000_000, 110_000], [10_000_000, 100_000])).toContain('much as the week before');
    expect(text([10_000, 200], [10_000, 100])).toContain('worse than the week before');
  });
});

const since = Date.parse('2026-11-27T13:00:00Z') / 3_600_000;
const more = {
  kind: 'rate',
  functionName: 'orders-api',
  since,
  found: since + 3,
  was: { calls: 8_400, cold: 118 },
  is: { calls: 1_210, cold: 110 },
} as const;
const slower = {
  kind: 'init',
  functionName: 'orders-export',
  since,
  found: since + 4,
  was: { count: 160, p50Ms: 300, p90Ms: 350 },
  is: { count: 21, p50Ms: 912, p90Ms: 1_100 },
} as const;
const busy: KnownJump = { ...more, cause: { kind: 'busy', busy: 96 } };

describe('an alert', () => {
  it.each<[string, Message]>([
    ['alert-busy', alertMessage([busy])],
    ['alert-deploys', alertMessage([{ ...more, cause: { kind: 'deploy', replaced: 88 } }])],
    ['alert-unknown', alertMessage([{ ...more, was: { calls: 8_400, cold: 0 }, cause: { kind: 'unknown' } }])],
    ['alert-init', alertMessage([{ ...slower, cause: { kind: 'deploy', replaced: 6 } }])],
    ['alert-init-unknown', alertMessage([{ ...slower, cause: { kind: 'unknown' } }])],
    ['alert-runtime', alertMessage([{ ...slower, cause: { kind: 'runtime', from: 'nodejs:24.v8', to: 'nodejs:24.v9' } }])],
    [
      'alert-several',
      alertMessage([
        busy,
        { ...slower, cause: { kind: 'unknown' } },
        ...Array.from({ length: 9 }, (_, index): KnownJump => ({ ...busy, functionName: `orders-${index}` })),
      ]),
    ],
    ['alert-over', alertMessage([{ ...busy, ended: since + 9 }])],
    ['alert-blind', blindMessage(since, '`askAboveGb` is 1: raise it.')],
  ])('%s is what we read in review, and Slack takes it', async (name, message) => {
    expect(problems(message)).toEqual([]);
    await expect(`${JSON.stringify(message, null, 2)}\n`).toMatchFileSnapshot(golden(name));
  });

  it('shows names as they are, whatever they are', () => {
    const message = alertMessage([{ ...busy, functionName: `<!channel>\`*${'x'.repeat(300)}` }]);
    expect(problems(message)).toEqual([]);
    expect(JSON.stringify(message.blocks.slice(0, 1))).not.toContain('<!channel>');
  });
});
