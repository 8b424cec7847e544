/** Where a pupil is, by the box's own records: what is caught kindly after the name (product.md 3). */
import type { Flow, ChooseAnswer } from '../contract/kiosk.ts';
import { overWhole } from '../domain/clock-trust.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Instant } from '../domain/record.ts';
import { dayOf, localTime, sessionAt, wallToEpoch } from '../domain/school-day.ts';
import { seeReceptionOnLeave } from '../domain/codes.ts';
import { needsApproval } from './departures.ts';
import { clockFace } from './arrivals.ts';
import type { School } from './school.ts';

/** What follows after a name was chosen. Nothing is recorded but an urgent note where the MIS says that the pupil is away. */
export function afterTheName(school: School, ledger: Ledger, flow: Flow, pupil: Pupil, touch: Instant): ChooseAnswer {
  const { settings } = school;
  const { forename } = pupil;
  const out = ledger.openDeparture(pupil.key) !== null;
  if (flow === 'late') {
    if (out) return { next: 'sign-back-in', forename };
    const attended = attendedThisSession(school, ledger, pupil, touch);
    if (attended !== null) return { next: 'already-signed-in', forename, time: attended };
    const asksRegistration = pupil.yearGroup !== null && settings.late.comesAndGoes.includes(pupil.yearGroup);
    return { next: 'ask', forename, approvalReasons: [], photo: false, asksRegistration };
  }
  if (out) return { next: 'already-out', forename };
  if (seeReceptionOnLeave(standingCode(school, pupil, touch))) return { next: 'see-reception' };
  return {
    next: 'ask',
    forename,
    approvalReasons: settings.leaveReasons
      .filter((reason) => needsApproval(settings, pupil, reason.id))
      .map((reason) => reason.id),
    photo: !pupil.flags.includes('no-photo'),
    asksRegistration: false,
  };
}

function standingCode(school: School, pupil: Pupil, touch: Instant): string | null {
  const local = localTime(touch.earliest, school.settings.school.timeZone);
  const at = sessionAt(local, pupil.yearGroup, school.settings);
  return at.session === null ? null : school.observed(pupil.key, local.date, at.session);
}

/**
 * The time at which the pupil came in for the session of `touch`, `09:02`; null when not yet. With a clock that is not
 * trusted this boot's movements count (durability.md 18), without a time.
 */
export function attendedThisSession(school: School, ledger: Ledger, pupil: Pupil, touch: Instant): string | null {
  const zone = school.settings.school.timeZone;
  const session = (instant: Instant): string | null =>
    overWhole(
      instant,
      (epochMs) => sessionName(school, pupil, epochMs),
      (name) => name,
    );
  const now = session(touch);
  const came = (movement: Movement): boolean => movement.record.kind !== 'early-departure';
  const same = (movement: Movement): boolean =>
    now === null ? movement.record.touch.boot === touch.boot : session(movement.record.touch) === now;
  const last = ledger.movementsOf(pupil.key).findLast((movement) => came(movement) && same(movement));
  return last === undefined ? null : clockFace(last.record.touch.earliest, zone);
}

function sessionName(school: School, pupil: Pupil, epochMs: number): string {
  const local = localTime(epochMs, school.settings.school.timeZone);
  return `${local.date} ${sessionAt(local, pupil.yearGroup, school.settings).session ?? 'none'}`;
}

/** When a pupil who left is due back, milliseconds since the epoch; null: not today, or nobody knows. */
export function dueBack(school: School, departure: Movement): number | null {
  const { settings } = school;
  const { leave, touch, pupil } = departure.record;
  if (leave === undefined) return null;
  if (leave.minutes !== null) return touch.earliest + leave.minutes * 60_000;
  const { date } = localTime(touch.earliest, settings.school.timeZone);
  const day = dayOf(date, school.roster.byKey(pupil ?? '')?.yearGroup ?? null, settings);
  const minute =
    leave.back === 'before-lunch' ? day.am?.ends : leave.back === 'after-lunch' ? day.pm?.opens : undefined;
  return minute === undefined ? null : wallToEpoch(date, minute, settings.school.timeZone);
}
