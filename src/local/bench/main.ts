import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchColdStarts } from './cold-starts.ts';
import { measureOverhead, type Overhead } from './overhead.ts';

const usage = `npm run bench -- overhead [--quick] [--rounds N] [--json]
npm run bench -- coldstarts

  coldstarts reading, counting and the what-if over generated logs
  overhead   the whole way of /run-tests against cucumber-js by itself, on the same suite, in turn:
             a suite of about a minute, 3 rounds; about 8 minutes
  --quick    a suite of about ten seconds, 1 round: says whether it works, not how fast it is
  --rounds N so many rounds
  --json     the result as JSON, and nothing else, on standard output`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: 'boolean' }, rounds: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help !== true && positionals.join() === 'coldstarts') {
    await benchColdStarts();
    return 0;
  }
  if (values.help === true || positionals.join() !== 'overhead') {
    console.error(usage);
    return values.help === true ? 0 : 2;
  }
  const isQuick = values.quick === true;
  const rounds = Number(values.rounds ?? (isQuick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds takes a whole number from 1, not ${values.rounds}`);
  const overhead = await measureOverhead({ suiteMs: isQuick ? 10_000 : 60_000, rounds, note: (words) => console.error(words) });
  console.log(values.json === true ? JSON.stringify({ at: new Date().toISOString(), machine, ...overhead }, null, 2) : asText(overhead));
  return 0;
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  platform: `${process.platform} ${process.arch}`,
};

function asText({ scenarios, rounds, ratio, runnerPeakMb, versions }: Overhead): string {
  const s = (ms: number) => (ms / 1000).toFixed(2).padStart(8);
  const table = rounds.map(
    (round, index) =>
      `${String(index + 1).padStart(5)}  ${s(round.plainMs)} s  ${s(round.journeyMs)} s  ${round.ratio.toFixed(3)}  ` +
      `${s(round.untilContainerMs)} s  ${s(round.containerMs)} s  ${s(round.afterContainerMs)} s  ${String(round.runnerPeakMb).padStart(5)} MB`,
  );
  return [
    `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}; Node ${versions.node}, cucumber ${versions.cucumber}, browser ${versions.browser}`,
    `${scenarios} scenarios`,
    '',
    'round  cucumber-js  /run-tests  ratio  to container   container  to message   runner',
    ...table,
    '',
    `overhead ${ratio.toFixed(3)} (median), runner ${runnerPeakMb} MB at most`,
  ].join('\n');
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
