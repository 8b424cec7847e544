/** Pupils' own keys: what stands under them, how they last, how they go, and what is told when they are lost. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import type { Body, Recorded } from '../../device/domain/record.ts';
import { diskReader } from '../../device/journal/disk.ts';
import { FrameKeys } from '../../device/journal/frame-keys.ts';
import { decodeSegmentHeader, partsOf, pieces } from '../../device/journal/frame.ts';
import { Keeper } from '../../device/journal/keeper.ts';
import type { Opened, Reply, Request } from '../../device/journal/requests.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { PupilKeys } from '../../device/journal/pupil-keys.ts';
import { openWith, recordsIn } from '../../device/journal/reading.ts';
import { readFrame, writeCommit } from '../../device/journal/records.ts';
import type { CommandMark } from '../../device/journal/records.ts';
import type { JournalFault } from '../../device/journal/recover.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { verify } from '../../device/journal/verify.ts';
import { hex } from '../support/journal-files.ts';
import { testKey, testMasters, testRandom } from '../support/keys.ts';
import { MemoryDisk } from '../support/memory-disk.ts';

const SIZES = { segment: 64 * 1024, reserve: 64 };
const COPIES = ['pupil-keys.1', 'pupil-keys.2'];
const at = { earliest: 1_000, latest: 1_000, mono: 1, boot: 'boot' };

/** One run of the keeper; each commit says whom it is about. */
class Run {
  readonly opened: Opened;
  private readonly keeper: Keeper;
  private next: number;

  constructor(disk: MemoryDisk, masters = testMasters, seed = 1) {
    this.keeper = new Keeper(disk, { masters, random: testRandom(seed) }, SIZES);
    const opened = this.ask({ kind: 'open', newId: hex('1d'), run: hex('0a') });
    if (opened.kind !== 'opened') throw new Error(opened.kind === 'error' ? opened.code : opened.kind);
    this.opened = opened;
    this.next = opened.next;
  }

  ask(request: Request): Reply {
    const [reply] = [...this.keeper.handle([{ ...request, call: 1 }])];
    if (reply === undefined) throw new Error('no reply');
    return reply;
  }

  /** `done`, or the error's code. */
  commit(bodies: readonly Body[], command?: CommandMark): string {
    const written = writeCommit(at, command, bodies);
    const reply = this.ask({ kind: 'append', first: this.next, count: bodies.length, ...written });
    if (reply.kind === 'done') this.next += bodies.length;
    return reply.kind === 'error' ? reply.code : reply.kind;
  }

  keyOf(pupil: string): readonly string[] {
    const reply = this.ask({ kind: 'keys-of', pupils: [pupil] });
    return reply.kind === 'keys' ? reply.keys : [];
  }

  read(): { readonly records: readonly Recorded[]; readonly faults: readonly JournalFault[] } {
    const reply = this.ask({ kind: 'read', cursor: null });
    if (reply.kind !== 'frames') throw new Error(`read: ${reply.kind}`);
    const read = reply.frames.map(readFrame);
    return { records: read.flatMap(({ records }) => records), faults: read.flatMap(({ faults }) => faults) };
  }

  /** Each record in a word: whom it names, or what it is. */
  words(): readonly string[] {
    return this.read().records.map((record) =>
      'pupil' in record && typeof record.pupil === 'string' ? record.pupil : record.type,
    );
  }
}

const note = (pupil: string | null): Body => ({
  type: 'note',
  v: 1,
  kind: 'see-reception',
  urgent: false,
  visit: null,
  pupil,
  detail: null,
});
const erase = (keys: readonly string[]): Body => ({
  type: 'erase',
  v: 1,
  keys,
  by: 'Ms Reed',
  second: 'Mr Shah',
  why: 'asked',
});

/** What stands in the frames for whoever has the master key and no pupil's key. */
function underMaster(disk: MemoryDisk): string {
  const keys = new FrameKeys(testMasters, testRandom());
  const texts = segmentsOf(disk).flatMap(({ name, number }) => {
    const bytes = disk.read(name);
    const header = decodeSegmentHeader(bytes);
    return [...pieces(bytes, number, 0)].flatMap((piece) =>
      piece.good ? [keys.open({ segment: number, ...partsOf(bytes, piece) }, header, []).toString('utf8')] : [],
    );
  });
  return texts.join('\n');
}

function inFolder(names: readonly string[] = ['amara', 'ben']): MemoryDisk {
  const disk = new MemoryDisk();
  const run = new Run(disk);
  for (const name of names) run.commit([note(name)]);
  run.ask({ kind: 'close' });
  return disk;
}

describe('what is about a pupil', () => {
  test('cannot be read with the master key alone, nor guessed by the hash of the command', () => {
    const disk = new MemoryDisk();
    const run = new Run(disk);
    run.commit([note('amara'), note('ben')], { id: 'command-1', hash: 'guessable' });
    run.commit([
      { type: 'report', v: 1, date: '2026-11-23', rows: [{ key: 'amara|2026-11-23|AM', event: 'seen', seen: 'L' }] },
    ]);
    run.commit([note(null)], { id: 'command-2', hash: 'of nobody' });
    expect(underMaster(disk)).not.toMatch(/amara|ben|guessable|command-1|see-reception.*ben/);
    expect(underMaster(disk)).toContain('of nobody');
    expect(run.read().records.map(({ command }) => command?.hash)).toEqual([
      'guessable',
      'guessable',
      undefined,
      'of nobody',
    ]);
  });

  test('goes with the key: of a batch the rows, of a commit about two only what is about the one, and its command', () => {
    const disk = new MemoryDisk();
    const run = new Run(disk);
    const rows = ['amara', 'ben'].map((who) => ({ key: `${who}|2026-11-23|AM`, event: 'seen' as const, seen: 'L' }));
    run.commit([{ type: 'report', v: 1, date: '2026-11-23', rows }]);
    run.commit([note('amara'), note('ben')], { id: 'command-1', hash: 'of both' });
    run.commit([{ type: 'adopt', v: 1, from: 'ben', to: 'amara', by: 'Ms Reed' }]);
    expect(run.commit([erase(run.keyOf('amara'))])).toBe('done');
    const { records, faults } = run.read();
    expect(faults).toEqual([]);
    expect(records.map(({ n, type }) => [n, type])).toEqual([
      [1, 'report'],
      [2, 'erased'],
      [3, 'note'],
      [4, 'erased'],
      [5, 'erase'],
    ]);
    expect(records[0]).toMatchObject({ rows: [rows[1]] });
    expect(records[2]).toMatchObject({ pupil: 'ben' });
    expect(JSON.stringify(records)).not.toMatch(/amara|of both/);
    expect(verify(disk).problems).toEqual([]);
  });

  test('erased badges still say how far the serials had come', () => {
    const run = new Run(new MemoryDisk());
    const badge = { movement: `${hex('1d')}:1`, id: '18391270', date: '2026-11-23', token: '00', pupil: 'amara' };
    run.commit([note('amara'), { type: 'badge', v: 1, serial: 41, ...badge }]);
    run.commit([erase(run.keyOf('amara'))]);
    expect(run.read().records.map((record) => record.type === 'erased' && record.serial)).toContain(41);
  });
});

describe('a key', () => {
  const writesOfKeys = (disk: MemoryDisk): number => disk.trace.filter((step) => /^write pupil-keys/.test(step)).length;

  test('is on the disk before the first record under it, and costs nothing after that, or where it was made ahead', () => {
    const disk = new MemoryDisk();
    const run = new Run(disk);
    disk.trace.length = 0;
    run.commit([note('amara')]);
    const [first] = disk.trace.filter((step) => step.startsWith('write 0'));
    expect(writesOfKeys(disk)).toBe(2);
    expect(disk.trace.lastIndexOf('sync folder')).toBeLessThan(disk.trace.indexOf(first ?? ''));
    run.ask({ kind: 'make-keys', pupils: ['amara', 'ben', 'constructor', '__proto__'] });
    expect(writesOfKeys(disk)).toBe(4);
    disk.trace.length = 0;
    for (const who of ['amara', 'ben', 'constructor', '__proto__', 'amara'])
      expect(run.commit([note(who)])).toBe('done');
    expect(writesOfKeys(disk)).toBe(0);
    expect(new Run(disk.copy()).words()).toEqual(run.words());
  });

  test('that the full card does not take: refused, nothing is stored, and all is well when there is room', () => {
    const disk = new MemoryDisk();
    const run = new Run(disk);
    run.commit([note('amara')]);
    disk.faults.write = 'ENOSPC';
    expect(run.commit([note('ben')])).toBe('refused');
    expect(run.words()).toEqual(['amara']);
    expect(run.commit([note('ben')])).toBe('done');
    expect(new Run(disk.copy()).words()).toEqual(['amara', 'ben']);
  });

  test('cut off at any step while it is made: what was answered is there and can be read', () => {
    for (let steps = 0, done = false; !done; steps += 1) {
      const disk = inFolder(['amara']);
      const run = new Run(disk);
      disk.operationsLeft = steps;
      done = run.commit([note('ben')]) === 'done';
      disk.cutPower(seeded(steps).next);
      const again = new Run(disk);
      expect([steps, again.opened.faults, again.read().faults]).toEqual([steps, [], []]);
      if (done) expect(again.words()).toEqual(['amara', 'ben']);
      expect(again.words()[0]).toBe('amara');
      expect(again.commit([note('ben')])).toBe('done');
      expect(again.words().at(-1)).toBe('ben');
    }
  });

  test('cut off at any step while it is destroyed: gone with the next start, and nobody else is touched', () => {
    const ends = new Set<string>();
    for (let steps = 0, done = false; !done; steps += 1) {
      const disk = inFolder();
      const run = new Run(disk);
      const keys = run.keyOf('amara');
      disk.operationsLeft = steps;
      run.commit([erase(keys)]);
      done = disk.operationsLeft > 0;
      disk.cutPower(seeded(steps).next);
      const again = new Run(disk);
      const recorded = again.words().includes('erase');
      // As `read-in.ts` does with what the records say.
      if (recorded) expect(again.ask({ kind: 'destroy-keys', keys }).kind).toBe('keys');
      expect([steps, again.opened.faults, again.read().faults]).toEqual([steps, [], []]);
      expect(again.words().slice(0, 2)).toEqual([recorded ? 'erased' : 'amara', 'ben']);
      for (const name of recorded ? COPIES : []) {
        const alone = new MemoryDisk();
        alone.put(name, disk.read(name));
        expect(new PupilKeys(alone, testMasters, testRandom()).idsOf(['amara', 'ben'])).toHaveLength(1);
      }
      expect(verify(disk).problems).toEqual([]);
      ends.add(recorded ? 'recorded' : 'not');
    }
    expect([...ends]).toEqual(['not', 'recorded']);
  });

  test('what the card does not take of a destruction is passed over at once, and taken in a quiet moment', () => {
    const disk = inFolder();
    const run = new Run(disk);
    const keys = run.keyOf('amara');
    disk.faults.everySync = 'EIO';
    // No end of the box: it is asked again.
    expect(run.ask({ kind: 'destroy-keys', keys })).toMatchObject({ kind: 'error', code: 'refused' });
    expect(run.words()).toEqual(['erased', 'ben']);
    delete disk.faults.everySync;
    expect(new Run(disk.copy()).words()).toEqual(['amara', 'ben']);
    run.ask({ kind: 'witness' });
    expect(new Run(disk.copy()).words()).toEqual(['erased', 'ben']);
  });
});

describe('the file of the keys', () => {
  const broken: readonly (readonly [string, (bytes: Buffer) => Buffer | null])[] = [
    ['missing', () => null],
    ['empty', () => Buffer.alloc(0)],
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 40)],
    ['a bit wrong', (bytes) => Buffer.from(bytes.map((byte, index) => (index === 60 ? byte ^ 1 : byte)))],
    ['plain', () => Buffer.from('{"v":1,"generation":99,"pupils":[],"destroyed":[]}')],
  ];
  const spoil = (disk: MemoryDisk, names: readonly string[], how: (bytes: Buffer) => Buffer | null): void => {
    for (const name of names) {
      const bytes = how(disk.read(name));
      disk.remove(name);
      disk.syncFolder();
      if (bytes !== null) disk.put(name, bytes);
    }
  };

  test.each(broken)('one copy %s: the other is as good, and makes it good', (_, how) => {
    for (const name of COPIES) {
      const disk = inFolder();
      spoil(disk, [name], how);
      const run = new Run(disk);
      expect([run.opened.faults, run.words()]).toEqual([[], ['amara', 'ben']]);
      expect(disk.read('pupil-keys.1')).toEqual(disk.read('pupil-keys.2'));
    }
  });

  test.each(broken)('both copies %s: told, kept aside, and new records are under new keys', (_, how) => {
    const disk = inFolder();
    spoil(disk, COPIES, how);
    const spoilt = COPIES.filter((name) => disk.list().includes(name)).map((name) => disk.read(name));
    const run = new Run(disk, testMasters, 5);
    expect(run.opened.faults).toEqual([{ kind: 'keys-lost', among: null }]);
    expect(COPIES.map((name) => `${name}.damaged-1`).filter((name) => disk.list().includes(name)).length).toBe(
      spoilt.length,
    );
    expect(run.commit([note('amara')])).toBe('done');
    const { records, faults } = run.read();
    expect(records.map(({ n, type }) => [n, type])).toEqual([
      [1, 'lost'],
      [2, 'lost'],
      [3, 'note'],
    ]);
    expect(faults).toEqual([1, 2].map((n) => ({ kind: 'keys-lost', among: { from: n, to: n } })));
    // And at every start after that, until a person says that they know.
    const later = disk.copy();
    const again = new Run(later);
    expect(again.opened).toMatchObject({ faults: [{ kind: 'keys-lost', among: null }], lossSeen: 0 });
    expect(again.ask({ kind: 'loss-seen' }).kind).toBe('done');
    expect(new Run(later.copy()).opened).toMatchObject({ faults: [], lossSeen: 3 });
  });

  test('of another box: none of its keys opens anything here, and that is a loss, no erasure', () => {
    const disk = inFolder();
    const other = new MemoryDisk();
    new Run(other, testMasters, 2).commit([note('amara')]);
    for (const name of COPIES) disk.put(name, other.read(name));
    expect(new Run(disk).words()).toEqual(['lost', 'lost']);
  });

  test('under a master key that is not here: nothing starts, nothing is changed', () => {
    const disk = inFolder();
    const other = new MemoryDisk();
    new Run(other, mastersOf([testKey(9)])).commit([note('amara')]);
    for (const name of COPIES) disk.put(name, other.read(name));
    const before = disk.copy();
    expect(() => new Run(disk)).toThrow('wrong_key');
    for (const name of before.list()) expect(disk.read(name)).toEqual(before.read(name));
  });

  test('comes under the new master key at the first start after a rotation', () => {
    const disk = inFolder();
    const rotated = mastersOf([testKey(), testKey(2)]);
    expect(new Run(disk, rotated).words()).toEqual(['amara', 'ben']);
    const alone = new MemoryDisk();
    for (const name of COPIES) alone.put(name, disk.read(name));
    expect(new PupilKeys(alone, mastersOf([testKey(2)]), testRandom()).count).toBe(2);
  });
});

describe('a folder of the version before, which sealed records and had no keys of pupils', () => {
  const fixture = resolve(import.meta.dirname, '../fixtures/journal/format-2');
  const written = JSON.parse(readFileSync(join(fixture, 'records.json'), 'utf8')) as readonly Recorded[];
  const place = mkdtempSync(join(tmpdir(), 'porter-format-2-'));
  afterAll(() => rmSync(place, { recursive: true }));

  function disk(): MemoryDisk {
    const memory = new MemoryDisk();
    cpSync(join(fixture, 'data/journal'), place, { recursive: true });
    const reader = diskReader(place);
    for (const name of reader.list()) memory.put(name, reader.read(name));
    return memory;
  }

  test('reads as it was written, with what this version writes behind it, and nothing is called lost', () => {
    const memory = disk();
    const run = new Run(memory);
    run.commit([note('A193050')]);
    const { records, faults } = run.read();
    expect([run.opened.faults, faults]).toEqual([[], []]);
    expect(records.slice(0, written.length)).toEqual(written);
    expect(records.at(-1)).toMatchObject({ type: 'note', pupil: 'A193050', n: written.length + 1 });
    expect(verify(memory).problems).toEqual([]);
  });

  test('what it says of a pupil has no key of its own: it stays when that pupil is erased', () => {
    const memory = disk();
    const run = new Run(memory);
    run.commit([note('A193050')]);
    run.commit([erase(run.keyOf('A193050'))]);
    const open = openWith(memory, new FrameKeys(testMasters, testRandom()));
    const records = segmentsOf(memory).flatMap((segment) => [...recordsIn(memory.read(segment.name), segment, open)]);
    expect(records.slice(0, written.length)).toEqual(written);
    expect(records.slice(written.length).map(({ type }) => type)).toEqual(['erased', 'erase']);
  });
});
