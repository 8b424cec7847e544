/**
 * The journal's file spoilt in every way that a card knows: blocks of an unfinished commit in any order, bits that rot,
 * stretches that are overwritten, gone or there twice. What was acknowledged and is whole is read; what is not is told by
 * its numbers, exactly; nothing is invented, there twice, or numbered again (durability.md 1 and 8).
 */
import { describe, expect, test, vi } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import type { JournalFault } from '../../device/journal/recover.ts';
import { KeeperRun, framesOf } from '../support/journal-files.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

// Thousands of starts, each with keys to derive.
vi.setConfig({ testTimeout: 60_000 });

const FILE = '000001-000000000001.pj';
const ROOMY = { segment: 1024 * 1024, reserve: 16 };
const SECTOR = 512;

interface Frame {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}
interface Written {
  readonly disk: MemoryDisk;
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
}

/** A disk with one segment, and where its records stand. `then`: what was done after the last of them. */
function written(
  batches: readonly (readonly string[])[],
  then: 'nothing' | 'witness' | 'close' | 'another run',
): Written {
  const disk = new MemoryDisk();
  const run = new KeeperRun(disk, ROOMY);
  for (const names of batches) run.append(...names);
  const stored = run.frames();
  if (then === 'witness' || then === 'close') run.ask({ kind: then });
  disk.kill();
  if (then === 'another run') {
    new KeeperRun(disk, ROOMY).append('of the run behind');
    disk.kill();
  }
  const bytes = disk.read(FILE);
  const places = framesOf(bytes, 1);
  return {
    disk,
    bytes,
    frames: stored.map(({ first, last }, at) => ({ first, last, ...(places[at] ?? { from: 0, to: 0 }) })),
  };
}
const singles = (count: number): string[][] => Array.from({ length: count }, (_, n) => [`record-${n + 1}`]);
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, n) => from + n);
const numbersIn = (frames: readonly Frame[]): number[] => frames.flatMap(({ first, last }) => range(first, last));

/** Numbers that a person hears are missing; those after `durable` only may be. */
const missingOf = (faults: readonly JournalFault[]): number[] =>
  faults.flatMap((fault) =>
    fault.kind === 'damage' && fault.missing !== null ? range(fault.missing.from, fault.missing.to) : [],
  );
const tailOf = (faults: readonly JournalFault[]): number[] =>
  faults.flatMap((fault) => (fault.kind === 'tail' ? range(fault.after + 1, fault.after + fault.upTo) : []));

/** Starts on a disk, appends, and starts again. Everything that holds whatever was done to the disk is checked here. */
function startedTwice(disk: MemoryDisk) {
  const run = new KeeperRun(disk, ROOMY);
  const before = run.read();
  const [added] = run.append('appended');
  if (added?.reply !== 'done') throw new Error(`the append: ${added?.reply}`);
  if (added.n < run.opened.next) throw new Error(`number ${added.n} was kept free`);
  disk.kill();
  const again = new KeeperRun(disk, ROOMY);
  disk.kill();
  const read = again.read();
  if (read.join() !== [...before, `${added.n} appended`].join()) throw new Error('not the same when started again');
  const numbers = read.map((line) => Number(line.split(' ')[0]));
  if (numbers.some((n, at) => at > 0 && n <= (numbers[at - 1] ?? 0)))
    throw new Error('a number twice, or out of order');
  if (again.opened.next <= added.n) throw new Error('a number given again');
  return { opened: run.opened, before, numbers: numbers.slice(0, -1), again: again.opened };
}

describe('a commit of several records of which the blocks reached the card in any order', () => {
  /** Two records acknowledged, then one frame of many written and never synced; `state`: which blocks are there. */
  function afterCut(names: readonly string[], there: (block: number) => boolean, grown: boolean) {
    const { disk, bytes, frames } = written([['first', 'second'], names], 'nothing');
    const [kept, last] = frames;
    if (kept === undefined || last === undefined) throw new Error('two frames');
    let file = bytes.subarray(0, kept.to);
    for (let block = Math.floor(kept.to / SECTOR); block * SECTOR < bytes.length; block += 1) {
      if (!there(block - Math.floor(kept.to / SECTOR))) continue;
      const [from, to] = [Math.max(kept.to, block * SECTOR), Math.min(bytes.length, (block + 1) * SECTOR)];
      file = Buffer.concat([file, Buffer.alloc(Math.max(0, from - file.length)), bytes.subarray(from, to)]);
    }
    if (grown) file = Buffer.concat([file, Buffer.alloc(bytes.length - file.length)]);
    disk.put(FILE, file);
    const { opened, before, numbers, again } = startedTwice(disk);
    const whole = file.equals(bytes);
    expect(numbers).toEqual(range(1, whole ? last.last : 2));
    expect(before.slice(2)).toEqual(whole ? names.map((name, at) => `${at + 3} ${name}`) : []);
    expect(missingOf(opened.faults)).toEqual([]);
    expect(again.faults).toEqual([]);
    const said = tailOf(opened.faults);
    const nothing = file.length === kept.to;
    if (whole || nothing) expect(opened.faults).toEqual([]);
    // A first block that is there says what was to come; its numbers are not given again.
    if (!whole && there(0)) expect(opened.next).toBe(last.last + 1);
    if (!whole && there(0) && file.length === bytes.length) expect(said).toEqual(range(3, last.last));
  }
  const text = (n: number, length: number): string => `${n}-${'x'.repeat(length)}`;

  test('every subset of the blocks of a small one: all of it or nothing, and never in silence', () => {
    const names = range(1, 7).map((n) => text(n, 450));
    const blocks = 8;
    for (let subset = 0; subset < 2 ** blocks; subset += 1) {
      for (const grown of [false, true]) afterCut(names, (block) => ((subset >> block) & 1) === 1, grown);
    }
  });

  test.each(range(1, 40))('some blocks of one with 700 records: seed %i', (seed) => {
    const { next } = seeded(seed);
    const names = range(1, 700).map((n) => text(n, 40));
    const share = next();
    const kept = new Map<number, boolean>();
    const there = (block: number): boolean => {
      if (!kept.has(block)) kept.set(block, next() < share);
      return kept.get(block) === true;
    };
    afterCut(names, there, next() < 0.5);
  });
});

describe('a bit that rots in the last acknowledged record', () => {
  const kinds = ['nothing', 'witness', 'close', 'another run'] as const;
  test.each(kinds)('is told with its number, every bit of it: %s behind it', (then) => {
    const { disk: whole, bytes, frames } = written(singles(6), then);
    const last = frames[5] ?? { from: 0, to: 0 };
    for (let bit = last.from * 8; bit < last.to * 8; bit += 1) {
      const disk = whole.copy();
      const spoilt = Buffer.from(bytes);
      spoilt.writeUInt8(spoilt.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      disk.put(FILE, spoilt);
      const { opened, numbers, again } = startedTwice(disk);
      const behind = then === 'another run' ? [7] : [];
      expect(numbers).toEqual([...range(1, 5), ...behind]);
      if (then === 'nothing') {
        // Nothing vouches for it: it may have been acknowledged, and that is what is said.
        expect(opened.faults).toMatchObject([{ kind: 'tail', after: 5 }]);
        expect(tailOf(opened.faults)).toContain(6);
        expect(opened.next).toBeGreaterThan(6);
      } else {
        expect(opened.faults).toMatchObject([{ kind: 'damage', missing: { from: 6, to: 6 } }]);
        expect(again.faults).toEqual(opened.faults);
      }
    }
  });
});

describe('damage in the middle', () => {
  const batches = (seed: number): string[][] => {
    const { below } = seeded(seed);
    let n = 0;
    return range(1, 60).map(() => range(1, below(3) === 0 ? 1 + below(6) : 1).map(() => `record-${(n += 1)}`));
  };
  /** Frames of which every byte stands where it did, or somewhere else but whole and in order. */
  const ways: Readonly<Record<string, (bytes: Buffer, from: number, to: number, seed: number) => Buffer>> = {
    'zeros over it': (bytes, from, to) => Buffer.from(bytes).fill(0, from, to),
    'garbage over it': (bytes, from, to, seed) => {
      const { below } = seeded(seed);
      const spoilt = Buffer.from(bytes);
      for (let at = from; at < to; at += 1) spoilt.writeUInt8(below(256), at);
      return spoilt;
    },
    'it cut out': (bytes, from, to) => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]),
    'a copy of it behind it': (bytes, from, to) => Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]),
    'garbage put in before it': (bytes, from, to, seed) =>
      Buffer.concat([bytes.subarray(0, from), Buffer.alloc(to - from, seed % 255), bytes.subarray(from)]),
    'an earlier stretch over it': (bytes, from, to) => {
      const spoilt = Buffer.from(bytes);
      bytes.copy(spoilt, from, Math.max(0, from - (to - from)), Math.max(0, from - (to - from)) + (to - from));
      return spoilt;
    },
  };

  test.each(Object.entries(ways))('%s: what is whole is read, what is not is told by its numbers', (_, way) => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const { disk, bytes, frames } = written(batches(seed), seed % 2 === 0 ? 'close' : 'witness');
      const { below } = seeded(seed * 31);
      const start = frames[0]?.from ?? 0;
      const end = frames.at(-1)?.to ?? 0;
      const from = start + below(end - start);
      const to = Math.min(end, from + 1 + below(below(2) === 0 ? 40 : 1500));
      const spoilt = way(bytes, from, to, seed);
      disk.put(FILE, spoilt);
      const whole = frames.filter((frame) => spoilt.includes(bytes.subarray(frame.from, frame.to)));
      const gone = frames.filter((frame) => !whole.includes(frame));
      const { opened, numbers, again } = startedTwice(disk);
      const words = `seed ${seed}, bytes ${from} to ${to}`;
      expect([words, ...numbers]).toEqual([words, ...numbersIn(whole)]);
      expect([words, ...missingOf(opened.faults)]).toEqual([words, ...numbersIn(gone)]);
      expect([words, ...tailOf(opened.faults)]).toEqual([words]);
      expect([words, ...again.faults]).toEqual([words, ...opened.faults]);
      for (const fault of opened.faults) {
        const aside = fault.kind === 'damage' ? fault.aside : null;
        if (aside !== null) expect(spoilt.includes(disk.read(aside))).toBe(true);
      }
    }
  });
});
