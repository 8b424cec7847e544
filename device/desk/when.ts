/** When something happened, by the best evidence there is (durability.md 17 and 18). */
import { common, isTrusted, sureDate } from '../domain/clock-trust.ts';
import type { Span } from '../domain/clock-trust.ts';
import type { Movement } from '../domain/ledger.ts';
import type { Instant } from '../domain/record.ts';
import { localTime, wallToEpoch } from '../domain/school-day.ts';
import type { LocalTime } from '../domain/school-day.ts';
import type { IsoDate, MinuteOfDay } from '../domain/settings.ts';
import type { School } from './school.ts';

/** `08:52`, school local. */
export function clockFace(epochMs: number, zone: string): string {
  return faceOf(localTime(epochMs, zone));
}
export function faceOf({ msOfDay }: Pick<LocalTime, 'msOfDay'>): string {
  const minutes = Math.floor(msOfDay / 60_000);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** The first touch of a movement: by the records, and by the present clock where they are not sure; open ends stay open. */
export function timeOf(school: School, { at }: Movement): Instant {
  return timeOfTouch(school, at);
}

/** The present clock tells when that was in this boot, by the time elapsed since. */
export function timeOfTouch({ clock }: School, touch: Instant): Instant {
  if (isTrusted(touch) || touch.boot !== clock.boot) return touch;
  const now = clock.reading(clock.mono() - touch.mono);
  return { ...touch, ...(common(now, touch) ?? now) };
}

/** The one instant to show for it: the middle; the earliest where the end is open. Milliseconds since the epoch. */
export function shownTime({ earliest, latest }: Span): number {
  return latest === null ? earliest : Math.floor((earliest + latest) / 2);
}

/** `08:52`; null while it is not sure. */
export function sureFace(at: Span, zone: string): string | null {
  return isTrusted(at) ? clockFace(shownTime(at), zone) : null;
}

/** Were both surely on the same day? Null where it is not sure. */
export function onSameDay(school: School, one: Instant, other: Instant): boolean | null {
  if (one.boot === other.boot && Math.abs(one.mono - other.mono) > longestDayMs) return false;
  const [first, second] = [one, other].map((at) => sureDate(at, school.settings.school.timeZone));
  return first === null || second === null ? null : first === second;
}

/** No two times of one day are further apart, on days of 25 hours neither. Milliseconds. */
export const longestDayMs = 25 * 3_600_000;

/** The school's date by the wall clock, trusted or not: for lists and labels. */
export function today(school: School): IsoDate {
  return localTime(school.clock.now(), school.settings.school.timeZone).date;
}

/** A time that a person entered, to the minute: sure by their word. `minute`: of the school's day. */
export function enteredTime({ clock, settings }: School, date: IsoDate, minute: MinuteOfDay): Instant {
  const epochMs = wallToEpoch(date, minute, settings.school.timeZone);
  return {
    earliest: epochMs,
    latest: epochMs,
    mono: clock.mono() - Math.max(0, clock.now() - epochMs),
    boot: clock.boot,
  };
}
