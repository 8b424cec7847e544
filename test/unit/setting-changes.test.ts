/** What staff change lies over the technician file: per key, per reason, per date; dated, and taken back (settings.md). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Body, SettingBody, SettingChange } from '../../device/domain/record.ts';
import { settingsDesk } from '../../device/desk/settings.ts';
import { SettingsBook } from '../../device/settings/book.ts';
import { at, overlaid } from '../../device/settings/places.ts';
import { readSettings } from '../../device/settings/read.ts';
import { readToml } from '../../device/settings/toml.ts';
import { fileValues } from '../../device/settings/values.ts';
import { openDay, refusal, school, value } from '../support/desk-day.ts';
import { allSaid } from '../support/settings-book.ts';

const plain = '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n';
const sample = readFileSync(new URL('../fixtures/settings/porter.toml', import.meta.url), 'utf8');
const monday = '2026-11-23';
const codes = () => codesOf('england', monday);

function bookOf(text = plain): SettingsBook {
  const read = readSettings(text, 'porter.toml', { baseDir: '/config' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return new SettingsBook({ text, file: 'porter.toml', baseDir: '/config' }, read.settings);
}
const setting = (place: string, change: SettingChange, from = monday): SettingBody => ({
  ...{ type: 'setting', v: 1, place, change, from, why: null, by: 'Ms Reed' },
});

/** The changes that a journal with these records leaves. */
function folded(...bodies: readonly Body[]): Ledger {
  const ledger = new Ledger();
  const at = { earliest: 0, latest: 0, mono: 0, boot: 'b' };
  bodies.forEach((body, index) => {
    ledger.apply({ ...body, ref: `j:${String(index + 1)}`, n: index + 1, run: 'r', at });
  });
  return ledger;
}
const on = (book: SettingsBook, date: string, ...bodies: readonly Body[]) =>
  book.on(folded(...bodies).settings, date).settings;

describe('a change', () => {
  test.each([
    ['late.hold_seconds', { set: 5 }, (s: ReturnType<typeof on>) => s.late.holdSeconds, 5],
    ['leave.approval', { set: { reasons: ['unwell'] } }, (s) => s.leave.approval.reasons, ['unwell']],
    ['times.am', { set: { opens: '08:30', closes: '09:00', ends: '12:00' } }, (s) => s.times.am.opens, 510],
    ['badge.photo', { set: true }, (s) => s.badge.photo, true],
    ['keep.events', { set: 90 }, (s) => s.keep.events, 90],
  ] satisfies readonly (readonly [string, SettingChange, (s: ReturnType<typeof on>) => unknown, unknown])[])(
    'of %s holds, and gives the settings another version',
    (place, change, seen, value) => {
      const book = bookOf();
      const settings = on(book, monday, setting(place, change));
      expect(seen(settings)).toEqual(value);
      expect(settings.version).not.toBe(book.asInFile.version);
    },
  );

  test('comes into force on its date, and the one before holds until then', () => {
    const book = bookOf();
    const bodies = [
      setting('late.hold_seconds', { set: 5 }),
      setting('late.hold_seconds', { set: 7 }, '2026-12-01'),
    ] as const;
    const at = (date: string) => on(book, date, ...bodies).late.holdSeconds;
    expect([at('2026-11-22'), at(monday), at('2026-11-30'), at('2026-12-01')]).toEqual([60, 5, 5, 7]);
  });

  test('is undone: what held before holds again', () => {
    const book = bookOf();
    const first = setting('late.hold_seconds', { set: 5 });
    const second = setting('late.hold_seconds', { set: 7 });
    const undone = { type: 'setting-undone', v: 1, setting: 'j:2', by: 'Ms Reed' } as const;
    expect(on(book, monday, first, second, undone).late.holdSeconds).toBe(5);
    expect(on(book, monday, first, { ...undone, setting: 'j:1' })).toEqual(book.asInFile);
  });

  test("goes back to the file's in one step", () => {
    const book = bookOf(sample);
    const bodies = [setting('reason.late.bus', 'removed'), setting('reason.late.bus', 'as-in-file')] as const;
    expect(on(book, monday, ...bodies).lateReasons).toEqual(book.asInFile.lateReasons);
  });
});

describe('reasons', () => {
  const taxi = { label: { en: 'Taxi' }, icon: 'bus' };

  test('one more comes beside the shipped ones, before "I\'d rather tell…"', () => {
    const ids = on(bookOf(), monday, setting('reason.late.taxi', { set: taxi })).lateReasons.map(({ id }) => id);
    const shipped = bookOf().asInFile.lateReasons.map(({ id }) => id);
    expect(ids).toEqual([...shipped.slice(0, -1), 'taxi', 'tell-staff']);
  });

  test('one is changed in its place, and one goes', () => {
    const book = bookOf();
    const settings = on(
      book,
      monday,
      setting('reason.late.bus', { set: { ...taxi, code: { after_close: 'U' } } }),
      setting('reason.late.weather', 'removed'),
    );
    expect(settings.lateReasons[0]).toMatchObject({ id: 'bus', label: { en: 'Taxi' }, afterClose: 'U' });
    expect(settings.lateReasons.map(({ id }) => id)).not.toContain('weather');
    expect(settings.leaveReasons).toEqual(book.asInFile.leaveReasons);
  });

  test('are put in order, those not named after the others', () => {
    const settings = on(bookOf(), monday, setting('order.late', { set: ['weather', 'bus'] }));
    expect(settings.lateReasons.map(({ id }) => id).slice(0, 3)).toEqual(['weather', 'bus', 'overslept']);
  });

  test('that name a code which the nation does not have, or words too long, are refused in words', () => {
    const wrong = (set: object) => bookOf().try(new Map(), setting('reason.late.taxi', { set }), codes);
    expect(wrong({ ...taxi, code: { after_close: 'QQ' } })).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/code\.after_close: found "QQ", expected/)],
    });
    expect(wrong({ label: { en: 'x'.repeat(41) } })).toMatchObject({ ok: false });
    expect(wrong({ ...taxi, colour: 'red' })).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('colour')],
    });
    expect(wrong(taxi)).toMatchObject({ ok: true });
  });
});

describe('exceptions', () => {
  test('are by their days: given, replaced, taken out', () => {
    const book = bookOf(sample);
    const closed = setting('exception.2026-11-27.2026-11-27', { set: [{ closed: true }] });
    expect(on(book, monday, closed).times.exceptions).toContainEqual(
      expect.objectContaining({ from: '2026-11-27', to: '2026-11-27', closed: true }),
    );
    const settings = on(book, monday, setting('exception.2026-12-21.2027-01-01', 'removed'));
    expect(settings.times.exceptions.map(({ from }) => from)).toEqual(['2026-12-18']);
    expect(at(fileValues(book.asInFile), 'exception.2026-12-18.2026-12-18')).toEqual([
      { pm: { opens: '13:15', closes: '13:30', ends: '14:00' } },
    ]);
  });
});

test('nothing but what staff may change is changed: no token, no port, no pin of a light', () => {
  for (const place of [
    'mis.token',
    'web.staff_port',
    'hardware.lights',
    'school.name',
    'late',
    '__proto__.x',
    'late.x',
  ]) {
    expect(bookOf().try(new Map(), setting(place, { set: 1 }), codes)).toMatchObject({
      ok: false,
      problems: [expect.stringContaining('technician file')],
    });
    expect(on(bookOf(), monday, setting(place, { set: 1 })).version).toBe(bookOf().asInFile.version);
  }
});

test('changes that a new technician file leaves no room for wait, and say so; the others hold', () => {
  const before = bookOf();
  const times = setting('times.am', { set: { opens: '08:40', closes: '09:10', ends: '13:00' } });
  const hold = setting('late.hold_seconds', { set: 5 });
  expect(before.try(new Map(), times, codes)).toMatchObject({ ok: true });
  const after = bookOf(
    `${plain}[times]\npm = { opens = "12:30", closes = "13:00", ends = "15:00" }\nam = { ends = "12:00" }\n`,
  );
  const { settings, faults } = after.on(folded(times, hold).settings, monday);
  expect(settings.late.holdSeconds).toBe(5);
  expect(settings.times.am.ends).toBe(720);
  expect(faults).toEqual([expect.stringMatching(/times\.am no longer fits the technician file: .*expected/)]);
});

test('the file without changes reads as it always did', () => {
  for (const text of [plain, sample]) {
    const values = readToml(text).values ?? {};
    expect(overlaid(values, new Map())).toEqual(values);
  }
});

test.each([
  ['a plain file', bookOf().asInFile],
  ['the sample', bookOf(sample).asInFile],
  [
    'other settings',
    { ...school, leaveReasons: [...school.leaveReasons, ...bookOf().asInFile.leaveReasons.slice(-1)] },
  ],
])('settings of %s, said again by staff one by one, are the same settings', (_, settings) => {
  const { times, late, leave, lateReasons, leaveReasons, badge, keep } = settings;
  expect(bookOf().on(allSaid(settings), monday).settings).toMatchObject({
    ...{ times, late, leave, lateReasons, leaveReasons, badge, keep },
  });
});

test('what was taken back stays to be looked at, and never pushes out what holds', () => {
  const wrong = setting('late.hold_seconds', { set: 9 });
  const bodies = [setting('late.hold_seconds', { set: 5 })] as Body[];
  for (let at = 2; at < 42; at += 2)
    bodies.push(wrong, { type: 'setting-undone', v: 1, setting: `j:${String(at)}`, by: 'Mr Shah' });
  const { settings } = folded(...bodies);
  expect(settings.size).toBe(12);
  expect([...settings.values()].at(-1)).toMatchObject({ by: 'Ms Reed', undoneBy: 'Mr Shah' });
  expect(on(bookOf(), monday, ...bodies).late.holdSeconds).toBe(5);
});

test('of one place the last twelve are kept', () => {
  const many = Array.from({ length: 30 }, (_, at) => setting('late.hold_seconds', { set: at }));
  expect(folded(...many).settings.size).toBe(12);
  expect(on(bookOf(), monday, ...many).late.holdSeconds).toBe(29);
});

test('a code that the MIS of the school does not have is refused when it is set, where the MIS tells', async () => {
  const { box } = await openDay();
  const input = {
    ...{ place: 'reason.late.taxi', from: null, why: null, by: 'Ms Reed' },
    change: { set: { label: { en: 'Taxi' }, icon: 'car', code: { after_close: 'M' } } },
  };
  const changing = (misCodes: ReadonlySet<string> | null) =>
    settingsDesk({ ...box, book: bookOf(), misCodes: () => Promise.resolve(misCodes) }).change(
      box.command(input),
      input,
    );
  expect(refusal(await changing(new Set(['L', 'U'])))).toBe('invalid_input');
  value(await changing(new Set(['L', 'U', 'M'])));
  value(await changing(null));
});

describe('a change is told beforehand on an example', async () => {
  const { box } = await openDay();
  const desk = settingsDesk({ ...box, book: bookOf(), misCodes: () => Promise.resolve(null) });
  const example = { kind: 'late', date: monday, minute: 9 * 60 + 2, yearGroup: 'Year 9', reason: 'bus' } as const;
  const am = (opens: string, closes: string) => ({ set: { opens, closes, ends: '12:15' } });
  const told = (place: string, change: SettingChange, more: object = {}, from: string | null = null) =>
    value(desk.preview({ place, change, from }, { ...example, ...more }));

  test.each([
    ['08:40', '09:10', /^A Year 9 pupil arriving Monday 09:02 for Bus or train gets L, 22 minutes late[.]$/],
    ['09:10', '09:30', /is on time: no mark[.]$/],
    ['08:00', '08:30', /waits for staff to decide: U is proposed[.]$/],
  ])('of a register from %s to %s', (opens, closes, words) => {
    expect(told('times.am', am(opens, closes))).toEqual({
      now: 'A Year 9 pupil arriving Monday 09:02 for Bus or train gets L, 22 minutes late.',
      then: expect.stringMatching(words) as string,
    });
  });

  test('of leaving', () => {
    const leaving = { kind: 'leave', minute: 11 * 60, reason: 'medical' };
    expect(told('leave.approval', { set: { year_groups: ['Year 9'], reasons: [] } }, leaving)).toEqual({
      now: 'A Year 9 pupil leaving Monday 11:00 for Appointment is let go at once and is asked when they come back; still out at 13:15, M is proposed.',
      then: 'A Year 9 pupil leaving Monday 11:00 for Appointment waits until staff let them go and is asked when they come back; still out at 13:15, M is proposed.',
    });
  });

  test('a day that is closed', () => {
    const closed = told(`exception.${monday}.${monday}`, { set: [{ closed: true }] });
    expect(closed.then).toMatch(/gets no mark: there is no register for them then[.]$/);
  });

  test('before its day nothing is another', () => {
    const { now, then } = told('times.am', am('08:00', '08:30'), {}, '2026-11-24');
    expect(then).toBe(now);
    expect(told('times.am', am('08:00', '08:30'), { date: '2026-11-24' }, '2026-11-24').then).not.toBe(now);
  });

  test('what is wrong is said in words', () => {
    expect(refusal(desk.preview({ place: 'times.am', change: { set: { opens: 'nine' } }, from: null }, example))).toBe(
      'invalid_input',
    );
  });
});
