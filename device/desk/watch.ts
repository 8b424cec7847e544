/**
 * What time brings without a touch: registers that open while a pupil is out, and movements whose time becomes sure.
 * Looked at once in a while and at start; each result is decided once, as a record.
 */
import { decideArrival, decideReturn, misComment, stillOut } from '../domain/attendance.ts';
import type { Decision } from '../domain/attendance.ts';
import { journalNumber } from '../domain/badge.ts';
import type { Ledger, Movement } from '../domain/ledger.ts';
import type { DecidedBody, Instant } from '../domain/record.ts';
import { decidedBody } from './arrivals.ts';
import type { Desk } from './desk.ts';
import { registersMissed } from './returns.ts';
import { lateReason, leaveReason } from './school.ts';
import type { School } from './school.ts';

export async function watch(school: School, desk: Desk): Promise<void> {
  await desk.decide((ahead) => [...newlyMissed(school, ahead), ...newlySure(school, ahead)]);
}

function newlyMissed(school: School, ahead: Ledger): readonly DecidedBody[] {
  const now = school.clock.reading();
  return [...ahead.out].flatMap((ref) => {
    const departure = ahead.movements.get(ref);
    const pupil = departure?.record.pupil ?? null;
    if (departure === undefined || pupil === null) return [];
    const { settings } = school;
    const yearGroup = school.roster.byKey(pupil)?.yearGroup ?? null;
    const reason = leaveReason(settings, departure.record.reason ?? '') ?? null;
    const decisions = stillOut({ leftAt: departure.record.touch, now, yearGroup, reason, settings });
    return registersMissed(departure, decisions).map((decision) => body(school, departure, pupil, decision));
  });
}

/** Movements of this boot from before the clock could be trusted: the elapsed time since is exact (durability.md 17). */
function newlySure(school: School, ahead: Ledger): readonly DecidedBody[] {
  if (!school.clock.trusted()) return [];
  return [...ahead.undecided].flatMap((ref) => {
    const movement = ahead.movements.get(ref);
    const pupil = movement?.record.pupil ?? null;
    if (movement === undefined || pupil === null) return [];
    const at = sureTime(school, movement.record.touch);
    if (at === null) return [];
    const decision = decideAgain(school, ahead, movement, at);
    return decision === 'undecided' ? [] : [body(school, movement, pupil, decision)];
  });
}

function sureTime(school: School, touch: Instant): Instant | null {
  if (touch.latest !== null) return touch;
  if (touch.boot !== school.clock.boot) return null;
  return school.clock.reading(school.clock.mono() - touch.mono);
}

function decideAgain(school: School, ahead: Ledger, movement: Movement, at: Instant): Decision | 'undecided' {
  const { settings } = school;
  const { record } = movement;
  const yearGroup = school.roster.byKey(record.pupil ?? '')?.yearGroup ?? null;
  if (record.kind === 'return') {
    const departure = ahead.movements.get(record.departure ?? '')?.record;
    if (departure === undefined) return 'undecided';
    const leftAt = sureTime(school, departure.touch) ?? departure.touch;
    const reason = leaveReason(settings, departure.reason ?? '') ?? null;
    return decideReturn({ leftAt, at, yearGroup, reason, settings });
  }
  const reason = lateReason(settings, record.reason ?? '') ?? null;
  return decideArrival({ at, yearGroup, reason, forRegistration: record.forRegistration ?? false, settings });
}

function body(school: School, movement: Movement, pupil: string, decision: Decision): DecidedBody {
  const { settings } = school;
  const id = movement.record.reason ?? '';
  const reason = lateReason(settings, id) ?? leaveReason(settings, id) ?? null;
  const language = settings.school.languages[0] ?? 'en';
  const comment = misComment(reason, language, journalNumber(settings.box.id, movement.record.n));
  return decidedBody(movement.record.ref, pupil, decision, comment, settings.version);
}
