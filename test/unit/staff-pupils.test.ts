/** The view of the pupils: how the roster came, and its pages. */
import { describe, expect, test } from 'vitest';
import type { Role } from '../../device/contract/staff.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import { pupilsPage, pupilsView } from '../../device/web/staff/views/pupils.ts';
import type { PupilsWanted } from '../../device/web/staff/views/pupils.ts';
import type { RosterSyncView, StaffSituation } from '../../device/web/staff/views/situation.ts';
import { badgeOf, instant, monday, openDay, pupils, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const everybody: PupilsWanted = { text: '', yearGroup: null, group: null, flag: null, from: 0 };
const page = (day: Day, wanted: Partial<PupilsWanted> = {}) =>
  pupilsPage(day.box.school, day.ledger, { ...everybody, ...wanted });
const names = (day: Day, wanted: Partial<PupilsWanted> = {}): readonly string[] =>
  page(day, wanted).rows.map(({ pupil }) => pupil);

const sync: RosterSyncView = {
  source: 'mis',
  pulledAt: instant('02:31'),
  unmatched: 0,
  failure: null,
  problems: [],
  changes: null,
  heldChanges: null,
};
const shown = (
  day: Day,
  more: Partial<RosterSyncView> = {},
  held: string | null = null,
  role: Role = 'administrator',
) => {
  const roster = { takenAt: instant('02:31'), held, sync: { ...sync, ...more } };
  return pupilsView(day.box.school, day.ledger, { roster } as StaffSituation, role);
};

describe('the pages', () => {
  test('by surname; found by name, group, year and flag, whose reason stands nowhere', async () => {
    const day = await openDay();
    expect(names(day).slice(0, 3)).toEqual(['Nursery Child', 'Zara Iqbal', 'Ben Lowe']);
    expect(names(day, { text: 'stone' })).toEqual(['Eli Stone', 'Fay Stone']);
    expect(names(day, { text: 'stone', yearGroup: 'Year 7' })).toEqual(['Fay Stone']);
    expect(names(day, { group: '' })).toHaveLength(pupils.length); // nobody has one
    expect(page(day, { flag: 'no-photo' }).rows.map(({ pupil, flags }) => [pupil, flags])).toEqual([
      ['Dina Rahman', ['No photo']],
    ]);
  });

  test('where each is today', async () => {
    const day = await openDay();
    await day.late('amara');
    expect(page(day, { text: 'amara' }).rows[0]?.where).toBe('Signed in at 09:02');
  });

  test('1,300 pupils: fifty at a time, everybody once, and how many there are', async () => {
    const [one] = pupils as readonly [Pupil];
    const many = Array.from({ length: 1_300 }, (_, n) => ({ ...one, key: `k${String(n)}`, surname: `S${String(n)}` }));
    const day = await openDay({ pupils: many });
    const keys = new Set<string>();
    for (let from = 0; from < 1_300; from += 50) {
      const { rows, total } = page(day, { from });
      expect([rows.length, total]).toEqual([50, 1_300]);
      for (const { key } of rows) keys.add(key);
    }
    expect(keys.size).toBe(1_300);
    expect(page(day, { from: 1_300 }).rows).toEqual([]);
  });
});

describe('the roster', () => {
  test('its age and the outcome of the last try, in words', async () => {
    const day = await openDay();
    expect(shown(day).facts.map(({ name, words }) => `${name}: ${words}`)).toEqual([
      'From: the MIS',
      'Read: 2026-11-23 02:31, 6 hours ago',
      'Last try: went well',
    ]);
    const failed = shown(day, { failure: 'The MIS refused our password.' });
    expect(failed.facts.at(-1)).toEqual({ name: 'Last try', words: 'failed' });
    expect(failed.failure).toBe('The MIS refused our password.');
  });

  test('what changed names those who left too; of a held one, who would go', async () => {
    const day = await openDay();
    const left = [{ key: 'gone', pupil: 'Gil Far', group: '9A' }];
    const changes = { joined: ['amara'], left, moved: [{ key: 'ben', from: '9C' }] };
    const view = shown(day, { changes: { at: instant('02:31'), ...changes }, heldChanges: changes }, 'Much smaller.');
    expect(view.changes).toEqual({
      at: '2026-11-23 02:31',
      joined: { count: 1, rows: [{ key: 'amara', pupil: 'Amara Okafor', from: null, to: 'Year 9' }] },
      left: { count: 1, rows: [{ key: null, pupil: 'Gil Far', from: '9A', to: null }] },
      moved: { count: 1, rows: [{ key: 'ben', pupil: 'Ben Lowe', from: '9C', to: 'Year 9' }] },
    });
    expect(view.held?.words).toBe('Much smaller.');
    expect(view.held?.changes.left.count).toBe(1);
  });

  test('of whom there are records, and who is not on the roster any more: the way to their page', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await day.late('ben');
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    const left = [{ key: 'amara', pupil: 'Amara Okafor', group: 'Year 9' }];
    const changes = { at: instant('02:31'), joined: [], left, moved: [] };
    expect(shown(day).gone).toEqual([{ key: 'amara', pupil: 'No longer on the roster', last: monday }]);
    expect(shown(day, { changes }).gone).toEqual([{ key: 'amara', pupil: 'Amara Okafor', last: monday }]);
  });

  test('what is held stands before those who hold, the first to end first; why is for them and the auditor', async () => {
    const day = await openDay({ at: '09:02' });
    for (const who of ['amara', 'ben']) badgeOf(await day.early(who));
    for (const [who, days] of [
      ['amara', 30],
      ['ben', 3],
    ] as const) {
      const movement = day.ledger.movementsOf(who)[0]?.record.ref ?? '';
      const input = { movement, days, why: 'asked for by the lead', by: 'Ms Reed' };
      value(await day.box.staff.holdMovement(day.box.command(input), input));
    }
    const held = shown(day, {}, null, 'safeguarding').holds;
    expect(held?.map(({ pupil, until, why }) => [pupil, until, why])).toEqual([
      ['Ben Lowe', '2026-11-26', 'asked for by the lead'],
      ['Amara Okafor', '2026-12-23', 'asked for by the lead'],
    ]);
    expect(shown(day, {}, null, 'reception').holds).toBeNull();
  });

  test('years in the order of the school, with their groups', async () => {
    const day = await openDay();
    expect(shown(day).years.map(({ label, pupils: count }) => `${label} ${String(count)}`)).toEqual([
      'Nursery 1',
      'Year 4 1',
      'Year 7 1',
      'Year 9 3',
      'Year 10 2',
      'Year 13 1',
    ]);
  });
});
