import { describe, expect, it } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { FRAME_HEADER, encodeFrame, encodeSegmentHeader } from '../../device/journal/frame.ts';
import { crc32 } from 'node:zlib';
import { FrameKeys } from '../../device/journal/frame-keys.ts';
import { KeeperRun, SMALL, framesOf, hex } from '../support/journal-files.ts';
import type { Answered } from '../support/journal-files.ts';
import { testMasters, testRandom } from '../support/keys.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const keys = new FrameKeys(testMasters, testRandom());

const FIRST = '000001-000000000001.pj';
const ROOMY = { segment: 1024 * 1024, reserve: 0 };
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `record-${index + 1}`);

/** A disk with one segment of so many records, a frame each, as it is right after the last answer. */
function written(count: number): { readonly disk: MemoryDisk; readonly bytes: Buffer } {
  const disk = new MemoryDisk();
  const run = new KeeperRun(disk, ROOMY);
  for (const name of names(count)) run.append(name);
  disk.kill();
  return { disk, bytes: disk.read(FIRST) };
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 0x40, at);
  return copy;
}

describe('a journal that was cut off', () => {
  const { disk: whole, bytes } = written(40);
  const frames = framesOf(bytes, 1);

  it('says nothing of a frame that is provably incomplete, and keeps its bytes', () => {
    const last = frames.at(-1) ?? { from: 0, to: 0 };
    for (const cut of [last.from + 1, last.from + FRAME_HEADER - 1, last.from + FRAME_HEADER, last.to - 1]) {
      const disk = whole.copy();
      disk.put(FIRST, bytes.subarray(0, cut));
      const run = new KeeperRun(disk, ROOMY);
      expect(run.opened.faults).toEqual([]);
      expect(disk.read(`${FIRST}.tail-1`)).toEqual(bytes.subarray(last.from, cut));
      expect(disk.read(FIRST)).toEqual(bytes.subarray(0, last.from));
    }
  });

  it('says how many records may be missing when the end is garbled, and never gives their numbers again', () => {
    const last = frames.at(-1) ?? { from: 0, to: 0 };
    const disk = whole.copy();
    disk.put(FIRST, flip(bytes, last.to - 1));
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened).toMatchObject({
      faults: [{ kind: 'tail', after: 39, upTo: 1, aside: `${FIRST}.tail-1` }],
      gap: { from: 40, to: 40 },
      next: 41,
      cleanStop: false,
    });
    disk.kill();
    const again = new KeeperRun(disk, ROOMY);
    expect(again.opened).toMatchObject({ faults: [], gap: { from: 40, to: 40 }, next: 41 });
    again.append('goes on');
    disk.kill();
    expect(new KeeperRun(disk, ROOMY).opened).toMatchObject({ faults: [], gap: null, next: 42 });
  });

  it('skips as many numbers as a tail without a readable header could hold', () => {
    const last = frames.at(-1) ?? { from: 0, to: 0 };
    const disk = whole.copy();
    disk.put(FIRST, Buffer.concat([bytes.subarray(0, last.to), Buffer.alloc(FRAME_HEADER + 160, 7)]));
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened).toMatchObject({ faults: [{ kind: 'tail', after: 40, upTo: 10 }], gap: { from: 41, to: 50 } });
  });
});

describe('the last segment', () => {
  it('without a header gives way to the one before it, and its numbers are not given', () => {
    const { disk } = written(3);
    disk.put('000002-000000000010.pj', Buffer.alloc(400, 1));
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened).toMatchObject({ faults: [{ kind: 'tail', after: 9 }], gap: { from: 4 } });
    expect(run.opened.next).toBeGreaterThanOrEqual(10);
    expect(run.read()).toEqual(['1 record-1', '2 record-2', '3 record-3']);
    expect(disk.read('000002-000000000010.pj.tail-1')).toEqual(Buffer.alloc(400, 1));
  });

  it('takes no frame of another segment for its own', () => {
    const { disk, bytes } = written(3);
    const payload = bytes.subarray((framesOf(bytes, 1)[0]?.from ?? 0) + FRAME_HEADER, framesOf(bytes, 1)[0]?.to);
    const astray = encodeFrame({
      kind: 'records',
      segment: 2,
      first: 4,
      count: 1,
      durable: 3,
      payload,
      seal: keys.seal(hex('1d'), 2),
    });
    disk.put(FIRST, Buffer.concat([bytes, astray]));
    expect(new KeeperRun(disk, ROOMY).read().length).toBe(3);
  });
});

describe('damage below the highest number known synced', () => {
  const { disk: whole, bytes } = written(40);
  const frames = framesOf(bytes, 1);

  it('is reported with its numbers at every start, copied aside once, and what follows is read', () => {
    for (const broken of [0, 12, 38]) {
      const frame = frames[broken] ?? { from: 0, to: 0 };
      const disk = whole.copy();
      disk.put(FIRST, flip(bytes, frame.from + FRAME_HEADER + 5));
      const fault = {
        kind: 'damage',
        missing: { from: broken + 1, to: broken + 1 },
        aside: `${FIRST}.damaged-${frame.from}`,
      };
      const expected = names(40).map((name, index) => `${index + 1} ${name}`);
      expected.splice(broken, 1);
      for (let start = 0; start < 3; start += 1) {
        const run = new KeeperRun(disk, ROOMY);
        expect(run.opened.faults).toEqual([fault]);
        expect(run.opened.next).toBe(41);
        expect(run.read()).toEqual(expected);
        disk.kill();
      }
      expect(disk.read(fault.aside).length).toBe(frame.to - frame.from);
    }
  });

  it('names all numbers of a stretch, headers or not', () => {
    const disk = whole.copy();
    const [from, to] = [frames[9]?.from ?? 0, frames[14]?.to ?? 0];
    disk.put(FIRST, Buffer.concat([bytes.subarray(0, from), Buffer.alloc(to - from), bytes.subarray(to)]));
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened.faults).toMatchObject([{ kind: 'damage', missing: { from: 10, to: 15 } }]);
    expect(run.read().length).toBe(34);
  });

  it('also in the very last record, once a witness vouches for it', () => {
    for (const kind of ['witness', 'close'] as const) {
      const disk = new MemoryDisk();
      const run = new KeeperRun(disk, ROOMY);
      run.append('one');
      run.append('two');
      run.ask({ kind });
      disk.kill();
      const stored = disk.read(FIRST);
      disk.put(FIRST, flip(stored, (framesOf(stored, 1)[1]?.to ?? 0) - 2));
      const again = new KeeperRun(disk, ROOMY);
      expect(again.opened).toMatchObject({ faults: [{ kind: 'damage', missing: { from: 2, to: 2 } }], next: 3 });
      expect(again.read()).toEqual(['1 one']);
    }
  });

  it('is told apart from the unfinished frame behind it', () => {
    const disk = whole.copy();
    const [damaged, last] = [frames[38] ?? { from: 0, to: 0 }, frames[39] ?? { from: 0, to: 0 }];
    const both = flip(flip(bytes, damaged.to - 1), last.to - 1);
    disk.put(FIRST, both);
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened).toMatchObject({
      faults: [
        { kind: 'damage', missing: { from: 39, to: 39 }, aside: `${FIRST}.damaged-${damaged.from}` },
        { kind: 'tail', after: 39, upTo: 1 },
      ],
      gap: { from: 40, to: 40 },
    });
    disk.kill();
    expect(disk.read(FIRST)).toEqual(both.subarray(0, last.from));
    const again = new KeeperRun(disk, ROOMY);
    expect(again.opened.faults).toMatchObject([{ kind: 'damage', missing: { from: 39, to: 39 } }]);
  });

  it('in the header of a segment costs no record', () => {
    const disk = whole.copy();
    disk.put(FIRST, flip(bytes, 40));
    const run = new KeeperRun(disk, ROOMY);
    expect(run.opened.faults).toMatchObject([{ kind: 'damage', missing: null }]);
    expect(run.read().length).toBe(40);
  });

  it('is seen when a whole segment is gone', () => {
    const disk = new MemoryDisk();
    const run = new KeeperRun(disk, { segment: 300, reserve: 0 });
    for (const name of names(12)) run.append(name);
    disk.kill();
    const [, second, third] = disk.list().filter((name) => name.endsWith('.pj'));
    const range = { from: Number(second?.slice(7, 19)), to: Number(third?.slice(7, 19)) - 1 };
    disk.remove(second ?? '');
    const again = new KeeperRun(disk, ROOMY);
    expect(again.opened.faults).toEqual([{ kind: 'damage', missing: range, aside: null }]);
    expect(again.read().length).toBe(12 - (range.to - range.from + 1));
  });
});

describe('a journal of a later version', () => {
  it('is left alone', () => {
    const { disk, bytes } = written(3);
    const later = Buffer.from(bytes);
    later.writeUInt8(4, 8);
    later.writeUInt32LE(crc32(later.subarray(0, 124)), 124);
    disk.put(FIRST, later);
    const before = disk.list();
    expect(() => new KeeperRun(disk, ROOMY)).toThrow('newer');
    expect(disk.list()).toEqual(before);
    expect(disk.read(FIRST)).toEqual(later);
  });
});

describe('identity', () => {
  it('stays over restarts, and is new for a new or emptied folder, so that no number means two things', () => {
    const { disk } = written(3);
    expect(disk.read('id').toString()).toBe(`${hex('1d')}\n`);
    disk.put('id', Buffer.from(`${hex('2e')}\n`));
    expect(new KeeperRun(disk, ROOMY).opened.id).toBe(hex('2e'));
    disk.kill();
    for (const name of disk.list()) if (name.endsWith('.pj')) disk.remove(name);
    expect(new KeeperRun(disk, ROOMY).opened).toMatchObject({ id: hex('1d'), next: 1 });
  });

  it('of old records is that of their segment, also after a restore gave the folder a new one', () => {
    const { disk } = written(2);
    disk.remove('id');
    disk.put(
      '000002-000000000003.pj',
      encodeSegmentHeader(
        {
          segment: 2,
          first: 3,
          gapFrom: null,
          journal: hex('77'),
          run: hex('0b'),
          builtOn: hex('00').repeat(2),
        },
        keys.header(hex('77')),
      ),
    );
    const run = new KeeperRun(disk, ROOMY);
    run.append('new');
    const reply = run.ask({ kind: 'read', cursor: null });
    const frames = reply.kind === 'frames' ? reply.frames : [];
    expect(frames.map(({ journal, first }) => `${journal.slice(0, 2)}:${first}`)).toEqual(['1d:1', '1d:2', '1d:3']);
  });
});

describe('any history of power cuts, full disks and failing syncs', () => {
  it.each(Array.from({ length: 300 }, (_, index) => 7_000 + index))('keeps what it acknowledged: seed %i', (seed) => {
    const { next, below } = seeded(seed);
    const disk = new MemoryDisk();
    const acknowledged = new Map<number, string>();
    const refused = new Set<string>();
    let named = 0;
    let damage: readonly unknown[] = [];

    for (let life = 0; life < 6; life += 1) {
      disk.operationsLeft = below(4) === 0 ? below(30) : Infinity;
      disk.capacity = Infinity;
      let run: KeeperRun;
      try {
        run = new KeeperRun(disk, SMALL);
      } catch {
        disk.cutPower(next);
        continue;
      }
      damage = run.opened.faults.filter(({ kind }) => kind === 'damage');
      disk.operationsLeft = below(2) === 0 ? below(60) : Infinity;
      for (let step = below(30); step > 0; step -= 1) {
        if (below(12) === 0) disk.faults.shortWrite = below(100);
        if (below(40) === 0) disk.faults.sync = 'EIO';
        if (below(12) === 0) disk.capacity = used(disk) + below(600);
        const batch = Array.from({ length: 1 + below(5) }, () => `${life}-${named++}-${'x'.repeat(below(300))}`);
        for (const { name, n, reply } of run.append(...batch) as Answered[]) {
          if (reply === 'done') acknowledged.set(n, name);
          if (reply === 'refused') refused.add(name);
        }
        if (below(6) === 0) run.ask({ kind: 'witness' });
      }
      if (below(4) === 0) run.ask({ kind: 'close' });
      disk.capacity = Infinity;
      for (const fault of Object.keys(disk.faults)) Reflect.deleteProperty(disk.faults, fault);
      if (below(2) === 0) disk.kill();
      else disk.cutPower(next);
    }

    disk.operationsLeft = Infinity;
    const run = new KeeperRun(disk, SMALL);
    const read = run.read();
    const numbers = read.map((line) => line.slice(0, line.indexOf(' ')));
    expect(damage).toEqual([]);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(read).toEqual(expect.arrayContaining([...acknowledged].map(([n, name]) => `${n} ${name}`)));
    expect(read.filter((line) => refused.has(line.slice(line.indexOf(' ') + 1)))).toEqual([]);
  });
});

const used = (disk: MemoryDisk): number => disk.list().reduce((sum, name) => sum + disk.read(name).length, 0);
