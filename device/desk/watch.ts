/**
 * What time brings without a touch: registers that open while a pupil is out, movements whose time becomes sure, requests
 * that nobody answered on their day, and what may be forgotten. Looked at once in a while and at start; each result is a record, once.
 */
import { sureDate } from '../domain/clock-trust.ts';
import { movementAnywhere, out, resolved, wasClosed } from '../domain/elsewhere.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import { bucketOf, stateOf } from '../domain/mark.ts';
import type { Body, DecidedBody, Instant, PruneBody, ReportBody, ReportRow, TimeBody } from '../domain/record.ts';
import { addDays, lastSchoolDay, localTime } from '../domain/school-day.ts';
import { rtcRightWithinMs } from '../domain/time-evidence.ts';
import { decidedFor, departureOf, missedRegisters } from './deciding.ts';
import type { Desk } from './desk.ts';
import { note } from './note.ts';
import type { School } from './school.ts';
import { onSameDay, shownTime, timeOf, timeOfTouch } from './when.ts';

/** Departures older than this are past proposing for; they stay open until a person closes them. */
const missedWithinDays = 7;

/** Badge numbers of this many days are known (product.md 5), and so is everything else. */
const keptDays = 30;

/** After so many days an open mark is for the day sheet. */
const openDays = 90;
const openTooLongWords = `Open for ${String(openDays)} days: enter it in the MIS by hand, from the day sheet.`;
/** Bounds a record; the others come with the next look. */
const rowsMax = 200;

/** Nothing that is not sure happens: each look asks the whole interval (durability.md 18). */
export async function watch(school: School, desk: Desk): Promise<void> {
  while ((await desk.record((ahead) => newlySure(school, ahead))).length >= rowsMax);
  // One after the other: a departure must be known to be left before it can be missing from a register.
  for (const look of [newlyMissed, unanswered, openTooLong, finishedLongAgo])
    await desk.record((ahead) => look(school, ahead));
}

/**
 * Movements from before the time was known, and what it became known by, so that it holds for the whole boot whatever comes
 * (durability.md 17). One commit: the decisions stand with their evidence.
 */
function newlySure(school: School, ahead: Ledger): readonly Body[] {
  return [...timeProof(school, ahead), ...decidedNow(school, ahead)];
}

/**
 * Once a boot; where its records were sure from the start, never. Where there is a battery clock, once more when it is seen to be
 * right: the kernel sets it some minutes after the time is known, and only such a one is believed after the next power cut.
 */
function timeProof({ clock }: School, ahead: Ledger): readonly TimeBody[] {
  const { earliest, latest, mono, boot } = clock.reading();
  if (latest === null || !clock.trusted()) return [];
  const rtcOffMs = ahead.rtcRightIn === boot ? null : clock.rtcOffMs();
  const rtc = rtcOffMs === null || Math.abs(rtcOffMs) > rtcRightWithinMs ? {} : { rtcOffMs };
  if (ahead.timeline.knows(boot) && !('rtcOffMs' in rtc)) return [];
  return [{ type: 'time', v: 1, boot, mono, earliest, latest, sources: clock.sources(), by: null, ...rtc }];
}

/**
 * What is undecided and can be decided, by what the records and the present clock tell of its time. Whole movements, and no more
 * than a commit holds: the others are found again.
 */
export function decidedNow(school: School, ahead: Ledger): readonly DecidedBody[] {
  const all: DecidedBody[] = [];
  for (const decide of [undecidedNow, nowKnown])
    for (const decided of decide(school, ahead)) {
      if (all.length >= rowsMax) return all;
      all.push(...decided);
    }
  return all;
}

function* undecidedNow(school: School, ahead: Ledger): Generator<readonly DecidedBody[]> {
  for (const ref of ahead.undecided) {
    const movement = ahead.movements.get(ref);
    if (movement === undefined) continue;
    const departure = movementAnywhere(ahead, movement.record.departure);
    yield decidedFor(
      school,
      movement.record,
      timeOf(school, movement),
      departure === undefined ? null : departureOf(school, departure),
    );
  }
}

/** Returns by another box's badge, of which has become known whose it was; none of a day that is closed by now. */
function* nowKnown(school: School, ahead: Ledger): Generator<readonly DecidedBody[]> {
  for (const ref of [...ahead.reaching.values()].flat()) {
    const back = ahead.movements.get(ref);
    if (back === undefined || back.record.pupil !== null || back.decided.length > 0) continue;
    const known = resolved(ahead, back);
    if (known?.stands !== true) continue;
    const { pupil } = known.departure.record;
    const decided = decidedFor(
      school,
      { ...back.record, pupil },
      timeOf(school, back),
      departureOf(school, known.departure),
    );
    yield decided.filter(({ date }) => date >= ahead.pruned.before);
  }
}

function newlyMissed(school: School, ahead: Ledger): readonly DecidedBody[] {
  const now = school.clock.reading();
  if (now.latest === null) return [];
  const since = addDays(localTime(now.earliest, school.settings.school.timeZone).date, -missedWithinDays);
  const isRecent = ({ decided }: Movement): boolean => decided.some(({ date }) => date >= since);
  const missedBy = (until: Instant) => (departure: Movement) =>
    isRecent(departure) ? missedRegisters(school, departureOf(school, departure), until) : [];
  // Closed before the time of the leaving was known.
  const closed = [...ahead.movements.values()].filter((movement) => wasClosed(ahead, movement));
  return [
    ...out(ahead).flatMap(missedBy(now)),
    ...closed.flatMap((departure) => missedBy(timeOfTouch(school, departure.closed?.at ?? now))(departure)),
  ];
}

/** No answer is never a yes: the request is closed as a no, and staff are told whom nobody answered. */
function unanswered(school: School, ahead: Ledger): readonly Body[] {
  const { timeZone } = school.settings.school;
  const now = school.clock.reading();
  return ahead.waitingRequests().flatMap(({ record: { ref, visit, pupil, touch } }): readonly Body[] => {
    const at = timeOfTouch(school, touch);
    if (onSameDay(school, at, now) !== false) return [];
    const date = localTime(shownTime(at), timeZone).date;
    return [
      { type: 'answer', v: 1, request: ref, answer: 'no', by: 'nobody' },
      note('not-answered', { visit, pupil, detail: date }),
    ];
  });
}

/**
 * A mark that nothing has come of in so many days: a person copies it from the day sheet and says so (durability.md 14). Whoever
 * tries it again has as many days anew.
 */
function openTooLong({ clock, settings }: School, ahead: Ledger): readonly ReportBody[] {
  const { timeZone } = settings.school;
  const date = clock.trusted() ? sureDate(clock.reading(), timeZone) : null;
  if (date === null) return [];
  const since = addDays(date, -openDays);
  const rows = [...ahead.marks.values()].flatMap((mark): readonly ReportRow[] => {
    const { key, settled, wishedAt } = mark;
    const state = stateOf(mark);
    const isOpen =
      bucketOf[state] === 'waiting' || state === 'proposed' || state === 'conflict' || state === 'rejected';
    const wished = wishedAt.latest === null ? mark.date : localTime(wishedAt.earliest, timeZone).date;
    if (!isOpen || mark.date > since || wished > since) return [];
    return [{ key, event: 'expired', seen: settled?.seen ?? null, why: openTooLongWords }];
  });
  return rows.length === 0 ? [] : [{ type: 'report', v: 1, date, rows: rows.slice(0, rowsMax) }];
}

/**
 * Once a day, while the oldest movement is older: what is finished by then leaves the ledger. It stays for two school days at
 * least, however long the holidays are: photos go by it (`photos.ts`).
 */
function finishedLongAgo({ clock, settings }: School, ahead: Ledger): readonly PruneBody[] {
  const { timeZone } = settings.school;
  const date = clock.trusted() ? sureDate(clock.reading(), timeZone) : null;
  const [oldest] = ahead.movements.values();
  if (date === null || oldest === undefined) return [];
  const [long, school] = [addDays(date, -keptDays), lastSchoolDay(addDays(date, -1), settings)];
  const before = school !== null && school < long ? school : long;
  const isOld = localTime(oldest.at.earliest, timeZone).date < before;
  return isOld && before !== ahead.pruned.named ? [{ type: 'prune', v: 1, before }] : [];
}
