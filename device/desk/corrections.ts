/**
 * Staff put a movement right: undone, moved to the pupil whose it was, at another time, for another reason (product.md 6).
 * Nothing is edited in place.
 */
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Actor, Body, MovementBody, Ref } from '../domain/record.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { MinuteOfDay } from '../domain/settings.ts';
import { moving } from './deciding.ts';
import { newBadge } from './departures.ts';
import { Refused } from './desk.ts';
import type { Desk } from './desk.ts';
import { change } from './changes.ts';
import { closedWords } from './closed.ts';
import { hold, holdDaysMax } from './keeping.ts';
import { note } from './note.ts';
import { attendedThisSession, outToday } from './presence.ts';
import type { School } from './school.ts';
import { onSameDay, timeOf } from './when.ts';

export interface Correction {
  readonly movement: Ref;
  readonly correction:
    | { readonly how: 'undo' }
    /** A departure or return of somebody else, nobody knows whose: undone, and the photo kept for safeguarding. */
    | { readonly how: 'not-this-pupil' }
    /** It was another pupil: same facts, other pupil, both marks put right, the badge voided and a new one given. */
    | { readonly how: 'another-pupil'; readonly pupil: string }
    /** `minute` of the day of the movement: decided anew from then, with the settings in force. */
    | { readonly how: 'time'; readonly minute: MinuteOfDay }
    | { readonly how: 'reason'; readonly reason: string };
  readonly why: string | null;
  readonly by: Actor;
}

export function correct(school: School, desk: Desk, ahead: Ledger, input: Correction): readonly Body[] {
  const { correction, by, why } = input;
  const movement = ahead.movements.get(input.movement);
  if (movement === undefined) throw new Refused('not_found', `no such movement${closedWords(ahead)}`);
  if (movement.cancelled) throw new Refused('wrong_state', 'already undone');
  if (correction.how === 'time' || correction.how === 'reason') {
    return change(school, ahead, movement, correction, { by, why });
  }
  const undone = alsoUndone(ahead, movement).map(({ record }): Body => ({
    type: 'correction',
    v: 1,
    movement: record.ref,
    how: 'staff',
    by,
    why,
    pupil: record.pupil,
  }));
  if (correction.how === 'undo') return undone;
  if (correction.how === 'not-this-pupil') {
    const { pupil, visit } = movement.record;
    const held = photoHeld(school, ahead, movement, { by, why });
    return [...undone, held, note('not-this-pupil', { urgent: true, visit, pupil })];
  }
  const pupil = school.roster.byKey(correction.pupil);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  if (pupil.key === movement.record.pupil) throw new Refused('wrong_state', 'it is this pupil already');
  return [...undone, ...asAnotherPupil(school, desk, ahead, { movement, pupil, by, offset: undone.length })];
}

/** The photo is the departure's, for a return too. */
function photoHeld(
  school: School,
  ahead: Ledger,
  { record: { kind, ref, departure } }: Movement,
  { by, why }: Pick<Correction, 'by' | 'why'>,
): Body {
  if (kind === 'late-arrival') throw new Refused('wrong_state', 'an arrival has no photo: undo it');
  const movement = ahead.movements.has(departure ?? '') ? (departure ?? ref) : ref;
  return hold(school, ahead, { movement, days: holdDaysMax, why: why ?? 'Not this pupil', by });
}

/** The movement itself; with a departure goes the return that ended it: who never left cannot have come back. */
function alsoUndone(ahead: Ledger, movement: Movement): readonly Movement[] {
  const { kind, pupil, n } = movement.record;
  const leftAgain = ({ record }: Movement): boolean => record.kind === 'early-departure' && record.n > n;
  if (kind === 'return' && ahead.movementsOf(pupil ?? '').some(leftAgain)) {
    throw new Refused('wrong_state', 'the pupil has left again: undo that first');
  }
  const back = ahead.movements.get(movement.endedBy ?? '');
  return back === undefined ? [movement] : [back, movement];
}

interface Moving {
  readonly movement: Movement;
  readonly pupil: Pupil;
  readonly by: Actor;
  /** Records before these in the commit. */
  readonly offset: number;
}

function asAnotherPupil(school: School, desk: Desk, ahead: Ledger, facts: Moving): readonly Body[] {
  const { movement, pupil, offset } = facts;
  switch (movement.record.kind) {
    case 'late-arrival':
      if (attendedThisSession(school, ahead, pupil, timeOf(school, movement)) !== null) {
        throw new Refused('wrong_state', 'this pupil has signed in for the session: undo the other one');
      }
      return moving(school, desk, movedBody(school, movement, facts), null, offset).bodies;
    case 'early-departure':
      return departureAsAnotherPupil(school, desk, ahead, facts);
    case 'return':
      throw new Refused('wrong_state', 'a return belongs to its departure: move that');
  }
}

/** The departure, and a badge to come back with; the return too, if they are back. */
function departureAsAnotherPupil(school: School, desk: Desk, ahead: Ledger, facts: Moving): readonly Body[] {
  const { movement, pupil, offset } = facts;
  const leftAt = timeOf(school, movement);
  if (outToday(school, ahead, pupil.key, leftAt) !== null)
    throw new Refused('wrong_state', 'this pupil is out already');
  const left = moving(school, desk, movedBody(school, movement, facts), null, offset);
  const back = ahead.movements.get(movement.endedBy ?? '');
  if (back === undefined) {
    const isOver = onSameDay(school, leftAt, school.clock.reading()) === false;
    return isOver ? left.bodies : [...left.bodies, newBadge(school, ahead, left.record, leftAt)];
  }
  const returned = { ...movedBody(school, back, facts), departure: left.record.ref };
  return [...left.bodies, ...moving(school, desk, returned, { ...left, leftAt }, offset + left.bodies.length).bodies];
}

/** The same facts under the right pupil, at the time as it is known by now. */
function movedBody(school: School, movement: Movement, { pupil, by }: Moving): MovementBody {
  const { kind, visit, reason, leave, forRegistration } = movement.record;
  return {
    type: 'movement',
    v: 1,
    kind,
    pupil: pupil.key,
    visit,
    reason,
    touch: timeOf(school, movement),
    by,
    ...(leave === undefined ? {} : { leave }),
    ...(forRegistration === undefined ? {} : { forRegistration }),
  };
}
