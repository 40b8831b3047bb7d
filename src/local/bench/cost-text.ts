import { type measureCost, type RunCost, sum, type Used } from './cost.ts';
import { prices } from './prices.ts';

const sweepsAMonth = 30 * 24 * 12;
/** A queue's five pollers, each asking every 20 seconds. */
const pollsAMonth = 5 * 30 * 24 * 180;
const imageGb = 0.25;
const alarms = 5;

/** What was counted, as lines for a terminal and for docs/benchmarks.md. */
export function costAsText({ runs, sweep }: Awaited<ReturnType<typeof measureCost>>): string {
  const idle: readonly Used[] = [
    { what: 'a sweep each five minutes', count: sweepsAMonth, dollars: sweepsAMonth * sum(sweep) },
    { what: 'the queue is asked', count: pollsAMonth, dollars: pollsAMonth * prices.sqs },
    { what: 'GB of image', count: imageGb, dollars: imageGb * prices.ecrGb },
  ];
  return [
    ...runs.flatMap(runLines),
    'idle, a month',
    ...idle.map(usedLine),
    `  in all ${cents(sum(idle))} cents, within the free tier of a million SQS requests ${cents(sum(idle.filter(({ what }) => !what.startsWith('the queue'))))}; ${alarms} alarms, which can be left out, ${cents(alarms * prices.logs.alarm)}`,
    '  of one sweep:',
    ...sweep.map(usedLine),
  ].join('\n');
}

const runLines = ({ shards, used, dollars, slackCalls, logBytes }: RunCost): readonly string[] => [
  `a run of ${shards === 1 ? 'one shard' : `${shards} shards`}, without Fargate`,
  ...used.map(usedLine),
  `  in all ${cents(dollars)} cents; ${(logBytes / 1e6).toFixed(2)} MB of logs; Slack: ${Object.entries(slackCalls)
    .map(([method, calls]) => `${calls} × ${method}`)
    .join(', ')}`,
  '',
];

const usedLine = ({ what, count, dollars }: Used): string =>
  `  ${what.padEnd(28)} ${count.toLocaleString('en', { maximumFractionDigits: 2 }).padStart(10)} ${cents(dollars).padStart(10)} cents`;

const cents = (dollars: number): string => (dollars * 100).toFixed(4);
