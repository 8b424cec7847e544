/** The log: the journal read backwards in pages, filtered, without names where they must not be; the CSV of a range of days. */
import { describe, expect, test } from 'vitest';
import { tellBackup } from '../../device/desk/backups-told.ts';
import { actorOf, kindOf, logPage, logRange } from '../../device/desk/log.ts';
import type { LogWanted } from '../../device/desk/log.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { Files } from '../../device/web/staff/files.ts';
import { exportLog } from '../../device/web/staff/log-export.ts';
import { logRow } from '../../device/web/staff/views/log.ts';
import { openBox } from '../support/box.ts';
import {
  bootableTime,
  instant,
  monday,
  openDay,
  pupils,
  refusal,
  restart,
  school,
  value,
} from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { staffDay } from '../support/staff-day.ts';

const everything: LogWanted = { kind: null, by: null, staffOnly: false, from: null, to: null };

/** Page by page to the end. */
async function pages(day: Pick<Day, 'box'>, wanted: Partial<LogWanted> = {}): Promise<readonly Recorded[]> {
  const { school: ofBox, journal } = day.box;
  const found: Recorded[] = [];
  for (let before: number | null = null; ;) {
    const page = await logPage({ school: ofBox, journal }, { ...everything, ...wanted }, before);
    found.push(...page.records);
    if (page.before === null) return found;
    before = page.before;
  }
}
async function all({ box }: Pick<Day, 'box'>): Promise<readonly Recorded[]> {
  const records: Recorded[] = [];
  for await (const some of box.journal.replay()) records.push(...some);
  return records;
}
const numbers = (records: readonly Recorded[]): readonly number[] => records.map(({ n }) => n);

describe('backwards', () => {
  test('every record once, newest first, over many pages', async () => {
    const day = await staffDay();
    const found = numbers(await pages(day));
    expect(found.length).toBeGreaterThan(60);
    expect(found).toEqual(numbers(await all(day)).toReversed());
  });

  test('over many small segments, as years of records lie on the card', async () => {
    const time = bootableTime(instant('09:00'));
    const box = await openBox({ time, settings: school, pupils, sizes: { segment: 2_000, reserve: 1_000 } });
    for (let n = 0; n < 300; n += 1) {
      await box.desk.commit([{ type: 'exported', v: 1, date: monday, movements: n, by: 'Ms Reed' }]);
    }
    expect((await box.journal.closed()).length).toBeGreaterThan(5);
    const found = await pages({ box }, { kind: 'privacy' });
    expect(found.map((record) => 'movements' in record && record.movements)).toEqual(
      Array.from({ length: 300 }, (_, n) => 299 - n),
    );
  });
});

test('a backup at the console stands in the log, once, also where Porter was started meanwhile', async () => {
  const day = await openDay({ at: '10:01' });
  const tell = ({ box }: Day, at: number | null) => tellBackup(box.school, box.desk, at);
  await tell(day, null);
  await tell(day, instant('10:00'));
  const again = await restart(day);
  await tell(again, instant('10:00'));
  await again.pass(3_600_000);
  await tell(again, instant('10:30'));
  const rows = (await pages(again, { kind: 'people' })).map((record) => logRow(again.box.school, record, 'named'));
  expect(rows.map(({ by, words }) => `${by}: ${words}`)).toEqual([
    'the console: Took a file of the box (backup of 2026-11-23 10:30)',
    'the console: Took a file of the box (backup of 2026-11-23 10:00)',
  ]);
});

describe('filters', () => {
  test('by person, kind and day, the same as looking at each record', async () => {
    const day = await openDay({ at: '2026-11-20T09:02' });
    value(await day.late('amara'));
    await day.pass(3 * 86_400_000);
    const { movement } = value(await day.late('ben'));
    value(await day.correct(movement, null, 'Mr Shah'));
    const records = (await all(day)).toReversed();
    expect(numbers(await pages(day, { by: 'mr shah' }))).toEqual(
      numbers(records.filter((one) => actorOf(one) === 'Mr Shah')),
    );
    expect(await pages(day, { staffOnly: true })).toHaveLength(1);
    expect(numbers(await pages(day, { kind: 'marks' }))).toEqual(
      numbers(records.filter((one) => kindOf(one) === 'marks')),
    );
    const first = await pages(day, { kind: 'pupils', to: '2026-11-21' });
    expect(first.map((record) => record.type === 'movement' && record.pupil)).toEqual(['amara']);
    const last = await pages(day, { kind: 'pupils', from: monday });
    expect(last.map(({ type }) => type)).toEqual(['correction', 'movement']);
    expect(await pages(day, { from: '2026-11-21', to: '2026-11-22' })).toEqual([]);
    const { movement: again } = value(await day.late('cai'));
    value(await day.correct(again, null, 'Mr Shaheen'));
    expect(await pages(day, { by: 'mr shah' })).toHaveLength(1); // and none of Mr Shaheen's
    expect(await pages(day, { by: 'mr s' })).toEqual([]);
  });
});

describe('words', () => {
  test('no record of a full day is told without words, nor names anybody where pupils are left out', async () => {
    const day = await staffDay();
    const names = day.box.school.roster.pupils.flatMap(({ forename, surname }) => [forename, surname]);
    let named = 0;
    for await (const record of logRange(day.box, everything)) {
      const shown = logRow(day.box.school, record, 'named').words;
      expect([record.type, shown]).not.toEqual([record.type, '']);
      expect(shown).not.toMatch(/undefined|\[object|null/);
      if (names.some((name) => shown.includes(name))) named += 1;
      const { words } = logRow(day.box.school, record, 'left-out');
      expect(names.filter((name) => name.length > 3 && words.includes(name))).toEqual([]);
    }
    expect(named).toBeGreaterThan(10);
  });

  test('a change of settings is told as Settings tells it; who asked to leave is the pupil', async () => {
    const day = await staffDay();
    const rows = (await all(day)).map((record) => logRow(day.box.school, record, 'named'));
    const changed = rows.filter(({ kind, by }) => kind === 'Settings' && by === 'Ms Reed').map(({ words }) => words);
    expect(changed).toContain(
      'Afternoon register from Tue 1 Dec 2026: 13:10 to 13:40; the session ends at 15:20 (Shorter lunch)',
    );
    expect(changed).toContain('Held before a mark is sent from Mon 23 Nov 2026: 5 seconds');
    expect(rows.find(({ words }) => words.startsWith('Maisie Harrop asked to leave'))?.by).toBe('the pupil');
  });

  test('what staff wrote is left out with the names', async () => {
    const day = await openDay();
    const { movement } = value(await day.late('amara'));
    const input = { movement, correction: { how: 'undo' }, why: 'Amara was here', by: 'Ms Reed' } as const;
    value(await day.box.staff.correct(day.box.command(input), input));
    const [newest] = await pages(day);
    if (newest === undefined) throw new Error('nothing is recorded');
    expect(logRow(day.box.school, newest, 'named').words).toContain('Amara was here');
    expect(logRow(day.box.school, newest, 'left-out').words).not.toContain('Amara');
  });
});

describe('as CSV', () => {
  const asked = async (day: Day, more: object = {}) => {
    const files = new Files({ clock: day.time.clock, random: day.box.random });
    const ports = { ...day.box, files, record: (body: never) => day.box.desk.commit([body]) };
    const wish = { from: monday, to: monday, names: false, by: '=Reed', session: 'one', ...more };
    const answer = await exportLog(ports as never, wish);
    let text = '';
    if (answer.ok) {
      const file = files.find('one', answer.value.file.replace('/file/', ''));
      for await (const part of file?.parts() ?? []) text += part;
    }
    return { answer, text };
  };

  test('that it is taken is recorded, and in it; a name that begins like a formula is none', async () => {
    const day = await openDay();
    value(await day.late('amara'));
    const { text } = await asked(day);
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toBe('\uFEFFnumber,time,by,about,what');
    expect(lines[1]).toContain(`,'=Reed,People and sign-ins,"Took the log as a file`);
    expect(lines.join()).toContain('a pupil signed in late: Bus');
    expect(text).not.toContain('Amara');
    expect((await asked(day, { names: true })).text).toContain('Amara Okafor signed in late: Bus');
  });

  test('the last day before the first, and no session: nothing is recorded', async () => {
    const day = await openDay();
    expect(refusal((await asked(day, { to: '2026-11-01' })).answer)).toBe('invalid_input');
    expect(refusal((await asked(day, { session: undefined })).answer)).toBe('wrong_state');
    expect(day.records.filter(({ type }) => type === 'access')).toEqual([]);
  });
});
