/** `porter journal verify`: whatever is changed in a folder behind Porter's back is found, and named by number. */
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { verifiedWords } from '../../device/journal-command.ts';
import { FRAME_HEADER, pieces } from '../../device/journal/frame.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { finishRemovals, noteRemoval, readSpine } from '../../device/journal/spine.ts';
import { verify } from '../../device/journal/verify.ts';
import type { Problem } from '../../device/journal/verify.ts';
import { KeeperRun, hex } from '../support/journal-files.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const SIZES = { segment: 400, reserve: 0 };

/** Two runs of a box with several segments each; the quiet moment after a commit writes its witness. */
function folder(name = 'record', witness = true): MemoryDisk {
  const disk = new MemoryDisk();
  for (const run of [1, 2]) {
    const keeper = new KeeperRun(disk, SIZES);
    for (let n = 1; n <= 6; n += 1) {
      keeper.append(`${name}-${run}-${n}`);
      if (witness) keeper.ask({ kind: 'witness' });
    }
    keeper.ask({ kind: 'close' });
  }
  return disk;
}
const kinds = (problems: readonly Problem[]): readonly string[] => problems.map(({ kind }) => kind);
const names = (disk: MemoryDisk): readonly string[] => segmentsOf(disk).map(({ name }) => name);

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
}

describe('a folder that nobody touched', () => {
  test('is whole, and says how far it goes', () => {
    const found = verify(folder());
    expect(found.problems).toEqual([]);
    expect(found).toMatchObject({ numbers: { from: 1, to: 12 }, records: 12, journals: [hex('1d')], unchainedTo: 0 });
    expect(verifiedWords(found).at(-1)).toMatch(/^All there and unaltered\. Head [0-9a-f]{64}$/);
  });

  test('has every segment but the last in its spine, with what it held', () => {
    const disk = folder();
    const { entries } = readSpine(disk);
    expect(entries.length).toBe(names(disk).length - 1);
    expect(entries.reduce((sum, { held }) => sum + (held?.kinds['note'] ?? 0), 0)).toBe(
      entries.reduce((sum, { records }) => sum + records, 0),
    );
  });

  test('also right after a power cut: the unfinished end is no problem, the numbers cut away are named', () => {
    const disk = folder();
    const keeper = new KeeperRun(disk, SIZES);
    keeper.append('cut off');
    disk.kill();
    const last = names(disk).at(-1) ?? '';
    disk.put(last, disk.read(last).subarray(0, -3));
    expect(verify(disk)).toMatchObject({ problems: [], unfinished: true });
    new KeeperRun(disk, SIZES).append('next');
    expect(verify(disk)).toMatchObject({ problems: [], cut: [{ from: 13, to: 13 }], setAside: [`${last}.tail-1`] });
  });
});

describe('one bit, every seventh tried', () => {
  const whole = folder();

  test('of any segment: found, in its segment, and by number where a record is hit', () => {
    for (const { name, number, first } of segmentsOf(whole)) {
      const bytes = whole.read(name);
      const frames = [...pieces(bytes, number, first - 1)];
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const disk = whole.copy();
        disk.put(name, flipped(bytes, bit));
        // A later format is no damage: it says so, and is left alone.
        if (isFormat(bit >> 3, frames)) continue;
        const { problems } = verify(disk);
        if (problems.length === 0) throw new Error(`bit ${bit} of ${name} was not found`);
        const hit = frames.find(({ from, to }) => from <= bit >> 3 && bit >> 3 < to)?.header;
        if (hit?.kind !== 'records') continue;
        const named = problems.some(
          (problem) =>
            problem.kind === 'missing' && problem.numbers.from === hit.first && problem.numbers.to === hit.last,
        );
        if (!named) throw new Error(`bit ${bit} of ${name}: ${JSON.stringify(problems)}, not number ${hit.first}`);
      }
    }
  });

  test('of the spine or the id: found', () => {
    for (const name of ['spine', 'id']) {
      const bytes = whole.read(name);
      for (let bit = 0; bit < bytes.length * 8; bit += 7) {
        const disk = whole.copy();
        disk.put(name, flipped(bytes, bit));
        const left = disk.read(name).toString('latin1').trim() === bytes.toString('latin1').trim();
        if (!left && verify(disk).problems.length === 0) throw new Error(`bit ${bit} of ${name} was not found`);
      }
    }
  });
});

/** The byte of a header that says which format it is in; its checksum is what a flipped bit contradicts. */
const isFormat = (at: number, frames: readonly { readonly from: number }[]): boolean =>
  at === 8 || frames.some(({ from }) => at === from + 4);

describe('somebody who knows the format', () => {
  /** Changes a byte of the frame that begins with record `n`, and puts its checksums right. */
  function forge(disk: MemoryDisk, n: number): void {
    for (const { name, number, first } of segmentsOf(disk)) {
      const bytes = disk.read(name);
      const found = [...pieces(bytes, number, first - 1)].find(({ header }) => header?.first === n && header.last >= n);
      if (found === undefined) continue;
      const { from, to } = found;
      bytes.writeUInt8(bytes.readUInt8(to - 1) ^ 1, to - 1);
      bytes.writeUInt32LE(crc32(bytes.subarray(from + FRAME_HEADER, to)), from + 40);
      bytes.writeUInt32LE(crc32(bytes.subarray(from, from + 44)), from + 44);
      disk.put(name, bytes);
      return;
    }
    throw new Error('no such frame');
  }

  test('cannot change a record: the witness behind it names the number', () => {
    for (const n of [2, 7, 12]) {
      const disk = folder();
      forge(disk, n);
      expect(verify(disk).problems).toMatchObject([{ kind: 'altered', numbers: { from: n, to: n } }]);
    }
  });

  test('nor where no witness stands: the next segment does not build on it, or the spine says otherwise', () => {
    const disk = folder('record', false);
    forge(disk, 2);
    expect(kinds(verify(disk).problems)).toContain('altered');
    disk.remove('spine');
    disk.remove('spine.prev');
    expect(kinds(verify(disk).problems).length).toBeGreaterThan(0);
  });

  test('cannot take a segment away, exchange two, or put in one of another box', () => {
    const gone = folder();
    const [, second = '', third = ''] = names(gone);
    const from = Number(second.slice(7, 19));
    const to = Number(third.slice(7, 19)) - 1;
    gone.remove(second);
    expect(verify(gone).problems).toEqual([{ kind: 'missing', numbers: { from, to }, segment: 2 }]);

    const exchanged = folder();
    const [a, b] = [exchanged.read(second), exchanged.read(third)];
    exchanged.put(second, b);
    exchanged.put(third, a);
    expect(kinds(verify(exchanged).problems)).toContain('header');

    const foreign = folder();
    foreign.put(second, folder('record', true).read(second));
    expect(verify(foreign).problems).toEqual([]);
    foreign.put(second, folder('others', true).read(second));
    expect(kinds(verify(foreign).problems)).toContain('not-built-on');
  });
});

describe('what retention removed', () => {
  test('is no problem: it says which numbers, when and by whom, and the rest is unbroken', () => {
    const disk = folder();
    const { entries } = readSpine(disk);
    const at = Date.UTC(2027, 8, 1, 12);
    noteRemoval(disk, [1], { why: 'retention', at, by: 'Porter' });
    finishRemovals(disk);
    const found = verify(disk);
    expect(found.problems).toEqual([]);
    const last = entries[0]?.last ?? 0;
    expect(verifiedWords(found)).toContain(
      `Numbers 1 to ${last} removed by retention on 2027-09-01 by Porter; unbroken since.`,
    );
    const again = new KeeperRun(disk, SIZES);
    expect(again.opened.faults).toEqual([]);
    expect(again.append('goes on')[0]?.n).toBe(13);
  });
});

describe('a start', () => {
  test('reads no closed segment but for its header, however many there are', () => {
    const disk = folder();
    const read: string[] = [];
    const reading = disk.read.bind(disk);
    disk.read = (name, most) => {
      if (most === undefined) read.push(name);
      return reading(name, most);
    };
    new KeeperRun(disk, SIZES);
    expect(new Set(read.filter((name) => name.endsWith('.pj')))).toEqual(new Set([names(disk).at(-2)]));
  });

  test('reads them all again where the spine is lost, and makes it anew', () => {
    const disk = folder();
    const before = readSpine(disk).entries;
    disk.remove('spine');
    disk.remove('spine.prev');
    const keeper = new KeeperRun(disk, SIZES);
    expect(keeper.opened).toMatchObject({ faults: [], next: 13 });
    keeper.ask({ kind: 'witness' });
    expect(readSpine(disk).entries.slice(0, before.length)).toEqual(before);
  });
});
