/** A made-up morning for pictures of the staff page: late ones, some out, some back, some that need a person. */
import { count } from '../../device/domain/day-counts.ts';
import { daysToClose } from '../../device/desk/closing.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { MarkEvent, SettingChange } from '../../device/domain/record.ts';
import { addDays, weekdayOf } from '../../device/domain/school-day.ts';
import type { Settings } from '../../device/domain/settings.ts';
import { badgeOf, instant, monday, openDay, school, value } from './desk-day.ts';
import type { Day } from './desk-day.ts';
import { seededRandom } from './box.ts';

/** Forename, surname, year, group. None of them exists. */
const roll = [
  ['Amara', 'Okafor', '9', '9A'],
  ['Ben', 'Lowe', '9', '9C'],
  ['Charlie', 'Whitcombe', '10', '10B'],
  ['Dylan', 'Pritchard', '7', '7A'],
  ['Ella-Mae', 'Robinson', '8', '8B'],
  ['Farah', 'Haddad', '11', '11C'],
  ['George', 'Tindall', '7', '7D'],
  ['Grace', 'Boateng', '10', '10A'],
  ['Hanna', 'Sørensen', '9', '9B'],
  ['Ioan', 'Davies', '8', '8A'],
  ['Jin', 'Li', '11', '11A'],
  ['Kacper', 'Wiśniewski', '10', '10D'],
  ['Leila', 'Farahani', '7', '7B'],
  ['محمد', 'الفارسي', '9', '9A'],
  ['Niamh', 'O’Sullivan', '8', '8C'],
  ['Oluwaseun', 'Adeyemi-Bankole', '11', '11B'],
  ['Priya', 'Raman', '10', '10C'],
  ['Rhys', 'Morgan', '7', '7C'],
  ['Sam', 'Okafor', '9', '9C'],
  ['Tomasz', 'Zieliński', '8', '8D'],
  ['Yusuf', 'Demir', '11', '11D'],
  ['Eli', 'Stone', '4', '4A'],
  ['Maisie', 'Harrop', '5', '5B'],
] as const;

export const rollCall: readonly Pupil[] = roll.map(([forename, surname, year, registrationGroup], index) => ({
  key: `p${String(index)}`,
  misId: `mis-${String(index)}`,
  forename,
  surname,
  yearGroup: `Year ${year}`,
  registrationGroup,
  birthMonth: (index % 12) + 1,
  flags: [],
}));
const keyOf = (forename: string): string => rollCall.find((one) => one.forename === forename)?.key ?? '';

const settings: Settings = {
  ...school,
  leave: { ...school.leave, approval: { yearGroups: ['Year 4', 'Year 5'], reasons: ['unwell'] } },
  mis: { connector: 'wonde', baseUrl: 'https://mis.example/', schoolId: 'A1', token: 'none', writeBack: true },
};

/** What the MIS held of those whom the box has not seen, six minutes past twelve. */
const marksOf: Readonly<Record<string, string | null>> = {
  Ben: '/',
  George: '/',
  Niamh: 'N',
  Tomasz: 'I',
  'Ella-Mae': null,
};
const marksRead = {
  observed: (key: string) => marksOf[rollCall.find((one) => one.key === key)?.forename ?? ''] ?? null,
  observedAt: (_key: string, date: string) => (date === monday ? instant('12:06') : null),
};

const reported = (day: Day, forename: string, event: MarkEvent, seen: string | null = null, why?: string) =>
  day.box.desk.commit([
    {
      type: 'report',
      v: 1,
      date: monday,
      rows: [{ key: `${keyOf(forename)}|${monday}|AM`, event, seen, ...(why === undefined ? {} : { why }) }],
    },
  ]);

/** What the sender does with it. */
async function lands(day: Day, forename: string): Promise<void> {
  const [movement] = day.ledger.movementsOf(keyOf(forename));
  const decided = movement?.decided[0];
  if (decided?.want.kind !== 'mark') throw new Error(`${forename} has no mark to write`);
  const key = `${keyOf(forename)}|${monday}|AM`;
  const { code, minutes } = decided.want;
  const items = [{ key, code, minutes, comment: decided.comment, before: 'N' }];
  await day.box.desk.commit([{ type: 'sending', v: 1, batch: 'one', items }]);
  await reported(day, forename, 'queued');
  await reported(day, forename, 'seen', code);
}

const yearsOf = ['Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11'];
const lateReasons = ['bus', 'appointment', 'tell-staff'];

/** What was counted since September, without names; some of the pupils of the roll again and again. */
function term(ledger: Day['ledger']): void {
  const random = seededRandom(23);
  const below = (n: number): number => Math.floor(random.uniform() * n);
  let n = 1_000_000;
  for (let date = '2026-09-03'; date < monday; date = addDays(date, 1)) {
    const weekday = weekdayOf(date);
    if (weekday === 'sat' || weekday === 'sun' || (date >= '2026-10-26' && date <= '2026-10-30')) continue;
    for (let i = 6 + below(weekday === 'mon' ? 22 : 12); i > 0; i -= 1) {
      n += 1;
      const minutes = 1 + below(below(4) === 0 ? 60 : 20);
      const who = rollCall[below(8)];
      const want = { kind: 'mark', code: 'L', minutes } as const;
      const moved = { reason: lateReasons[below(3)] ?? null, yearGroup: yearsOf[below(5)] ?? '', n };
      const pupil = below(9) === 0 ? (who?.key ?? null) : null;
      count(
        ledger,
        { date, minute: 520 + minutes, outcome: 'late', want },
        { ...moved, kind: 'late-arrival', pupil },
        1,
      );
      if (below(3) > 0) continue;
      const left = {
        kind: 'early-departure',
        reason: ['medical', 'lunch', 'home'][below(3)] ?? '',
        yearGroup: moved.yearGroup,
        pupil: null,
        n,
      } as const;
      count(ledger, { date, outcome: 'left', want: { kind: 'none' } }, left, 1);
      const away = 10 + below(150);
      count(
        ledger,
        { date, outcome: 'back', want: { kind: 'none' }, away },
        { ...left, kind: 'return', reason: null },
        1,
      );
    }
  }
}

/** Twelve minutes past noon on Monday. */
export async function staffDay(): Promise<Day> {
  const day = await openDay({ at: '08:44', settings, pupils: rollCall, ...marksRead });
  term(day.ledger);
  for (const date of daysToClose(day.box.school, day.ledger))
    await day.box.desk.commit([
      { type: 'day-closed', v: 1, date, open: { proposals: 0, conflicts: 0, unsent: 0 }, by: 'Mr Shah' },
    ]);
  const late = async (forename: string, reason = 'bus') => value(await day.late(keyOf(forename), { reason }));
  for (const forename of ['Amara', 'Dylan', 'Grace', 'Ioan', 'Leila']) {
    await late(forename);
    await day.pass(90_000);
  }
  for (const forename of ['Amara', 'Dylan', 'Grace', 'Ioan']) await lands(day, forename);
  for (const forename of ['Jin', 'Rhys', 'Sam']) {
    await late(forename);
    await day.pass(4 * 60_000);
  }
  await lands(day, 'Jin');
  await reported(day, 'Rhys', 'foreign', 'M');
  await reported(day, 'Sam', 'foreign', 'E');
  await day.until('09:26');
  await late('Kacper');
  await day.pass(5 * 60_000);
  await late('Oluwaseun', 'tell-staff');
  await reported(day, 'Leila', 'refused', 'N', 'The MIS says: this register is locked.');
  await day.until('10:40');
  const out = async (forename: string, more: object) =>
    badgeOf(await day.early(keyOf(forename), { photo: 'taken', ...more }));
  await out('Farah', { reason: 'lunch', back: null });
  await out('Hanna', { reason: 'medical', back: 'before-lunch', withWhom: 'grown-up' });
  const badge = await out('Priya', { reason: 'medical', back: 'after-lunch', withWhom: 'alone' });
  await day.until('11:20');
  await out('محمد', { reason: 'medical', back: 'unknown', withWhom: 'staff' });
  await out('Charlie', { reason: 'home', back: 'not-today', photo: 'declined' });
  await day.until('11:52');
  value(await day.type(badge));
  await day.backByName(keyOf('Yusuf'));
  await out('Yusuf', { reason: 'medical', back: 'before-lunch' });
  await day.until('11:58');
  value(await day.backByName(keyOf('Yusuf')));
  await day.early(keyOf('Eli'), { reason: 'medical', back: 'not-today', withWhom: 'grown-up', photo: 'taken' });
  await day.until('12:09');
  await day.early(keyOf('Maisie'), { reason: 'unwell', back: 'unknown', withWhom: 'grown-up', photo: 'taken' });
  await changedSettings(day);
  await day.until('12:12');
  return day;
}

async function changedSettings(day: Day): Promise<void> {
  const said = (place: string, change: SettingChange, from = monday, why: string | null = null) =>
    day.box.desk.commit([{ type: 'setting', v: 1, place, change, from, why, by: 'Ms Reed' }]);
  await said('reason.late.taxi', { set: { label: { en: 'Taxi' }, icon: 'car', code: { after_close: 'U' } } });
  await said('times.pm', { set: { opens: '13:10', closes: '13:40', ends: '15:20' } }, '2026-12-01', 'Shorter lunch');
  await said('exception.2026-12-21.2027-01-01', { set: [{ closed: true }] }, monday, 'Christmas holidays');
  const [wrong] = await said('late.hold_seconds', { set: 5 });
  await day.box.desk.commit([{ type: 'setting-undone', v: 1, setting: wrong?.ref ?? '', by: 'Mr Shah' }]);
}
