/** When something happened, by the best evidence there is (durability.md 17 and 18). */
import { sureDate } from '../domain/clock-trust.ts';
import type { Movement } from '../domain/ledger.ts';
import type { Envelope, Instant } from '../domain/record.ts';
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

/**
 * The first touch of a movement. Where the clock was not trusted then, a decision of the same boot tells it, or the present
 * clock, by the time elapsed since; `latest` null: it is not sure yet.
 */
export function timeOf(school: School, { record, decided }: Movement): Instant {
  return timeOfTouch(school, record.touch, decided);
}

export function timeOfTouch({ clock }: School, touch: Instant, later: readonly Envelope[] = []): Instant {
  if (touch.latest !== null) return touch;
  const witness = later.find(({ at }) => at.boot === touch.boot && at.latest !== null)?.at;
  if (witness !== undefined) return before(witness, witness.mono - touch.mono);
  return touch.boot === clock.boot ? clock.reading(clock.mono() - touch.mono) : touch;
}

function before({ earliest, latest, mono, boot }: Instant, ms: number): Instant {
  return { earliest: earliest - ms, latest: latest === null ? null : latest - ms, mono: mono - ms, boot };
}

/** `08:52`; null while it is not sure. */
export function sureFace(at: Instant, zone: string): string | null {
  return at.latest === null ? null : clockFace(at.earliest, zone);
}

/** Were both surely on the same day? Null where it is not sure of one of them. */
export function onSameDay(school: School, one: Instant, other: Instant): boolean | null {
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
