/** How often a property is tried: in a test a set number, in `scripts/fuzz` for so long, from a seed that is printed. */

const limitMs = Number(process.env['FUZZ_MS'] ?? 0);
const seed = process.env['SEED'];

/** Parameters of `fc.assert`. */
export function tries(numRuns: number): {
  readonly numRuns: number;
  readonly seed?: number;
  readonly interruptAfterTimeLimit?: number;
} {
  const from = seed === undefined ? {} : { seed: Number(seed) };
  return limitMs > 0 ? { ...from, numRuns: 1e9, interruptAfterTimeLimit: limitMs } : { ...from, numRuns };
}

/** For the test around it, milliseconds. */
export const triesTimeoutMs = 60_000 + 2 * limitMs;
