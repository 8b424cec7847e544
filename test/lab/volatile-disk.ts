/**
 * A disk with a volatile write cache, as SD cards and SSDs have one: what was written is read back at once, but survives a
 * power cut only after a FLUSH (or when the write itself asked for it). What was in the cache at the cut is lost, kept in
 * part, or kept: all three are within what a real medium may do.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { Seeded } from '../../device/demo/random.ts';

/**
 * What a cut leaves of the writes that were not flushed: nothing; the first few, in the order of writing; any pieces of
 * 4 KiB in any order, so that writes are torn and overtake each other; everything.
 */
export const cutModes = ['none', 'prefix', 'random', 'all'] as const;
export type CutMode = (typeof cutModes)[number];

/** Media write pages of this size as a whole; file systems and databases rely on it. Bytes. */
const pieceBytes = 4096;

export interface CutReport {
  /** Writes that were acknowledged and not flushed. */
  readonly pending: number;
  /** Pieces of them, of 4 KiB at most, and how many of these survived. */
  readonly pieces: number;
  readonly kept: number;
}

export interface VolatileDisk {
  readonly bytes: number;
  /** What the cache holds and no flush has made durable, in the order of writing. */
  pending(): readonly Write[];
  read(at: number, length: number): Buffer;
  /** `through`: durable at once, with whatever the cache holds of the same place (FUA). */
  write(at: number, bytes: Uint8Array, through?: boolean): void;
  flush(): void;
  /** The power goes: what `mode` says of the cache survives, the cache is empty. */
  cut(mode: CutMode, random: Seeded): CutReport;
  close(): void;
}

/** A write of the cache, or a piece of one. */
export interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * @param path an image file; its size is the disk's
 * @param lies a disk that says FLUSH is done and does nothing: the negative control
 */
export function openVolatileDisk(path: string, lies = false): VolatileDisk {
  const fd = openSync(path, 'r+');
  let cache: Write[] = [];
  const store = ({ at, bytes }: Write): void => {
    writeSync(fd, bytes, 0, bytes.length, at);
  };
  const overlaps = (write: Write, at: number, length: number): boolean =>
    write.at < at + length && at < write.at + write.bytes.length;

  return {
    bytes: fstatSync(fd).size,
    pending: () => cache,
    read(at, length) {
      const bytes = Buffer.alloc(length);
      readSync(fd, bytes, 0, length, at);
      for (const write of cache) {
        if (!overlaps(write, at, length)) continue;
        const from = Math.max(at, write.at);
        write.bytes.copy(bytes, from - at, from - write.at, Math.min(write.bytes.length, at + length - write.at));
      }
      return bytes;
    },
    write(at, bytes, through = false) {
      cache.push({ at, bytes: Buffer.from(bytes) });
      if (!through || lies) return;
      const [same, others] = [true, false].map((is) => cache.filter((one) => overlaps(one, at, bytes.length) === is));
      same?.forEach(store);
      cache = others ?? [];
    },
    flush() {
      if (lies) return;
      cache.forEach(store);
      cache = [];
    },
    cut(mode, random) {
      const pieces = cache.flatMap(piecesOf);
      const survives = survival(mode, pieces.length, random);
      const kept = pieces.filter((_, index) => survives(index));
      kept.forEach(store);
      const report = { pending: cache.length, pieces: pieces.length, kept: kept.length };
      cache = [];
      return report;
    },
    close: () => closeSync(fd),
  };
}

/** At the medium's own borders, wherever the write began. */
function piecesOf({ at, bytes }: Write): readonly Write[] {
  const pieces: Write[] = [];
  for (let from = 0; from < bytes.length;) {
    const until = Math.min(bytes.length, from + pieceBytes - ((at + from) % pieceBytes));
    pieces.push({ at: at + from, bytes: bytes.subarray(from, until) });
    from = until;
  }
  return pieces;
}

function survival(mode: CutMode, pieces: number, random: Seeded): (index: number) => boolean {
  switch (mode) {
    case 'none':
      return () => false;
    case 'all':
      return () => true;
    case 'prefix': {
      const kept = random.below(pieces + 1);
      return (index) => index < kept;
    }
    case 'random':
      return () => random.next() < 0.5;
  }
}
