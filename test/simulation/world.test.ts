/** Lives of a box in the simulated world (`world/`), a seed each. More of them, and one again: scripts/simulate --help. */
import { expect, test } from 'vitest';
import { testLives } from './world/lives.ts';
import { live } from './world/world.ts';

test('one seed is one history', async () => {
  const [first, second] = [await live(1, { steps: 500 }), await live(1, { steps: 500 })];
  expect(second.digest).toBe(first.digest);
}, 120_000);

testLives(0);
