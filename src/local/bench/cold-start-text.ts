import type { ColdStarts } from './cold-start.ts';

const rows: readonly (readonly [name: string, words: string])[] = [
  ['floor', 'nothing: an empty handler'],
  ['floorWithSecret', 'nothing but the secret'],
  ['ours', '/run-tests, ours'],
  ['peer', '/run-tests, the peer'],
  ['oursButton', 'a button, ours'],
  ['peerButton', 'a button, the peer'],
  ['worker', 'worker'],
  ['runStopped', 'run-stopped'],
  ['sweep', 'sweep'],
];

/** What was measured, as lines for a terminal and for docs/benchmarks.md. */
export function coldStartsAsText({ rounds, runtime, medians, inits, cpu, initCpu, ratios, cpuRatios }: ColdStarts): string {
  const ms = (value: number | undefined): string => (value ?? Number.NaN).toFixed(0).padStart(9);
  const byBoth = (of: keyof typeof ratios): string => `${ratios[of].toFixed(2)} (by processor time ${cpuRatios[of].toFixed(2)})`;
  return [
    `Node ${process.version}, ${runtime}; medians of ${rounds} rounds, in milliseconds`,
    '',
    'first event                        init  answered   by processor time: init  answered',
    ...rows.map(
      ([name, words]) =>
        `${words.padEnd(30)}${ms(inits[name])}${ms(medians[name]).padStart(10)}${ms(initCpu[name]).padStart(26)}${ms(cpu[name]).padStart(10)}`,
    ),
    '',
    `A slash command: ${byBoth('toFloor')} times the empty handler; ${byBoth('toPeer')} times the peer.`,
    `A button: ${byBoth('buttonToPeer')} times the peer. The longest init of the others: ${byBoth('othersToFloor')} times the empty handler's.`,
  ].join('\n');
}
