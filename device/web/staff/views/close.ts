/** Close the day: what stands in the way of it, what is open, and what was closed (product.md 6). */
import type { CloseDay, CloseView, ClosedDay, DaysTogether, OutClosedRow } from '../../../contract/staff-close.ts';
import type { Role } from '../../../contract/staff.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { bucketOf, isUnsettled, stateOf } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import type { MarkStateName } from '../../../contract/staff.ts';
import { isSchoolDay } from '../../../domain/school-day.ts';
import { closableTogether, daysToClose, isClosed, leftOn, notYet, stillOutOn } from '../../../desk/closing.ts';
import type { School } from '../../../desk/school.ts';
import { today } from '../../../desk/when.ts';
import { mayTakeExports } from '../roles.ts';
import { markRow } from './mark-words.ts';
import { outNowRow } from './now.ts';
import { datedFace, nameOf, rowsMax } from './rows.ts';
import { dayWords } from './settings-words.ts';
import type { StaffSituation } from './situation.ts';

/** More than a month of school is not shown at once. */
const daysMax = 10;
const closedMax = 60;

export function closeView(school: School, ledger: Ledger, situation: StaffSituation, role: Role): CloseView {
  const date = today(school);
  const earlier = daysToClose(school, ledger);
  const hasToday = isSchoolDay(date, school.settings) || (ledger.days.get(date) ?? null) !== null;
  const days = hasToday && !isClosed(school, ledger, date) ? [...earlier, date] : earlier;
  const closed = [...ledger.daysClosed.keys()].sort().reverse().slice(0, closedMax);
  return {
    days: days.slice(0, daysMax).map((day) => closeDay(school, ledger, situation, day, role)),
    moreDays: Math.max(0, days.length - daysMax),
    together: together(school, ledger),
    closed: closed.flatMap((day) => closedDay(school, ledger, situation, day)),
    mayTakeExports: mayTakeExports.includes(role),
  };
}

function together(school: School, ledger: Ledger): DaysTogether | null {
  const dates = closableTogether(school, ledger);
  const [first, upTo] = [dates[0], dates.at(-1)];
  if (first === undefined || upTo === undefined || dates.length < 2) return null;
  const unsettled = [...ledger.marks.values()].filter((mark) => dates.includes(mark.date) && isUnsettled(mark));
  const open = unsettled.length + ledger.undecidedMarks();
  return { days: dates.length, words: `${dayWords(first)} to ${dayWords(upTo)}`, upTo, open };
}

function closeDay(school: School, ledger: Ledger, situation: StaffSituation, date: string, role: Role): CloseDay {
  const ofDay = [...ledger.marks.values()].filter((mark) => mark.date === date);
  const marks = (is: (state: MarkStateName) => boolean) => ofDay.filter((mark) => is(stateOf(mark)));
  const rows = (some: readonly Mark[]) => some.slice(0, rowsMax).map((mark) => markRow(school, mark));
  const proposals = marks((state) => state === 'proposed');
  const conflicts = marks((state) => state !== 'proposed' && bucketOf[state] === 'needsPerson');
  const unsent = marks((state) => bucketOf[state] === 'waiting');
  const undecided = ledger.undecidedMarks();
  return {
    date,
    words: dayWords(date),
    notYet: notYet(school, date),
    out: stillOutOn(school, ledger, date).flatMap((departure) => outNowRow(school, ledger, situation, departure, role)),
    settled: settledOn(school, ledger, date),
    ...{ proposals: rows(proposals), conflicts: rows(conflicts), unsent: rows(unsent) },
    undecided,
    counts: { proposals: proposals.length, conflicts: conflicts.length, unsent: unsent.length + undecided },
  };
}

function settledOn(school: School, ledger: Ledger, date: string): readonly OutClosedRow[] {
  return [...ledger.movements.values()].flatMap((movement) => {
    const { closed, record } = movement;
    if (closed === undefined || movement.cancelled || leftOn(school, movement) !== date) return [];
    const { how, why, by, at } = closed;
    const who = nameOf(school, record.pupil ?? '');
    return [{ movement: record.ref, ...who, how, why, by, at: datedFace(school, at) }];
  });
}

function closedDay(school: School, ledger: Ledger, { exportSize }: StaffSituation, date: string): readonly ClosedDay[] {
  const record = ledger.daysClosed.get(date);
  if (record === undefined) return [];
  const { by, at } = record;
  return [{ date, words: dayWords(date), by, at: datedFace(school, at), exportBytes: exportSize(date) }];
}
