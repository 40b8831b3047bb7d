import { median, type Overhead, type OverheadRound } from './overhead.ts';

/** What was measured, as lines for a terminal and for docs/benchmarks.md. */
export function overheadAsText({ scenarios, rounds, ratio, firstStepRatio, worldStartMs, runnerPeakMb, versions }: Overhead): string {
  const suiteRatios = rounds.map(({ plain, journey }) => journey.scenariosMs / plain.scenariosMs);
  return [
    `Node ${versions.node}, cucumber ${versions.cucumber ?? '?'}, browser ${versions.browser ?? '?'}; ${scenarios} scenarios; times in seconds`,
    '',
    'round │ cucumber-js  first step  its run │ /run-tests  to container  preparing  its run  finishing  to message │ ratio │ runner: first step',
    ...rounds.map(rowOf),
    '',
    `The whole way: ${ratio.toFixed(3)} times plain cucumber-js (the median). Cucumber's run alone: ${median(suiteRatios).toFixed(3)} times.`,
    `The runner's start to the first step: ${firstStepRatio.toFixed(2)} times that of plain cucumber-js.`,
    `The local world prints its address ${s(worldStartMs, 0)} s after its start.`,
    `The runner: ${runnerPeakMb} MB at most.`,
  ].join('\n');
}

function rowOf({ plain, journey, ratio }: OverheadRound, index: number): string {
  const { runner } = journey;
  return [
    `${String(index + 1).padStart(5)} │ ${s(plain.ms, 11)} ${s(plain.toFirstStepMs, 11)} ${s(plain.scenariosMs, 8)} │ ${s(journey.ms, 10)}`,
    ` ${s(journey.untilContainerMs, 13)} ${s(journey.preparingMs, 10)} ${s(journey.scenariosMs, 8)} ${s(journey.finishingMs, 10)} ${s(journey.afterContainerMs, 11)}`,
    ` │ ${ratio.toFixed(3)} │ ${s(journey.toFirstStepMs, 18)}, ${runner.peakMb} MB, ${s(runner.cpuMs, 0)} s of a processor`,
  ].join('');
}

const s = (ms: number, width: number): string => (ms / 1_000).toFixed(2).padStart(width);
