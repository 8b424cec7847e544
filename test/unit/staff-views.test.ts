/** What each view of the staff page shows, of a day at the box. */
import { describe, expect, test } from 'vitest';
import type { SettingCodes } from '../../device/contract/staff-settings.ts';
import type { DaySheet, ForeseeAnswer, MarkPage, SearchAnswer } from '../../device/contract/staff-views.ts';
import type { MarkEvent, VerdictBody } from '../../device/domain/record.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { PupilRecords } from '../../device/desk/about-pupil.ts';
import { tellBackup } from '../../device/desk/backups-told.ts';
import { papers } from '../../device/web/staff/papers/papers.ts';
import { settingsDesk } from '../../device/desk/settings.ts';
import { queries } from '../../device/web/staff/queries.ts';
import { presenters } from '../../device/web/staff/views/all.ts';
import type { StaffSituation } from '../../device/web/staff/views/situation.ts';
import { badgeOf, instant, monday, openDay, pupils, school, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { bookOf } from '../support/settings-book.ts';

const wonde: Settings = {
  ...school,
  mis: { connector: 'wonde', baseUrl: 'https://mis.example/', schoolId: 'A1', token: 'secret', writeBack: true },
};
const situation: StaffSituation = {
  runId: 'run-1',
  revision: 1,
  demo: false,
  build: '0.1.0',
  lights: { green: 'steady', amber: 'off', red: 'off' },
  mis: { state: 'online', words: 'The MIS answers.', lastContact: null, since: null },
  roster: { takenAt: null, held: null, sync: null },
  parts: [{ part: 'printer', ok: false, words: 'Out of paper: put in a new roll' }],
  faults: [],
  storage: null,
  people: { people: [], computers: [] },
  asInFile: school,
  waitsForPrinter: () => false,
  exportSize: () => null,
  restore: () => ({ refused: null, aside: [] }),
  host: null,
};
const offline = {
  ...situation,
  mis: { state: 'offline', words: 'No answer since 09:00.', lastContact: null, since: null },
} as const;
const shows = <Name extends keyof typeof presenters>(day: Day, name: Name, more: StaffSituation = situation) =>
  presenters[name](day.box.school, day.ledger, more, 'administrator') as ReturnType<(typeof presenters)[Name]>;
const key = (who: string, session = 'AM'): string => `${who}|${monday}|${session}`;
const reported = (day: Day, who: string, event: MarkEvent, seen: string | null = null) =>
  day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows: [{ key: key(who), event, seen }] }]);
const settle = (day: Day, who: string, verdict: VerdictBody['verdict']) => {
  const input = { key: key(who), verdict, by: 'Ms Reed' };
  return day.box.staff.settle(day.box.command(input), input);
};
const asks = (day: Day) =>
  queries({
    school: day.box.school,
    ledger: () => day.ledger,
    staffDesk: day.box.staff,
    eraseDesk: {
      preview: () => Promise.reject(new Error('not asked here')),
      receipt: () => Promise.reject(new Error('not asked here')),
    },
    settingsDesk: settingsDesk({
      ...day.box,
      book: bookOf(school),
      misCodes: () => Promise.resolve(new Set(['L', 'U'])),
    }),
    pupilRecords: new PupilRecords({ journal: day.box.journal, durable: () => day.ledger }),
    photos: { kept: () => Promise.resolve(new Set([...day.ledger.visits.keys()])) },
    waitsForPrinter: () => false,
    papers: () => papers(day.box.school.settings, monday, 'test'),
    journal: day.box.journal,
    chain: () => Promise.reject(new Error('not asked here')),
  });

describe('before you contact home', () => {
  const contact = (day: Day, more?: StaffSituation) =>
    shows(day, 'now', more).contact.map(({ pupil, since, waits, why }) => [pupil, since, waits, why]);

  test('late and on the way: with how long, and why where the MIS does not answer', async () => {
    const day = await openDay({ at: '09:02', settings: wonde });
    await day.late('amara');
    await day.until('09:14');
    expect(contact(day)).toEqual([['Amara Okafor', '09:02', '12 min', 'On its way to the MIS.']]);
    expect(contact(day, offline)[0]?.[3]).toBe('Waiting. No answer since 09:00.');
  });

  test('whom the MIS has in school is not there; whose absence stands in it is', async () => {
    const day = await openDay({ at: '09:40' });
    for (const who of ['amara', 'ben', 'cai']) value(await day.late(who));
    await settle(day, 'amara', { kind: 'write', code: 'U', minutes: 60, seen: null });
    await reported(day, 'amara', 'theirs', 'U');
    await settle(day, 'ben', { kind: 'write', code: 'U', minutes: 60, seen: null });
    await reported(day, 'ben', 'kept', 'M');
    expect(contact(day)).toEqual([
      ['Ben Lowe', '09:40', '0 min', 'M stands in the MIS and was kept.'],
      ['Cai Price', '09:40', '0 min', 'Came after the register closed: the mark is decided under Marks.'],
    ]);
  });

  test('on time, and the MIS shows an absence all the same', async () => {
    const day = await openDay({ at: '08:31', observed: () => 'I' });
    await day.late('amara');
    expect(contact(day)).toEqual([
      ['Amara Okafor', '08:31', '0 min', 'The MIS shows I, and this box writes no mark for it: correct it there.'],
    ]);
  });

  test('who has left again is not in school', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    badgeOf(await day.early('amara'));
    expect(contact(day)).toEqual([]);
  });
});

describe('now', () => {
  test('late ones newest first, each with its mark and who recorded it; undone ones are gone', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const input = {
      pupil: 'ben',
      at: { minute: 545, date: null },
      what: { kind: 'late', reason: 'bus' },
      by: 'Ms Reed',
    } as const;
    await day.until('09:20');
    value(await day.box.staff.recordFor(day.box.command(input), input));
    const { late, counts } = shows(day, 'now');
    expect(late.map(({ pupil, time, by, mark }) => [pupil, time, by, mark?.state, mark?.mark])).toEqual([
      ['Ben Lowe', '09:05', 'Ms Reed', 'waiting', 'L, 25 minutes'],
      ['Amara Okafor', '09:02', null, 'waiting', 'L, 22 minutes'],
    ]);
    expect(counts).toEqual({ contact: 2, late: 2, onTime: 0, out: 0, overdue: 0, back: 0 });
    value(await day.correct(late[0]?.movement ?? ''));
    expect(shows(day, 'now').counts.late).toBe(1);
  });

  test('who was on time is not among the late, nor in their count', async () => {
    const day = await openDay({ at: '08:31' });
    await day.late('amara');
    await day.until('09:02');
    await day.late('ben');
    const { late, onTime, counts } = shows(day, 'now');
    expect(late.map(({ pupil }) => pupil)).toEqual(['Ben Lowe']);
    expect(onTime.map(({ pupil, outcome }) => [pupil, outcome])).toEqual([['Amara Okafor', 'on-time']]);
    expect(counts).toMatchObject({ late: 1, onTime: 1 });
  });

  test('overdue first, with how long; one of yesterday is told as such', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('cai', { back: 'unknown' }));
    badgeOf(await day.early('ben', { reason: 'lunch' }));
    await day.until('12:12');
    expect(shows(day, 'now').out.map(({ pupil, overdueBy, earlier }) => [pupil, overdueBy, earlier])).toEqual([
      ['Ben Lowe', '12 min', null],
      ['Cai Price', null, null],
    ]);
    await day.pass(24 * 3_600_000);
    expect(shows(day, 'now').out.map(({ earlier }) => earlier)).toEqual([monday, monday]);
  });

  test('a late bus is shown while it holds', async () => {
    const day = await openDay({ at: '09:20' });
    const input = { hold: { reason: 'bus', agoMs: 25 * 60_000 }, by: 'Ms Reed' };
    value(await day.box.staff.holdArrivals(day.box.command(input), input));
    expect(shows(day, 'now').hold).toEqual({ time: '08:55', reason: 'Bus' });
  });
});

describe('marks', () => {
  test('a proposal: what happened, what may be said, and the codes there are', async () => {
    const day = await openDay({ at: '09:40' });
    await day.late('amara');
    const { needsPerson, codes } = shows(day, 'marks');
    expect(needsPerson).toMatchObject([
      {
        pupil: 'Amara Okafor',
        state: 'proposed',
        offers: [
          { words: 'Write U, 60 minutes', verdict: { kind: 'write', code: 'U', minutes: 60, seen: null } },
          { words: 'Write nothing', verdict: { kind: 'keep-theirs' } },
        ],
        anyCode: { seen: null },
      },
    ]);
    expect(codes.map(({ id }) => id)).not.toContain('E');
  });

  test('every offer is taken by the desk', async () => {
    const events: readonly (readonly [MarkEvent, string])[] = [
      ['foreign', 'I'],
      ['refused', 'N'],
      ['expired', 'N'],
    ];
    for (const [event, seen] of events) {
      const fresh = async (): Promise<Day> => {
        const day = await openDay({ at: '09:02' });
        await day.late('amara');
        await reported(day, 'amara', event, seen);
        return day;
      };
      const [row] = shows(await fresh(), 'marks').needsPerson;
      expect(row?.offers.length).toBeGreaterThan(1);
      for (const { verdict } of row?.offers ?? []) value(await settle(await fresh(), 'amara', verdict));
    }
  });

  test('suspended and here comes before older ones', async () => {
    const day = await openDay({ at: '09:02' });
    for (const [who, code] of [
      ['amara', 'I'],
      ['ben', 'E'],
    ] as const) {
      await day.late(who);
      await reported(day, who, 'foreign', code);
    }
    const { needsPerson } = shows(day, 'marks');
    expect(needsPerson.map(({ pupil, urgent }) => [pupil, urgent])).toEqual([
      ['Ben Lowe', true],
      ['Amara Okafor', false],
    ]);
    expect(needsPerson[0]?.todo).toContain('Find the pupil first');
  });

  test('the sum is that of the records, whatever is shown of it', async () => {
    const day = await openDay({ at: '09:02' });
    for (const who of ['amara', 'ben', 'cai']) await day.late(who);
    await reported(day, 'ben', 'theirs', 'L');
    await reported(day, 'cai', 'foreign', 'I');
    const { sum, needsPerson, waiting, done, more } = shows(day, 'marks');
    expect(sum).toEqual({ recorded: 3, confirmed: 1, waiting: 1, needsPerson: 1 });
    expect([needsPerson.length, waiting.length, done.length, more]).toEqual([1, 1, 1, 0]);
  });
});

test('approvals: how long, when back, with whom, and whether a badge will print', async () => {
  const day = await openDay({ at: '10:00' });
  await day.early('eli', { back: 'after-lunch', withWhom: 'grown-up', photo: 'taken' });
  await day.until('10:03');
  expect(shows(day, 'approvals')).toMatchObject({
    waiting: [{ pupil: 'Eli Stone', waits: '3 min', backWords: 'After lunch', withWords: 'A grown-up' }],
    canPrint: false,
    printer: 'Out of paper: put in a new roll',
  });
  expect(shows(day, 'approvals').waiting[0]?.photoUrl).toMatch(/^\/photo\//);
  expect(presenters.approvals(day.box.school, day.ledger, situation, 'auditor').waiting[0]?.photoUrl).toBeNull();
});

test('the box: parts, build, clock, badges of today', async () => {
  const day = await openDay({ at: '10:00' });
  badgeOf(await day.early('amara'));
  expect(shows(day, 'box')).toMatchObject({ build: '0.1.0', badgesToday: 1, roster: { pupils: 9, age: null } });
});

test('Box says since when the MIS refuses us', async () => {
  const day = await openDay({ at: '09:20', settings: wonde });
  const words = 'The MIS refused our password.';
  const mis = { state: 'refused', words, lastContact: null, since: Date.parse(`${monday}T09:12:00Z`) } as const;
  const parts = [{ part: 'mis', ok: false, words }] as const;
  expect(shows(day, 'box', { ...situation, mis, parts }).parts).toEqual([
    { part: 'mis', ok: false, words: `${words} Since 09:12.` },
  ]);
});

test('the last backup is the later of those taken from the page and at the console', async () => {
  const day = await openDay({ at: '09:02' });
  const last = (console: string | null): string | null => {
    const takenAtConsole = (): number | null => (console === null ? null : instant(console));
    const memory = () => ({ usedBytes: 1, freeBytes: 1, totalBytes: 1 });
    const parts = { canRestart: false, newToken: null, takesStick: false, update: null };
    const host = { memory, degrees: () => 61, versions: {}, ...parts, takenAtConsole };
    return shows(day, 'box', { ...situation, host }).lastBackup;
  };
  expect([last(null), last('08:00')]).toEqual([null, '2026-11-23 08:00, at the console']);
  const nobody = { person: null, from: null, count: 1 };
  await day.box.desk.commit([{ type: 'access', v: 1, what: 'took', detail: 'backup', by: 'Ms Reed', ...nobody }]);
  expect([last('08:00'), last('10:00')]).toEqual(['2026-11-23 09:02, by Ms Reed', '2026-11-23 10:00, at the console']);
  await day.pass(3 * 3_600_000);
  await tellBackup(day.box.school, day.box.desk, instant('10:00'));
  expect(last('10:00')).toBe('2026-11-23 10:00, at the console');
});

describe('search', () => {
  const found = async (day: Day, text: string) =>
    (value(await asks(day).search({ text })) as SearchAnswer).pupils.map(({ pupil, where }) => [pupil, where]);

  test('by any part of the name, whatever the accents; by badge; with where they are', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const badge = badgeOf(await day.early('ben'));
    expect(await found(day, 'OKÁ')).toEqual([['Amara Okafor', 'Signed in at 09:02']]);
    expect(await found(day, 'lowe b')).toEqual([['Ben Lowe', 'Out since 09:02']]);
    expect(await found(day, `${badge.slice(0, 4)} ${badge.slice(4)}`)).toEqual([['Ben Lowe', 'Out since 09:02']]);
    expect(await found(day, 'stone')).toHaveLength(2);
    expect(await found(day, ' ')).toEqual([]);
  });
});

describe('what recording would come to', () => {
  const ask = async (day: Day, input: object): Promise<ForeseeAnswer> =>
    value(await asks(day).foresee(input)) as ForeseeAnswer;
  const record = { plan: 'record', pupil: 'amara', what: { kind: 'late', reason: 'bus' } };

  test('is told by the time entered, and nothing is recorded', async () => {
    const day = await openDay({ at: '10:00' });
    const at = (minute: string) => ({ ...record, at: { minute } });
    expect((await ask(day, at('09:02')))[0]?.words).toBe('2026-11-23 AM: L, 22 minutes');
    expect((await ask(day, at('08:31')))[0]?.words).toBe('2026-11-23 AM: no mark');
    expect((await ask(day, at('09:40')))[0]?.words).toBe('2026-11-23 AM: U, 60 minutes is proposed');
    expect(day.records).toEqual(day.records.filter(({ type }) => type !== 'movement'));
  });

  test('is refused as the command would be', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    expect(await asks(day).foresee(record)).toMatchObject({ ok: false, error: { code: 'wrong_state' } });
    expect(await asks(day).foresee({ plan: 'record', pupil: 'amara' })).toMatchObject({
      ok: false,
      error: { code: 'invalid_input' },
    });
  });

  test('of a correction', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const movement = day.ledger.movementsOf('amara')[0]?.record.ref ?? '';
    const input = { plan: 'correct', movement, correction: { how: 'time', minute: '08:50' } };
    expect((await ask(day, input))[0]?.words).toBe('2026-11-23 AM: L, 10 minutes');
  });
});

test('why this mark: touch, clock, rule, settings, before, after, who', async () => {
  const day = await openDay({ at: '09:40' });
  await day.late('amara');
  await settle(day, 'amara', { kind: 'write', code: 'U', minutes: 60, seen: null });
  const comment = day.ledger.movementsOf('amara')[0]?.decided[0]?.comment ?? null;
  const item = { key: key('amara'), code: 'U', minutes: 60, comment, before: 'N' };
  await day.box.desk.commit([{ type: 'sending', v: 1, batch: 'one', items: [item] }]);
  await reported(day, 'amara', 'seen', 'U');
  const page = value(await asks(day).mark({ key: key('amara') })) as MarkPage;
  const facts = Object.fromEntries(page.facts.map(({ name, words }) => [name, words]));
  expect(facts).toMatchObject({
    Touch: 'Sign in late, 2026-11-23 09:40, by the pupil at the box: Bus',
    Clock: expect.stringContaining('Known at the touch') as string,
    Rule: expect.stringContaining('The register had closed') as string,
    Settings: expect.stringContaining('those in force') as string,
    'Decided by': 'Ms Reed chose U',
    Before: 'N',
    'Now in the MIS': 'U',
    State: 'confirmed',
  });
  expect(page.row.history.map(({ words }) => words)).toEqual([
    expect.stringContaining('U: The register had closed') as string,
    'Ms Reed chose U',
    'read N',
    'wrote U',
    'read back U',
  ]);
  expect(await asks(day).mark({ key: 'nobody|2026-11-23|AM' })).toMatchObject({ error: { code: 'not_found' } });
});

describe('the day sheet', () => {
  const sheet = async (day: Day, session: 'AM' | null = null): Promise<DaySheet> =>
    value(await asks(day)['day-sheet']({ date: monday, session })) as DaySheet;

  test('in register order, surname first; what is ticked off is in the MIS', async () => {
    const day = await openDay({ at: '09:02' });
    for (const who of ['fay', 'ben', 'amara']) await day.late(who);
    const { rows, chain } = await sheet(day);
    const { seen, head } = await day.box.journal.place();
    expect(chain).toEqual({ upTo: seen, head });
    expect(head).toMatch(/^[\da-f]{64}$/);
    expect(rows.map(({ pupil }) => pupil)).toEqual(['Stone, Fay', 'Lowe, Ben', 'Okafor, Amara']);
    for (const { key: mark, tick } of rows) {
      if (tick === null) throw new Error('nothing to tick');
      value(await day.box.staff.settle(day.box.command(mark), { key: mark, verdict: tick, by: 'Ms Reed' }));
    }
    expect((await sheet(day)).rows.every(({ tick, state }) => tick === null && state === 'confirmed')).toBe(true);
    expect(shows(day, 'now').contact).toEqual([]);
  });

  test('other days with something to copy are named', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    expect((value(await asks(day)['day-sheet']({ date: '2026-11-24', session: null })) as DaySheet).openDays).toEqual([
      monday,
    ]);
  });
});

describe('reasons and times', () => {
  const setting = async (day: Day, place: string, change: unknown, from: string | null = null): Promise<string> => {
    const desk = settingsDesk({ ...day.box, book: bookOf(school), misCodes: () => Promise.resolve(null) });
    const input = { place, change, from, why: null, by: 'Ms Reed' } as Parameters<typeof desk.change>[1];
    return value(await desk.change(day.box.command(input), input)).setting;
  };
  const view = (day: Day) => {
    const { settings } = bookOf(school).on(day.ledger.settings, monday);
    return presenters.settings({ ...day.box.school, settings }, day.ledger, situation, 'administrator');
  };
  const row = (day: Day, place: string) => {
    const { late, leave, times, exceptions, rules } = view(day);
    return [...late, ...leave, ...times, ...exceptions, ...rules].find((one) => one.place === place);
  };

  test('what holds, beside what the technician file says, and what comes', async () => {
    const day = await openDay();
    expect(row(day, 'late.hold_seconds')).toMatchObject({ words: '60 seconds', inFile: '60 seconds', changed: false });
    await setting(day, 'late.hold_seconds', { set: 5 });
    await setting(day, 'late.hold_seconds', { set: 9 }, '2026-12-01');
    expect(row(day, 'late.hold_seconds')).toMatchObject({
      ...{ words: '5 seconds', inFile: '60 seconds', changed: true },
      coming: [{ from: '2026-12-01', words: '9 seconds' }],
    });
    await setting(day, 'late.hold_seconds', 'as-in-file');
    expect(row(day, 'late.hold_seconds')).toMatchObject({ words: '60 seconds', changed: false });
  });

  test('a reason that was taken out stands there to come back; one that comes is there already', async () => {
    const day = await openDay();
    await setting(day, 'reason.late.bus', 'removed');
    await setting(
      day,
      'reason.late.taxi',
      { set: { label: { en: 'Taxi' }, code: { after_close: 'U' } } },
      '2026-12-01',
    );
    const { late } = view(day);
    expect(late.map(({ name, value: has }) => [name, has !== null])).toEqual([
      ['Appointment', true],
      ["I'd rather tell a member of staff", true],
      ['Bus', false],
      ['Taxi', false],
    ]);
    expect(late.at(-1)?.coming[0]?.words).toBe('Taxi. L while the register is open; after it closed U');
  });

  test('days that are different, in their order', async () => {
    const day = await openDay();
    await setting(day, 'exception.2026-12-21.2027-01-01', { set: [{ closed: true }] });
    await setting(day, 'exception.2026-12-18.2026-12-18', {
      set: [{ year_groups: ['Year 9'], pm: 'none' }],
    });
    expect(view(day).exceptions.map(({ name, words }) => [name, words])).toEqual([
      ['Fri 27 Nov 2026', 'No school'],
      ['Fri 18 Dec 2026', 'Year 9: no afternoon register'],
      ['Mon 21 Dec 2026 to Fri 1 Jan 2027', 'No school'],
    ]);
  });

  test('who said what, newest first: what holds, was replaced, comes, was undone', async () => {
    const day = await openDay();
    await setting(day, 'badge.photo', { set: true });
    await setting(day, 'late.hold_seconds', { set: 5 });
    await setting(day, 'late.hold_seconds', { set: 7 });
    await setting(day, 'late.hold_seconds', { set: 9 }, '2026-12-01');
    const last = await setting(day, 'badge.photo', { set: false });
    await day.box.desk.commit([{ type: 'setting-undone', v: 1, setting: last, by: 'Mr Shah' }]);
    expect(view(day).said.map(({ name, words, state, by, undoneBy }) => [name, words, state, by, undoneBy])).toEqual([
      ['Photo on the badge', 'Not printed', 'undone', 'Ms Reed', 'Mr Shah'],
      ['Held before a mark is sent', '9 seconds', 'coming', 'Ms Reed', null],
      ['Held before a mark is sent', '7 seconds', 'holds', 'Ms Reed', null],
      ['Held before a mark is sent', '5 seconds', 'replaced', 'Ms Reed', null],
      ['Photo on the badge', 'Printed', 'holds', 'Ms Reed', null],
    ]);
  });

  test('the codes that a reason may name are those that the MIS has', async () => {
    const day = await openDay();
    const answer = value(await asks(day)['setting-codes']({ date: monday })) as SettingCodes;
    expect(answer).toMatchObject({
      present: [{ id: 'L', label: 'L: late, before the register closed' }],
      words: 'These codes are in your MIS.',
    });
    expect(answer.all.map(({ id }) => id)).toEqual(['L', 'U']);
  });
});

test('a day with more marks than there is room for: its counts are of all of them', async () => {
  const many = Array.from({ length: 205 }, (_, n) => ({ ...pupils[0], key: `p${String(n)}`, misId: `m${String(n)}` }));
  const day = await openDay({ at: '09:02', settings: wonde, pupils: many as typeof pupils });
  for (const { key: who } of many) value(await day.late(who));
  const [today] = shows(day, 'close').days;
  expect(today?.unsent).toHaveLength(200);
  expect(today?.counts).toEqual({ proposals: 0, conflicts: 0, unsent: 205 });
});
