import { defineConfig } from 'vitest/config';

// `fast` is what `npm run check` runs; `world` starts servers, processes and browsers.
const worldTests = ['test/local/**/*.test.ts', 'test/journey/**/*.test.ts', 'test/container/**/*.test.ts', 'test/packaging/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'fast', include: ['test/**/*.test.ts'], exclude: worldTests } },
      { test: { name: 'world', include: worldTests, testTimeout: 60_000, hookTimeout: 60_000 } },
    ],
  },
});
