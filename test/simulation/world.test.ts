/** Lives of a box in the simulated world (`world/`), a seed each. More of them, and one again: scripts/simulate --help. */
import { expect, test } from 'vitest';
import { live } from './world/world.ts';

const seeds = Number(process.env['SEEDS'] ?? 40);
const steps = 2_000;
const together = 10;

test('one seed is one history', async () => {
  const [first, second] = [await live(1, { steps: 500 }), await live(1, { steps: 500 })];
  expect(second.digest).toBe(first.digest);
}, 120_000);

test.each(Array.from({ length: Math.ceil(seeds / together) }, (_, index) => 1 + index * together))(
  'nothing is lost, doubled or wrong: ten seeds from %i',
  async (from) => {
    for (let seed = from; seed < from + together; seed += 1) {
      const { violation, tail, ...figures } = await live(seed, { steps });
      if (violation !== null) console.log(tail.join('\n'));
      expect({ seed, violation }).toEqual({ seed, violation: null });
      expect(figures.steps).toBeGreaterThanOrEqual(steps);
    }
  },
  // A seed takes a second or less; a machine with much else to do is no failure.
  600_000,
);
