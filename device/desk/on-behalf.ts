/** Staff record for a pupil what the kiosk did not: came late, left, came back; decided from the time entered (product.md 6). */
import type { BackAnswer } from '../contract/kiosk.ts';
import { openDeparture } from '../domain/elsewhere.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Actor, Body, Instant, MovementBody } from '../domain/record.ts';
import type { IsoDate, MinuteOfDay } from '../domain/settings.ts';
import { notAhead } from './changes.ts';
import { notClosed } from './closed.ts';
import { leftOn } from './closing.ts';
import { departureOf, moving } from './deciding.ts';
import { leaveOf, newBadge } from './departures.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { attendedThisSession, outToday } from './presence.ts';
import { lateReason, leaveReason } from './school.ts';
import type { School } from './school.ts';
import { enteredTime, today } from './when.ts';

export interface OnBehalf {
  readonly pupil: string;
  /** Null: just now. `date`: today, where it is not given. */
  readonly at: { readonly minute: MinuteOfDay; readonly date: IsoDate | null } | null;
  readonly what:
    | { readonly kind: 'late'; readonly reason: string; readonly forRegistration?: boolean }
    | {
        readonly kind: 'leave';
        readonly reason: string;
        readonly back: BackAnswer | null;
        readonly adult: string | null;
        /** Is a badge printed? Whoever has gone already has no use for one. */
        readonly badge: boolean;
      }
    | { readonly kind: 'return' };
  readonly by: Actor;
}

export function recordFor(
  school: School,
  desk: Desk,
  ahead: Ledger,
  input: OnBehalf,
  command: DeskCommand,
): readonly Body[] {
  const pupil = school.roster.byKey(input.pupil);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  const touch = timeEntered(school, input.at, command.ageMs);
  const out = outToday(school, ahead, pupil.key, touch);
  const facts = { type: 'movement', v: 1, pupil: pupil.key, visit: command.id, touch, by: input.by } as const;
  const { what } = input;
  // Whoever is out since such a day can come back all the same: of them everything is known.
  const date = input.at?.date ?? null;
  if (what.kind !== 'return' && date !== null) notClosed(ahead, date);
  switch (what.kind) {
    case 'late':
      if (out !== null && !isAfter(departureOf(school, out).leftAt, touch))
        throw new Refused('wrong_state', 'the pupil is out: record the return');
      if (attendedThisSession(school, ahead, pupil, touch) !== null) {
        throw new Refused('wrong_state', 'already signed in for this session: correct that');
      }
      return moving(school, desk, { ...facts, ...late(school, what) }).bodies;
    case 'leave': {
      if (out !== null) throw new Refused('wrong_state', 'already out');
      const { record, bodies } = moving(school, desk, { ...facts, ...leaving(school, pupil, what) });
      return what.badge ? [...bodies, newBadge(school, ahead, record, touch)] : bodies;
    }
    case 'return': {
      if (out === null) throw new Refused('wrong_state', notOut(school, ahead, pupil.key));
      const departure = departureOf(school, out);
      if (isAfter(departure.leftAt, touch)) {
        throw new Refused('wrong_state', 'nobody comes back before having left');
      }
      const back: MovementBody = { ...facts, kind: 'return', reason: null, departure: out.record.ref };
      return moving(school, desk, back, departure).bodies;
    }
  }
}

/** Who left on an earlier day came back on that day, or not at all. */
function notOut(school: School, ahead: Ledger, pupil: string): string {
  const open = openDeparture(ahead, pupil);
  if (open === null) return 'the pupil is not out';
  return `the pupil left on ${leftOn(school, open)}: say when they came back that day, or close that day`;
}

/** Surely. */
const isAfter = (one: Instant, other: Instant): boolean =>
  one.latest !== null && other.latest !== null && one.earliest > other.latest;

function timeEntered(school: School, at: OnBehalf['at'], ageMs: number): Instant {
  if (at === null) return school.clock.reading(ageMs);
  return notAhead(school, enteredTime(school, at.date ?? today(school), at.minute));
}

function late(
  school: School,
  { reason, forRegistration }: Extract<OnBehalf['what'], { kind: 'late' }>,
): Pick<MovementBody, 'kind' | 'reason' | 'forRegistration'> {
  if (lateReason(school.settings, reason) === null) throw new Refused('invalid_input', 'no such reason');
  return { kind: 'late-arrival', reason, ...(forRegistration === undefined ? {} : { forRegistration }) };
}

function leaving(
  school: School,
  pupil: Pupil,
  { reason: id, back, adult }: Extract<OnBehalf['what'], { kind: 'leave' }>,
): Pick<MovementBody, 'kind' | 'reason' | 'leave'> {
  const reason = leaveReason(school.settings, id);
  if (reason === null) throw new Refused('invalid_input', 'no such reason');
  return {
    kind: 'early-departure',
    reason: id,
    leave: { ...leaveOf(pupil, reason, { back, withWhom: null, photo: 'none' }), adult },
  };
}
