/** Who came late, who is out, who is back, and who is here while the MIS does not know it (product.md 6). */
import type { Role } from '../../../contract/staff.ts';
import type { LateRow, NowView, OutNowRow } from '../../../contract/staff-views.ts';
import { out, pupilOf } from '../../../domain/elsewhere.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { markKey } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import { localTime } from '../../../domain/school-day.ts';
import { daysToClose } from '../../../desk/closing.ts';
import { dueBack, heldArrival, isOverdue } from '../../../desk/presence.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, shownTime, timeOf, today } from '../../../desk/when.ts';
import { desk } from '../role-groups.ts';
import { contactRow, toContact } from './contact.ts';
import type { Contact } from './contact.ts';
import { holdShown } from './hold.ts';
import { briefOf } from './mark-words.ts';
import { inRow, movementsOn, outRow, reasonsOf, rowsMax, shortAge, staffOf, undecidedRows } from './rows.ts';
import type { StaffSituation } from './situation.ts';

/** Who is who of today, before anything is made of it that is shown. */
interface Today {
  readonly contact: readonly Contact[];
  readonly late: readonly Movement[];
  readonly onTime: readonly Movement[];
  readonly out: readonly Movement[];
  readonly back: readonly Movement[];
}

/** `todays`: as `movementsOn` gives them. */
function todayOf(school: School, ledger: Ledger, situation: StaffSituation, todays: readonly Movement[]): Today {
  const arrivals = todays.filter(({ record }) => record.kind === 'late-arrival');
  return {
    contact: toContact(school, ledger, situation, todays),
    late: arrivals.filter(isLate),
    onTime: arrivals.filter((movement) => !isLate(movement)),
    out: out(ledger).filter(({ record }) => record.leave !== undefined),
    back: todays.filter(({ record }) => record.kind === 'return'),
  };
}

/** Until it is decided, whoever signed in counts as late. */
const isLate = ({ decided }: Movement): boolean =>
  decided.length === 0 || decided.some(({ outcome }) => outcome === 'late' || outcome === 'after-close');

/** For the head of every page, which has no rows. */
export const nowCounts = (...given: Parameters<typeof todayOf>): NowView['counts'] =>
  countsOf(given[0], todayOf(...given));

function countsOf(school: School, { contact, late, onTime, out: left, back }: Today): NowView['counts'] {
  return {
    contact: contact.length,
    late: late.length,
    onTime: onTime.length,
    out: left.length,
    overdue: left.filter((departure) => isOverdue(school, departure)).length,
    back: back.length,
  };
}

export function nowView(school: School, ledger: Ledger, situation: StaffSituation, role: Role): NowView {
  const people = todayOf(school, ledger, situation, movementsOn(school, ledger, today(school), school.clock.now()));
  const outRows = people.out.flatMap((departure) => outNowRow(school, ledger, situation, departure, role));
  return {
    date: today(school),
    unclosed: daysToClose(school, ledger),
    contact: people.contact.slice(0, rowsMax).map((one) => contactRow(school, ledger, one)),
    late: newestFirst(people.late).map((one) => lateRow(school, ledger, one, role)),
    onTime: newestFirst(people.onTime).map((one) => lateRow(school, ledger, one, role)),
    out: overdueFirst(outRows).slice(0, rowsMax),
    back: newestFirst(people.back).map((one) => lateRow(school, ledger, one, role)),
    undecided: undecidedRows(school, ledger),
    counts: countsOf(school, people),
    hold: busHold(school, ledger),
    ...reasonsOf(school),
    comesAndGoes: school.settings.late.comesAndGoes,
  };
}

const newestFirst = (movements: readonly Movement[]): readonly Movement[] => movements.slice(-rowsMax).reverse();

/** Overdue ones first, then those of earlier days, then the others as they left. */
function overdueFirst(rows: readonly OutNowRow[]): readonly OutNowRow[] {
  const rank = (row: OutNowRow): number => (row.overdue ? 0 : row.earlier !== null ? 1 : 2);
  return [...rows].sort((one, other) => rank(one) - rank(other));
}

export function markOf(ledger: Ledger, movement: Movement): Mark | null {
  const { decided, record } = movement;
  const session = decided.find((one) => one.want.kind !== 'none');
  if (session === undefined || session.session === null) return null;
  return ledger.mark(markKey(record.pupil ?? session.pupil, session.date, session.session)) ?? null;
}

function lateRow(school: School, ledger: Ledger, movement: Movement, role: Role): LateRow {
  const mark = markOf(ledger, movement);
  return {
    ...inRow(school, ledger, movement),
    pupilKey: pupilOf(ledger, movement),
    by: staffOf(movement.record.by),
    mark: mark === null ? null : briefOf(mark),
    hold: holdShown(school, ledger, movement.record.ref, role),
  };
}

export function outNowRow(
  school: School,
  ledger: Ledger,
  situation: StaffSituation,
  departure: Movement,
  role: Role,
): readonly OutNowRow[] {
  const left = shownTime(timeOf(school, departure));
  const { date } = localTime(left, school.settings.school.timeZone);
  return outRow(school, ledger, situation, departure).map((row) => ({
    ...row,
    pupilKey: departure.record.pupil,
    by: staffOf(departure.record.by),
    overdueBy: row.overdue ? overdueFor(school, departure) : null,
    earlier: date < today(school) ? date : null,
    hold: holdShown(school, ledger, departure.record.ref, role),
    ...(desk.includes(role) ? {} : { photoUrl: null, badgeUrl: null }),
  }));
}

function overdueFor(school: School, departure: Movement): string | null {
  const due = dueBack(school, departure);
  return due === null ? null : shortAge(school.clock.now() - due);
}

function busHold(school: School, ledger: Ledger): NowView['hold'] {
  const { settings, clock } = school;
  const hold = heldArrival(school, ledger, clock.reading());
  if (hold === null) return null;
  return {
    time: clockFace(shownTime(hold.touch), settings.school.timeZone),
    reason: reasonLabel(settings, 'late', hold.reason) ?? '',
  };
}
