/** Who, when, which movement: what the rows of all views have in common. */
import type { Choice, NowView } from '../../../contract/staff-views.ts';
import type { InRow, OutRow, UndecidedRow } from '../../../contract/staff-rows.ts';
import { spacedId } from '../../../domain/badge.ts';
import { pupilOf } from '../../../domain/elsewhere.ts';
import type { Badge, Ledger, Movement } from '../../../domain/ledger.ts';
import type { Instant } from '../../../domain/record.ts';
import { localTime } from '../../../domain/school-day.ts';
import { photoUrl } from '../../../desk/photos.ts';
import { dueBack, isOverdue } from '../../../desk/presence.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, faceOf, longestDayMs, shownTime, sureFace, timeOf, today } from '../../../desk/when.ts';
import type { StaffSituation } from './situation.ts';

/** Rows of one kind in a view. */
export const rowsMax = 200;

export interface Named {
  readonly pupil: string;
  readonly registrationGroup: string | null;
}
/** Staff see full names; a pupil who has left the roster is named by what is left. */
export function nameOf(school: School, key: string): Named {
  const pupil = school.roster.byKey(key);
  if (pupil === undefined) return { pupil: 'No longer on the roster', registrationGroup: null };
  return { pupil: `${pupil.forename} ${pupil.surname}`.trim(), registrationGroup: pupil.registrationGroup };
}

/** Until it is settled whose it was, a return with another box's badge is known by the number. */
export function whoMoved(school: School, ledger: Ledger, movement: Movement): Named {
  const pupil = pupilOf(ledger, movement);
  if (pupil !== null) return nameOf(school, pupil);
  return { pupil: `Badge ${spacedId(movement.record.badge?.id ?? '')} of another box`, registrationGroup: null };
}

/** Those that stand, oldest first; and whatever still waits for a sure time, of whichever day that was. */
export function movementsOn(school: School, ledger: Ledger, date: string, now: number): readonly Movement[] {
  return [...ledger.movements.values()].filter((movement) => {
    const { cancelled, record } = movement;
    if (cancelled) return false;
    if (ledger.undecided.has(record.ref) && record.kind !== 'early-departure') return true;
    const at = shownTime(timeOf(school, movement));
    if (Math.abs(now - at) > longestDayMs) return false;
    return localTime(at, school.settings.school.timeZone).date === date;
  });
}

/** An arrival or a return whose time is not sure waits, and is in the sum. */
export function makesNoMark({ record, decided }: Movement): boolean {
  const waits = decided.length === 0 && record.kind !== 'early-departure' && record.pupil !== null;
  return !waits && decided.every(({ want }) => want.kind === 'none');
}

/** `09:02`; with its date where that is not today's. */
export const datedFace = (school: School, at: Instant): string => faceAt(school, shownTime(at));

/** The same of a moment that nobody doubts, milliseconds since the epoch. */
export function faceAt(school: School, epochMs: number): string {
  const local = localTime(epochMs, school.settings.school.timeZone);
  const isToday = Math.abs(school.clock.now() - epochMs) < longestDayMs && local.date === today(school);
  return isToday ? faceOf(local) : `${local.date} ${faceOf(local)}`;
}

export function undecidedRows(school: School, ledger: Ledger): readonly UndecidedRow[] {
  const zone = school.settings.school.timeZone;
  const starts = new Map<string, { readonly start: number; readonly mono: number }>();
  return [...ledger.undecided].slice(0, rowsMax).flatMap((ref) => {
    const movement = ledger.movements.get(ref);
    if (movement === undefined) return [];
    const { kind, touch } = movement.record;
    const first = starts.get(touch.boot) ?? { start: starts.size + 1, mono: touch.mono };
    starts.set(touch.boot, first);
    const { earliest, latest } = timeOf(school, movement);
    const minutesLater = Math.round((touch.mono - first.mono) / 60_000);
    const [after, before] = [earliest, latest].map((end) => (end === null || end <= 0 ? null : dated(end, zone)));
    const known = { after: after ?? null, before: before ?? null };
    return [{ movement: ref, ...whoMoved(school, ledger, movement), kind, start: first.start, minutesLater, ...known }];
  });
}

export const dated = (epochMs: number, zone: string): string =>
  `${localTime(epochMs, zone).date} ${clockFace(epochMs, zone)}`;

export function outRow(
  school: School,
  ledger: Ledger,
  { waitsForPrinter }: Pick<StaffSituation, 'waitsForPrinter'>,
  departure: Movement,
): readonly OutRow[] {
  if (departure.record.leave === undefined) return [];
  const { ref, pupil, reason, leave, visit } = departure.record;
  const due = dueBack(school, departure);
  const badge = ledger.badges.get(departure.badge ?? '');
  return [
    {
      movement: ref,
      ...nameOf(school, pupil ?? ''),
      since: datedFace(school, timeOf(school, departure)),
      reason: reasonLabel(school.settings, 'leave', reason) ?? '',
      back: leave.back,
      due: due === null ? null : clockFace(due, school.settings.school.timeZone),
      overdue: isOverdue(school, departure),
      withWhom: leave.withWhom,
      adult: leave.adult,
      badge: badge?.record.id ?? null,
      badgeState: badgeState(badge, waitsForPrinter),
      badgeUrl: badge === undefined || badge.void ? null : `/badge/${encodeURIComponent(visit)}`,
      photoUrl: leave.photo === 'taken' ? photoUrl(visit) : null,
    },
  ];
}

export function badgeState(
  badge: Badge | undefined,
  waitsForPrinter: StaffSituation['waitsForPrinter'],
): OutRow['badgeState'] {
  if (badge === undefined || badge.void) return 'void';
  if (waitsForPrinter(badge.record.ref)) return 'waiting';
  if (badge.print === null || badge.print.state === 'failed') return 'not-printed';
  return badge.print.state === 'printed' ? 'printed' : 'printing';
}

export function inRow(school: School, ledger: Ledger, movement: Movement): InRow {
  const { record, decided } = movement;
  const withoutBadge = record.kind === 'return' && record.reason !== null;
  return {
    movement: record.ref,
    ...whoMoved(school, ledger, movement),
    time: sureFace(timeOf(school, movement), school.settings.school.timeZone),
    reason: withoutBadge ? 'without a badge' : reasonLabel(school.settings, 'late', record.reason),
    outcome: decided[0]?.outcome ?? 'to-be-confirmed',
  };
}

export function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 60) return `${String(minutes)} minutes`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} hours` : `${String(Math.floor(hours / 24))} days`;
}

/** `12 min`, `1 h 05 min`, `3 days`. */
export function shortAge(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${String(minutes)} min`;
  return hours < 48
    ? `${String(hours)} h ${String(rest).padStart(2, '0')} min`
    : `${String(Math.floor(hours / 24))} days`;
}

/** Null: the pupil did it. */
export const staffOf = (by: string): string | null => (by === 'pupil' ? null : by);

/** To choose from. */
export function reasonsOf({ settings }: School): Pick<NowView, 'lateReasons' | 'leaveReasons'> {
  const choice = (kind: 'late' | 'leave', id: string): Choice => ({ id, label: reasonLabel(settings, kind, id) ?? id });
  return {
    lateReasons: settings.lateReasons.map(({ id }) => choice('late', id)),
    leaveReasons: settings.leaveReasons.map(({ id, back }) => ({ ...choice('leave', id), asksBack: back === 'ask' })),
  };
}
