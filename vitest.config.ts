import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// `fast` is what `npm run check` runs; `world` starts servers, processes and browsers; `suites` installs packages first, and is
// run by `npm run suites` alone.
const worldTests = ['test/local/**/*.test.ts', 'test/journey/**/*.test.ts', 'test/container/**/*.test.ts', 'test/packaging/**/*.test.ts'];

const suiteTests = 'test/suites/**/*.test.ts';

/** They take longest: begun last, each would leave the other worker with nothing to do. */
const first = [
  'endings.test.ts',
  'page.test.ts',
  'ci.test.ts',
  'suites.test.ts',
  'promise.test.ts',
  'main-job.test.ts',
  'container.test.ts',
  'simulation.test.ts',
  'example-suite.test.ts',
  // It packages what the others of its folder find.
  'package.test.ts',
  // Of the fast ones.
  'run-life.test.ts',
  'try-again.test.ts',
  'faults.test.ts',
  'report-files.test.ts',
  'slack-trouble.test.ts',
  'watch.test.ts',
  'verdict.test.ts',
  'test/app/cold-starts.test.ts',
  'remembered-runs.test.ts',
  'told-cold-starts.test.ts',
  'errands.test.ts',
  'hearing.test.ts',
  'big-runs.test.ts',
  'conformance.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = first.findIndex((name) => moduleId.endsWith(`/${name}`));
      return place < 0 ? first.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/**/*.test.ts'],
          exclude: [...worldTests, suiteTests],
          // Our modules keep nothing, so the files can share them: to load them anew for each takes longer than most tests.
          isolate: false,
          // They only compute: more of them than processors make it a tenth slower.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 2 },
          setupFiles: 'test/fewer-cases.ts',
          testTimeout: 30_000,
        },
      },
      // A journey that a busy machine was too slow for is tried once more, and vitest says so: look at it before it becomes a habit.
      {
        test: {
          name: 'world',
          include: worldTests,
          // As above: with the SDK's clients, to load the local world takes two seconds for each file.
          isolate: false,
          // Most of them wait, for processes and browsers: four keep CI's two cores busy.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
          globalSetup: 'test/one-build.ts',
          retry: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'suites', include: [suiteTests] } },
    ],
  },
});
