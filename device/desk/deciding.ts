/** What follows for registers from a movement: the one place where `decided` records are made (durability.md 2). */
import { decideArrival, decideDeparture, decideReturn, misComment, stillOut } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { journalNumber } from '../domain/badge.ts';
import { isTrusted } from '../domain/clock-trust.ts';
import type { Movement } from '../domain/ledger.ts';
import type { Body, DecidedBody, Instant, MovementBody, Ref } from '../domain/record.ts';
import { localTime } from '../domain/school-day.ts';
import type { LateReason, LeaveReason, MinuteOfDay } from '../domain/settings.ts';
import type { Desk } from './desk.ts';
import { lateReason, leaveReason } from './school.ts';
import type { School } from './school.ts';
import { shownTime, timeOf } from './when.ts';

/** The reason of a return for which no badge was shown. */
export const WITHOUT_BADGE = 'no-badge';

/** A movement with its place in the journal, which it has or is about to get. */
export type Placed = MovementBody & { readonly ref: Ref; readonly n: number };
/** What a return and the watch need to know of a departure. */
export interface Departure {
  readonly record: Placed;
  readonly decided: readonly DecidedBody[];
  readonly leftAt: Instant;
}
export function departureOf(school: School, movement: Movement): Departure {
  return { ...movement, leftAt: timeOf(school, movement) };
}

/**
 * A movement as the next commit will hold it, and what follows from it if its time is sure.
 *
 * @param offset records before it in that commit.
 */
export function moving(
  school: School,
  desk: Desk,
  movement: MovementBody,
  departure: Departure | null = null,
  offset = 0,
): { readonly record: Placed; readonly decided: readonly DecidedBody[]; readonly bodies: readonly Body[] } {
  // Who left the roll while out comes back as who went.
  const yearGroup = school.roster.byKey(movement.pupil ?? '')?.yearGroup ?? departure?.record.yearGroup ?? null;
  const body: MovementBody = { ...movement, ...(yearGroup === null ? {} : { yearGroup }) };
  const record = { ...body, ...desk.placeOfNext(offset) };
  const decided = decidedFor(school, record, record.touch, departure);
  return { record, decided, bodies: [body, ...decided] };
}

/**
 * Empty while the time is not sure, for a return whose departure is not known here, and where a newer version's record must be
 * understood first (durability.md 3).
 */
export function decidedFor(
  school: School,
  movement: Placed,
  at: Instant,
  departure: Departure | null,
): readonly DecidedBody[] {
  if (!school.mayDecide()) return [];
  const { settings } = school;
  const yearGroup = yearGroupOf(school, movement);
  switch (movement.kind) {
    case 'late-arrival': {
      const reason = lateReason(settings, movement.reason);
      const forRegistration = movement.forRegistration ?? false;
      const decision = decideArrival({ at, yearGroup, reason, forRegistration, settings });
      return bodies(school, movement, reason, [decision], { minute: minuteAt(school, at) });
    }
    case 'early-departure':
      return bodies(school, movement, null, [decideDeparture({ at, yearGroup, settings })]);
    case 'return': {
      if (departure === null) return [];
      const { record, leftAt } = departure;
      const reason = leaveReason(settings, record.reason);
      const withBadge = movement.reason !== WITHOUT_BADGE;
      const decision = decideReturn({ leftAt, at, yearGroup, reason, withBadge, settings });
      if (decision === 'undecided') return [];
      // The comment has the number that stands on the badge: the departure's.
      const back = { ...movement, n: record.n };
      // Registers missed in between are for the box that let the pupil go.
      const missed = movement.badge === undefined ? missedRegisters(school, departure, at) : [];
      const away = { away: Math.max(0, Math.round((shownTime(at) - shownTime(leftAt)) / 60_000)) };
      return [...bodies(school, back, reason, [decision], isTrusted(leftAt) ? away : {}), ...missed];
    }
  }
}

/** Registers that have opened between leaving and `now`, and that have no decision yet. */
export function missedRegisters(school: School, departure: Departure, now: Instant): readonly DecidedBody[] {
  if (!school.mayDecide()) return [];
  const { settings } = school;
  const { record, decided, leftAt } = departure;
  // Who has left the roll is missed by no register, and nobody knows which registers theirs were.
  if (school.roster.byKey(record.pupil ?? '') === undefined) return [];
  const reason = leaveReason(settings, record.reason);
  const missed = stillOut({ leftAt, now, yearGroup: yearGroupOf(school, record), reason, settings });
  const isNew = ({ date, session }: Decision): boolean =>
    !decided.some((one) => one.outcome === 'still-out' && one.date === date && one.session === session);
  return bodies(school, record, reason, missed.filter(isNew));
}

function bodies(
  school: School,
  { ref, n, pupil, badge }: Placed,
  reason: LateReason | LeaveReason | null,
  decisions: readonly (Decision | 'undecided')[],
  counted: Pick<DecidedBody, 'minute' | 'away'> = {},
): readonly DecidedBody[] {
  if (decisions.length === 0) return [];
  const { box, school: place, version: settings } = school.settings;
  // A badge says of which box its number is.
  const number = journalNumber(badge === undefined ? box.id : Number(badge.id.charAt(0)), n);
  const comment = misComment(reason, place.languages[0] ?? 'en', number);
  return decisions.flatMap((decision): readonly DecidedBody[] =>
    decision === 'undecided' || pupil === null
      ? []
      : [{ type: 'decided', v: 1, movement: ref, pupil, comment, settings, ...decision, ...counted }],
  );
}

/** Decided only where the time is sure to the side of a register: the middle is as good as any of it. */
function minuteAt({ settings }: School, at: Instant): MinuteOfDay {
  return Math.floor(localTime(shownTime(at), settings.school.timeZone).msOfDay / 60_000);
}

/** Of then; of now where the movement does not have it. */
function yearGroupOf(school: School, { pupil, yearGroup }: Placed): string | null {
  return yearGroup ?? school.roster.byKey(pupil ?? '')?.yearGroup ?? null;
}
