/**
 * What the records add up to, as a check sum of each part, at a number (durability.md 29): the version before leaves them, the one
 * that is tried makes its own from the same records and compares. A part that only one of them has is not compared, so a version
 * that means to hold something else in a part gives it another name.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { ledgerLines } from '../domain/checkpoint.ts';
import { Ledger } from '../domain/ledger.ts';
import { takeIn } from '../domain/take-in.ts';
import { diskReader } from '../journal/disk.ts';
import type { DiskReader } from '../journal/disk.ts';
import { recordsOf } from '../journal/reading.ts';
import type { OpenPayload } from '../journal/reading.ts';

export interface Folds {
  /** The highest number that is in it; 0: there are no records. */
  readonly upTo: number;
  readonly folds: Readonly<Record<string, string>>;
}

/** Reads all records up to this number (Infinity: all) as they lie in a folder, beside a daemon that goes on writing there. */
export function foldsIn(journal: string, open: (disk: DiskReader) => OpenPayload, upTo: number): Folds {
  // A box that has only ever shown the demo has none.
  const disk = existsSync(journal) ? diskReader(journal) : null;
  return disk === null ? { upTo: 0, folds: sumsOf(new Ledger()) } : foldsAt(disk, open(disk), upTo);
}

export function foldsAt(disk: DiskReader, open: OpenPayload, upTo: number): Folds {
  const ledger = new Ledger();
  let last = 0;
  for (const record of recordsOf(disk, open)) {
    if (record.n > upTo) break;
    takeIn(ledger, [record]);
    last = record.n;
  }
  return { upTo: last, folds: sumsOf(ledger) };
}

export function sumsOf(ledger: Ledger): Readonly<Record<string, string>> {
  const hashes = new Map<string, Hash>(Object.keys(ledger).map((name) => [name, createHash('sha256')]));
  for (const line of ledgerLines(ledger)) {
    // `[["marks", ...], ...]`: the part comes first.
    hashes.get(line.slice(3, line.indexOf('"', 3)))?.update(`${line}\n`);
  }
  return Object.fromEntries([...hashes].map(([name, hash]) => [name, hash.digest('hex')]));
}

/** Null: what both know is the same. Else a sentence. */
export function difference(before: Folds, now: Folds): string | null {
  if (before.upTo !== now.upTo)
    return `The new version reads records up to number ${String(now.upTo)}, the one before had ${String(before.upTo)}.`;
  const both = Object.keys(before.folds).filter((name) => now.folds[name] !== undefined);
  const others = both.filter((name) => before.folds[name] !== now.folds[name]);
  if (both.length > 0 && others.length === 0) return null;
  return `The new version makes something else of the same records: ${others.join(', ') || 'everything'}.`;
}
