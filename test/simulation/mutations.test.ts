/**
 * Bugs planted in a copy of the product, one at a time (`scripts/mutations.mjs`): the simulated world catches them within a few
 * lives. One at a time, by name: scripts/mutate.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { mutations } from '../../scripts/mutations.mjs';
import { firstViolation, planted } from '../../scripts/planting.mjs';
import { bundle } from '../../scripts/simulation.mjs';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
/** From the one that is known to catch it on: where a change made another of that, one after it still does. */
const lives = 40;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('the text of each planted bug stands in the product as it is', () => {
  for (const mutation of mutations) expect(planted(root, mutation).contents).not.toBe('');
});

test.each(mutations)(
  'a planted bug is caught: $name, $breaks',
  async (mutation) => {
    const program = join(folder, `${mutation.name}.cjs`);
    await bundle(root, program, planted(root, mutation));
    const { seed: from, eventful = false } = mutation;
    const caught = await firstViolation(program, { from, count: lives, steps: 2_000, eventful });
    rmSync(program);
    expect(caught, `${mutation.breaks}, and nobody noticed`).not.toBeNull();
  },
  600_000,
);
