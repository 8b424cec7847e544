/** The tests of one part of the lives that `scripts/test` plays: the parts are files of their own, so that every core has some. */
import { expect, test } from 'vitest';
import { live } from './world.ts';

/** `SEEDS`: so many lives in all parts together. */
const seeds = Number(process.env['SEEDS'] ?? 200);
const parts = 4;
const steps = 2_000;
const together = 10;

/** @param part from 0 to 3 */
export function testLives(part: number): void {
  const first = 1 + Math.floor((seeds * part) / parts);
  const last = Math.floor((seeds * (part + 1)) / parts);
  const tens = Array.from({ length: Math.ceil((last - first + 1) / together) }, (_, index) => first + index * together);
  test.each(tens)(
    'nothing is lost, doubled or wrong: ten lives from seed %i',
    async (from) => {
      for (let seed = from; seed <= Math.min(last, from + together - 1); seed += 1) {
        const { violation, tail, ...figures } = await live(seed, { steps });
        if (violation !== null) console.log(tail.join('\n'));
        expect({ seed, violation }).toEqual({ seed, violation: null });
        expect(figures.steps).toBeGreaterThanOrEqual(steps);
      }
    },
    // A life takes a second or less; a machine with much else to do is no failure.
    600_000,
  );
}
