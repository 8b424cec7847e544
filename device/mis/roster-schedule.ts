/** When the roster may be pulled: nightly, never in the rush of the morning, never all boxes at once (durability.md 25). */
import { createHash } from 'node:crypto';
import { addDays, localTime, wallToEpoch } from '../domain/school-day.ts';
import type { IsoDate, MinuteOfDay } from '../domain/settings.ts';

const minute = 60_000;
const hour = 60 * minute;
const quietFrom: MinuteOfDay = 7 * 60 + 30;
const quietTo: MinuteOfDay = 9 * 60 + 45;

export interface Schedule {
  /** The nightly time that passed last, milliseconds since the epoch. */
  lastSlot(now: number): number;
  /** 07:30 to 09:45 at the school, and up to 15 minutes more, so that the end of it is no herd either. */
  isQuiet(now: number): boolean;
}

/** This box's place in the two hours after `refresh`: the same every night. Milliseconds. */
export function offsetOf(journalId: string): number {
  return createHash('sha256').update(journalId).digest().readUIntBE(0, 6) % (2 * hour);
}

/** When every school asks at once: nothing that can wait is asked then. `offset` as given by `offsetOf`. */
export function isRush(now: number, timeZone: string, offset: number): boolean {
  const minuteOfDay = Math.floor(localTime(now, timeZone).msOfDay / minute);
  return minuteOfDay >= quietFrom && minuteOfDay < quietTo + Math.floor(offset / 8 / minute);
}

export function rosterSchedule(journalId: string, refresh: MinuteOfDay, timeZone: string): Schedule {
  const offset = offsetOf(journalId);
  const slotOf = (date: IsoDate): number => wallToEpoch(date, refresh % 1440, timeZone) + offset;
  return {
    lastSlot: (now) => {
      const today = localTime(now, timeZone).date;
      // An offset can carry a slot into the next day.
      const slots = [0, -1, -2].map((days) => slotOf(addDays(today, days)));
      return slots.find((slot) => slot <= now) ?? Number.NEGATIVE_INFINITY;
    },
    isQuiet: (now) => isRush(now, timeZone, offset),
  };
}
