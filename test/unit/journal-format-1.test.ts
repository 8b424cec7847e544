/**
 * The data folder of an earlier version: `test/fixtures/journal/format-1` was written once, by the version that wrote the
 * plain format 1, and never changes. Every version reads it the same for ever (durability.md 3). It holds every type of
 * record, several commits in one frame, a clean stop, a spoilt frame whose number was passed over, and an end that was cut.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { isKnown } from '../../device/domain/known-records.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { openDisk } from '../../device/journal/disk.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import type { Journal } from '../../device/journal/journal.ts';
import { mastersOf } from '../../device/journal/masters.ts';
import { openPhotoVault } from '../../device/journal/photo-vault.ts';
import { openTable } from '../../device/journal/table.ts';
import { readWhole } from '../../device/journal/whole-file.ts';
import { nothingLearnt, readMemory } from '../../device/mis/memory.ts';
import { emptyTable, readTable } from '../../device/mis/roster-table.ts';
import { loadSettings } from '../../device/settings/store.ts';
import { noAccounts, parseOldPins } from '../../device/web/staff/account-table.ts';
import { peopleOf, MemoryTable } from '../support/people.ts';
import { machineRandom } from '../../device/system/outside.ts';
import { testKey, testRandom } from '../support/keys.ts';
import { steeredTime } from '../support/steered-time.ts';

const fixture = resolve(import.meta.dirname, '../fixtures/journal/format-1');
const written = JSON.parse(readFileSync(join(fixture, 'records.json'), 'utf8')) as readonly Recorded[];

const place = mkdtempSync(join(tmpdir(), 'porter-format-1-'));
afterAll(() => rmSync(place, { recursive: true }));
let copies = 0;
function copy(): string {
  const folder = join(place, String((copies += 1)));
  cpSync(join(fixture, 'data'), folder, { recursive: true });
  return folder;
}

const masters = mastersOf([testKey()], true);
const time = steeredTime(Date.UTC(2026, 10, 23, 12));
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const open = (data: string): Promise<Journal> =>
  openJournalOn(openDisk(join(data, 'journal')), {
    clock: time.clock,
    timers: time.timers,
    random: machineRandom,
    build: 'test',
    log: silent,
    masters,
  });

async function replayed(journal: Journal): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for await (const records of journal.replay()) all.push(...records);
  return all;
}

describe('the journal of an earlier version', () => {
  test('reads as it was written, record by record, also once this version has written behind it', async () => {
    const data = copy();
    for (let start = 1; start <= 3; start += 1) {
      const journal = await open(data);
      const all = await replayed(journal);
      expect(all.slice(0, written.length)).toEqual(written);
      expect(all.slice(written.length).map(({ type }) => type)).toEqual(Array.from({ length: start }, () => 'run'));
      expect(journal.opened.faults).toEqual([]);
      expect(journal.id).toBe('062de81a2c80bbc14c13eb53778b0293');
      await journal.close();
    }
  });

  test('has its numbers gone on from: that of the spoilt frame is missing, no other, and none is given twice', async () => {
    const journal = await open(copy());
    const { records, durable } = journal.commit([
      { type: 'note', v: 1, kind: 'conflict', urgent: false, visit: null, pupil: null, detail: 'by this version' },
    ]);
    await durable;
    const numbers = (await replayed(journal)).map(({ n }) => n);
    const last = written.at(-1)?.n ?? 0;
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const missing = Array.from({ length: last }, (_, n) => n + 1).filter((n) => !numbers.includes(n));
    expect(missing).toEqual([57]);
    expect(written.find(({ n }) => n === 58)).toMatchObject({ type: 'run', gap: { from: 57, to: 57 } });
    // The cut frame was the first of a commit that nobody was told yes about: its number stays unused too.
    expect(records[0]?.n).toBeGreaterThan(last + 1);
    await journal.close();
  });

  test('adds up to what it added up to then', () => {
    const ledger = new Ledger();
    for (const record of written) if (isKnown(record)) ledger.apply(record);
    expect([...ledger.movements.values()].filter(({ cancelled }) => !cancelled).length).toBe(28);
    expect([...ledger.badges.values()].map(({ record, void: gone }) => [record.id, gone])).toEqual([
      ['18391270', true],
    ]);
    expect(ledger.commands.size).toBeGreaterThan(25);
  });

  test('holds every type of record that there was', () => {
    const types = [...new Set<string>(written.map(({ type }) => type))].sort();
    expect(types).toEqual(
      [
        ...['answer', 'badge', 'badge-void', 'correction', 'decided', 'hold-arrivals', 'movement', 'note', 'note-done'],
        ...['parcel', 'print', 'report', 'request', 'roster', 'run', 'sending', 'verdict'],
      ].sort(),
    );
  });
});

describe('whole files of an earlier version', () => {
  const roster = (data: string) => openTable(join(data, 'roster.json'), { empty: emptyTable, parse: readTable });

  test('the roster, and the one before it where the newest is spoilt', async () => {
    const data = copy();
    const newest = await roster(data);
    expect(newest.opened).toBe('ok');
    expect(newest.data.accepted?.pupils.map(({ forename }) => forename)).toEqual(['Amara', 'Zoë', 'Łukasz', '美咲']);
    writeFileSync(join(data, 'roster.json'), readFileSync(join(data, 'roster.json')).subarray(0, 300));
    const before = await roster(data);
    expect(before.opened).toBe('restored');
    expect(before.data.accepted?.pupils).toHaveLength(3);
  });

  test('what was learnt of the MIS, and staff PINs', async () => {
    const data = copy();
    const memory = await openTable(join(data, 'mis.json'), { empty: nothingLearnt, parse: readMemory });
    expect([memory.opened, memory.data]).toMatchObject(['ok', { waitUntil: null, longestDelayMs: 45_000 }]);
    const pins = await openTable(join(data, 'staff-pins.json'), { empty: noAccounts, parse: parseOldPins });
    const { accounts } = await peopleOf([], new MemoryTable(pins.data));
    expect(await accounts.ownerOf('135790')).toMatchObject({ name: 'Office', role: 'reception', password: null });
    expect(await accounts.ownerOf('135791')).toBeNull();
  });

  test('the badge key, byte for byte, and a photo', async () => {
    const data = copy();
    const key = readWhole(join(data, 'badge-key'));
    expect(key.state === 'ok' ? Buffer.from(key.bytes).toString('hex') : key.state).toBe(
      '8805cdea2b197df5fd555dc359a7f5beed2e6d65de498ce3df3de94d78e1e262',
    );
    const photo = await openPhotoVault(join(data, 'photos'), { masters, random: testRandom() }).get('leave-1');
    expect(photo === null ? 'none' : Buffer.from(photo).toString('hex', 0, 3)).toBe('ffd8ff');
  });

  test('the last good settings, and those before them where the newest are spoilt', () => {
    const data = copy();
    const load = () => loadSettings({ configPath: null, dataDir: data, codes: () => codesOf('england', '2026-11-23') });
    expect(load()).toMatchObject({ state: 'ready', from: 'last-good', settings: { late: { holdSeconds: 45 } } });
    writeFileSync(join(data, 'last-good-settings.json'), 'spoilt');
    expect(load()).toMatchObject({ state: 'ready', from: 'last-good', settings: { late: { holdSeconds: 30 } } });
  });
});
