import { defineConfig } from 'vitest/config';

const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;
// Like the times below against hanging: a second, as shipped, is little for a process that starts on a busy machine.
const expected = { poll: { timeout: 30_000 } };
const globalSetup = ['test/support/built.ts'];

export default defineConfig({
  cacheDir: 'node_modules/.cache/vitest',
  test: {
    allowOnly: false,
    // All cores: as shipped, one is left idle.
    maxWorkers: '100%',
    // Only what a failing test printed is shown.
    silent: 'passed-only',
    projects: [
      {
        oxc: jsx,
        test: {
          name: 'unit',
          include: ['test/{unit,contract,parts,simulation}/**/*.test.{ts,tsx}'],
          globalSetup,
          expect: expected,
          // Against hanging, not against a busy machine.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        oxc: jsx,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup,
          expect: expected,
          // Whole daemons and a browser: one at a time on two cores.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
