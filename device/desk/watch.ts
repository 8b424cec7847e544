/**
 * What time brings without a touch: registers that open while a pupil is out, movements whose time becomes sure, and
 * requests that nobody answered on their day. Looked at once in a while and at start; each result is a record, once.
 */
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { Body, DecidedBody } from '../domain/record.ts';
import { addDays, localTime } from '../domain/school-day.ts';
import { decidedFor, departureOf, missedRegisters } from './deciding.ts';
import type { Desk } from './desk.ts';
import { note } from './note.ts';
import type { School } from './school.ts';
import { timeOf, timeOfTouch, today } from './when.ts';

/** Departures older than this are past proposing for; they stay open until a person closes them. */
const missedWithinDays = 7;

/** Nothing is sure, and so nothing happens, while the clock is not trusted. */
export async function watch(school: School, desk: Desk): Promise<void> {
  if (!school.clock.trusted()) return;
  // One after the other: a departure must be known to be left before it can be missing from a register.
  for (const look of [newlySure, newlyMissed, unanswered]) await desk.record((ahead) => look(school, ahead));
}

/** Movements from before the clock could be trusted: in the same boot the elapsed time since is exact (durability.md 17). */
function newlySure(school: School, ahead: Ledger): readonly DecidedBody[] {
  return [...ahead.undecided].flatMap((ref) => {
    const movement = ahead.movements.get(ref);
    if (movement === undefined) return [];
    const departure = ahead.movements.get(movement.record.departure ?? '');
    return decidedFor(
      school,
      movement.record,
      timeOf(school, movement),
      departure === undefined ? null : departureOf(school, departure),
    );
  });
}

function newlyMissed(school: School, ahead: Ledger): readonly DecidedBody[] {
  const now = school.clock.reading();
  const since = addDays(today(school), -missedWithinDays);
  const isRecent = ({ decided }: Movement): boolean => decided.some(({ date }) => date >= since);
  return [...ahead.out].flatMap((ref) => {
    const departure = ahead.movements.get(ref);
    return departure !== undefined && isRecent(departure)
      ? missedRegisters(school, departureOf(school, departure), now)
      : [];
  });
}

/** No answer is never a yes: the request is closed as a no, and staff are told whom nobody answered. */
function unanswered(school: School, ahead: Ledger): readonly Body[] {
  const { timeZone } = school.settings.school;
  return ahead.waitingRequests().flatMap(({ record: { ref, visit, pupil, touch } }): readonly Body[] => {
    const { date } = localTime(timeOfTouch(school, touch).earliest, timeZone);
    if (date === today(school)) return [];
    return [
      { type: 'answer', v: 1, request: ref, answer: 'no', by: 'nobody' },
      note('see-reception', { visit, pupil, detail: `nobody answered on ${date}` }),
    ];
  });
}
