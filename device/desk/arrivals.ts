/** Sign in late, undo it, and the sibling beside (product.md 3 and 4). */
import type { LateAnswer, LateInput } from '../contract/kiosk.ts';
import { limits } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Body, DecidedBody, Instant, Recorded, Ref } from '../domain/record.ts';
import { moving } from './deciding.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { attendedThisSession, heldArrival, outToday } from './presence.ts';
import { forenameOf, lateReason } from './school.ts';
import type { School } from './school.ts';
import { sureFace, timeOf } from './when.ts';

/** An undo that was tapped in time may arrive this much later. */
const undoGraceMs = 15_000;

export interface Arrivals {
  late(command: DeskCommand, input: LateInput): Promise<Result<LateAnswer>>;
  undo(command: DeskCommand, input: UndoInput): Promise<Result<null>>;
}
interface UndoInput {
  readonly visit: string;
  readonly movement: Ref;
}

export function arrivals(school: School, desk: Desk): Arrivals {
  return {
    late: (command, input) =>
      desk.execute(
        command,
        (ahead) => signIn(school, desk, ahead, input, command.ageMs),
        (first, durable) => lateAnswer(school, durable, first),
      ),
    undo: (command, input) =>
      desk.execute(
        command,
        (ahead) => undo(school, ahead, input),
        () => null,
      ),
  };
}

function signIn(school: School, desk: Desk, ahead: Ledger, input: LateInput, ageMs: number): readonly Body[] {
  const pupil = school.roster.byKey(input.pupil);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  const { touch, reason } = touchAndReason(school, ahead, input, ageMs);
  if (reason === null && input.forRegistration !== false) throw new Refused('invalid_input', 'a reason is missing');
  if (reason !== null && lateReason(school.settings, reason) === null) {
    throw new Refused('invalid_input', 'no such reason');
  }
  if (outToday(school, ahead, pupil.key, touch) !== null) throw new Refused('wrong_state', 'the pupil is out');
  if (attendedThisSession(school, ahead, pupil, touch) !== null) {
    throw new Refused('wrong_state', 'already signed in for this session');
  }
  const { forRegistration } = input;
  return moving(school, desk, {
    type: 'movement',
    v: 1,
    kind: 'late-arrival',
    pupil: pupil.key,
    visit: input.visit,
    reason,
    touch,
    by: 'pupil',
    ...(forRegistration === undefined ? {} : { forRegistration }),
  }).bodies;
}

/** The second child arrived with the first; staff may hold a time and reason for a queue or a late bus. */
function touchAndReason(
  school: School,
  ahead: Ledger,
  input: LateInput,
  ageMs: number,
): { readonly touch: Instant; readonly reason: string | null } {
  if (input.withVisit !== undefined) {
    const first = ahead.movements.get(ahead.visits.get(input.withVisit) ?? '');
    if (first?.record.kind !== 'late-arrival') throw new Refused('not_found', 'no such visit to arrive with');
    return { touch: timeOf(school, first), reason: first.record.reason ?? input.reason };
  }
  const now = school.clock.reading(ageMs + input.touchAgoMs);
  return heldArrival(school, ahead, now) ?? { touch: now, reason: input.reason };
}

function lateAnswer(school: School, durable: Ledger, first: Recorded): LateAnswer {
  const movement = durable.movements.get(first.ref);
  if (movement === undefined) throw new Refused('internal', 'the arrival is not in the ledger');
  const [decided] = movement.decided;
  const { timeZone } = school.settings.school;
  return {
    movement: first.ref,
    forename: forenameOf(school, movement.record.pupil) ?? '',
    time: decided === undefined ? null : sureFace(timeOf(school, movement), timeZone),
    outcome: decided === undefined ? 'to-be-confirmed' : shownOutcome(decided.outcome),
    undoForMs: limits.undoForAaMs,
  };
}

/** An arrival is one of the first four; the others belong to departures and returns. */
function shownOutcome(outcome: DecidedBody['outcome']): LateAnswer['outcome'] {
  switch (outcome) {
    case 'on-time':
    case 'late':
    case 'after-close':
    case 'no-register':
      return outcome;
    case 'left':
    case 'back':
    case 'still-out':
      throw new Refused('internal', 'not the outcome of an arrival');
  }
}

function undo(school: School, ahead: Ledger, { visit, movement: ref }: UndoInput): readonly Body[] {
  const movement = ahead.movements.get(ref);
  const own = movement?.record.visit === visit && movement.record.by === 'pupil';
  if (movement?.record.kind !== 'late-arrival' || !own) throw new Refused('not_found');
  if (movement.cancelled) throw new Refused('wrong_state', 'already undone');
  const { at } = movement.record;
  const age = school.clock.mono() - at.mono;
  if (at.boot !== school.clock.boot || age > limits.undoForAaMs + undoGraceMs) {
    throw new Refused('wrong_state', 'too late to undo here');
  }
  return [{ type: 'correction', v: 1, movement: ref, how: 'undo', by: 'pupil', why: null }];
}
