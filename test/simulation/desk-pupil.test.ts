/** One pupil's all: every movement with its marks, who sees what of it, and nothing of anybody else. */
import { describe, expect, test } from 'vitest';
import type { Role } from '../../device/contract/staff.ts';
import type { PupilPage } from '../../device/contract/staff-views.ts';
import { About, PupilRecords } from '../../device/desk/about-pupil.ts';
import { samePerson } from '../../device/domain/prune.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { pupilPage } from '../../device/web/staff/views/pupil.ts';
import { badgeOf, monday, openDay, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import { staffDay } from '../support/staff-day.ts';

interface Looking {
  readonly role?: Role;
  readonly photos?: boolean;
  readonly waits?: boolean;
}
const page = (
  day: Day,
  key: string,
  { role = 'reception', photos = true, waits = false }: Looking = {},
): PupilPage | null =>
  pupilPage(day.box.school, day.ledger, {
    key,
    person: samePerson(day.ledger, key),
    role,
    photos: new Set(photos ? day.ledger.visits.keys() : []),
    waitsForPrinter: () => waits,
    isWhole: false,
  });
/** No photo is kept, no badge waits, and all records are there. */
const nothing = { photos: new Set<string>(), waitsForPrinter: () => false, isWhole: true } as const;
const words = (shown: PupilPage | null): readonly string[] =>
  (shown?.movements ?? []).map((one) => `${one.day} ${one.time ?? '?'} ${one.words}${one.undone ? ', undone' : ''}`);
const hold = (day: Day, movement: string, days: number | null, why: string | null = 'asked by the lead') => {
  const input = { movement, days, why, by: 'Mr Bello' };
  return day.box.staff.holdMovement(day.box.command(input), input);
};

describe('the page', () => {
  test('newest first, undone ones too, with the badge and the mark of each', async () => {
    const day = await openDay();
    const { movement } = value(await day.late('amara'));
    value(await day.correct(movement));
    await day.pass(60_000);
    value(await day.late('amara'));
    await day.until('10:30');
    badgeOf(await day.early('amara', { withWhom: 'grown-up' }));
    const shown = page(day, 'amara');
    expect(words(shown)).toEqual([
      '2026-11-23 10:30 Left: Appointment',
      '2026-11-23 09:03 Signed in late: Bus',
      '2026-11-23 09:02 Signed in late: Bus, undone',
    ]);
    expect(shown?.movements[0]?.facts.map(({ name }) => name)).toContain('Badge');
    expect(shown?.movements[1]?.marks[0]?.history.map(({ words: said }) => said).length).toBeGreaterThan(0);
    expect(shown?.where).toBe('Out since 10:30');
    const badge = (looking: Looking) =>
      page(day, 'amara', looking)?.movements[0]?.facts.find(({ name }) => name === 'Badge');
    expect(badge({ waits: true })?.words).toMatch(/^\d{4} \d{4}, waiting for the printer$/);
    expect(badge({})?.words).toMatch(/, not printed: number written down$/);
  });

  test('the photo while it is kept, for those who see photos', async () => {
    const day = await openDay({ at: '10:30' });
    await day.early('amara', { photo: 'taken' });
    const url = (looking: Looking) => page(day, 'amara', looking)?.movements[0]?.photoUrl ?? null;
    expect(url({})).toMatch(/^\/photo\//);
    expect(url({ photos: false })).toBeNull();
    expect(url({ role: 'auditor' })).toBeNull();
  });

  test('a hold is shown where the movement is; its reason to safeguarding, administrator and auditor alone', async () => {
    const day = await openDay({ at: '10:30' });
    await day.early('amara', { photo: 'taken' });
    const movement = page(day, 'amara')?.movements[0]?.movement ?? '';
    value(await hold(day, movement, 14));
    const seen = (role: Role) => page(day, 'amara', { role })?.movements[0]?.hold;
    for (const role of ['safeguarding', 'administrator', 'auditor'] as const) {
      expect(seen(role)).toEqual({ until: '2026-12-07', by: 'Mr Bello', why: 'asked by the lead' });
    }
    for (const role of ['reception', 'attendance'] as const) expect(seen(role)?.why).toBeNull();
    value(await hold(day, movement, null));
    expect(seen('safeguarding')).toBeNull();
  });

  test('whom nobody knows has no page; who has left the roster keeps it', async () => {
    const day = await openDay();
    await day.late('amara');
    expect(page(day, 'nobody')).toBeNull();
    day.box.state.pupils = day.box.state.pupils.filter(({ key }) => key !== 'amara');
    expect(page(day, 'amara')).toMatchObject({ onRoster: false, pupil: 'No longer on the roster' });
    expect(page(day, 'amara')?.movements).toHaveLength(1);
  });
});

describe('all records', () => {
  const reads = (day: Day) => new PupilRecords({ journal: day.box.journal, durable: () => day.ledger });

  test('read anew, they come to the same page for everybody of a full day', async () => {
    const day = await staffDay();
    for (const { key } of day.box.school.roster.pupils) {
      const known = await reads(day).read(key);
      const look = { key, person: known.person, role: 'reception', ...nothing } as const;
      const anew = pupilPage(day.box.school, known.ledger, look);
      expect(anew?.movements).toEqual(page(day, key, { photos: false })?.movements);
    }
  });

  test('what has left the lists is there again', async () => {
    const day = await openDay();
    await day.late('amara');
    await day.box.desk.commit([
      { type: 'report', v: 1, date: monday, rows: [{ key: `amara|${monday}|AM`, event: 'theirs', seen: 'L' }] },
    ]);
    for (const before of ['2027-03-01', '2027-03-02']) await day.box.desk.commit([{ type: 'prune', v: 1, before }]);
    expect(page(day, 'amara')?.movements).toEqual([]);
    expect(page(day, 'amara')?.earlierThan).not.toBeNull();
    const { ledger, person } = await reads(day).read('amara');
    const look = { key: 'amara', person, role: 'reception', ...nothing } as const;
    expect(words(pupilPage(day.box.school, ledger, look))).toEqual(['2026-11-23 09:02 Signed in late: Bus']);
  });

  test('of batches the own rows only; of what only names another record, what names the own', async () => {
    const day = await staffDay();
    const keys = day.box.school.roster.pupils.map(({ key }) => key);
    for (const own of keys) {
      const { records } = await reads(day).read(own);
      const text = JSON.stringify(records);
      for (const other of keys) {
        if (other !== own) expect(text).not.toMatch(new RegExp(`"${other}["|]`));
      }
    }
    const { records } = await reads(day).read('p5');
    expect(records.map(({ type }) => type)).toEqual(expect.arrayContaining(['movement', 'decided', 'badge']));
  });

  test('an adoption that was taken back leaves the other pupil out', () => {
    const record = { type: 'adopt', v: 1, from: 'old', to: 'somebody', by: 'Ms Reed' } as unknown as Recorded;
    expect(new About(new Set(['old'])).partOf(record)).toMatchObject({ from: 'old', to: '' });
  });
});
