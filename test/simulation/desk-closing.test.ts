/** The end of a day at the desk: nobody is left out in silence, nothing closes by itself, and the export holds the day. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportFolder } from '../../device/copies/export-folder.ts';
import type { ExportFolder } from '../../device/copies/export-folder.ts';
import { daysToClose } from '../../device/desk/closing.ts';
import { DayExports } from '../../device/desk/day-exports.ts';
import { out } from '../../device/domain/elsewhere.ts';
import { rollOf } from '../../device/desk/roll.ts';
import { presenters } from '../../device/web/staff/views/all.ts';
import { search } from '../../device/web/staff/views/search.ts';
import type { StaffSituation } from '../../device/web/staff/views/situation.ts';
import { silent } from '../support/box.ts';
import { badgeOf, bootableTime, instant, monday, openDay, refusal, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { testMasters, testRandom } from '../support/keys.ts';

const tuesday = '2026-11-24';
const goTo = (day: Day, clock: string, date: string): Promise<void> =>
  day.pass(instant(clock, date) - day.time.clock.now());
let folder = '';
let exports: ExportFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porter-exports-'));
  exports = exportFolder(folder, () => ({ masters: testMasters, file: null, random: testRandom() }));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const dayExports = ({ box }: Day): DayExports => new DayExports({ ...box, exports, log: silent });
type How = 'went-home' | 'confirmed-home' | 'not-found' | 'undone';
function closeOut(day: Day, movement: string, how: How, by = 'Ms Reed') {
  const input = { movement, how, why: how === 'went-home' ? null : 'Spoke to the mother', by };
  return day.box.staff.closeOut(day.box.command(input), input);
}
function closeDay(day: Day, date = monday, by = 'Ms Reed') {
  const input = { date, by };
  return day.box.staff.closeDay(day.box.command(input), input);
}
const situation = { exportSize: () => 1_200, waitsForPrinter: () => false } as unknown as StaffSituation;
const shown = ({ box, ledger }: Day) => presenters.close(box.school, ledger, situation, 'attendance');
const isOut = (day: Day): readonly string[] => out(day.ledger).map(({ record }) => record.pupil ?? '');
const left = (day: Day, pupil: string): string => day.ledger.movementsOf(pupil).at(-1)?.record.ref ?? '';
const linesOf = async (date = monday): Promise<readonly Record<string, unknown>[]> =>
  ((await exports.text(date)) ?? '')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));

test('what waits for its time may be of the day: whoever closes it is told, and so is the record', async () => {
  const time = bootableTime(instant('09:02'));
  time.set({ trusted: false });
  const before = await openDay({ time });
  await before.late('amara');
  const day = await restart(before, 'second-boot');
  day.time.set({ trusted: true });
  await goTo(day, '15:30', monday);
  await day.watch();
  expect(day.ledger.sum().waiting).toBe(1);
  expect(shown(day).days.at(-1)).toMatchObject({ undecided: 1, counts: { unsent: 1 }, unsent: [] });
  value(await closeDay(day));
  expect(day.records.find(({ type }) => type === 'day-closed')).toMatchObject({ open: { unsent: 1 } });
});

/** Amara came late, Ben and Cai left: half past three on Monday. */
async function afternoon(): Promise<Day> {
  const day = await openDay({ at: '09:02' });
  value(await day.late('amara'));
  await day.until('11:00');
  badgeOf(await day.early('ben', { reason: 'medical', back: 'not-today' }));
  badgeOf(await day.early('cai', { reason: 'medical', back: 'after-lunch' }));
  await day.until('15:30');
  await day.watch();
  return day;
}

describe('a day', () => {
  test('is not closed while somebody is out, nor before school is over', async () => {
    const day = await afternoon();
    expect(await closeDay(day)).toMatchObject({ ok: false, error: { detail: '2 pupils are still out' } });
    const morning = await openDay({ at: '09:02' });
    expect(await closeDay(morning)).toMatchObject({ ok: false, error: { detail: 'school is not over yet' } });
    expect(refusal(await closeDay(morning, tuesday))).toBe('wrong_state');
  });

  test('is closed once a named person has closed each who was out, and not twice', async () => {
    const day = await afternoon();
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    expect(isOut(day)).toEqual(['cai']);
    value(await closeOut(day, left(day, 'cai'), 'confirmed-home', 'Mr Shah'));
    expect(isOut(day)).toEqual([]);
    value(await closeDay(day));
    expect(day.ledger.daysClosed.get(monday)).toMatchObject({
      by: 'Ms Reed',
      open: { proposals: 2, conflicts: 0, unsent: 1 },
    });
    expect(refusal(await closeDay(day))).toBe('wrong_state');
    expect(refusal(await closeOut(day, left(day, 'ben'), 'went-home'))).toBe('wrong_state');
  });

  test('who is not found stands before all staff until somebody says otherwise', async () => {
    const day = await afternoon();
    value(await closeOut(day, left(day, 'ben'), 'not-found'));
    expect([...day.ledger.notes.values()].filter(({ kind }) => kind === 'not-found')).toMatchObject([
      { urgent: true, pupil: 'ben' },
    ]);
    value(await closeOut(day, left(day, 'ben'), 'confirmed-home', 'Mr Shah'));
    expect(day.ledger.movements.get(left(day, 'ben'))?.closed).toMatchObject({ how: 'confirmed-home', by: 'Mr Shah' });
  });

  test('that nobody has closed is told the next morning, before all else, and who was out is out still', async () => {
    const day = await afternoon();
    await goTo(day, '08:00', tuesday);
    expect(daysToClose(day.box.school, day.ledger)).toEqual([monday]);
    expect(isOut(day)).toEqual(['ben', 'cai']);
    for (const pupil of ['ben', 'cai']) value(await closeOut(day, left(day, pupil), 'went-home'));
    expect(daysToClose(day.box.school, day.ledger)).toEqual([monday]);
    value(await closeDay(day));
    expect(daysToClose(day.box.school, day.ledger)).toEqual([]);
  });

  test('weeks in which nobody closed a day are closed at once, by name, each day by itself; none from which somebody is out', async () => {
    const day = await afternoon(); // ben and cai are out
    await goTo(day, '09:02', tuesday);
    value(await day.late('dina'));
    await goTo(day, '09:02', '2026-11-25');
    value(await day.late('dina'));
    await goTo(day, '09:02', '2026-11-26');
    value(await day.late('dina'));
    const close = (upTo: string) => {
      const input = { upTo, by: 'Mr Shah' };
      return day.box.staff.closeDays(day.box.command(input), input);
    };
    expect(refusal(await close(monday))).toBe('wrong_state');
    expect(shown(day).together).toMatchObject({
      days: 2,
      words: 'Tue 24 Nov 2026 to Wed 25 Nov 2026',
      upTo: '2026-11-25',
      open: 2,
    });
    value(await close('2026-11-26'));
    expect(daysToClose(day.box.school, day.ledger)).toEqual([monday]);
    expect([...day.ledger.daysClosed]).toMatchObject([
      [tuesday, { by: 'Mr Shah', open: { unsent: 1 } }],
      ['2026-11-25', { by: 'Mr Shah', open: { unsent: 1 } }],
    ]);
    expect(refusal(await close('2026-11-26'))).toBe('wrong_state');
  });

  test('on the page: each who is out, how it ended, and what is open', async () => {
    const day = await afternoon();
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    const view = () => shown(day);
    expect(view().days).toMatchObject([
      {
        ...{ date: monday, words: 'Mon 23 Nov 2026', notYet: null },
        out: [{ pupil: 'Cai Price', due: '13:15', overdue: true }],
        settled: [{ pupil: 'Ben Lowe', how: 'went-home', by: 'Ms Reed' }],
        unsent: [{ pupil: 'Amara Okafor', code: 'L' }],
      },
    ]);
    value(await closeOut(day, left(day, 'cai'), 'went-home'));
    value(await closeDay(day));
    expect(view()).toMatchObject({ days: [], closed: [{ date: monday, by: 'Ms Reed', exportBytes: 1_200 }] });
  });
});

/** What the evacuation list and the search say of a pupil. */
function whereIs({ box, ledger }: Day, forename: string) {
  const placed = rollOf(box.school, ledger).placed.find(({ pupil }) => pupil.forename === forename);
  return {
    evacuation: `${placed?.where ?? ''}: ${placed?.words ?? ''}`,
    search: search(box.school, ledger, forename).pupils[0]?.where,
  };
}

describe('who is out and closed by a person', () => {
  test('is closed when school is over, not before: they may come back yet', async () => {
    const day = await openDay({ at: '10:42' });
    badgeOf(await day.early('ben', { reason: 'medical', back: 'after-lunch' }));
    for (const how of ['went-home', 'not-found'] as const)
      expect(await closeOut(day, left(day, 'ben'), how)).toMatchObject({
        ok: false,
        error: {
          code: 'wrong_state',
          detail: 'school is not over yet: until then the pupil counts as out, or signs back in',
        },
      });
    expect(whereIs(day, 'Ben')).toEqual({ evacuation: 'out: Left 10:42', search: 'Out since 10:42' });
  });

  test('is not in school for that: the evacuation list and the search say that they left', async () => {
    const day = await afternoon();
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    expect(whereIs(day, 'Ben')).toEqual({ evacuation: 'out: Left 11:00', search: 'Went home, left 11:00' });
    value(await closeOut(day, left(day, 'cai'), 'confirmed-home'));
    expect(whereIs(day, 'Cai')).toEqual({ evacuation: 'out: Left 11:00', search: 'Went home, left 11:00' });
  });

  test('and not found is looked for', async () => {
    const day = await afternoon();
    value(await closeOut(day, left(day, 'ben'), 'not-found'));
    expect(whereIs(day, 'Ben')).toEqual({
      evacuation: 'not-known: Left 11:00, then not found',
      search: 'Not found, left 11:00',
    });
  });

  test('is in school again with the badge, after all', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('ben', { reason: 'medical', back: 'not-today' }));
    await day.until('15:30');
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    await day.until('15:50');
    value(await day.type(badge));
    expect(whereIs(day, 'Ben')).toEqual({ evacuation: 'back: Back 15:50', search: 'Back at 15:50' });
    const [departure] = day.ledger.movementsOf('ben');
    const input = { movement: departure?.record.ref ?? '', how: 'undone', why: null, by: 'Ms Reed' } as const;
    expect(refusal(await day.box.staff.closeOut(day.box.command(input), input))).toBe('wrong_state');
    value(await day.correct(left(day, 'ben'))); // it was somebody else
    expect([isOut(day), whereIs(day, 'Ben').evacuation]).toEqual([[], 'out: Left 11:00']);
  });

  test('by mistake: taken back, and the day is not closed over it', async () => {
    const day = await afternoon();
    expect(refusal(await closeOut(day, left(day, 'ben'), 'undone'))).toBe('wrong_state');
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    value(await closeOut(day, left(day, 'cai'), 'went-home'));
    value(await closeDay(day));
    value(await closeOut(day, left(day, 'ben'), 'undone'));
    expect(isOut(day)).toEqual(['ben']);
    expect(whereIs(day, 'Ben').search).toBe('Out since 11:00');
    expect(shown(day).days).toMatchObject([{ out: [{ pupil: 'Ben Lowe' }], settled: [{ pupil: 'Cai Price' }] }]);
    value(await closeOut(day, left(day, 'ben'), 'confirmed-home'));
    expect(shown(day).days).toEqual([]);
  });

  test('is asked about for the register that they missed, also where the time became known only then', async () => {
    const day = await openDay({ at: '11:00' });
    day.time.set({ trusted: false });
    badgeOf(await day.early('ben', { reason: 'medical', back: 'not-today' }));
    await day.until('15:30');
    value(await closeOut(day, left(day, 'ben'), 'went-home'));
    day.time.set({ trusted: true });
    await day.watch();
    expect(day.marks('ben')).toEqual(['2026-11-23 PM proposed M']);
  });
});

describe('the export', () => {
  async function closed(): Promise<Day> {
    const day = await afternoon();
    for (const pupil of ['ben', 'cai']) value(await closeOut(day, left(day, pupil), 'went-home'));
    value(await closeDay(day));
    return day;
  }

  test('is written once the day is closed, and retention hears of it', async () => {
    const day = await afternoon();
    const exporting = dayExports(day);
    await exporting.look();
    expect([exporting.size(monday), day.ledger.exported.has(monday)]).toEqual([null, false]);
    for (const pupil of ['ben', 'cai']) value(await closeOut(day, left(day, pupil), 'went-home'));
    value(await closeDay(day));
    await exporting.look();
    expect(day.ledger.exported.has(monday)).toBe(true);
    expect(exporting.size(monday)).toBeGreaterThan(1_000);
    const lines = await linesOf();
    expect(lines[0]).toMatchObject({ porter: 'day', date: monday, school: 'Hill View School' });
    expect(lines.filter((line) => 'forename' in line).map((line) => line['forename'])).toEqual(['Amara', 'Ben', 'Cai']);
    const types = lines.map((line) => line['type']);
    for (const type of ['movement', 'decided', 'badge', 'out-closed', 'day-closed']) expect(types).toContain(type);
    const [last] = day.records.slice(-1);
    expect(last).toMatchObject({ type: 'exported', date: monday, by: 'Porter' });
  });

  test('holds that day only, with what was said of it later', async () => {
    const day = await closed();
    const exporting = dayExports(day);
    await exporting.look();
    await goTo(day, '09:02', tuesday);
    value(await day.late('fay'));
    const input = {
      movement: left(day, 'amara'),
      correction: { how: 'undo' },
      why: 'Was there',
      by: 'Ms Reed',
    } as const;
    value(await day.box.staff.correct(day.box.command(input), input));
    expect(day.ledger.exported.has(monday)).toBe(false);
    await exporting.look();
    expect(day.ledger.exported.has(monday)).toBe(true);
    const lines = await linesOf();
    expect(lines.some((line) => line['type'] === 'correction')).toBe(true);
    expect(lines.some((line) => line['pupil'] === 'fay')).toBe(false);
  });

  test('a file that is lost is written anew', async () => {
    const day = await closed();
    await dayExports(day).look();
    await exports.remove(monday);
    const exporting = dayExports(day);
    await exporting.look();
    expect(exporting.size(monday)).toBeGreaterThan(1_000);
    expect(day.records.filter(({ type }) => type === 'exported')).toHaveLength(1);
  });

  test('forgets who is erased', async () => {
    const day = await closed();
    await dayExports(day).look();
    const exporting = dayExports(day);
    expect(await exports.text(monday)).toContain('"ben"');
    const keys = await day.box.journal.keysOf(['ben']);
    await day.box.desk.commit([{ type: 'erase', v: 1, keys, by: 'Ms Reed', second: 'Mr Shah', why: 'asked for' }]);
    await day.box.journal.destroyKeys(keys);
    await exporting.look();
    const text = (await exports.text(monday)) ?? '';
    expect(text).toContain('"cai"');
    expect(text).not.toContain('"ben"');
  });

  test('goes a month after the movements may go', async () => {
    const day = await closed();
    const exporting = dayExports(day);
    await exporting.look();
    await goTo(day, '08:00', '2027-09-30');
    await exporting.look();
    expect(exporting.size(monday)).not.toBeNull();
    await goTo(day, '08:00', '2027-10-03');
    await exporting.look();
    expect(exporting.size(monday)).toBeNull();
  });
});
