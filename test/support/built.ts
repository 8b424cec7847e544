import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const scripts = resolve(import.meta.dirname, '../../scripts');

/** Before any test: dist/ is what the sources say. Costs a few hundredths of a second when it is already. */
export function setup(project: TestProject): void {
  try {
    // Not scripts/build itself: that might install packages under a running test.
    execFileSync('flock', [scripts, process.execPath, resolve(scripts, 'build.mjs')], { stdio: 'inherit' });
  } catch {
    // A broken screen need not stop the tests of a rule; whole daemons need everything.
    if (project.name === 'e2e') throw new Error('scripts/build failed: see above');
    console.warn('scripts/build failed, see above: tests that run from dist/ see an older one, or none');
  }
}
