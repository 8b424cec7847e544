import { describe, expect, test } from 'vitest';
import {
  dayOf,
  isSchoolDay,
  lastSchoolDay,
  localTime,
  nextSchoolDay,
  registerOpenings,
  sessionAt,
  wallToEpoch,
  weekdayOf,
  withinKioskHours,
} from '../../device/domain/school-day.ts';
import { hillView, hillViewWith, register } from './hill-view.ts';

const london = 'Europe/London';
const utc = (text: string): number => Date.parse(text);
const hour = 3_600_000;

describe('the clock on the wall', () => {
  test.each([
    ['2026-01-12T08:50:00.250Z', london, '2026-01-12', 'mon', 8 * hour + 50 * 60_000 + 250, 0],
    ['2026-06-30T23:30:00.000Z', london, '2026-07-01', 'wed', 30 * 60_000, 60],
    ['2026-03-29T01:00:00.000Z', london, '2026-03-29', 'sun', 2 * hour, 60],
    ['2026-10-25T00:59:59.999Z', london, '2026-10-25', 'sun', 2 * hour - 1, 60],
    ['2026-10-25T01:00:00.000Z', london, '2026-10-25', 'sun', 1 * hour, 0],
    ['2026-11-23T20:00:00.000Z', 'Asia/Kathmandu', '2026-11-24', 'tue', 1 * hour + 45 * 60_000, 345],
    ['1969-12-31T23:59:59.999Z', 'UTC', '1969-12-31', 'wed', 24 * hour - 1, 0],
  ])('%s in %s', (instant, zone, date, weekday, msOfDay, offsetMinutes) => {
    expect(localTime(utc(instant), zone)).toEqual({ date, weekday, msOfDay, offsetMinutes });
  });

  test.each([
    ['2026-11-23', 520, '2026-11-23T08:40:00Z', 'winter'],
    ['2026-06-22', 520, '2026-06-22T07:40:00Z', 'summer'],
    ['2026-03-29', 90, '2026-03-29T01:30:00Z', 'skipped 01:30: an hour and a half after midnight, 02:30 by the wall'],
    ['2026-10-25', 90, '2026-10-25T00:30:00Z', '01:30 twice: the first'],
    ['2026-10-24', 1440, '2026-10-24T23:00:00Z', 'the end of a day is the next midnight'],
    ['2026-12-31', 1440, '2027-01-01T00:00:00Z', 'the end of the year'],
  ])('%s, minute %i', (date, minute, instant) => {
    expect(wallToEpoch(date, minute, london)).toBe(utc(instant));
  });

  test('days of the week', () => {
    expect(['2026-11-23', '2026-11-28', '2026-11-29', '2028-02-29'].map(weekdayOf)).toEqual([
      'mon',
      'sat',
      'sun',
      'tue',
    ]);
  });
});

describe('the registers of a day', () => {
  const amOf = (date: string, yearGroup: string | null, settings = hillView): number | null =>
    dayOf(date, yearGroup, settings).am?.opens ?? null;

  test('base, weekday override, year-group override, date exception: each stands over the one before', () => {
    const settings = hillViewWith({
      times: {
        overrides: [
          { weekdays: null, yearGroups: ['Year 9'], am: register('10:00', '10:30', '12:15') },
          { weekdays: ['tue', 'wed'], yearGroups: null, am: register('09:00', '09:30', '12:15') },
        ],
        exceptions: [
          {
            from: '2026-11-25',
            to: '2026-11-25',
            closed: false,
            yearGroups: null,
            am: register('11:00', '11:30', '12:15'),
          },
        ],
      },
    });
    expect(amOf('2026-11-23', 'Year 8', settings)).toBe(8 * 60 + 40);
    expect(amOf('2026-11-24', 'Year 8', settings)).toBe(9 * 60);
    expect(amOf('2026-11-24', 'Year 9', settings)).toBe(10 * 60);
    expect(amOf('2026-11-25', 'Year 9', settings)).toBe(11 * 60);
    expect(amOf('2026-11-24', null, settings)).toBe(9 * 60);
  });

  test('among equals the last wins, session by session', () => {
    const exception = { from: '2026-11-23', to: '2026-11-23', closed: false, yearGroups: null };
    const settings = hillViewWith({
      times: {
        exceptions: [
          { ...exception, am: register('09:00', '09:30', '12:15'), pm: register('14:00', '14:30', '15:20') },
          { ...exception, yearGroups: ['Year 9'], am: register('09:10', '09:40', '12:15') },
          { ...exception, am: register('09:20', '09:50', '12:15') },
        ],
      },
    });
    expect(amOf('2026-11-23', 'Year 9', settings)).toBe(9 * 60 + 20);
    expect(dayOf('2026-11-23', 'Year 9', settings).pm?.opens).toBe(14 * 60);
  });

  test('an override by weekday and year group ranks as one by year group, and counts on those weekdays only', () => {
    const settings = hillViewWith({
      times: {
        overrides: [
          { weekdays: ['fri'], yearGroups: ['Year 9'], am: register('09:30', '10:00', '12:15') },
          { weekdays: ['fri'], yearGroups: null, am: register('09:00', '09:30', '12:15') },
        ],
      },
    });
    expect(amOf('2026-11-20', 'Year 9', settings)).toBe(9 * 60 + 30);
    expect(amOf('2026-11-20', 'Year 8', settings)).toBe(9 * 60);
    expect(amOf('2026-11-23', 'Year 9', settings)).toBe(8 * 60 + 40);
  });

  test('a closed day is closed; a later exception opens what it names for whom it names', () => {
    const exams = { from: '2026-11-27', to: '2026-11-27', closed: false, yearGroups: ['Year 11'] };
    const settings = hillViewWith({
      times: { exceptions: [...hillView.times.exceptions, { ...exams, am: register('08:30', '08:50', '12:15') }] },
    });
    expect(dayOf('2026-11-27', 'Year 9', settings)).toEqual({
      schoolDay: false,
      am: null,
      pm: null,
      closedBy: 'exception',
    });
    expect(dayOf('2026-11-27', 'Year 11', settings)).toMatchObject({ schoolDay: true, pm: null, closedBy: null });
    expect(isSchoolDay('2026-11-27', settings)).toBe(true);
    expect(isSchoolDay('2026-11-27', hillView)).toBe(false);
  });

  test('a Saturday: only an exception for that very date makes it a school day', () => {
    const am = register('09:00', '09:30', '12:00');
    const saturday = (from: string, to: string): ReturnType<typeof dayOf> =>
      dayOf(
        '2026-11-21',
        'Year 9',
        hillViewWith({
          times: {
            overrides: [{ weekdays: null, yearGroups: ['Year 9'], am }],
            exceptions: [{ from, to, closed: false, yearGroups: null, am }],
          },
        }),
      );
    expect(saturday('2026-11-21', '2026-11-21')).toEqual({ schoolDay: true, am, pm: null, closedBy: null });
    expect(saturday('2026-11-16', '2026-11-27')).toEqual({ schoolDay: false, am: null, pm: null, closedBy: 'weekday' });
  });

  test('no session for these pupils', () => {
    expect(dayOf('2026-11-23', 'Nursery', hillView)).toMatchObject({ schoolDay: true, pm: null });
    const never = hillViewWith({
      times: { overrides: [{ weekdays: ['mon'], yearGroups: ['Nursery'], am: 'none', pm: 'none' }] },
    });
    expect(dayOf('2026-11-23', 'Nursery', never)).toMatchObject({ schoolDay: false, closedBy: 'no-session' });
  });

  test('afternoons only: all of the day up to their end is PM', () => {
    const settings = hillViewWith({ times: { overrides: [{ weekdays: null, yearGroups: ['Nursery'], am: 'none' }] } });
    const at = (time: number): unknown => {
      const found = sessionAt({ date: '2026-11-23', msOfDay: time * 60_000 }, 'Nursery', settings);
      return found.session === null ? found.why : [found.session, found.side];
    };
    expect(at(8 * 60 + 50)).toEqual(['PM', 'before']);
    expect(at(13 * 60 + 15)).toEqual(['PM', 'open']);
    expect(at(15 * 60 + 20)).toBe('after-hours');
  });

  test('when registers open, for the ticks that look for pupils still out', () => {
    const openings = (date: string, yearGroup: string): unknown =>
      registerOpenings(date, yearGroup, hillView).map(({ session, opensAt }) => [
        session,
        new Date(opensAt).toISOString(),
      ]);
    expect(openings('2026-09-07', 'Year 12')).toEqual([
      ['AM', '2026-09-07T08:00:00.000Z'],
      ['PM', '2026-09-07T12:15:00.000Z'],
    ]);
    expect(openings('2026-11-23', 'Nursery')).toEqual([['AM', '2026-11-23T08:40:00.000Z']]);
    expect(openings('2026-11-27', 'Year 9')).toEqual([]);
  });
});

describe('school days and kiosk hours', () => {
  test('the next and the last school day', () => {
    expect(nextSchoolDay('2026-11-23', hillView)).toBe('2026-11-24');
    expect(nextSchoolDay('2026-11-26', hillView)).toBe('2026-11-30');
    expect(nextSchoolDay('2026-12-18', hillView)).toBe('2027-01-04');
    expect(lastSchoolDay('2026-11-23', hillView)).toBe('2026-11-23');
    expect(lastSchoolDay('2026-11-29', hillView)).toBe('2026-11-26');
    expect(lastSchoolDay('2027-01-03', hillView)).toBe('2026-12-18');
  });

  test('a school that is never open has neither', () => {
    const closed = hillViewWith({ times: { schoolDays: [], exceptions: [] } });
    expect([nextSchoolDay('2026-11-23', closed), lastSchoolDay('2026-11-23', closed)]).toEqual([null, null]);
  });

  test.each([
    ['2026-11-23', 7 * hour + 30 * 60_000 - 1, false],
    ['2026-11-23', 7 * hour + 30 * 60_000, true],
    ['2026-11-23', 18 * hour - 1, true],
    ['2026-11-23', 18 * hour, false],
    ['2026-11-22', 9 * hour, false],
    ['2026-11-27', 9 * hour, false],
  ])('name lists on %s at %i ms: %s', (date, msOfDay, open) => {
    expect(withinKioskHours({ date, msOfDay }, hillView)).toBe(open);
  });
});
