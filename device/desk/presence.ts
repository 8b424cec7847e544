/** Where a pupil is, by the box's own records: what is caught kindly after the name (product.md 3). */
import type { Flow, ChooseAnswer } from '../contract/kiosk.ts';
import { isTrusted, overWhole } from '../domain/clock-trust.ts';
import { seeReceptionOnLeave } from '../domain/codes.ts';
import { movementsOf, openDeparture, wasClosed } from '../domain/elsewhere.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Instant } from '../domain/record.ts';
import { dayOf, localTime, sessionAt, wallToEpoch } from '../domain/school-day.ts';
import { lateReason, needsApproval } from './school.ts';
import type { School } from './school.ts';
import { longestDayMs, onSameDay, shownTime, sureFace, timeOf, timeOfTouch, today } from './when.ts';

/** From midnight, where a morning session begins, to the afternoon's register. Milliseconds. */
const longestSessionMs = 13 * 3_600_000;
/** A pupil's movements of one day are looked for among this many, the newest. */
const movementsOfADayMax = 20;

/** What follows after a name was chosen. Nothing is recorded. */
export function afterTheName(school: School, ledger: Ledger, flow: Flow, pupil: Pupil, touch: Instant): ChooseAnswer {
  const { settings } = school;
  const { forename } = pupil;
  if (isHidden(pupil)) return { next: 'see-reception' };
  const out = outToday(school, ledger, pupil.key, touch) !== null;
  if (flow === 'late') {
    if (out) return { next: 'sign-back-in', forename };
    const attended = attendedThisSession(school, ledger, pupil, touch);
    if (attended !== null) {
      const time = sureFace(timeOf(school, attended), settings.school.timeZone);
      return { next: 'already-signed-in', forename, time };
    }
    const asksRegistration = pupil.yearGroup !== null && settings.late.comesAndGoes.includes(pupil.yearGroup);
    return { next: 'ask', forename, approvalReasons: [], photo: false, asksRegistration };
  }
  if (out) return { next: 'already-out', forename };
  if (awayCode(school, ledger, pupil, touch) !== null) return { next: 'see-reception' };
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

/** Flagged pupils never appear by name; whoever knows their key gets no further either. */
function isHidden({ flags }: Pupil): boolean {
  return flags.includes('see-reception') || flags.includes('do-not-display');
}

/**
 * The code by which the MIS has the pupil absent, suspended or on a visit; null: none. A pupil whom this box has seen come
 * in today is here, whatever an older read says.
 */
export function awayCode(school: School, ledger: Ledger, pupil: Pupil, touch: Instant): string | null {
  const cameToday = recentMovements(ledger, pupil.key).some(
    (movement) => cameIn(movement) && onSameDay(school, timeOf(school, movement), touch) !== false,
  );
  if (cameToday) return null;
  const local = localTime(touch.earliest, school.settings.school.timeZone);
  const { session } = sessionAt(local, pupil.yearGroup, school.settings);
  const standing = session === null ? null : school.observed(pupil.key, local.date, session);
  return seeReceptionOnLeave(standing) ? standing : null;
}

/**
 * The pupil's departure, if they are out at `touch`. One that is surely of another day does not count: it stays open until
 * a person closes it, and the pupil comes and goes as on any day.
 */
export function outToday(school: School, ledger: Ledger, pupil: string, touch: Instant): Movement | null {
  const departure = openDeparture(ledger, pupil);
  if (departure === null) return null;
  return onSameDay(school, timeOf(school, departure), touch) === false ? null : departure;
}

/**
 * The movement that says where the pupil is at `touch`, for who looks for them; null: none of that day. Whom a person has closed is
 * away still, unless they came after that.
 */
export function whereabouts(school: School, ledger: Ledger, pupil: string, touch: Instant): Movement | null {
  const departure = outToday(school, ledger, pupil, touch);
  if (departure !== null) return departure;
  const ofToday = movementsOf(ledger, pupil).filter(
    (movement) => onSameDay(school, timeOf(school, movement), touch) !== false,
  );
  const came = ofToday.findLast(cameIn);
  const gone = ofToday.findLast((movement) => wasClosed(ledger, movement));
  if (came === undefined || gone === undefined) return came ?? gone ?? null;
  return shownTime(timeOf(school, came)) > shownTime(timeOf(school, gone)) ? came : gone;
}

/**
 * The movement by which the pupil came in for the session of `touch`; null when not yet. While the session is not sure, those
 * of this boot count, up to the length of a session (durability.md 18).
 */
export function attendedThisSession(school: School, ledger: Ledger, pupil: Pupil, touch: Instant): Movement | null {
  const now = sessionOf(school, pupil, touch);
  const last = recentMovements(ledger, pupil.key).findLast((movement) => {
    if (!cameIn(movement)) return false;
    const session = sessionOf(school, pupil, timeOf(school, movement));
    if (now !== null && session !== null) return now === session;
    const { boot, mono } = movement.record.touch;
    return now === null && boot === touch.boot && Math.abs(touch.mono - mono) < longestSessionMs;
  });
  return last ?? null;
}

const cameIn = ({ record }: Movement): boolean => record.kind !== 'early-departure';

function recentMovements(ledger: Ledger, pupil: string): readonly Movement[] {
  return movementsOf(ledger, pupil).slice(-movementsOfADayMax);
}

/** `2026-11-23 AM`; null where date or session is not sure. */
function sessionOf(school: School, pupil: Pick<Pupil, 'yearGroup'>, at: Instant): string | null {
  const { settings } = school;
  const nameOf = (epochMs: number): string => {
    const local = localTime(epochMs, settings.school.timeZone);
    return `${local.date} ${sessionAt(local, pupil.yearGroup, settings).session ?? 'none'}`;
  };
  return overWhole(at, nameOf, (name) => name);
}

/**
 * The time and reason that staff hold for the pupils who come now. A hold counts in the session in which it was set: if
 * somebody forgets to end it, nobody gets a wrong mark in the afternoon or the next morning. While the session is not sure, one of
 * this boot counts for the length of a session.
 */
export function heldArrival(
  school: School,
  ledger: Ledger,
  now: Instant,
): { readonly touch: Instant; readonly reason: string } | null {
  const { hold, at } = ledger.hold ?? {};
  if (!hold || at === undefined || lateReason(school.settings, hold.reason) === null) return null;
  const [set, present] = [timeOfTouch(school, at), now].map((time) => sessionOf(school, { yearGroup: null }, time));
  const isYoung = at.boot === now.boot && now.mono - at.mono < longestSessionMs;
  const holds = present === null ? isYoung : set === present;
  return holds ? { touch: timeOfTouch(school, hold.touch), reason: hold.reason } : null;
}

/** When a pupil who left today is due back, milliseconds since the epoch; null: not today, or nobody knows (yet). */
export function dueBack(school: School, departure: Movement): number | null {
  const { settings } = school;
  const { timeZone } = settings.school;
  const { leave, pupil } = departure.record;
  const at = timeOf(school, departure);
  const left = shownTime(at);
  if (leave === undefined || !isTrusted(at) || Math.abs(school.clock.now() - left) > longestDayMs) return null;
  const { date } = localTime(left, timeZone);
  if (date !== today(school)) return null;
  if (leave.minutes !== null) return left + leave.minutes * 60_000;
  const day = dayOf(date, school.roster.byKey(pupil ?? '')?.yearGroup ?? null, settings);
  const minute =
    leave.back === 'before-lunch' ? day.am?.ends : leave.back === 'after-lunch' ? day.pm?.opens : undefined;
  return minute === undefined ? null : wallToEpoch(date, minute, timeZone);
}

export function isOverdue(school: School, departure: Movement): boolean {
  const due = dueBack(school, departure);
  return due !== null && school.clock.now() > due;
}
