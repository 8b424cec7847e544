/** What several views of the staff page share: how pupils and times are named, and whose movements of today there are. */
import { spacedId } from '../../../domain/badge.ts';
import { pupilOf } from '../../../domain/elsewhere.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import type { Instant } from '../../../domain/record.ts';
import { localTime } from '../../../domain/school-day.ts';
import type { School } from '../../../desk/school.ts';
import { faceOf, longestDayMs, shownTime, timeOf, today } from '../../../desk/when.ts';

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

/** `09:02`; with its date where that is not today's. */
export function datedFace(school: School, at: Instant): string {
  const shown = shownTime(at);
  const local = localTime(shown, school.settings.school.timeZone);
  const isToday = Math.abs(school.clock.now() - shown) < longestDayMs && local.date === today(school);
  return isToday ? faceOf(local) : `${local.date} ${faceOf(local)}`;
}

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
