/** A start from a checkpoint is a start from all records, only quicker (durability.md 11). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Checkpoints } from '../../device/checkpoints.ts';
import { seeded } from '../../device/demo/random.ts';
import { Desk } from '../../device/desk/desk.ts';
import { ledgerFrom, ledgerLines } from '../../device/domain/checkpoint.ts';
import { isKnown } from '../../device/domain/known-records.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Body, MarkEvent, NoteBody, Recorded, ReportRow } from '../../device/domain/record.ts';
import { checkpointFile } from '../../device/journal/checkpoint-file.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import { seededRandom, silent } from '../support/box.ts';
import { testMasters } from '../support/keys.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { steeredTime } from '../support/steered-time.ts';

const records = resolve(import.meta.dirname, '../fixtures/journal/format-1/records.json');
const written = (JSON.parse(readFileSync(records, 'utf8')) as readonly Recorded[]).filter(isKnown);

/** Marks on their way and back, more often lost than not: what a mark's writes are told apart by must survive. */
function outbox(count: number, seed: number): readonly Recorded[] {
  const { below } = seeded(seed);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] ?? raise();
  const keys = ['amara', 'ben'].map((pupil) => `${pupil}|2026-11-23|AM`);
  const events: readonly MarkEvent[] = [
    'queued',
    'lost',
    'seen',
    'foreign',
    'changed',
    'not-there',
    'theirs',
    'refused',
  ];
  const at = { earliest: 1, latest: 1, mono: 1, boot: 'boot' };
  const decided = (n: number, pupil: string): Body => ({
    ...{ type: 'decided', v: 1, movement: `j:${n}`, pupil, date: '2026-11-23', session: 'AM', outcome: 'late' },
    ...{ want: { kind: 'mark', code: 'L', minutes: 5 }, comment: null, rule: 'x', settings: 's' },
    ...{ mayReplacePresent: true, afterClose: false },
  });
  const body = (n: number): Body => {
    if (n <= 2) return decided(n, n === 1 ? 'amara' : 'ben');
    const key = pick(keys);
    if (below(3) === 0) return { type: 'verdict', v: 1, key, verdict: { kind: 'retry' }, by: 'Ms Reed' };
    if (below(2) === 0) {
      const item = { key, code: 'L', minutes: 5, comment: null, before: below(2) === 0 ? null : 'N' };
      return { type: 'sending', v: 1, batch: String(n), items: [item] };
    }
    const row: ReportRow = { key, event: pick(events), seen: pick(['L', 'N']), writeback: String(n) };
    return { type: 'report', v: 1, date: '2026-11-23', rows: [row] };
  };
  return Array.from({ length: count }, (_, i) => ({ ...body(i + 1), ref: `j:${i + 1}`, n: i + 1, run: 'run', at }));
}
function raise(): never {
  throw new Error('nothing to pick from');
}

const linesOf = (ledger: Ledger): readonly string[] => [...ledgerLines(ledger)];
function fold(some: readonly Recorded[], ledger = new Ledger()): Ledger {
  for (const record of some) ledger.apply(record);
  return ledger;
}

describe('a checkpoint at every record', () => {
  const histories: readonly (readonly [string, readonly Recorded[]])[] = [
    ['every type of record', written],
    ...[1, 2, 3, 4, 5, 6].map((seed) => [`the outbox, seed ${seed}`, outbox(150, seed)] as const),
  ];
  test.each(histories)('and what follows is the same, byte for byte, as all records: %s', (_name, history) => {
    const all = linesOf(fold(history));
    for (let at = 0; at <= history.length; at += 1) {
      const restored = ledgerFrom(linesOf(fold(history.slice(0, at))));
      if (restored === null) throw new Error(`record ${at}: not restored`);
      expect(linesOf(fold(history.slice(at), restored))).toEqual(all);
    }
  });

  test('that is not of this shape is none', () => {
    expect(ledgerFrom(['[["parcels"],[1]]'])).toBeNull();
    expect(ledgerFrom(['[["movements"],3]'])).toBeNull();
    expect(ledgerFrom(['{}'])).toBeNull();
  });
});

describe('a start', () => {
  const place = mkdtempSync(join(tmpdir(), 'porter-checkpoint-'));
  afterAll(() => rmSync(place, { recursive: true }));
  const path = join(place, 'checkpoint');
  const note = (detail: string): NoteBody => ({
    ...{ type: 'note', v: 1, kind: 'conflict', urgent: false, visit: null, pupil: null, detail },
  });
  /** What the box stores is sealed; here by turning every bit. */
  const turned = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff);

  async function start(disk: MemoryDisk, build = 'one') {
    const time = steeredTime(Date.UTC(2026, 10, 23, 9));
    const outside = { clock: time.clock, timers: time.timers, random: seededRandom(disk.list().length), log: silent };
    const journal = await openJournalOn(disk, { ...outside, build, masters: testMasters });
    const desk = new Desk(journal);
    const checkpoints = new Checkpoints({
      ...{ ...outside, build, journal, desk },
      file: checkpointFile(path, { seal: turned, open: turned }),
    });
    desk.onDurable((some) => checkpoints.saw(some));
    const begun = await checkpoints.restore();
    let read = 0;
    for await (const some of journal.replay(begun?.place)) {
      desk.replay(some);
      checkpoints.saw(some);
      read += some.length;
    }
    const stop = async (): Promise<void> => {
      await checkpoints.save('at once');
      await journal.close();
    };
    return { desk, read, stop, clock: begun?.clock.map(({ n }) => n) ?? null, journal };
  }

  /** A box that has stopped cleanly after so many notes. */
  async function used(notes: number): Promise<MemoryDisk> {
    rmSync(path, { force: true });
    const disk = new MemoryDisk();
    const box = await start(disk);
    for (let n = 1; n <= notes; n += 1) await box.desk.commit([note(`note ${n}`)]);
    await box.stop();
    return disk;
  }

  test('reads what follows the checkpoint, and no more', async () => {
    const disk = await used(50);
    const again = await start(disk);
    expect(again.read).toBe(1);
    expect(again.clock).toEqual([51]);
    expect([...again.desk.durable.notes.values()].map(({ detail }) => detail)).toContain('note 50');
    await again.desk.commit([note('after')]);
    await again.stop();
    const third = await start(disk);
    expect([third.read, third.desk.durable.notes.size]).toEqual([1, 51]);
    await third.stop();
  });

  test('a large one is not written again for a few records: those are read', async () => {
    const disk = await used(0);
    const box = await start(disk);
    for (let n = 1; n <= 1_100; n += 1) await box.desk.commit([note(`note ${n}`)], { id: `c${n}`, hash: 'h' });
    await box.stop();
    const large = readFileSync(path);
    const again = await start(disk);
    await again.desk.commit([note('after')]);
    await again.stop();
    expect(readFileSync(path).equals(large)).toBe(true);
    const third = await start(disk);
    expect([third.read, third.desk.durable.notes.size]).toEqual([3, 1_101]);
    for (let n = 1; n <= 150; n += 1) await third.desk.commit([note(`more ${n}`)]);
    await third.stop();
    expect(readFileSync(path).equals(large)).toBe(false);
  });

  test.each([
    ['missing', () => rmSync(path)],
    ['cut off', () => writeFileSync(path, readFileSync(path).subarray(0, -40))],
    [
      'changed',
      () =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, at) => (at === 200 ? byte ^ 1 : byte)),
        ),
    ],
    ['empty', () => writeFileSync(path, '')],
  ])('reads everything where the checkpoint is %s', async (_how, spoil) => {
    const disk = await used(20);
    spoil();
    const again = await start(disk);
    expect([again.read, again.desk.durable.notes.size]).toEqual([22, 20]);
    await again.stop();
  });

  test('reads everything where another build wrote it, or the journal is another', async () => {
    const disk = await used(20);
    expect((await start(disk.copy(), 'two')).read).toBe(22);
    // A folder put back from an earlier copy, and gone on with: the numbers are the same, the chain is not.
    const earlier = new MemoryDisk();
    const other = await start(earlier, 'none');
    for (let n = 1; n <= 30; n += 1) await other.desk.commit([note(`other ${n}`)]);
    await other.journal.close();
    earlier.put('id', disk.read('id'));
    const again = await start(earlier);
    expect([again.clock, again.desk.durable.notes.size]).toEqual([null, 30]);
  });
});
