import type { measureOutcomes, Reader, Reading } from './outcome.ts';

/** What was measured, as lines for a terminal and for docs/benchmarks.md. */
export function outcomesAsText({ shards, sizeBytes, readings }: Awaited<ReturnType<typeof measureOutcomes>>): string {
  const most = Math.max(...readings.map(({ scenarios }) => scenarios));
  const few = Math.min(...readings.map(({ scenarios }) => scenarios));
  const of = (reader: Reader, scenarios = most) => readings.find((one) => one.reader === reader && one.scenarios === scenarios);
  const peer = of('@cucumber/query');
  const times = (one: Reading | undefined, other: Reading | undefined) => ((one?.cpuMs ?? 0) / (other?.cpuMs ?? 1)).toFixed(2);
  return [
    `${most.toLocaleString('en')} scenarios in ${shards} shards, ${Math.round(sizeBytes / 1e6)} MB of NDJSON; beside them a tenth of the shards`,
    '',
    `reader                    │ processor  of @cucumber/query │ peak memory (${few.toLocaleString('en')} scenarios)`,
    ...readings
      .filter(({ scenarios }) => scenarios === most)
      .map(
        (one) =>
          `${one.reader.padEnd(25)} │ ${seconds(one)} ${times(one, peer).padStart(20)} │ ${`${one.peakMb} MB`.padStart(11)} (${of(one.reader, few)?.peakMb} MB)`,
      ),
    '',
    `Judged: ${times(of('judged'), peer)} times @cucumber/query, ${times(of('judged'), of('a plain reducer'))} times the plain reducer.`,
  ].join('\n');
}

const seconds = ({ cpuMs }: Reading): string => `${(cpuMs / 1_000).toFixed(2)} s`.padStart(9);
