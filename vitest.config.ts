import { defineConfig } from 'vitest/config';

// `fast` is what `npm run check` runs; `world` starts servers, processes and browsers; `suites` installs packages first, and is
// run by `npm run suites` alone.
const worldTests = ['test/local/**/*.test.ts', 'test/journey/**/*.test.ts', 'test/container/**/*.test.ts', 'test/packaging/**/*.test.ts'];

const suiteTests = 'test/suites/**/*.test.ts';

export default defineConfig({
  test: {
    // Most of these wait, for processes and browsers: one worker for each of CI's two cores, whatever vitest thinks.
    maxWorkers: 2,
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: [...worldTests, suiteTests], testTimeout: 30_000 } },
      // A journey that a busy machine was too slow for is tried once more, and vitest says so: look at it before it becomes a habit.
      {
        test: { name: 'world', include: worldTests, globalSetup: 'test/one-build.ts', retry: 1, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      { test: { name: 'suites', include: [suiteTests] } },
    ],
  },
});
