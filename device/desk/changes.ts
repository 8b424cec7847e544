/** When or why a movement was, put right: the facts by a record, and what follows for registers decided anew (product.md 6). */
import { sureDate } from '../domain/clock-trust.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Actor, Body, ChangeBody, Instant } from '../domain/record.ts';
import type { MinuteOfDay } from '../domain/settings.ts';
import { decidedFor } from './deciding.ts';
import { Refused } from './desk.ts';
import { lateReason, leaveReason } from './school.ts';
import type { School } from './school.ts';
import { enteredTime, timeOf, timeOfTouch } from './when.ts';

export type Change =
  { readonly how: 'time'; readonly minute: MinuteOfDay } | { readonly how: 'reason'; readonly reason: string };
interface Said {
  readonly by: Actor;
  readonly why: string | null;
}
type NewFacts = Pick<ChangeBody, 'touch' | 'reason'>;

/** A departure and the return that ended it are judged together, so they are decided anew together. */
export function change(school: School, ahead: Ledger, movement: Movement, what: Change, said: Said): readonly Body[] {
  const facts: NewFacts =
    what.how === 'time'
      ? { touch: newTime(school, movement, what.minute), reason: null }
      : { touch: null, reason: newReason(school, movement, what.reason) };
  const departure = ahead.movements.get(movement.record.departure ?? '');
  const returned = ahead.movements.get(movement.endedBy ?? '');
  const together = [departure, movement, returned].filter((one) => one !== undefined);
  const records = together.map((one): ChangeBody => ({
    type: 'change',
    v: 1,
    movement: one.record.ref,
    pupil: one.record.pupil,
    ...(one === movement ? facts : { touch: null, reason: null }),
    ...said,
  }));
  return [...records, ...decidedAnew(school, together, movement, facts)];
}

function decidedAnew(
  school: School,
  together: readonly Movement[],
  changed: Movement,
  facts: NewFacts,
): readonly Body[] {
  const known = together.map((one) => {
    if (one !== changed) return { record: one.record, at: timeOf(school, one) };
    const record = { ...one.record, touch: facts.touch ?? one.record.touch, reason: facts.reason ?? one.record.reason };
    return { record, at: facts.touch === null ? timeOf(school, one) : timeOfTouch(school, facts.touch) };
  });
  const [first, second] = known;
  if (first === undefined) return [];
  const decided = decidedFor(school, first.record, first.at, null);
  if (second === undefined) return decided;
  if (first.at.latest !== null && second.at.latest !== null && first.at.earliest > second.at.latest) {
    throw new Refused('wrong_state', 'nobody comes back before having left');
  }
  return [
    ...decided,
    ...decidedFor(school, second.record, second.at, { record: first.record, decided, leftAt: first.at }),
  ];
}

/** On the day of the movement, and not in the future. */
function newTime(school: School, movement: Movement, minute: MinuteOfDay): Instant {
  const date = sureDate(timeOf(school, movement), school.settings.school.timeZone);
  if (date === null) throw new Refused('wrong_state', 'the day is not sure: confirm the time of this movement first');
  return notAhead(school, enteredTime(school, date, minute));
}

/** @throws Refused for a time that has not come yet */
export function notAhead({ clock }: School, at: Instant): Instant {
  if (clock.trusted() && at.earliest > clock.now()) throw new Refused('invalid_input', 'this time has not come yet');
  return at;
}

function newReason(school: School, { record }: Movement, reason: string): string {
  if (record.kind === 'return') throw new Refused('invalid_input', 'a return has no reason of its own');
  const known = record.kind === 'late-arrival' ? lateReason : leaveReason;
  if (known(school.settings, reason) === null) throw new Refused('invalid_input', 'no such reason');
  return reason;
}
