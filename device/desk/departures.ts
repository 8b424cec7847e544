/** Sign out early: straight away with a badge, or a request that a member of staff answers (product.md 3 and 5). */
import type { EarlyAnswer, EarlyInput } from '../contract/kiosk.ts';
import type { Result } from '../contract/result.ts';
import { issue } from '../domain/badge-id.ts';
import { badgeKey } from '../domain/ledger.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Pupil } from '../domain/pupil.ts';
import type {
  Actor,
  AnswerBody,
  BadgeBody,
  Body,
  Instant,
  Leave,
  MovementBody,
  Recorded,
  Ref,
} from '../domain/record.ts';
import { addDays, localTime } from '../domain/school-day.ts';
import type { LeaveReason } from '../domain/settings.ts';
import { moving } from './deciding.ts';
import { Refused } from './desk.ts';
import type { Desk, DeskCommand } from './desk.ts';
import { outToday } from './presence.ts';
import { forenameOf, leaveReason, needsApproval } from './school.ts';
import type { School } from './school.ts';
import { onSameDay, timeOfTouch } from './when.ts';

/** An ID is not given out again this soon (product.md 5). */
const idRestDays = 30;

export interface Departures {
  early(command: DeskCommand, input: EarlyInput): Promise<Result<EarlyAnswer>>;
  /** Staff answer a waiting pupil. Approval lets a pupil go; it never authorises a code. The answer: the departure, if they go. */
  answer(command: DeskCommand, input: StaffAnswer): Promise<Result<{ readonly movement: Ref | null }>>;
}
export interface StaffAnswer {
  readonly visit: string;
  readonly answer: AnswerBody['answer'];
  readonly adult: string | null;
  readonly by: Actor;
}

/** `mayPrint`: is the printer ready? The pupil is told to write the number down where it is not. */
export function departures(school: School, desk: Desk, mayPrint: () => boolean): Departures {
  return {
    early: (command, input) =>
      desk.execute(
        command,
        (ahead) => signOut(school, desk, ahead, input, command.ageMs),
        (first, durable) => earlyAnswer(school, durable, first, mayPrint()),
      ),
    answer: (command, input) =>
      desk.execute(
        command,
        (ahead) => answerRequest(school, desk, ahead, input, command.ageMs),
        (_, durable) => ({ movement: durable.visits.get(input.visit) ?? null }),
      ),
  };
}

function signOut(school: School, desk: Desk, ahead: Ledger, input: EarlyInput, ageMs: number): readonly Body[] {
  const { settings } = school;
  const { visit } = input;
  const pupil = school.roster.byKey(input.pupil);
  const reason = leaveReason(settings, input.reason);
  if (pupil === undefined) throw new Refused('not_found', 'no such pupil');
  if (reason === null) throw new Refused('invalid_input', 'no such reason');
  const touch = school.clock.reading(ageMs + input.touchAgoMs);
  if (outToday(school, ahead, pupil.key, touch) !== null) throw new Refused('wrong_state', 'already out');
  if (ahead.waitingRequests().some(({ record }) => record.pupil === pupil.key || record.visit === visit)) {
    throw new Refused('wrong_state', 'already waiting for an answer');
  }
  const facts = { visit, pupil: pupil.key, reason: reason.id, leave: leaveOf(pupil, reason, input), touch };
  if (needsApproval(settings, pupil, reason.id)) return [{ type: 'request', v: 1, ...facts }];
  return leaving(school, desk, ahead, { type: 'movement', v: 1, kind: 'early-departure', ...facts, by: 'pupil' });
}

/** What the reason itself says about coming back counts over what the page sends beside it. */
export function leaveOf(
  pupil: Pupil,
  { back }: LeaveReason,
  input: Pick<EarlyInput, 'back' | 'withWhom' | 'photo'>,
): Leave {
  return {
    back: back === 'ask' ? input.back : back === 'not-today' ? back : null,
    minutes: typeof back === 'object' ? back.minutes : null,
    withWhom: input.withWhom,
    adult: null,
    photo: pupil.flags.includes('no-photo') ? 'none' : input.photo,
  };
}

/** The departure, what follows for registers, and its badge: one commit. `offset`: records before it in the commit. */
function leaving(school: School, desk: Desk, ahead: Ledger, departure: MovementBody, offset = 0): readonly Body[] {
  const { record, bodies } = moving(school, desk, departure, null, offset);
  return [...bodies, newBadge(school, ahead, record, record.touch)];
}

/** A badge with an ID of its own for a departure. Refused when the thousand of the day are used up. */
export function newBadge(
  school: School,
  ahead: Ledger,
  { ref, pupil }: Pick<Recorded<MovementBody>, 'ref' | 'pupil'>,
  touch: Instant,
): BadgeBody {
  const { settings } = school;
  const { date } = localTime(touch.earliest, settings.school.timeZone);
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
  return { type: 'badge', v: 1, movement: ref, id: issued.id, date, serial: issued.serial, token, pupil };
}

function earlyAnswer(school: School, durable: Ledger, first: Recorded, printing: boolean): EarlyAnswer {
  if (first.type === 'request') return { state: 'waiting', forename: forenameOf(school, first.pupil) ?? '' };
  const movement = durable.movements.get(first.ref);
  const issued = durable.badges.get(movement?.badge ?? '');
  if (movement === undefined || issued === undefined) throw new Refused('internal', 'the departure has no badge');
  const forename = forenameOf(school, movement.record.pupil) ?? '';
  return { state: 'departed', forename, badge: issued.record.id, printing };
}

function answerRequest(
  school: School,
  desk: Desk,
  ahead: Ledger,
  { visit, answer, adult, by }: StaffAnswer,
  ageMs: number,
): readonly Body[] {
  const request = ahead.requests.get(visit);
  if (request === undefined) throw new Refused('not_found', 'nobody is waiting under this visit');
  if (request.answer !== null) throw new Refused('wrong_state', `already answered by ${request.answer.by}`);
  const { pupil, reason, leave, touch, ref } = request.record;
  const answered: Body = { type: 'answer', v: 1, request: ref, answer, by };
  if (answer === 'no') return [answered];
  // The pupil leaves when let go, not when the kiosk was touched.
  const now = school.clock.reading(ageMs);
  if (onSameDay(school, timeOfTouch(school, touch), now) === false) {
    throw new Refused('wrong_state', 'the pupil asked on another day');
  }
  if (outToday(school, ahead, pupil, now) !== null) throw new Refused('wrong_state', 'already out');
  const departure: MovementBody = {
    type: 'movement',
    v: 1,
    kind: 'early-departure',
    visit,
    pupil,
    reason,
    leave: { ...leave, adult },
    touch: now,
    by,
  };
  return [answered, ...leaving(school, desk, ahead, departure, 1)];
}
