import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

const jsx = { jsx: { runtime: 'automatic', importSource: 'preact' } } as const;
// Like the times below against hanging: a second, as shipped, is little for a process that starts on a busy machine.
const expected = { poll: { timeout: 30_000 } };
const globalSetup = ['test/support/built.ts'];

/** These take minutes: what begins last would be waited for alone. */
const long = /(?:mutations|staff-axe|kiosk-axe|restore-cuts|first-boot-cuts|sigkill)\.test/;
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  cacheDir: 'node_modules/.cache/vitest',
  test: {
    allowOnly: false,
    // All cores: as shipped, one is left idle.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
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
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
