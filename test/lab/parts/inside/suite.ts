/**
 * The contract suite of `test/parts` inside the guest, on what is real there: `node contract.cjs PORT [PATTERN]`. Each result goes out as
 * soon as it is known.
 */
import { startTests } from '@vitest/runner';
import type { Test, VitestRunner, VitestRunnerConfig } from '@vitest/runner';
import { hand } from './hand.ts';
import { suites } from './suites.ts';

/** Of the guest, which is as fast as a slow Pi. */
const testMaxMs = 300_000;

class Runner implements VitestRunner {
  readonly config: VitestRunnerConfig = {
    root: '/',
    name: 'contract',
    setupFiles: [],
    passWithNoTests: false,
    testNamePattern: process.argv[3] === undefined ? undefined : new RegExp(process.argv[3]),
    allowOnly: false,
    sequence: { seed: 0, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: testMaxMs,
    hookTimeout: testMaxMs,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: false,
  };

  importFile(): void {
    suites();
  }

  async onAfterRunTask({ fullTestName, result }: Test): Promise<void> {
    const wrong =
      result?.state === 'pass' ? null : (result?.errors?.map(({ message }) => message).join('; ') ?? 'not run');
    await hand('result', { name: fullTestName, wrong, seconds: (result?.duration ?? 0) / 1000 });
  }
}

async function main(): Promise<void> {
  const [file] = await startTests(['/contract'], new Runner());
  for (const { message } of file?.result?.errors ?? [])
    await hand('result', { name: 'the suite', wrong: message, seconds: 0 });
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
