/** Keys that every test box is encrypted with: always the same, so that a seed stays one history. */
import { mastersOf } from '../../device/journal/masters.ts';
import type { Masters } from '../../device/journal/masters.ts';
import type { RandomBytes } from '../../device/journal/seal.ts';
import { seeded } from '../../device/demo/random.ts';

/** Another key for another number from 0 to 255. */
export const testKey = (number = 1): Uint8Array => new Uint8Array(32).fill(number);
export const testMasters: Masters = mastersOf([testKey()]);

/** For nonces and keys: a stream of its own, so that what is encrypted does not change what is decided. */
export function testRandom(seed = 1): RandomBytes {
  const { below } = seeded(seed);
  return (count) => Uint8Array.from({ length: count }, () => below(256));
}
