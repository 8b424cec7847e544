/**
 * A person says what time it is now, or when a movement was (durability.md 17): how a box without any other evidence goes on, and
 * how every movement gets out of "time to be confirmed".
 */
import { common } from '../domain/clock-trust.ts';
import type { Bounds, Span } from '../domain/clock-trust.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Actor, Body, Instant, Ref, TimeBody } from '../domain/record.ts';
import { localTime, wallToEpoch } from '../domain/school-day.ts';
import type { IsoDate, MinuteOfDay } from '../domain/settings.ts';
import { personOffMs } from '../domain/timeline.ts';
import { Refused } from './desk.ts';
import type { Desk } from './desk.ts';
import type { School } from './school.ts';
import { decidedNow } from './watch.ts';
import { faceOf, shownTime, timeOf } from './when.ts';

export interface TimeSaid {
  /** School local. */
  readonly date: IsoDate;
  readonly minute: MinuteOfDay;
  /** That movement was then; null: it is then now. */
  readonly movement: Ref | null;
  readonly by: Actor;
}

const minuteMs = 60_000;
/** No box is off for longer than records are kept: later than that is a slip, unless the wall clock says so too. */
const offMaxMs = 400 * 24 * 3_600_000;
const nearWallMs = 24 * 3_600_000;

/**
 * What was said, and in the same commit what can be decided by it (`watch` finds the rest of very many). Refused where it cannot be: before the newest record or the
 * build, absurdly late, after now, or against what the box knows of that movement.
 */
export function confirmTime(school: School, desk: Desk, ahead: Ledger, said: TimeSaid, ageMs: number): readonly Body[] {
  const start = wallToEpoch(said.date, said.minute, school.settings.school.timeZone);
  const time =
    said.movement === null
      ? presentTime(school, ahead, { start, by: said.by, ageMs })
      : timeOfMovement(school, ahead, { ref: said.movement, start, by: said.by });
  const then = ahead.copy();
  then.apply({ ...time, ...desk.placeOfNext(), run: '', at: school.clock.reading() });
  return [time, ...decidedNow(school, then)];
}

/** Whoever said it first may say it again, and better. */
function presentTime(
  school: School,
  ahead: Ledger,
  { start, by, ageMs }: { readonly start: number; readonly by: Actor; readonly ageMs: number },
): TimeBody {
  const { clock } = school;
  const { earliest, latest, mono, boot } = clock.reading(ageMs);
  const known: Span = { earliest, latest };
  if (clock.trusted() && clock.sources().some((source) => source !== 'person')) {
    throw new Refused('wrong_state', `the box knows the time: it is ${dated(school, shownTime(known))}`);
  }
  const claim = { earliest: start - personOffMs, latest: start + minuteMs + personOffMs };
  const floor = Math.max(ahead.timeline.beganAfter(boot) + mono, clock.trusted() ? 0 : earliest);
  if (claim.latest < floor) {
    throw new Refused('invalid_input', `that is before what is recorded already: it is after ${dated(school, floor)}`);
  }
  const isRecorded = ahead.timeline.beganAfter(boot) > 0;
  if (isRecorded && claim.earliest > floor + offMaxMs && Math.abs(clock.now() - start) > nearWallMs) {
    throw new Refused('invalid_input', `that is over 400 days after the newest record, of ${dated(school, floor)}`);
  }
  return { type: 'time', v: 1, boot, mono, ...claim, sources: ['person'], by };
}

/** To the minute: registers open and close with one, so whatever a person says of a movement decides it. */
function timeOfMovement(
  school: School,
  ahead: Ledger,
  { ref, start, by }: { readonly ref: Ref; readonly start: number; readonly by: Actor },
): TimeBody {
  const movement = ahead.movements.get(ref);
  if (movement === undefined) throw new Refused('not_found', 'no such movement');
  if (!ahead.undecided.has(ref)) throw new Refused('wrong_state', 'this movement does not wait for its time');
  if (!school.clock.trusted()) throw new Refused('wrong_state', 'say first what time it is now');
  const claim: Bounds = { earliest: start, latest: start + minuteMs - 1 };
  const known = common(timeOf(school, movement), { earliest: 0, latest: latestFor(school, movement.at) });
  if (known === null || common(known, claim) === null) {
    const { earliest, latest } = known ?? movement.at;
    const between = `it was after ${dated(school, earliest)}${latest === null ? '' : ` and before ${dated(school, latest)}`}`;
    throw new Refused('invalid_input', `that cannot be: ${between}`);
  }
  const { boot, mono } = movement.record.touch;
  return { type: 'time', v: 1, boot, mono, ...claim, sources: ['person'], by, movement: ref };
}

/** Not after now; of an earlier boot, not after this one began. */
function latestFor({ clock }: School, { boot, mono }: Instant): number {
  const now = clock.reading();
  return (now.latest ?? now.earliest) - (boot === now.boot ? now.mono - mono : now.mono);
}

function dated(school: School, epochMs: number): string {
  const local = localTime(epochMs, school.settings.school.timeZone);
  return `${local.date} ${faceOf(local)}`;
}
