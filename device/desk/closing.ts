/** The end of a school day (product.md 6): each pupil who is still out is closed by a named person, then the day. */
import { out, wasClosed } from '../domain/elsewhere.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import { bucketOf, stateOf } from '../domain/mark.ts';
import type { Actor, Body, DayClosedBody, OutClosedBody, Ref } from '../domain/record.ts';
import { dayOf, localTime } from '../domain/school-day.ts';
import type { IsoDate } from '../domain/settings.ts';
import { closedWords } from './closed.ts';
import { Refused } from './desk.ts';
import { note } from './note.ts';
import type { School } from './school.ts';
import { shownTime, timeOf, today } from './when.ts';

export interface OutClosing {
  readonly movement: Ref;
  readonly how: OutClosedBody['how'];
  readonly why: string | null;
  readonly by: Actor;
}
/** `upTo`: the last day that whoever closes them has been shown. */
export interface DaysClosing {
  readonly upTo: IsoDate;
  readonly by: Actor;
}
export interface DayClosing {
  readonly date: IsoDate;
  readonly by: Actor;
}

/** Not while school is on: nobody would be asked about the register that the pupil misses, nor wait for them. */
export function closeOut(school: School, ahead: Ledger, { movement: ref, how, why, by }: OutClosing): readonly Body[] {
  const movement = ahead.movements.get(ref);
  if (movement === undefined) throw new Refused('not_found', `no such departure${closedWords(ahead)}`);
  const isOut = ahead.out.has(ref);
  if (how === 'undone') {
    if (!wasClosed(ahead, movement)) throw new Refused('wrong_state', 'nobody has closed it, or the pupil came back');
  } else if (!isOut && movement.closed?.how !== 'not-found') {
    throw new Refused('wrong_state', 'the pupil is not out any more');
  }
  const tooEarly = isOut ? notYet(school, leftOn(school, movement)) : null;
  if (tooEarly !== null)
    throw new Refused('wrong_state', `${tooEarly}: until then the pupil counts as out, or signs back in`);
  const { pupil, visit } = movement.record;
  const closed: Body = { type: 'out-closed', v: 1, movement: ref, pupil, how, why, by };
  return how === 'not-found' ? [closed, note('not-found', { urgent: true, visit, pupil })] : [closed];
}

export function closeDay(school: School, ahead: Ledger, { date, by }: DayClosing): readonly Body[] {
  const tooEarly = notYet(school, date);
  if (tooEarly !== null) throw new Refused('wrong_state', tooEarly);
  const still = stillOutOn(school, ahead, date).length;
  if (still > 0)
    throw new Refused('wrong_state', `${still === 1 ? 'a pupil is' : `${String(still)} pupils are`} still out`);
  if (isClosed(school, ahead, date)) throw new Refused('wrong_state', 'that day is closed already');
  return [{ type: 'day-closed', v: 1, date, open: openOn(ahead, date), by }];
}

/** Days before today up to that one of which nobody is out any more, each closed by itself: after weeks without a closing. */
export function closeDays(school: School, ahead: Ledger, { upTo, by }: DaysClosing): readonly Body[] {
  const dates = closableTogether(school, ahead).filter((date) => date <= upTo);
  if (dates.length === 0) throw new Refused('wrong_state', 'no earlier day is free to be closed');
  return dates.map((date) => ({ type: 'day-closed', v: 1, date, open: openOn(ahead, date), by }));
}
/** Oldest first. */
export function closableTogether(school: School, ledger: Ledger): readonly IsoDate[] {
  const stillOut = new Set(out(ledger).map((departure) => leftOn(school, departure)));
  return daysToClose(school, ledger).filter((date) => !stillOut.has(date));
}

/** Why it is too early to close that day; null: it is not. */
export function notYet(school: School, date: IsoDate): string | null {
  const { settings, clock } = school;
  const local = localTime(clock.now(), settings.school.timeZone);
  if (date > local.date) return 'that day is still to come';
  if (date < local.date) return null;
  const { am, pm } = dayOf(date, null, settings);
  const ends = (pm ?? am)?.ends ?? 0;
  return local.msOfDay < ends * 60_000 ? 'school is not over yet' : null;
}

/** Who left on that day and counts as out. */
export function stillOutOn(school: School, ledger: Ledger, date: IsoDate): readonly Movement[] {
  return out(ledger).filter((departure) => leftOn(school, departure) === date);
}
export function leftOn(school: School, departure: Movement): IsoDate {
  return localTime(shownTime(timeOf(school, departure)), school.settings.school.timeZone).date;
}

/** Somebody has closed it, and nobody has been out of it since. */
export function isClosed(school: School, ledger: Ledger, date: IsoDate): boolean {
  return ledger.daysClosed.has(date) && stillOutOn(school, ledger, date).length === 0;
}

/** Days before today on which something was recorded and that nobody has closed, oldest first. */
export function daysToClose(school: School, ledger: Ledger): readonly IsoDate[] {
  const date = today(school);
  const left = out(ledger).map((departure) => leftOn(school, departure));
  const counted = [...ledger.days].flatMap(([day, counts]) =>
    Object.keys(counts).length === 0 || ledger.exported.has(day) || ledger.daysClosed.has(day) ? [] : [day],
  );
  return [...new Set([...left, ...counted])].filter((day) => day < date).sort();
}

/** Marks of that day that are not done; what waits for its time may be of that day too. */
export function openOn(ledger: Ledger, date: IsoDate): DayClosedBody['open'] {
  const states = [...ledger.marks.values()].flatMap((mark) => (mark.date === date ? [stateOf(mark)] : []));
  return {
    proposals: states.filter((state) => state === 'proposed').length,
    conflicts: states.filter((state) => bucketOf[state] === 'needsPerson' && state !== 'proposed').length,
    unsent: states.filter((state) => bucketOf[state] === 'waiting').length + ledger.undecidedMarks(),
  };
}
