/** When the roster may be pulled: nightly, never in the rush of the morning, never all boxes at once (durability.md 25). */
import { createHash } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import type { MinuteOfDay } from '../domain/settings.ts';

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

export function rosterSchedule(journalId: string, refresh: MinuteOfDay, timeZone: string): Schedule {
  const offset = offsetOf(journalId);
  const local = (now: number): Temporal.ZonedDateTime =>
    Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const slotOf = (day: Temporal.PlainDate): number => {
    const time = Temporal.PlainTime.from({ hour: Math.floor(refresh / 60) % 24, minute: refresh % 60 });
    return day.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds + offset;
  };
  return {
    lastSlot: (now) => {
      const today = local(now).toPlainDate();
      // An offset can carry a slot into the next day.
      const slots = [0, 1, 2].map((days) => slotOf(today.subtract({ days })));
      return slots.find((slot) => slot <= now) ?? Number.NEGATIVE_INFINITY;
    },
    isQuiet: (now) => {
      const at = local(now);
      const minuteOfDay = at.hour * 60 + at.minute;
      return minuteOfDay >= quietFrom && minuteOfDay < quietTo + Math.floor(offset / 8 / minute);
    },
  };
}
