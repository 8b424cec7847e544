/** Reports: figures from counts that name nobody, equal to those counted anew; small groups hidden; names for one role only. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bar } from '../../device/contract/staff-reports.ts';
import { count, countsBetween, forgetPupils } from '../../device/domain/day-counts.ts';
import type { Counts } from '../../device/domain/day-counts.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import { addDays, weekdayOf } from '../../device/domain/school-day.ts';
import { mayAsk } from '../../device/web/staff/roles.ts';
import { latePupils, report, reportsView } from '../../device/web/staff/views/reports.ts';
import { leastShown, withoutSmall } from '../../device/web/staff/views/small-groups.ts';
import { seededRandom } from '../support/box.ts';
import { badgeOf, monday, openDay, pupils, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const told = (day: Day, from = monday, to = monday) => report(day.box.school, day.ledger, from, to);
const again = (day: Day, times = 2) => latePupils(day.box.school, day.ledger, '2026-09-01', '2027-08-31', times).rows;
const shown = (bars: readonly Bar[]) => Object.fromEntries(bars.map(({ label, count: n }) => [label, n]));
const many: readonly Pupil[] = Array.from({ length: 30 }, (_, n) => ({
  ...(pupils[0] as Pupil),
  key: `p${String(n)}`,
  forename: `F${String(n)}`,
  yearGroup: n % 3 === 0 ? 'Year 10' : 'Year 9',
}));

describe('a day at the box', () => {
  test('late arrivals by day, year, reason, weekday and time; minutes lost; also after a restart', async () => {
    const day = await openDay({ at: '08:50', pupils: many });
    for (let n = 0; n < 12; n += 1) value(await day.late(`p${String(n)}`, { reason: n < 6 ? 'bus' : 'tell-staff' }));
    await day.until('09:20');
    for (let n = 12; n < 18; n += 1) value(await day.late(`p${String(n)}`));
    for (const now of [told(day), told(await restart(day))]) {
      expect(now.late.total).toBe(18);
      expect(now.late.minutesLost).toBe(12 * 10 + 6 * 40);
      expect(shown(now.late.byYear)).toEqual({ 'Year 9': 12, 'Year 10': 6 });
      expect(shown(now.late.byReason)).toEqual({ Bus: 12, "I'd rather tell a member of staff": 6 });
      expect(now.late.heat.times).toEqual(['08:45', '09:00', '09:15']);
      expect(now.late.heat.rows[0]).toEqual({ weekday: 'Monday', counts: [12, 0, 6] });
      expect(now.late.over).toEqual({ unit: 'day', bars: [{ label: monday, count: 18 }] });
    }
  });

  test('early departures, and how long those were away who came back', async () => {
    const day = await openDay({ at: '10:00', pupils: many });
    const badges: string[] = [];
    for (let n = 0; n < 14; n += 1) badges.push(badgeOf(await day.early(`p${String(n)}`)));
    await day.until('10:20');
    for (const badge of badges.slice(0, 5)) value(await day.type(badge));
    await day.until('11:40');
    for (const badge of badges.slice(5, 11)) value(await day.type(badge));
    const { early, late } = told(day);
    expect(early).toMatchObject({ total: 14, back: 11, away: Math.round((5 * 20 + 6 * 100) / 11) });
    expect(shown(early.lengths)).toEqual({
      'Under 30 minutes': 5,
      '30 minutes to 1 hour': 0,
      '1 to 2 hours': 6,
      'Over 2 hours': 0,
    });
    expect(late.total).toBe(0);
  });

  test('undone, moved to another time or to another pupil: counted as it is by now', async () => {
    const day = await openDay({ at: '08:50', pupils: many });
    const movements: string[] = [];
    for (let n = 0; n < 9; n += 1) movements.push(value(await day.late(`p${String(n)}`)).movement);
    value(await day.correct(movements[0] ?? ''));
    value(await day.correct(movements[1] ?? '', 'p20'));
    await day.until('09:30');
    const input = {
      movement: movements[2] ?? '',
      correction: { how: 'time', minute: 560 },
      why: null,
      by: 'Ms Reed',
    } as const;
    value(await day.box.staff.correct(day.box.command(input), input));
    expect(told(day).late).toMatchObject({ total: 8, minutesLost: 7 * 10 + 40 });
    expect(day.ledger.lates.get('p0')).toBeUndefined();
    expect(day.ledger.lates.get('p1')).toBeUndefined();
    expect(day.ledger.lates.get('p20')).toHaveLength(1);
  });
});

describe('who is late again and again', () => {
  test('with the school’s threshold, most often first, under a new key too; gone with the records', async () => {
    const day = await openDay({ at: '08:50' });
    for (let n = 0; n < 4; n += 1) {
      value(await day.late('amara'));
      if (n < 2) value(await day.late('ben'));
      await day.pass(24 * 3_600_000);
    }
    expect(again(day).map(({ pupil, times, last }) => [pupil, times, last])).toEqual([
      ['Amara Okafor', 4, '2026-11-26'],
      ['Ben Lowe', 2, '2026-11-24'],
    ]);
    expect(again(day, 3)).toHaveLength(1);
    const since = () => latePupils(day.box.school, day.ledger, monday, '2026-11-30', 2).since;
    expect(since()).toBeNull();
    const [first] = day.ledger.lates.get('ben') ?? [];
    forgetPupils(day.ledger, first?.n ?? 0);
    expect(since()).toBe('2026-11-24');
    expect(reportsView(day.box.school, day.ledger).repeatTimes).toBe(5);
    const upTo = Math.max(...[...day.ledger.lates.values()].flat().map(({ n }) => n));
    forgetPupils(day.ledger, upTo);
    expect(again(day)).toEqual([]);
    expect(told(day, monday, '2026-11-27').late.total).toBe(6);
  });

  test('the attendance role alone may ask', () => {
    expect(mayAsk['late-pupils'].roles).toEqual(['attendance']);
  });
});

describe('small groups', () => {
  test('none of one to four is told, nor can one be worked out from the total and the others', () => {
    const counts = fc.array(fc.nat({ max: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(counts, (all) => {
        const figures = withoutSmall(all);
        const hidden = all.filter((_, i) => figures[i] === null);
        for (const [i, figure] of figures.entries()) {
          if (figure === null) continue;
          expect(figure).toBe(all[i]);
          expect(figure === 0 || figure >= leastShown).toBe(true);
        }
        if (hidden.length === 0) return;
        // The total minus what is told is the sum of the hidden: of several, and no small one, where there are others to hide.
        const others = all.filter((n, i) => figures[i] !== null && n > 0);
        const sum = hidden.reduce((a, b) => a + b, 0);
        if (others.length > 0) expect(hidden.length > 1 && sum >= leastShown).toBe(true);
      }),
    );
  });

  test.each([
    [
      [3, 20, 9],
      [null, 20, null],
    ],
    [
      [2, 2, 30, 8],
      [null, null, 30, null],
    ],
    [
      [4, 4, 30],
      [null, null, 30],
    ],
    [
      [0, 20, 9],
      [0, 20, 9],
    ],
    [[3], [null]],
  ])('%j is told as %j', (counts, figures) => {
    expect(withoutSmall(counts)).toEqual(figures);
  });

  test('a day of three late pupils tells nothing but that there is something', async () => {
    const day = await openDay({ at: '08:50', pupils: many });
    for (const n of [0, 1, 2]) value(await day.late(`p${String(n)}`));
    const { late } = told(day);
    expect(late).toMatchObject({ total: null, minutesLost: null });
    const figures = [...late.over.bars, ...late.byYear, ...late.byReason].map(({ count: n }) => n);
    expect(figures.every((n) => n === null)).toBe(true);
    expect(late.heat.rows.flatMap(({ counts }) => counts).every((n) => n === null || n === 0)).toBe(true);
  });
});

describe('ten years', () => {
  interface One {
    readonly date: string;
    readonly minute: number;
    readonly late: number;
    readonly year: string;
    readonly reason: string;
  }
  const years = ['Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11'];
  const reasons = ['bus', 'overslept', 'traffic', 'tell-staff'];

  /** 190 school days a year, 5 to 40 late arrivals on each. */
  function tenYears(): { readonly counts: Counts; readonly all: readonly One[] } {
    const counts: Counts = { days: new Map(), months: new Map(), lates: new Map() };
    const random = seededRandom(7);
    const all: One[] = [];
    const below = (n: number): number => Math.floor(random.uniform() * n);
    let n = 0;
    for (let date = '2016-09-01'; date <= '2026-07-20'; date = addDays(date, 1)) {
      const isSchool = !['sat', 'sun'].includes(weekdayOf(date)) && !['07', '08'].includes(date.slice(5, 7));
      for (let i = isSchool ? 5 + below(36) : 0; i > 0; i -= 1) {
        const late = 1 + below(60);
        const one = { date, minute: 520 + late, late, year: years[below(5)] ?? '', reason: reasons[below(4)] ?? '' };
        all.push(one);
        n += 1;
        const decided = {
          date,
          minute: one.minute,
          outcome: 'late',
          want: { kind: 'mark', code: 'L', minutes: late },
        } as const;
        const moved = {
          kind: 'late-arrival',
          reason: one.reason,
          yearGroup: one.year,
          pupil: `p${String(n % 1_200)}`,
          n,
        } as const;
        count(counts, decided, moved, 1);
      }
    }
    return { counts, all };
  }
  const { counts, all } = tenYears();

  test('every figure of a school year is the one counted anew, whether days or months are kept of it', () => {
    for (const year of [2016, 2019, 2025]) {
      const [from, to] = [`${String(year)}-09-01`, `${String(year + 1)}-08-31`];
      const those = all.filter(({ date }) => from <= date && date <= to);
      const sums = countsBetween(counts, from, to);
      expect(sums['arrival:all']).toBe(those.length);
      expect(sums['arrival:minutes']).toBe(those.reduce((sum, { late }) => sum + late, 0));
      for (const one of years) expect(sums[`arrival:year:${one}`]).toBe(those.filter((x) => x.year === one).length);
      for (const one of reasons)
        expect(sums[`arrival:reason:${one}`]).toBe(those.filter((x) => x.reason === one).length);
      const monday9 = those.filter(({ date, minute }) => weekdayOf(date) === 'mon' && minute >= 540 && minute < 555);
      expect(sums['arrival:time:mon:540']).toBe(monday9.length);
    }
  });

  test('what is kept is bounded, by the day for two years and by the month before, and says of nobody', () => {
    expect(counts.days.size).toBeLessThanOrEqual(400);
    expect(counts.months.size).toBeLessThanOrEqual(132);
    const months = [...counts.months.keys()].sort();
    const oldestDay = [...counts.days.keys()].sort()[0] ?? '';
    expect(`${months.at(-1) ?? ''}-31` < oldestDay).toBe(true);
    const kept = JSON.stringify([[...counts.days], [...counts.months]]);
    expect(kept.length).toBeLessThan(600_000);
    expect(kept).not.toMatch(/"p\d/);
  });

  test('a range that cuts a month of years ago says that the rest of it is left out', async () => {
    const day = await openDay({ at: '09:02' });
    const ledger = new Ledger();
    for (const [month, of] of counts.months) ledger.months.set(month, of);
    const cut = report(day.box.school, ledger, '2017-01-10', '2017-03-31');
    expect(cut.remarks.some((words) => words.includes('whole months'))).toBe(true);
    const those = all.filter(({ date }) => '2017-02-01' <= date && date <= '2017-03-31');
    expect(cut.late.total).toBe(those.length);
    expect(cut.late.over.unit).toBe('month');
    expect(reportsView(day.box.school, ledger).spans.at(-1)).toMatchObject({ label: 'School year 2016/17' });
  });
});
