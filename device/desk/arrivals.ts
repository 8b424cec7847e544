/** Sign in late, undo it, and the sibling beside (product.md 3 and 4). */
import type { LateAnswer, LateInput } from '../contract/kiosk.ts';
import { limits } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { decideArrival, misComment } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { journalNumber } from '../domain/badge.ts';
import { localTime } from '../domain/school-day.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Body, DecidedBody, Instant, MovementBody, Recorded, Ref } from '../domain/record.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { attendedThisSession } from './presence.ts';
import { lateReason } from './school.ts';
import type { School } from './school.ts';

/** An undo that was tapped in time may arrive this much later. */
const undoGraceMs = 15_000;

export interface Arrivals {
  late(command: DeskCommand, input: LateInput): Promise<Result<LateAnswer>>;
  undo(command: DeskCommand, input: { readonly movement: Ref }): Promise<Result<null>>;
}

export function arrivals(school: School, desk: Desk): Arrivals {
  return {
    late: (command, input) =>
      desk.execute(
        command,
        (ahead) => signIn(school, desk, ahead, input),
        (first, durable) => lateAnswer(school, durable, first),
      ),
    undo: (command, input) =>
      desk.execute(
        command,
        (ahead) => undo(school, ahead, input.movement),
        () => null,
      ),
  };
}

function signIn(school: School, desk: Desk, ahead: Ledger, input: LateInput): readonly Body[] {
  const { settings } = school;
  const pupil = school.roster.byKey(input.pupil);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  if (ahead.openDeparture(pupil.key) !== null) throw new Refused('wrong_state', 'the pupil is out');
  const { touch, reasonId } = touchAndReason(school, ahead, input);
  const reason = reasonId === null ? null : lateReason(settings, reasonId);
  if (reason === undefined) throw new Refused('invalid_input', 'no such reason');
  if (reason === null && input.forRegistration !== false) throw new Refused('invalid_input', 'a reason is missing');
  if (attendedThisSession(school, ahead, pupil, touch) !== null) {
    throw new Refused('wrong_state', 'already signed in for this session');
  }
  const movement: MovementBody = {
    type: 'movement',
    v: 1,
    kind: 'late-arrival',
    pupil: pupil.key,
    visit: input.visit,
    reason: reason?.id ?? null,
    touch,
    by: 'pupil',
    ...(input.forRegistration === undefined ? {} : { forRegistration: input.forRegistration }),
  };
  const decision = decideArrival({
    at: touch,
    yearGroup: pupil.yearGroup,
    reason,
    forRegistration: input.forRegistration ?? false,
    settings,
  });
  if (decision === 'undecided') return [movement];
  const number = journalNumber(settings.box.id, desk.nextNumber);
  const comment = misComment(reason, settings.school.languages[0] ?? 'en', number);
  return [movement, decidedBody(desk.refOfNext(), pupil.key, decision, comment, settings.version)];
}

/** The second child arrived with the first; staff may hold a time and reason for a queue or a late bus. */
function touchAndReason(
  school: School,
  ahead: Ledger,
  input: LateInput,
): { readonly touch: Instant; readonly reasonId: string | null } {
  if (input.withVisit !== undefined) {
    const first = ahead.movements.get(ahead.visits.get(input.withVisit) ?? '');
    if (first === undefined) throw new Refused('not_found', 'no such visit to arrive with');
    return { touch: first.record.touch, reasonId: first.record.reason ?? input.reason };
  }
  const held = ahead.hold?.hold ?? null;
  if (held !== null) return { touch: held.touch, reasonId: held.reason };
  return { touch: school.clock.reading(input.touchAgoMs), reasonId: input.reason };
}

export function decidedBody(
  movement: Ref,
  pupil: string,
  decision: Decision,
  comment: string | null,
  settings: string,
): DecidedBody {
  return { type: 'decided', v: 1, movement, pupil, comment, settings, ...decision };
}

function lateAnswer(school: School, durable: Ledger, first: Recorded): LateAnswer {
  const movement = durable.movements.get(first.ref);
  const pupil = movement?.record.pupil ?? null;
  if (movement === undefined || pupil === null) throw new Refused('internal', 'the arrival is not in the ledger');
  const [decided] = movement.decided;
  const outcome = decided?.outcome ?? 'to-be-confirmed';
  return {
    movement: first.ref,
    forename: school.roster.byKey(pupil)?.forename ?? '',
    time: decided === undefined ? null : clockFace(movement.record.touch.earliest, school.settings.school.timeZone),
    outcome: shownOutcome(outcome),
    undoForMs: limits.undoForAaMs,
  };
}

function shownOutcome(outcome: DecidedBody['outcome'] | 'to-be-confirmed'): LateAnswer['outcome'] {
  switch (outcome) {
    case 'on-time':
    case 'late':
    case 'after-close':
    case 'to-be-confirmed':
      return outcome;
    case 'no-register':
    case 'left':
    case 'back':
    case 'still-out':
      return 'no-register';
  }
}

/** `08:52`, school local. */
export function clockFace(epochMs: number, zone: string): string {
  const minutes = Math.floor(localTime(epochMs, zone).msOfDay / 60_000);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function undo(school: School, ahead: Ledger, ref: Ref): readonly Body[] {
  const movement = ahead.movements.get(ref);
  if (movement?.record.kind !== 'late-arrival' || movement.record.by !== 'pupil') throw new Refused('not_found');
  if (movement.cancelled) throw new Refused('wrong_state', 'already undone');
  const age = school.clock.mono() - movement.record.at.mono;
  const sameBoot = movement.record.at.boot === school.clock.boot;
  if (!sameBoot || age > limits.undoForAaMs + undoGraceMs) throw new Refused('wrong_state', 'too late to undo here');
  return [{ type: 'correction', v: 1, movement: ref, how: 'undo', by: 'pupil', why: null }];
}
