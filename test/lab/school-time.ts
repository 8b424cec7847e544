/** The time at the box: real seconds, but from one open register to the next, since only then lateness makes marks. */
import { localTime, wallToEpoch, addDays } from '../../device/domain/school-day.ts';

const zone = 'Europe/London';
const dayMs = 24 * 60 * 60_000;
/** A minute into each register; both are open for thirty (settings as shipped). */
const sessions = [
  { name: 'AM', from: 8 * 60 + 41, closes: 9 * 60 + 10 },
  { name: 'PM', from: 13 * 60 + 16, closes: 13 * 60 + 45 },
] as const;

export interface SchoolTime {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** `2026-11-30 AM` */
  readonly session: () => string;
  /** Goes on to the next register where this one closes within so many minutes. */
  readonly goOn: (closesWithinMinutes: number) => void;
  readonly next: () => void;
}

/** Begins with the morning of the first Monday that is not before today. */
export function schoolTime(): SchoolTime {
  let { date } = localTime(Date.now(), zone);
  while (weekday(date) !== 1) date = addDays(date, 1);
  let index = 0;
  let offset = 0;
  const current = (): (typeof sessions)[number] => sessions[index === 0 ? 0 : 1];
  const begin = (): void => {
    offset = wallToEpoch(date, current().from, zone) - Date.now();
  };
  const now = (): number => Date.now() + offset;
  const next = (): void => {
    index = 1 - index;
    if (index === 0)
      do date = addDays(date, 1);
      while (weekday(date) % 6 === 0);
    begin();
  };
  begin();
  return {
    now,
    session: () => `${date} ${current().name}`,
    next,
    goOn: (minutes) => {
      if (localTime(now(), zone).msOfDay / 60_000 > current().closes - minutes) next();
    },
  };
}

/** 0 Sunday to 6 Saturday. */
const weekday = (date: string): number => Math.floor(Date.parse(`${date}T12:00:00Z`) / dayMs + 4) % 7;
