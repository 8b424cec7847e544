/**
 * What some lives have and others have not. Drawn, like all that follows from it, from streams of its own: a life with none of
 * them is to the letter what it would be if there were none.
 */
import { crc32 } from 'node:zlib';
import { seeded } from '../../../device/demo/random.ts';
import type { Seeded } from '../../../device/demo/random.ts';

export interface Traits {
  /** Pupils are erased, two people agreeing. */
  readonly erasing: boolean;
  /** A long life with short keeping: days are exported, and segments go. */
  readonly retention: boolean;
  /** The school changes its registers, reasons and rules. */
  readonly settings: boolean;
  /** A copy of the data folder is put back on another card. */
  readonly restores: boolean;
  /** Pupils are enrolled anew under another key, and staff say who it is. */
  readonly adoption: boolean;
  /** The machine has a clock with a battery. */
  readonly battery: boolean;
  /** Staff hold movements for safeguarding, and let go of some. */
  readonly holding: boolean;
  /** Now and then a movement is undone in the very moment in which its mark is sent. */
  readonly lateUndo: boolean;
  /** Lists of the MIS come in pages of a few rows: a register takes seconds to read. */
  readonly smallPages: boolean;
}

/** Chance for one purpose of one life. */
export const fork = (seed: number, purpose: string): Seeded => seeded(crc32(`${purpose} ${seed}`));

/** `eventful`: most lives have most of them, to meet sooner what comes of several at once. */
export function traitsOf(seed: number, eventful: boolean): Traits {
  const { next } = fork(seed, 'traits');
  const often = (share: number): boolean => next() < (eventful ? Math.max(0.6, share) : share);
  return {
    erasing: often(0.14),
    retention: often(0.08),
    settings: often(0.12),
    battery: often(0.1),
    restores: often(0.1),
    adoption: often(0.1),
    holding: often(0.1),
    lateUndo: often(0.1),
    // It makes nothing else happen, only later.
    smallPages: next() < 0.1,
  };
}
