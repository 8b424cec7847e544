/** What staff do: correct a movement, settle a mark, hold arrivals, tick off a note, void a badge. Each says who did it. */
import type { Result } from '../contract/result.ts';
import type { MarkStateName } from '../contract/staff.ts';
import { codesOf } from '../domain/codes.ts';
import type { Ledger } from '../domain/ledger.ts';
import { stateOf, writeWish } from '../domain/mark.ts';
import type { Actor, Body, DrillBody, Ref, VerdictBody } from '../domain/record.ts';
import { adopt } from './adoption.ts';
import type { Adoption } from './adoption.ts';
import { closeDay, closeDays, closeOut } from './closing.ts';
import type { DayClosing, DaysClosing, OutClosing } from './closing.ts';
import { closedWords } from './closed.ts';
import { confirmTime } from './confirm-time.ts';
import type { TimeSaid } from './confirm-time.ts';
import { correct } from './corrections.ts';
import type { Correction } from './corrections.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { foresee } from './foresee.ts';
import type { Foreseen, Plan } from './foresee.ts';
import { exported, hold } from './keeping.ts';
import type { DayExported, MovementHeld } from './keeping.ts';
import { recordFor } from './on-behalf.ts';
import type { OnBehalf } from './on-behalf.ts';
import { lateReason } from './school.ts';
import type { School } from './school.ts';

export interface StaffDesk {
  correct(command: DeskCommand, input: Correction): Promise<Result<null>>;
  /** Came late, left or came back, recorded for a pupil with the time that staff enter. */
  recordFor(command: DeskCommand, input: OnBehalf): Promise<Result<{ readonly movement: Ref }>>;
  /** What recording or correcting would come to. Nothing is recorded. */
  foresee(plan: Plan): Result<Foreseen>;
  /** Decide a proposal, keep theirs, use ours, try again, tick off what was cleared or entered by hand, or withdraw. */
  settle(command: DeskCommand, input: Settling): Promise<Result<null>>;
  /** Several at once: all of them, or none where one has changed meanwhile. */
  settleAll(command: DeskCommand, input: SettlingAll): Promise<Result<null>>;
  /** A pupil enrolled anew under another key; the other way round undoes it. */
  adopt(command: DeskCommand, input: Adoption): Promise<Result<null>>;
  /** Nothing is sent until `thaw`; sign-ins go on. */
  freeze(command: DeskCommand, input: { readonly by: Actor }): Promise<Result<null>>;
  /** A person has looked at who is who in the MIS. Not while a roster waits to be decided on. */
  thaw(command: DeskCommand, input: { readonly by: Actor }): Promise<Result<null>>;
  /** What time it is, or when a movement was. The answer: how many movements still wait for their time. */
  confirmTime(command: DeskCommand, input: TimeSaid): Promise<Result<{ readonly undecided: number }>>;
  /** The next pupils came `agoMs` milliseconds before now, for that reason; null ends it. */
  holdArrivals(command: DeskCommand, input: ArrivalsHeld): Promise<Result<null>>;
  /** Begins or ends an evacuation drill. */
  drill(command: DeskCommand, input: { readonly on: boolean; readonly by: Actor }): Promise<Result<null>>;
  /** Records that no start could take in are known to a person now. */
  setAsideSeen(command: DeskCommand, input: { readonly by: Actor }): Promise<Result<null>>;
  noteDone(command: DeskCommand, input: { readonly note: Ref; readonly by: Actor }): Promise<Result<null>>;
  /** `badge`: its record, or the eight digits that stand on it. */
  voidBadge(command: DeskCommand, input: { readonly badge: Ref; readonly by: Actor }): Promise<Result<null>>;
  /** A pupil who is still out is closed by a named person. */
  closeOut(command: DeskCommand, input: OutClosing): Promise<Result<null>>;
  closeDay(command: DeskCommand, input: DayClosing): Promise<Result<null>>;
  closeDays(command: DeskCommand, input: DaysClosing): Promise<Result<null>>;
  /** The export of a day has been written. The answer: how many movements of it there are. */
  exported(command: DeskCommand, input: DayExported): Promise<Result<{ readonly movements: number }>>;
  /** All that is known of a movement is kept for safeguarding, or no longer. */
  holdMovement(command: DeskCommand, input: MovementHeld): Promise<Result<null>>;
}
interface ArrivalsHeld {
  /** Null: no longer. */
  readonly hold: { readonly reason: string; readonly agoMs: number } | null;
  readonly by: Actor;
}
interface Settling {
  readonly key: string;
  readonly verdict: VerdictBody['verdict'];
  readonly by: Actor;
}

interface SettlingAll {
  readonly marks: readonly Pick<Settling, 'key' | 'verdict'>[];
  readonly by: Actor;
}

export function staffDesk(school: School, desk: Desk): StaffDesk {
  const run = (command: DeskCommand, decide: (ahead: Ledger) => readonly Body[]): Promise<Result<null>> =>
    desk.execute(command, decide, () => null);
  return {
    correct: (command, input) => run(command, (ahead) => correct(school, desk, ahead, input)),
    recordFor: (command, input) =>
      desk.execute(
        command,
        (ahead) => recordFor(school, desk, ahead, input, command),
        ({ ref }) => ({ movement: ref }),
      ),
    foresee: (plan) => foresee(school, desk, plan),
    settle: (command, input) => run(command, (ahead) => [settle(school, ahead, input)]),
    settleAll: (command, input) => run(command, (ahead) => settleAll(school, ahead, input)),
    adopt: (command, input) => run(command, (ahead) => adopt(school, ahead, input)),
    freeze: (command, { by }) => run(command, (ahead) => freeze(ahead, by)),
    thaw: (command, { by }) => run(command, (ahead) => thaw(ahead, by)),
    confirmTime: (command, input) =>
      desk.execute(
        command,
        (ahead) => confirmTime(school, desk, ahead, input, command.ageMs),
        (_, durable) => ({ undecided: durable.undecided.size }),
      ),
    holdArrivals: (command, input) => run(command, () => holdArrivals(school, input, command.ageMs)),
    drill: (command, input) => run(command, (ahead) => [drill(ahead, input)]),
    setAsideSeen: (command, { by }) => run(command, (ahead) => setAsideSeen(ahead, by)),
    noteDone: (command, input) => run(command, (ahead) => noteDone(ahead, input)),
    voidBadge: (command, input) => run(command, (ahead) => voidBadge(ahead, input)),
    closeOut: (command, input) => run(command, (ahead) => closeOut(school, ahead, input)),
    closeDay: (command, input) => run(command, (ahead) => closeDay(school, ahead, input)),
    closeDays: (command, input) => run(command, (ahead) => closeDays(school, ahead, input)),
    exported: (command, input) =>
      desk.execute(
        command,
        (ahead) => [exported(school, ahead, input)],
        (first) => ({ movements: first.type === 'exported' ? first.movements : 0 }),
      ),
    holdMovement: (command, input) => run(command, (ahead) => [hold(school, ahead, input)]),
  };
}

function freeze(ahead: Ledger, by: Actor): readonly Body[] {
  if (ahead.frozen !== null) throw new Refused('wrong_state', 'nothing is sent already');
  return [{ type: 'freeze', v: 1, why: 'staff', by }];
}

function holdArrivals({ settings, clock }: School, { hold, by }: ArrivalsHeld, ageMs: number): readonly Body[] {
  if (hold === null) return [{ type: 'hold-arrivals', v: 1, hold: null, by }];
  const { reason, agoMs } = hold;
  if (lateReason(settings, reason) === null) throw new Refused('invalid_input', 'no such reason');
  return [{ type: 'hold-arrivals', v: 1, hold: { touch: clock.reading(ageMs + agoMs), reason }, by }];
}

function setAsideSeen({ setAside }: Ledger, by: Actor): readonly Body[] {
  if (setAside.size === 0) throw new Refused('wrong_state', 'no record is set aside');
  return [{ type: 'set-aside-seen', v: 1, numbers: [...setAside], by }];
}

function noteDone({ notes }: Ledger, { note, by }: { readonly note: Ref; readonly by: Actor }): readonly Body[] {
  if (!notes.has(note)) throw new Refused('not_found', 'no such note');
  return [{ type: 'note-done', v: 1, note, by }];
}

function voidBadge(ahead: Ledger, { badge, by }: { readonly badge: string; readonly by: Actor }): readonly Body[] {
  const [ref] = [...ahead.badges].findLast(([one, { record }]) => one === badge || record.id === badge) ?? [];
  if (ref === undefined) throw new Refused('not_found', `no such badge${closedWords(ahead)}`);
  if (ahead.badges.get(ref)?.void === true) throw new Refused('wrong_state', 'the badge is void already');
  return [{ type: 'badge-void', v: 1, badge: ref, by }];
}

function drill({ drill: before }: Ledger, { on, by }: { readonly on: boolean; readonly by: Actor }): DrillBody {
  if (on && before !== null) throw new Refused('wrong_state', `a drill is on already, begun by ${before.by}`);
  if (!on && before === null) throw new Refused('wrong_state', 'no drill is on');
  return { type: 'drill', v: 1, on, by };
}

function thaw(ahead: Ledger, by: Actor): readonly Body[] {
  if (ahead.frozen === null) throw new Refused('wrong_state', 'nothing is in the way of the marks');
  const notes = [...ahead.notes.values()];
  if (notes.some(({ kind }) => kind === 'roster-held')) {
    throw new Refused('wrong_state', 'a roster waits: accept or discard it first');
  }
  const told = notes.filter(({ kind }) => kind === 'outbox-frozen');
  return [{ type: 'thaw', v: 1, by }, ...told.map(({ ref }): Body => ({ type: 'note-done', v: 1, note: ref, by }))];
}

const allowedIn: Readonly<Record<VerdictBody['verdict']['kind'], readonly MarkStateName[]>> = {
  write: ['proposed', 'conflict'],
  'keep-theirs': ['proposed', 'conflict', 'rejected', 'expired'],
  retry: ['rejected', 'expired'],
  cleared: ['clear-by-hand'],
  entered: ['waiting', 'rejected', 'expired'],
  withdraw: ['proposed', 'conflict', 'rejected', 'expired', 'clear-by-hand'],
};

function settleAll(school: School, ahead: Ledger, { marks, by }: SettlingAll): readonly Body[] {
  if (new Set(marks.map(({ key }) => key)).size < Math.max(1, marks.length)) {
    throw new Refused('invalid_input', 'each mark once, and one at least');
  }
  return marks.map((one) => settle(school, ahead, { ...one, by }));
}

function settle(school: School, ahead: Ledger, { key, verdict, by }: Settling): VerdictBody {
  const mark = ahead.mark(key);
  if (mark === undefined) throw new Refused('not_found', `no such mark${closedWords(ahead)}`);
  const state = stateOf(mark);
  if (!allowedIn[verdict.kind].includes(state)) throw new Refused('wrong_state', `the mark is ${state}`);
  if (verdict.kind === 'entered') {
    const wish = writeWish(mark);
    // What was copied from a sheet of a while ago may not be what is wanted now.
    if (wish?.code !== verdict.code || wish.minutes !== verdict.minutes)
      throw new Refused('wrong_state', 'the mark has changed: look at the day sheet again');
  }
  if (verdict.kind === 'write') {
    if (!codesOf(school.settings.school.nation, mark.date).has(verdict.code)) {
      throw new Refused('invalid_input', `there is no code ${verdict.code} on ${mark.date}`);
    }
    // "Use ours" carries the code that staff saw: it goes back to the tray if that changed (durability.md 22).
    if (state === 'conflict' && verdict.seen !== mark.settled?.seen) {
      throw new Refused('wrong_state', 'the mark in the MIS changed');
    }
  }
  return { type: 'verdict', v: 1, key, verdict, by };
}
