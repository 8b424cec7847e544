/** A made-up pupil on whom settings are shown: "a Year 9 pupil arriving Monday 09:02 for Bus gets L, 22 minutes late". */
import { decideArrival } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { dayOf, weekdayOf } from '../domain/school-day.ts';
import type { IsoDate, LeaveReason, MinuteOfDay, Settings } from '../domain/settings.ts';
import { lateReason, leaveReason, needsApproval, reasonLabel } from './school.ts';
import type { School } from './school.ts';
import { enteredTime, faceOf } from './when.ts';

export interface Example {
  readonly kind: 'late' | 'leave';
  readonly date: IsoDate;
  readonly minute: MinuteOfDay;
  readonly yearGroup: string;
  readonly reason: string;
}

export function exampleWords(school: School, example: Example): string {
  const { kind, date, minute, yearGroup, reason } = example;
  const { settings } = school;
  const does = kind === 'late' ? 'arriving' : 'leaving';
  const who = `A ${yearGroup} pupil ${does} ${weekdayNames[weekdayOf(date)]} ${faceOf({ msOfDay: minute * 60_000 })}`;
  const label = reasonLabel(settings, kind, reason) ?? reason;
  if (kind === 'late') {
    const at = enteredTime(school, date, minute);
    const decision = decideArrival({ at, yearGroup, reason: lateReason(settings, reason), settings });
    return decision === 'undecided' ? `${who}: not to be told.` : `${who} for ${label} ${arrivalWords(decision)}.`;
  }
  const named = leaveReason(settings, reason);
  return named === null
    ? `${who}: there is no such reason.`
    : `${who} for ${label} ${leaveWords(settings, example, named)}.`;
}

function arrivalWords({ want, outcome }: Decision): string {
  switch (want.kind) {
    case 'mark':
      return `gets ${want.code}${want.minutes === null ? '' : `, ${minutesWords(want.minutes)} late`}`;
    case 'proposal':
      return want.code === null
        ? 'waits for staff to say which code, if any'
        : `waits for staff to decide: ${want.code} is proposed`;
    case 'none':
      return outcome === 'on-time' ? 'is on time: no mark' : 'gets no mark: there is no register for them then';
  }
}

function leaveWords(settings: Settings, { date, minute, yearGroup }: Example, reason: LeaveReason): string {
  const { back, laterSessionCode: code } = reason;
  const goes = needsApproval(settings, { yearGroup }, reason.id)
    ? 'waits until staff let them go'
    : 'is let go at once';
  const returns =
    back === 'ask'
      ? 'is asked when they come back'
      : back === 'not-today'
        ? 'is not due back'
        : `is due back in ${minutesWords(back.minutes)}`;
  const misses = dayOf(date, yearGroup, settings).pm;
  const opens = misses !== null && misses.opens > minute;
  const written = settings.leave.writeLaterSession ? 'written' : 'proposed';
  const missed = code === null ? 'staff say which mark' : `${code} is ${written}`;
  return `${goes} and ${returns}${opens ? `; still out at ${faceOf({ msOfDay: misses.opens * 60_000 })}, ${missed}` : ''}`;
}

const minutesWords = (minutes: number): string => (minutes === 1 ? '1 minute' : `${String(minutes)} minutes`);

export const weekdayNames = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
} as const;
