/** Sign out early: straight away with a badge, or a request that a member of staff answers (product.md 3 and 5). */
import type { EarlyAnswer, EarlyInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { decideDeparture } from '../domain/attendance.ts';
import { issue } from '../domain/badge-id.ts';
import { badgeKey } from '../domain/ledger.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Actor, BadgeBody, Body, Instant, Leave, MovementBody, Recorded } from '../domain/record.ts';
import { addDays, localTime } from '../domain/school-day.ts';
import type { Settings } from '../domain/settings.ts';
import { decidedBody } from './arrivals.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { leaveReason } from './school.ts';
import type { School } from './school.ts';

/** An ID is not given out again this soon (product.md 5). */
const idRestDays = 30;

export interface Departures {
  early(command: DeskCommand, input: EarlyInput): Promise<Result<EarlyAnswer>>;
  /** Staff answer a waiting pupil. Approval lets a pupil go; it never authorises a code. */
  answer(
    command: DeskCommand,
    input: {
      readonly visit: string;
      readonly answer: 'let-go' | 'no';
      readonly adult: string | null;
      readonly by: Actor;
    },
  ): Promise<Result<null>>;
}

/** `mayPrint`: is the printer ready? The pupil is told to write the number down where it is not. */
export function departures(school: School, desk: Desk, mayPrint: () => boolean): Departures {
  return {
    early: (command, input) =>
      desk.execute(
        command,
        (ahead) => signOut(school, desk, ahead, input),
        (first, durable) => earlyAnswer(school, durable, first, mayPrint()),
      ),
    answer: (command, input) =>
      desk.execute(
        command,
        (ahead) => answerRequest(school, desk, ahead, input),
        () => null,
      ),
  };
}

/** By the pupil's year group or by the reason: either asks for it. */
export function needsApproval(settings: Settings, pupil: Pupil, reason: string): boolean {
  const { yearGroups, reasons } = settings.leave.approval;
  return reasons.includes(reason) || (pupil.yearGroup !== null && yearGroups.includes(pupil.yearGroup));
}

function signOut(school: School, desk: Desk, ahead: Ledger, input: EarlyInput): readonly Body[] {
  const { settings } = school;
  const pupil = school.roster.byKey(input.pupil);
  const reason = leaveReason(settings, input.reason);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  if (reason === undefined) throw new Refused('invalid_input', 'no such reason');
  if (ahead.openDeparture(pupil.key) !== null) throw new Refused('wrong_state', 'already out');
  const waiting = [...ahead.requests.values()].some(
    (request) => request.answer === null && request.record.pupil === pupil.key,
  );
  if (waiting) throw new Refused('wrong_state', 'already waiting for an answer');
  const leave: Leave = {
    back: input.back ?? (reason.back === 'not-today' ? 'not-today' : null),
    minutes: typeof reason.back === 'object' ? reason.back.minutes : null,
    withWhom: input.withWhom,
    adult: null,
    photo: pupil.flags.includes('no-photo') ? 'none' : input.photo,
  };
  const touch = school.clock.reading(input.touchAgoMs);
  if (needsApproval(settings, pupil, reason.id)) {
    return [{ type: 'request', v: 1, visit: input.visit, pupil: pupil.key, reason: reason.id, leave, touch }];
  }
  return leaving(
    school,
    desk,
    ahead,
    { pupil: pupil.key, visit: input.visit, reason: reason.id, leave, touch, by: 'pupil' },
    0,
  );
}

interface Leaving {
  readonly pupil: string;
  readonly visit: string;
  readonly reason: string;
  readonly leave: Leave;
  readonly touch: Instant;
  readonly by: Actor;
}

/** The departure, what follows for registers, and its badge: one commit. `offset`: records before it in the commit. */
function leaving(school: School, desk: Desk, ahead: Ledger, facts: Leaving, offset: number): readonly Body[] {
  const movement: MovementBody = { type: 'movement', v: 1, kind: 'early-departure', ...facts };
  const ref = desk.refOfNext(offset);
  const yearGroup = school.roster.byKey(facts.pupil)?.yearGroup ?? null;
  const decision = decideDeparture({ at: facts.touch, yearGroup, settings: school.settings });
  const decided =
    decision === 'undecided' ? [] : [decidedBody(ref, facts.pupil, decision, null, school.settings.version)];
  const { date } = localTime(facts.touch.earliest, school.settings.school.timeZone);
  return [movement, ...decided, badge(school, ahead, ref, date)];
}

function badge(school: School, ahead: Ledger, movement: string, date: string): BadgeBody {
  const { settings } = school;
  const recent = Array.from({ length: idRestDays }, (_, day) => addDays(date, -day));
  const issued = issue({
    school: settings.school.name,
    date,
    box: settings.box.id,
    serial: ahead.serial + 1,
    hash: school.badgeHash,
    usedRecently: (id) => recent.some((day) => ahead.badgeById.has(badgeKey(day, id))),
  });
  if (issued === null) throw new Refused('busy', 'no badge number is left today');
  const token = Buffer.from(school.random.bytes(8)).toString('hex');
  return { type: 'badge', v: 1, movement, id: issued.id, date, serial: issued.serial, token };
}

function earlyAnswer(school: School, durable: Ledger, first: Recorded, printing: boolean): EarlyAnswer {
  if (first.type === 'request') {
    return { state: 'waiting', forename: school.roster.byKey(first.pupil)?.forename ?? '' };
  }
  const movement = durable.movements.get(first.ref);
  const issued = durable.badges.get(movement?.badge ?? '');
  const pupil = movement?.record.pupil ?? null;
  if (issued === undefined || pupil === null) throw new Refused('internal', 'the departure has no badge');
  return { state: 'departed', forename: school.roster.byKey(pupil)?.forename ?? '', badge: issued.record.id, printing };
}

function answerRequest(
  school: School,
  desk: Desk,
  ahead: Ledger,
  input: {
    readonly visit: string;
    readonly answer: 'let-go' | 'no';
    readonly adult: string | null;
    readonly by: Actor;
  },
): readonly Body[] {
  const request = ahead.requests.get(input.visit);
  if (request === undefined) throw new Refused('not_found', 'nobody is waiting under this visit');
  if (request.answer !== null) throw new Refused('wrong_state', `already answered by ${request.answer.by}`);
  const { record } = request;
  const answer: Body = { type: 'answer', v: 1, request: record.ref, answer: input.answer, by: input.by };
  if (input.answer === 'no') return [answer];
  if (ahead.openDeparture(record.pupil) !== null) throw new Refused('wrong_state', 'already out');
  // The pupil leaves when let go, not when the tablet was touched.
  const touch = school.clock.reading();
  const leave = { ...record.leave, adult: input.adult };
  const facts = { pupil: record.pupil, visit: record.visit, reason: record.reason, leave, touch, by: input.by };
  return [answer, ...leaving(school, desk, ahead, facts, 1)];
}
