/** When and how the power goes, all from the seed of the cut. */
import { seeded } from '../../device/demo/random.ts';
import type { Seeded } from '../../device/demo/random.ts';
import type { WireEvent } from './mis.ts';
import type { DiskRequest } from './nbd-server.ts';
import type { CutMode } from './volatile-disk.ts';

/**
 * The instant: milliseconds after the load began; just when the n-th answer arrives; just before the disk does the n-th
 * write or flush that finds something in its cache (during the daemon's start, or under load); when a write to the MIS, or
 * the answer to it, is on the wire.
 */
export type Instant =
  | { readonly on: 'clock'; readonly ms: number }
  | { readonly on: 'answer'; readonly n: number }
  | { readonly on: DiskRequest; readonly n: number; readonly during: 'start' | 'load' }
  | { readonly on: WireEvent };

export interface Plan {
  readonly seed: number;
  readonly mode: CutMode;
  readonly instant: Instant;
  /** For the load, and then for what survives of the cache. */
  readonly random: Seeded;
}

export function planOf(seed: number, modes: readonly CutMode[]): Plan {
  const random = seeded(seed);
  return { seed, mode: random.pick(modes), instant: instantOf(random), random };
}

function instantOf(random: Seeded): Instant {
  const sort = random.next();
  if (sort < 0.15) return { on: 'clock', ms: random.below(5000) };
  if (sort < 0.3) return { on: 'answer', n: 1 + random.below(15) };
  if (sort < 0.55) return { on: 'flush', n: 1 + random.below(40), during: 'load' };
  if (sort < 0.7) return { on: 'write', n: 1 + random.below(60), during: 'load' };
  if (sort < 0.8) return { on: 'write', n: 1 + random.below(30), during: 'start' };
  if (sort < 0.9) return { on: 'flush', n: 1 + random.below(15), during: 'start' };
  return { on: random.next() < 0.5 ? 'post' : 'posted' };
}

export function instantWords(instant: Instant): string {
  switch (instant.on) {
    case 'clock':
      return `after ${String(instant.ms)} ms`;
    case 'answer':
      return `at answer ${String(instant.n)}`;
    case 'post':
      return 'at a write to the MIS';
    case 'posted':
      return 'at the MIS\u2019s answer';
    case 'read':
    case 'write':
    case 'flush':
      return `${instant.during === 'start' ? 'starting, ' : ''}at ${instant.on} ${String(instant.n)}`;
  }
}
