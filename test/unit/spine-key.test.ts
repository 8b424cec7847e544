/**
 * Who wrote the spine (durability.md 12): who holds the recovery key can tell every line that somebody else wrote, altered or took
 * away, also who had the whole box with its keys from some day on. Cut off at every change of the card, nothing of that is
 * lost, and no old key is left.
 */
import { describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { verifiedWords } from '../../device/journal-command.ts';
import { readSpine } from '../../device/journal/spine.ts';
import type { Line } from '../../device/journal/spine.ts';
import { SpineKey, beginSpineKey, nextKey, tagOf } from '../../device/journal/spine-key.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { verify } from '../../device/journal/verify.ts';
import { withCheck } from '../../device/journal/whole-file.ts';
import { KeeperRun } from '../support/journal-files.ts';
import { testMasters, testRandom } from '../support/keys.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const SIZES = { segment: 400, reserve: 0 };
const seed = 20_261_129;
const recovery = testRandom(7)(16);
const removal = { why: 'retention', at: Date.UTC(2027, 8, 1, 12), by: 'Porter' } as const;

const begin = (disk: MemoryDisk, by = recovery): void => {
  beginSpineKey(disk, { masters: testMasters, random: testRandom() }, by, readSpine(disk).lines);
};
function run(disk: MemoryDisk, name: string): KeeperRun {
  const keeper = new KeeperRun(disk, SIZES);
  for (let n = 1; n <= 4; n += 1) keeper.append(`${name}-${n}`);
  return keeper;
}
/** Several segments, closed at different times, and two that retention removed. */
function folder(): MemoryDisk {
  const disk = new MemoryDisk();
  begin(disk);
  run(disk, 'first').ask({ kind: 'close' });
  const keeper = run(disk, 'second');
  keeper.ask({ kind: 'remove', segments: [1, 2], removal });
  keeper.append('more');
  keeper.ask({ kind: 'close' });
  return disk;
}
const proven = (disk: MemoryDisk, by: Uint8Array = recovery) => verify(disk, { masters: testMasters, recovery: by });
const kinds = (disk: MemoryDisk, by?: Uint8Array): readonly string[] =>
  proven(disk, by).problems.map(({ kind }) => kind);
const hostKinds = (disk: MemoryDisk): readonly string[] =>
  verify(disk, { masters: testMasters, recovery: null }).problems.map(({ kind }) => kind);
const faults = (disk: MemoryDisk): readonly string[] => {
  const keeper = new KeeperRun(disk, SIZES);
  const { faults: all } = keeper.opened;
  keeper.ask({ kind: 'close' });
  return all.map(({ kind }) => kind);
};
const linesOf = (disk: MemoryDisk): Line[] => [...readSpine(disk).lines];
/** As somebody without any key can. */
function rewrite(disk: MemoryDisk, lines: readonly Line[]): MemoryDisk {
  const bytes = withCheck(Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')));
  for (const name of ['spine', 'spine.prev']) disk.put(name, bytes);
  return disk;
}

describe('a spine that nobody touched', () => {
  test('every line is vouched for, and without the recovery key it says that this was not checked', () => {
    const disk = folder();
    expect(linesOf(disk).length).toBeGreaterThan(5);
    expect(proven(disk)).toMatchObject({ problems: [], vouched: linesOf(disk).length });
    expect(verify(disk)).toMatchObject({ problems: [], vouched: null });
    expect(verifiedWords(verify(disk)).join()).toContain('Who wrote the spine was not checked');
    expect(faults(disk)).toEqual([]);
  });

  test('of an earlier version, without MACs, is read and extended as it is', () => {
    const disk = new MemoryDisk();
    run(disk, 'old').ask({ kind: 'close' });
    expect(faults(disk)).toEqual([]);
    expect(hostKinds(disk)).toEqual([]);
    expect(kinds(disk)).toEqual(['spine-other']);
  });

  test('is vouched for as it stood by the first MAC that goes back to a new recovery key', () => {
    const disk = new MemoryDisk();
    run(disk, 'old').ask({ kind: 'close' });
    begin(disk);
    const before = linesOf(disk).length;
    expect(proven(disk)).toMatchObject({ problems: [], vouched: 0 });
    run(disk, 'new').ask({ kind: 'close' });
    const another = testRandom(8)(16);
    begin(disk, another);
    run(disk, 'newest').ask({ kind: 'close' });
    expect(proven(disk, another)).toMatchObject({ problems: [], vouched: linesOf(disk).length });
    expect(kinds(disk)).toEqual(['spine-other']);
    const [first] = linesOf(disk);
    expect(before).toBeGreaterThan(1);
    const altered = rewrite(disk.copy(), [{ ...(first as Line), by: 'somebody' }, ...linesOf(disk).slice(1)]);
    expect(kinds(altered, another)).toContain('spine-line');
  });
});

describe('somebody who may write the data folder', () => {
  test('cannot call a segment removed that he took away', () => {
    const disk = folder();
    disk.remove(segmentsOf(disk)[0]?.name ?? '');
    const forged = rewrite(disk, [...linesOf(disk), { removes: [3], ...removal }]);
    expect(verify(forged).problems).toEqual([]);
    expect(proven(forged).problems).toEqual([{ kind: 'spine-line', line: linesOf(forged).length, segments: [3] }]);
    expect(hostKinds(forged)).toEqual(['spine-changed']);
    // The box says so, at this start and all others, until there is a new recovery key.
    expect(faults(forged)).toContain('spine');
    run(forged, 'goes on').ask({ kind: 'close' });
    expect(faults(forged)).toContain('spine');
    expect(proven(forged).problems).toHaveLength(1);
    begin(forged, testRandom(9)(16));
    expect(faults(forged)).not.toContain('spine');
  });

  test('cannot alter, leave out, repeat or exchange any line, nor cut the end', () => {
    const whole = folder();
    const lines = linesOf(whole);
    for (const [at, line] of lines.entries()) {
      const told = `line ${at + 1}`;
      const without = lines.toSpliced(at, 1);
      const wrong = {
        altered: lines.with(at, { ...line, bytes: 1 }),
        bare: lines.with(at, { ...line, mac: undefined }),
        leftOut: without,
        repeated: lines.toSpliced(at, 0, line),
        cut: lines.slice(0, at),
        exchanged: at === 0 ? without : lines.with(at, lines[at - 1] ?? line).with(at - 1, line),
      };
      for (const [what, changed] of Object.entries(wrong)) {
        const disk = rewrite(whole.copy(), changed);
        expect(
          kinds(disk).some((kind) => kind.startsWith('spine-')),
          `${what}, ${told}`,
        ).toBe(true);
        expect(hostKinds(disk), `${what}, ${told}`).toContain('spine-changed');
        expect(faults(disk), `${what}, ${told}`).toContain('spine');
      }
      const altered = rewrite(whole.copy(), wrong.altered);
      expect(proven(altered).problems).toContainEqual(expect.objectContaining({ kind: 'spine-line', line: at + 1 }));
    }
  });

  test('and has its keys, from some day on: what was there before stays as it was', () => {
    const disk = folder();
    const lines = linesOf(disk);
    const { left } = new SpineKey(disk, testMasters);
    if (left === null) throw new Error('there is no key');
    let key: Buffer = Buffer.from(left.key, 'base64');
    // Everything from the second line on anew, by the key that is there, by the numbers of before or of now.
    for (const from of [0, left.n - 1]) {
      const forged: Line[] = lines.slice(0, 1);
      for (const [index, line] of lines.slice(1).entries()) {
        const bare = { ...line, mac: undefined, by: 'somebody' } as Line;
        const place = { by: left.by, n: from + index + 1 };
        forged.push({ ...bare, mac: { ...place, tag: tagOf(key, forged, bare, place) } });
        key = nextKey(key);
      }
      expect(kinds(rewrite(disk.copy(), forged)).some((kind) => kind.startsWith('spine-'))).toBe(true);
    }
    // Nor can he cut it and put away a key that says so.
    for (const n of [0, 1, lines.length - 1]) {
      const cut = rewrite(disk.copy(), lines.slice(0, n));
      begin(cut, testRandom(10)(16));
      expect(kinds(cut)).toContain('spine-other');
    }
  });

  test('without the key that goes on, it is said at every start, and by who checks', () => {
    const disk = folder();
    for (const name of ['spine-key.1', 'spine-key.2']) disk.put(name, Buffer.from('rotten'));
    expect(kinds(disk)).toEqual(['spine-end']);
    for (let starts = 0; starts < 2; starts += 1) expect(faults(disk)).toContain('spine');
    for (const name of ['spine-key.1', 'spine-key.2']) disk.remove(name);
    expect(faults(disk)).toContain('spine');
  });

  test('one copy of the key spoilt is made good from the other', () => {
    for (const name of ['spine-key.1', 'spine-key.2']) {
      const disk = folder();
      disk.put(name, Buffer.from('rotten'));
      expect(faults(disk)).toEqual([]);
      expect(disk.read('spine-key.1')).toEqual(disk.read('spine-key.2'));
      expect(proven(disk).problems).toEqual([]);
    }
  });
});

describe('cut off at every change of the card', () => {
  const work: Readonly<Record<string, (keeper: KeeperRun) => void>> = {
    'a close': (keeper) => void keeper.ask({ kind: 'witness' }),
    'a removal': (keeper) => void keeper.ask({ kind: 'remove', segments: [3, 4], removal }),
  };
  for (const [name, does] of Object.entries(work)) {
    for (const how of ['killed', 'without power'] as const) {
      test(`${name}, ${how}: every line is vouched for afterwards, and the keys of before are gone`, () => {
        const { next } = seeded(seed);
        const prepared = (): { readonly disk: MemoryDisk; readonly keeper: KeeperRun } => {
          const disk = folder();
          return { disk, keeper: run(disk, 'third') };
        };
        const whole = prepared();
        const before = whole.disk.trace.length;
        does(whole.keeper);
        const changes = whole.disk.trace.length - before;
        expect(changes).toBeGreaterThan(15);
        for (let at = 0; at <= changes; at += 1) {
          const { disk, keeper } = prepared();
          const old = new SpineKey(disk, testMasters).left;
          disk.operationsLeft = at;
          does(keeper);
          if (how === 'killed') disk.kill();
          else disk.cutPower(next);
          const told = `cut at ${at}, seed ${seed}`;
          // Of a segment that was being made there may be less than a header.
          expect(
            kinds(disk).filter((kind) => kind.startsWith('spine')),
            told,
          ).toEqual([]);
          const again = new KeeperRun(disk, SIZES);
          expect(again.opened.faults, told).toEqual([]);
          again.append('goes on');
          again.ask({ kind: 'witness' });
          again.ask({ kind: 'close' });
          expect(proven(disk), told).toMatchObject({ problems: [], vouched: linesOf(disk).length });
          expect(new SpineKey(disk, testMasters).left?.n, told).toBeGreaterThan(old?.n ?? 0);
          expect(disk.read('spine-key.1'), told).toEqual(disk.read('spine-key.2'));
          expect(
            disk.list().filter((file) => file.endsWith('.tmp')),
            told,
          ).toEqual([]);
        }
      });
    }
  }
});

test('a spine that is spoilt while the box runs is made good in the next quiet moment', () => {
  for (const name of ['spine', 'spine.prev']) {
    const disk = folder();
    const keeper = new KeeperRun(disk, SIZES);
    keeper.ask({ kind: 'witness' });
    const lines = linesOf(disk);
    disk.put(name, Buffer.from('rotten'));
    keeper.ask({ kind: 'witness' });
    expect(disk.read('spine')).toEqual(disk.read('spine.prev'));
    expect(linesOf(disk)).toEqual(lines);
    expect(proven(disk).problems).toEqual([]);
  }
});
