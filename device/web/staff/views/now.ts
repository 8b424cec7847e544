/** Who came late, who is out, who is back, and who is here while the MIS does not know it (product.md 6). */
import type { Role } from '../../../contract/staff.ts';
import type { Choice, LateRow, NowView, OutNowRow } from '../../../contract/staff-views.ts';
import { out } from '../../../domain/elsewhere.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { markKey } from '../../../domain/mark.ts';
import type { Mark } from '../../../domain/mark.ts';
import { localTime } from '../../../domain/school-day.ts';
import { daysToClose } from '../../../desk/closing.ts';
import { dueBack, heldArrival } from '../../../desk/presence.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, shownTime, timeOf, today } from '../../../desk/when.ts';
import { contactRows } from './contact.ts';
import { holdShown } from './hold.ts';
import { briefOf } from './mark-words.ts';
import { inRow, movementsOn, outRow, rowsMax, shortAge, staffOf, undecidedRows } from './rows.ts';
import type { StaffSituation } from './situation.ts';

export function nowView(school: School, ledger: Ledger, situation: StaffSituation, role: Role): NowView {
  const date = today(school);
  const todays = movementsOn(school, ledger, date, school.clock.now());
  const late = todays.filter(({ record }) => record.kind === 'late-arrival');
  const back = todays.filter(({ record }) => record.kind === 'return');
  const departures = out(ledger);
  const outRows = departures.flatMap((departure) => outNowRow(school, ledger, departure, role));
  const contact = contactRows(school, ledger, situation, todays);
  return {
    date,
    unclosed: daysToClose(school, ledger),
    contact: contact.slice(0, rowsMax),
    late: newestFirst(late).map((one) => lateRow(school, ledger, one, role)),
    out: overdueFirst(outRows).slice(0, rowsMax),
    back: newestFirst(back).map((one) => lateRow(school, ledger, one, role)),
    undecided: undecidedRows(school, ledger),
    counts: {
      contact: contact.length,
      late: late.length,
      out: outRows.length,
      overdue: outRows.filter(({ overdue }) => overdue).length,
      back: back.length,
    },
    hold: busHold(school, ledger),
    ...reasonsOf(school),
  };
}

const newestFirst = (movements: readonly Movement[]): readonly Movement[] => movements.slice(-rowsMax).reverse();

/** Overdue ones first, then those of earlier days, then the others as they left. */
function overdueFirst(rows: readonly OutNowRow[]): readonly OutNowRow[] {
  const rank = (row: OutNowRow): number => (row.overdue ? 0 : row.earlier ? 1 : 2);
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
    by: staffOf(movement.record.by),
    mark: mark === null ? null : briefOf(mark),
    hold: holdShown(school, ledger, movement.record.ref, role),
  };
}

export function outNowRow(school: School, ledger: Ledger, departure: Movement, role: Role): readonly OutNowRow[] {
  const left = shownTime(timeOf(school, departure));
  const earlier = localTime(left, school.settings.school.timeZone).date < today(school);
  return outRow(school, ledger, departure).map((row) => ({
    ...row,
    pupilKey: departure.record.pupil,
    by: staffOf(departure.record.by),
    overdueBy: row.overdue ? overdueFor(school, departure) : null,
    earlier,
    hold: holdShown(school, ledger, departure.record.ref, role),
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

function reasonsOf({ settings }: School): Pick<NowView, 'lateReasons' | 'leaveReasons'> {
  const choice = (kind: 'late' | 'leave', id: string): Choice => ({ id, label: reasonLabel(settings, kind, id) ?? id });
  return {
    lateReasons: settings.lateReasons.map(({ id }) => choice('late', id)),
    leaveReasons: settings.leaveReasons.map(({ id, back }) => ({ ...choice('leave', id), asksBack: back === 'ask' })),
  };
}
