/**
 * Bugs planted in a copy of the product, one at a time (`scripts/mutations.mjs`): the simulated world catches each within a few
 * lives. All of them against more lives: scripts/mutate.
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
/** From the one that is known to catch it: what a neighbour's change makes of that life, another near it still catches. */
const lives = 12;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each(mutations.map((mutation) => [mutation.name, mutation.breaks, mutation] as const))(
  'a planted bug is caught: %s, %s',
  async (name, breaks, mutation) => {
    const program = join(folder, `${name}.cjs`);
    await bundle(root, program, planted(root, mutation));
    const caught = await firstViolation(program, { from: mutation.seed ?? 1, count: lives, steps: 2_000 });
    rmSync(program);
    expect(caught, `${breaks}, and nobody noticed`).not.toBeNull();
  },
  120_000,
);
