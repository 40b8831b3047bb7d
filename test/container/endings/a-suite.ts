/**
 * What most of the suites here need. `event` is where our clock starts; `block` never gives the processor back, and leaves it to
 * others. A step has more than cucumber's own 5 s: on a busy machine, `event` may take so long.
 */
const steps = `
  import { Given, setDefaultTimeout } from '@cucumber/cucumber'; setDefaultTimeout(60_000);
  const visit = (path) => fetch(process.env.BASE_URL + path);
  const event = () => visit('/event');
  const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  const forEver = () => new Promise(() => setInterval(() => {}, 1000));
  Given('all is well', () => {});
  Given('it fails', () => { throw new Error('this is wrong'); });
  Given('I wait for ever', { timeout: -1 }, async () => { await event(); await forEver(); });
`;

/** The files of a suite: these scenarios, the steps they use beside the usual ones, and what else there is. */
export const aSuite = (
  scenarios: Readonly<Record<string, readonly string[]>>,
  code = '',
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({
  'features/steps.js': steps + code,
  'features/a.feature': featureOf(scenarios),
  ...more,
});

/** A feature file with these scenarios: their names, and the steps of each. */
const featureOf = (scenarios: Readonly<Record<string, readonly string[]>>): string =>
  [
    'Feature: a',
    ...Object.entries(scenarios).flatMap(([name, lines]) => [`  Scenario: ${name}`, ...lines.map((line) => `    Given ${line}`)]),
  ].join('\n');
