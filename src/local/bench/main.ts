import { parseArgs } from 'node:util';
import { writeResults } from './benchmarks-file.ts';
import { measureColdStarts as measureColdStart } from './cold-start.ts';
import { coldStartsAsText } from './cold-start-text.ts';
import { benchColdStarts } from './cold-starts.ts';
import { measureCost } from './cost.ts';
import { costAsText } from './cost-text.ts';
import { measureLoad } from './load.ts';
import { roundAsText } from './load-round.ts';
import { machineAsText, thisMachine } from './machine.ts';
import { measureOutcomes } from './outcome.ts';
import { outcomesAsText } from './outcome-text.ts';
import { measureOverhead } from './overhead.ts';
import { overheadAsText } from './overhead-text.ts';
import { measureDeals } from './shards.ts';
import { dealsAsText } from './shards-text.ts';

const usage = `npm run bench -- overhead [--quick] [--rounds N] [--json] [--write]
npm run bench -- coldstarts [--write]
npm run bench -- load [--write]
npm run bench -- cold-start [--quick] [--rounds N] [--json] [--write]
npm run bench -- outcome [--quick] [--json] [--write]
npm run bench -- cost [--json] [--write]
npm run bench -- shards [--json] [--write]

  cold-start our functions' own cold starts, behind AWS's runtime client, against an empty handler and against Bolt with
             serverless-http and the SDK from node_modules, in turn: 21 rounds of about four seconds
  coldstarts reading, counting and the what-if over generated logs: about four minutes
  cost       what a run uses of AWS beside Fargate, in cents, and what an idle month costs: about six minutes
  load       many at once, on the real functions with stand-ins for tasks: about eight minutes
  outcome    a run of 100,000 scenarios judged, compared and merged, against @cucumber/query and a plain reducer: about two
             minutes, and 0.8 GB on the disk; --quick: 10,000
  overhead   the whole way of /run-tests against cucumber-js by itself, on the same suite, in turn:
             a suite of about a minute, 3 rounds; about 8 minutes
  shards     how evenly suites of all kinds and sizes are dealt out, against the best there can be and cucumber's own
             --shard: a quarter of a minute
  --quick    a suite of about ten seconds, 1 round: says whether it works, not how fast it is
  --rounds N so many rounds
  --json     the result as JSON, and nothing else, on standard output: npm run --silent bench -- … --json
  --write    also puts the result into docs/benchmarks.md`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help || positionals.length !== 1) {
    console.error(usage);
    return values.help ? 0 : 2;
  }
  switch (positionals[0]) {
    case 'coldstarts':
      await measureColdStarts(values.write);
      return 0;
    case 'cold-start':
      await bench(
        'cold-start',
        values,
        () => measureColdStart(roundsIn(values.rounds ?? (values.quick ? '3' : '21')), note),
        (coldStarts) => ({ json: coldStarts, text: coldStartsAsText(coldStarts) }),
      );
      return 0;
    case 'load':
      await benchLoad(values.write);
      return 0;
    case 'cost':
      await bench(
        'cost',
        values,
        () => measureCost(note),
        (cost) => ({ json: cost, text: costAsText(cost) }),
      );
      return 0;
    case 'outcome':
      await bench(
        'outcome',
        values,
        () => measureOutcomes(values.quick ? 10_000 : 100_000, note),
        (outcomes) => ({ json: outcomes, text: outcomesAsText(outcomes) }),
      );
      return 0;
    case 'shards':
      await bench(
        'shards',
        values,
        () => measureDeals(note),
        (deals) => ({ json: { deals }, text: dealsAsText(deals) }),
      );
      return 0;
    case 'overhead':
      await bench(
        'overhead',
        values,
        () =>
          measureOverhead({
            suiteMs: values.quick ? 10_000 : 60_000,
            rounds: roundsIn(values.rounds ?? (values.quick ? '1' : '3')),
            note,
          }),
        (overhead) => ({ json: overhead, text: overheadAsText(overhead) }),
      );
      return 0;
    default:
      console.error(usage);
      return 2;
  }
}

const note = (words: string): void => console.error(words);

/** Measures, prints for people or for machines, and keeps the result if that is wanted. */
async function bench<T>(
  name: string,
  { json, write }: { readonly json: boolean; readonly write: boolean },
  measure: () => T | Promise<T>,
  told: (measured: T) => { readonly json: object; readonly text: string },
): Promise<void> {
  const at = new Date().toISOString();
  const machine = thisMachine();
  const result = told(await measure());
  const text = `${at}, ${machineAsText(machine)}\n${result.text}`;
  console.log(json ? JSON.stringify({ at, machine, ...result.json }, null, 2) : text);
  if (write) await writeResults(name, text);
}

async function measureColdStarts(isWritten: boolean): Promise<void> {
  const lines = [`${new Date().toISOString()}, ${machineAsText(thisMachine())}`];
  console.log(lines[0]);
  await benchColdStarts((line) => {
    lines.push(line);
    console.log(line);
  });
  if (isWritten) await writeResults('coldstarts', lines.join('\n'));
}

async function benchLoad(isWritten: boolean): Promise<void> {
  const first = `${new Date().toISOString()}, ${machineAsText(thisMachine())}`;
  const rounds = await measureLoad((words) => console.error(words));
  const text = [first, ...rounds.map(roundAsText)].join('\n\n');
  console.log(text);
  if (isWritten) await writeResults('load', text);
}

function roundsIn(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`--rounds takes a whole number from 1, not ${text}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
