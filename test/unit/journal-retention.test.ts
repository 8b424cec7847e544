/**
 * Segments that retention takes away, cut off at every change of the card: at the next start it is finished or has not begun, no
 * record that stays is touched, and at no moment does `verify` call it damage (durability.md 12, 14).
 */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { readSpine } from '../../device/journal/spine.ts';
import { verify } from '../../device/journal/verify.ts';
import { KeeperRun } from '../support/journal-files.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const SIZES = { segment: 400, reserve: 0 };
const seed = 20_270_901;
const going = [1, 2, 4];
const removal = { why: 'retention', at: Date.UTC(2027, 8, 1, 12), by: 'Porter' } as const;
const remove = { kind: 'remove', segments: going, removal } as const;

/** A dozen records in several segments, one of them after a cut, so that bytes of it are set aside. */
function folder(): MemoryDisk {
  const disk = new MemoryDisk();
  let keeper = new KeeperRun(disk, SIZES);
  for (let n = 1; n <= 4; n += 1) keeper.append(`first-${n}`);
  disk.kill();
  const last = segmentsOf(disk).at(-1)?.name ?? '';
  disk.put(last, disk.read(last).subarray(0, -3));
  keeper = new KeeperRun(disk, SIZES);
  for (let n = 1; n <= 8; n += 1) keeper.append(`second-${n}`);
  keeper.ask({ kind: 'close' });
  return disk;
}
const files = (disk: MemoryDisk): readonly string[] => disk.list().filter((name) => name.includes('.pj'));
const numbers = (disk: MemoryDisk): readonly number[] => segmentsOf(disk).map(({ number }) => number);

test('they go with what was set aside of them; the others, their numbers and the chain stay', () => {
  const disk = folder();
  expect(files(disk).some((name) => name.startsWith('000002-') && name.endsWith('.tail-1'))).toBe(true);
  const before = numbers(disk);
  const keeper = new KeeperRun(disk, SIZES);
  const all = keeper.read();
  expect(keeper.ask(remove).kind).toBe('done');
  expect(numbers(disk)).toEqual([...before.filter((one) => !going.includes(one)), before.length + 1]);
  expect(files(disk).some((name) => going.includes(Number(name.slice(0, 6))))).toBe(false);
  const left = keeper.read();
  expect(all.filter((one) => !left.includes(one)).length).toBeGreaterThan(2);
  expect(left).toEqual(all.filter((one) => left.includes(one)));
  expect(keeper.append('goes on')[0]?.reply).toBe('done');
  const found = verify(disk);
  expect(found.problems).toEqual([]);
  expect(found.removed).toMatchObject([{ from: 1 }, {}, {}]);
});

test('who reads without them reads what will be left', () => {
  const disk = folder();
  const keeper = new KeeperRun(disk, SIZES);
  const without = keeper.readWithout(going);
  keeper.ask(remove);
  expect(keeper.read()).toEqual(without);
});

describe('cut off at every change of the card', () => {
  const changes = (() => {
    const disk = folder();
    const keeper = new KeeperRun(disk, SIZES);
    const before = disk.trace.length;
    keeper.ask(remove);
    return disk.trace.length - before;
  })();
  const { next } = seeded(seed);

  for (const how of ['killed', 'without power'] as const) {
    test(`${how}: finished at the next start, or not begun`, () => {
      expect(changes).toBeGreaterThan(8);
      const ends = new Set<string>();
      for (let at = 0; at < changes; at += 1) {
        const disk = folder();
        const keeper = new KeeperRun(disk, SIZES);
        const kept = keeper.readWithout(going);
        disk.operationsLeft = at;
        expect(keeper.ask(remove)).toMatchObject({ kind: 'error', code: 'refused' });
        if (how === 'killed') disk.kill();
        else disk.cutPower(next);
        const told = `cut at ${at}, seed ${seed}`;
        expect(verify(disk).problems, told).toEqual([]);
        const again = new KeeperRun(disk, SIZES);
        expect(again.opened.faults, told).toEqual([]);
        const left = numbers(disk).filter((one) => going.includes(one));
        const noted = readSpine(disk).entries.filter(({ removed }) => removed !== null);
        expect([[], going], told).toContainEqual(left);
        expect(noted.length, told).toBe(left.length === 0 ? going.length : 0);
        ends.add(left.length === 0 ? 'finished' : 'not begun');
        expect(verify(disk).problems, told).toEqual([]);
        expect(again.ask(remove).kind).toBe('done');
        expect(
          numbers(disk).some((one) => going.includes(one)),
          told,
        ).toBe(false);
        expect(again.read().slice(0, kept.length), told).toEqual(kept);
        expect(again.append('goes on')[0]?.reply, told).toBe('done');
        expect(verify(disk), told).toMatchObject({ problems: [] });
      }
      expect([...ends].sort()).toEqual(['finished', 'not begun']);
    });
  }
});

describe('a hand that takes a segment away', () => {
  test('is told from retention, before and after, and so is the number', () => {
    for (const gone of [3, 5]) {
      const disk = folder();
      new KeeperRun(disk, SIZES).ask(remove);
      disk.remove(segmentsOf(disk).find(({ number }) => number === gone)?.name ?? '');
      expect(verify(disk).problems).toMatchObject([{ kind: 'missing', segment: gone }]);
    }
  });
});

test('with one generation of the spine lost, what went is still no damage', () => {
  for (const name of ['spine', 'spine.prev']) {
    const disk = folder();
    new KeeperRun(disk, SIZES).ask(remove);
    disk.kill();
    disk.put(name, Buffer.from('rotten'));
    expect(verify(disk).problems.filter(({ kind }) => kind !== 'spine')).toEqual([]);
    expect(new KeeperRun(disk, SIZES).opened.faults).toEqual([]);
  }
});

test('a card that takes nothing more keeps the segments, and records go on once it does', () => {
  const disk = folder();
  const keeper = new KeeperRun(disk, SIZES);
  disk.capacity = 0;
  expect(keeper.ask(remove)).toMatchObject({ kind: 'error', code: 'refused' });
  disk.capacity = Infinity;
  expect(numbers(disk)).toEqual(expect.arrayContaining(going));
  expect(keeper.append('goes on')[0]?.reply).toBe('done');
  expect(keeper.ask(remove).kind).toBe('done');
});
