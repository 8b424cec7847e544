/** What staff do: correct a movement, settle a mark, hold arrivals, tick off a note, reprint or void a badge. */
import type { Result } from '../contract/result.ts';
import { codesOf } from '../domain/codes.ts';
import { decideArrival, misComment } from '../domain/attendance.ts';
import { journalNumber } from '../domain/badge.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import { stateOf } from '../domain/mark.ts';
import type { Actor, Body, Ref, VerdictBody } from '../domain/record.ts';
import { decidedBody } from './arrivals.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { lateReason } from './school.ts';
import type { School } from './school.ts';

export type Correction =
  | { readonly how: 'undo' }
  /** The movement was another pupil's: same facts, other pupil, both marks put right, the badge voided. */
  | { readonly how: 'another-pupil'; readonly pupil: string };

export interface StaffDesk {
  correct(
    command: DeskCommand,
    input: { readonly movement: Ref; readonly correction: Correction; readonly why: string | null; readonly by: Actor },
  ): Promise<Result<null>>;
  /** Decide a proposal, keep theirs, use ours, try again, or tick off what was cleared by hand. */
  settle(
    command: DeskCommand,
    input: { readonly key: string; readonly verdict: VerdictBody['verdict']; readonly by: Actor },
  ): Promise<Result<null>>;
  holdArrivals(
    command: DeskCommand,
    input: { readonly hold: { readonly reason: string; readonly agoMs: number } | null; readonly by: Actor },
  ): Promise<Result<null>>;
  noteDone(command: DeskCommand, input: { readonly note: Ref; readonly by: Actor }): Promise<Result<null>>;
  voidBadge(command: DeskCommand, input: { readonly badge: Ref; readonly by: Actor }): Promise<Result<null>>;
}

export function staffDesk(school: School, desk: Desk): StaffDesk {
  const run = (command: DeskCommand, decide: (ahead: Ledger) => readonly Body[]): Promise<Result<null>> =>
    desk.execute(command, decide, () => null);
  return {
    correct: (command, input) => run(command, (ahead) => correct(school, desk, ahead, input)),
    settle: (command, input) => run(command, (ahead) => settle(school, ahead, input)),
    holdArrivals: (command, { hold, by }) =>
      run(command, () => {
        if (hold === null) return [{ type: 'hold-arrivals', v: 1, hold: null, by }];
        if (lateReason(school.settings, hold.reason) === undefined)
          throw new Refused('invalid_input', 'no such reason');
        const held = { touch: school.clock.reading(hold.agoMs), reason: hold.reason };
        return [{ type: 'hold-arrivals', v: 1, hold: held, by }];
      }),
    noteDone: (command, { note, by }) =>
      run(command, (ahead) => {
        if (!ahead.notes.has(note)) throw new Refused('not_found', 'no such note');
        return [{ type: 'note-done', v: 1, note, by }];
      }),
    voidBadge: (command, { badge, by }) =>
      run(command, (ahead) => {
        if (ahead.badges.get(badge)?.void !== false) throw new Refused('not_found', 'no such badge in use');
        return [{ type: 'badge-void', v: 1, badge, by }];
      }),
  };
}

function correct(
  school: School,
  desk: Desk,
  ahead: Ledger,
  input: { readonly movement: Ref; readonly correction: Correction; readonly why: string | null; readonly by: Actor },
): readonly Body[] {
  const movement = ahead.movements.get(input.movement);
  if (movement === undefined) throw new Refused('not_found', 'no such movement');
  if (movement.cancelled) throw new Refused('wrong_state', 'already undone');
  const undo: Body = { type: 'correction', v: 1, movement: input.movement, how: 'staff', by: input.by, why: input.why };
  if (input.correction.how === 'undo') return [undo];
  return [undo, ...asAnotherPupil(school, desk, movement, input.correction.pupil, input.by)];
}

function asAnotherPupil(school: School, desk: Desk, movement: Movement, key: string, by: Actor): readonly Body[] {
  const pupil = school.roster.byKey(key);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  const { record } = movement;
  if (record.kind !== 'late-arrival') {
    // A departure needs a badge of its own and a return its own departure: undo, then record it for the right pupil.
    throw new Refused('wrong_state', 'only a late arrival can be moved to another pupil');
  }
  const { settings } = school;
  const reason = lateReason(settings, record.reason ?? '') ?? null;
  const at = record.touch;
  const decision = decideArrival({
    at,
    yearGroup: pupil.yearGroup,
    reason,
    forRegistration: record.forRegistration ?? false,
    settings,
  });
  const moved: Body = {
    type: 'movement',
    v: 1,
    kind: 'late-arrival',
    pupil: key,
    visit: `${record.visit}+`,
    reason: record.reason,
    touch: at,
    by,
  };
  if (decision === 'undecided') return [moved];
  const number = journalNumber(settings.box.id, desk.nextNumber + 1);
  const comment = misComment(reason, settings.school.languages[0] ?? 'en', number);
  return [moved, decidedBody(desk.refOfNext(1), key, decision, comment, settings.version)];
}

function settle(
  school: School,
  ahead: Ledger,
  input: { readonly key: string; readonly verdict: VerdictBody['verdict']; readonly by: Actor },
): readonly Body[] {
  const mark = ahead.mark(input.key);
  if (mark === undefined) throw new Refused('not_found', 'no such mark');
  const state = stateOf(mark);
  const { verdict } = input;
  if (!allowedIn[verdict.kind].includes(state)) throw new Refused('wrong_state', `the mark is ${state}`);
  if (verdict.kind === 'write') {
    const entry = codesOf(school.settings.school.nation, mark.date).get(verdict.code);
    if (entry === undefined) throw new Refused('invalid_input', `there is no code ${verdict.code} on ${mark.date}`);
    // "Use ours" carries the code that staff saw: it goes back to the tray if that changed (durability.md 22).
    if (state === 'conflict' && verdict.seen !== mark.settled?.seen)
      throw new Refused('wrong_state', 'the mark in the MIS changed');
  }
  return [{ type: 'verdict', v: 1, key: input.key, verdict, by: input.by }];
}

const allowedIn: Readonly<Record<VerdictBody['verdict']['kind'], readonly string[]>> = {
  write: ['proposed', 'conflict'],
  'keep-theirs': ['proposed', 'conflict', 'rejected', 'expired'],
  retry: ['rejected', 'expired'],
  cleared: ['clear-by-hand'],
};
