/**
 * The school calendar: which registers a year group has on a date, where an instant lies in them (product.md 4, mis.md
 * 7.3). Local wall time is what counts; it comes from the zone's own rules, so daylight saving needs no care elsewhere.
 */
import { Temporal } from 'temporal-polyfill';
import type { IsoDate, MinuteOfDay, RegisterTimes, SessionName, Settings, TimesPatch, Weekday } from './settings.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** The longest holiday that a search for a school day crosses, in days. */
const searchMaxDays = 400;

export interface LocalTime {
  readonly date: IsoDate;
  readonly weekday: Weekday;
  /** What the clock on the wall shows, in milliseconds since its midnight: 0 to 86,399,999, also on 23 and 25 hour days. */
  readonly msOfDay: number;
  /** Local time minus UTC, in minutes. */
  readonly offsetMinutes: number;
}

/** The wall clock in `zone` at an instant (milliseconds since the epoch). */
export function localTime(epochMs: number, zone: string): LocalTime {
  const { offsetMs } = stretchAround(Math.floor(epochMs), zone);
  const localMs = Math.floor(epochMs) + offsetMs;
  const { startMs, date, weekday } = dayAround(localMs);
  return { date, weekday, msOfDay: localMs - startMs, offsetMinutes: offsetMs / minuteMs };
}

/** The day asked for last: every row of a list asks for its own, and nearly all are of one day. Milliseconds of its wall clock. */
let lastDay = { startMs: Number.NaN, date: '', weekday: weekdayName(1) };

function dayAround(localMs: number): typeof lastDay {
  const startMs = Math.floor(localMs / dayMs) * dayMs;
  if (startMs === lastDay.startMs) return lastDay;
  const day = new Date(startMs);
  lastDay = { startMs, date: day.toISOString().slice(0, 10), weekday: weekdayName(day.getUTCDay() || 7) };
  return lastDay;
}

/** The time between two changes of a zone's clocks, `from` included. */
interface Stretch {
  readonly zone: string;
  readonly from: number;
  readonly until: number;
  readonly offsetMs: number;
}
/** The last few: the zone's own rules take 10 to 16 microseconds on a desktop, and are asked at every look at the clock. */
let stretches: readonly Stretch[] = [];
const stretchesMax = 4;

function stretchAround(epochMs: number, zone: string): Stretch {
  const known = stretches.find((one) => one.zone === zone && one.from <= epochMs && epochMs < one.until);
  if (known !== undefined) return known;
  const at = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone);
  // "Previous" is before the instant; a millisecond later the instant itself may be the change.
  const from = at.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds ?? -Infinity;
  const until = at.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  const stretch = { zone, from, until, offsetMs: at.offsetNanoseconds / 1e6 };
  stretches = [stretch, ...stretches].slice(0, stretchesMax);
  return stretch;
}

/**
 * The instant, in milliseconds since the epoch, when the wall clock shows `minute` (0 to 1440) on that date. A time that
 * the spring change skips means the same stretch after midnight, an hour later by the wall (01:30 is 02:30); one that the
 * autumn change shows twice means the first.
 */
export function wallToEpoch(date: IsoDate, minute: MinuteOfDay, zone: string): number {
  if (minute >= 1440) return wallToEpoch(addDays(date, 1), minute - 1440, zone);
  const wall = Date.parse(date) + minute * minuteMs;
  const { from, until, offsetMs } = stretchAround(wall, zone);
  const epochMs = wall - offsetMs;
  // Two days from any change of the clocks no other stretch can show this time.
  if (from + 2 * dayMs < epochMs && epochMs < until - 2 * dayMs) return epochMs;
  return Temporal.PlainDate.from(date)
    .toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

// Days on their own know no zone: plain arithmetic, which every search for a school day leans on, takes a tenth of Temporal's time.
export function addDays(date: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}

/** The year in which the school year of that date began: from 1 September on its own, before that the one before. */
export function schoolYearOf(date: IsoDate): number {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  return month >= 9 ? year : year - 1;
}

export function weekdayOf(date: IsoDate): Weekday {
  return weekdayName(new Date(date).getUTCDay() || 7);
}

function weekdayName(dayOfWeek: number): Weekday {
  const name = weekdays[dayOfWeek - 1];
  if (name === undefined) throw new RangeError(`no such day of the week: ${dayOfWeek}`);
  return name;
}

/** The registers of one year group on one date. */
export interface SchoolDay {
  readonly schoolDay: boolean;
  /** Null: no such session. */
  readonly am: RegisterTimes | null;
  readonly pm: RegisterTimes | null;
  /** Why there is no register: not a day of the week for school, closed by a date exception, or no session for these pupils. */
  readonly closedBy: 'weekday' | 'exception' | 'no-session' | null;
}

/**
 * The registers on a date: base, weekday override, year-group override, date exception, in that order; what is not named
 * is inherited, among equals the last wins (product.md 4). An override with weekdays and year groups ranks as a year-group
 * override and counts on those weekdays only. Overrides never make a school day of another day of the week, nor do
 * exceptions over a range (they span weekends); an exception for one date does, with the sessions that it names.
 *
 * @param yearGroup null: pupils of whom no year group is known, and the school as a whole.
 */
export function dayOf(date: IsoDate, yearGroup: string | null, settings: Settings): SchoolDay {
  const known = knownDays.get(settings) ?? new Map<string, SchoolDay>();
  const name = yearGroup === null ? date : `${date} ${yearGroup}`;
  const day = known.get(name) ?? dayByLayers(date, yearGroup, settings);
  if (known.size >= daysMax) known.clear();
  knownDays.set(settings, known.set(name, day));
  return day;
}

/** Days already looked up: whoever waits for a register asks for the same one at every look. */
const knownDays = new WeakMap<Settings, Map<string, SchoolDay>>();
/** A year, for five year groups that have times of their own. */
const daysMax = 2_000;

function dayByLayers(date: IsoDate, yearGroup: string | null, settings: Settings): SchoolDay {
  const { times } = settings;
  const weekday = weekdayOf(date);
  const isWeekday = times.schoolDays.includes(weekday);
  const concerns = (groups: readonly string[] | null): boolean =>
    groups === null || (yearGroup !== null && groups.includes(yearGroup));

  const overrides = times.overrides.filter(
    (override) => concerns(override.yearGroups) && (override.weekdays === null || override.weekdays.includes(weekday)),
  );
  const exceptions = times.exceptions.filter(
    (exception) =>
      exception.from <= date &&
      date <= exception.to &&
      concerns(exception.yearGroups) &&
      (isWeekday || exception.from === exception.to),
  );
  const closed = { am: 'none', pm: 'none' } as const;
  const layers: readonly TimesPatch[] = [
    isWeekday ? times : closed,
    ...(isWeekday ? overrides.filter((override) => override.yearGroups === null) : []),
    ...(isWeekday ? overrides.filter((override) => override.yearGroups !== null) : []),
    ...exceptions.map((exception) => (exception.closed ? closed : exception)),
  ];
  const am = lastNamed(layers.map((layer) => layer.am));
  const pm = lastNamed(layers.map((layer) => layer.pm));
  if (am !== null || pm !== null) return { schoolDay: true, am, pm, closedBy: null };
  const exceptionClosed = exceptions.some((exception) => exception.closed);
  return { schoolDay: false, am, pm, closedBy: !isWeekday ? 'weekday' : exceptionClosed ? 'exception' : 'no-session' };
}

function lastNamed(patches: readonly (RegisterTimes | 'none' | undefined)[]): RegisterTimes | null {
  const last = patches.findLast((patch) => patch !== undefined);
  return last === undefined || last === 'none' ? null : last;
}

/** Side of a register: not open yet, open (`opens <= t < closes`), closed. */
export type Side = 'before' | 'open' | 'closed';
export type SessionAt =
  | { readonly session: SessionName; readonly side: Side; readonly times: RegisterTimes }
  | { readonly session: null; readonly why: 'no-school-day' | 'after-hours' };

/** The session of a local time: AM while `t < am.ends`, else PM, until its end; a session that is not there is passed over. */
export function sessionAt(
  local: Pick<LocalTime, 'date' | 'msOfDay'>,
  yearGroup: string | null,
  settings: Settings,
): SessionAt {
  const day = dayOf(local.date, yearGroup, settings);
  if (!day.schoolDay) return { session: null, why: 'no-school-day' };
  const within = (times: RegisterTimes | null): times is RegisterTimes =>
    times !== null && local.msOfDay < times.ends * minuteMs;
  if (within(day.am)) return { session: 'AM', side: sideOf(local.msOfDay, day.am), times: day.am };
  if (within(day.pm)) return { session: 'PM', side: sideOf(local.msOfDay, day.pm), times: day.pm };
  return { session: null, why: 'after-hours' };
}

function sideOf(msOfDay: number, times: RegisterTimes): Side {
  if (msOfDay < times.opens * minuteMs) return 'before';
  return msOfDay < times.closes * minuteMs ? 'open' : 'closed';
}

/** A register of one day and the instant of its opening, in milliseconds since the epoch. */
export interface RegisterOpening {
  readonly session: SessionName;
  readonly times: RegisterTimes;
  readonly opensAt: number;
}

/** The registers that open on a date for a year group, AM first. */
export function registerOpenings(date: IsoDate, yearGroup: string | null, settings: Settings): RegisterOpening[] {
  const day = dayOf(date, yearGroup, settings);
  const opening = (session: SessionName, times: RegisterTimes | null): RegisterOpening[] =>
    times === null ? [] : [{ session, times, opensAt: wallToEpoch(date, times.opens, settings.school.timeZone) }];
  return [...opening('AM', day.am), ...opening('PM', day.pm)];
}

/** Has any year group school on that date? A day closed for all but Year 11 is a school day. */
export function isSchoolDay(date: IsoDate, settings: Settings): boolean {
  const { overrides, exceptions } = settings.times;
  const named = [...overrides, ...exceptions].flatMap((patch) => patch.yearGroups ?? []);
  return [null, ...new Set(named)].some((yearGroup) => dayOf(date, yearGroup, settings).schoolDay);
}

/** The first school day after `date`; null where there is none for 400 days. */
export function nextSchoolDay(date: IsoDate, settings: Settings): IsoDate | null {
  return searchSchoolDay(addDays(date, 1), 1, settings);
}

/** The last school day up to `date` itself; null where there was none for 400 days. */
export function lastSchoolDay(date: IsoDate, settings: Settings): IsoDate | null {
  return searchSchoolDay(date, -1, settings);
}

function searchSchoolDay(from: IsoDate, step: 1 | -1, settings: Settings): IsoDate | null {
  let date = from;
  for (let tried = 0; tried < searchMaxDays; tried += 1) {
    if (isSchoolDay(date, settings)) return date;
    date = addDays(date, step);
  }
  return null;
}

/** Do the name lists work? On school days, `from <= t < to` (product.md 3). */
export function withinKioskHours(local: Pick<LocalTime, 'date' | 'msOfDay'>, settings: Settings): boolean {
  const { from, to } = settings.times.kiosk;
  return from * minuteMs <= local.msOfDay && local.msOfDay < to * minuteMs && isSchoolDay(local.date, settings);
}
