/**
 * When photos go (product.md 10): at the end of the next school day, or of the same day, but never while the pupil is still
 * out or waits for an answer. One that belongs to no movement goes when the daemon starts.
 */
import type { Ledger } from '../domain/ledger.ts';
import type { Instant } from '../domain/record.ts';
import { localTime, nextSchoolDay } from '../domain/school-day.ts';
import type { School } from './school.ts';

/** The visits among `visits` whose photo is to be destroyed now. With a clock that is not trusted nothing expires. */
export function photosToDestroy(
  school: School,
  ledger: Ledger,
  visits: readonly string[],
  atStart: boolean,
): readonly string[] {
  if (!school.clock.trusted()) return [];
  const zone = school.settings.school.timeZone;
  const today = localTime(school.clock.now(), zone).date;
  return visits.filter((visit) => {
    const touch = touchOf(ledger, visit);
    if (touch === null) return atStart;
    if (touch === 'open') return false;
    const day = localTime(touch.earliest, zone).date;
    const last = school.settings.keep.photos === 'same-day' ? day : (nextSchoolDay(day, school.settings) ?? day);
    return today > last;
  });
}

function touchOf(ledger: Ledger, visit: string): Instant | 'open' | null {
  const ref = ledger.visits.get(visit);
  const movement = ref === undefined ? undefined : ledger.movements.get(ref);
  const request = ledger.requests.get(visit);
  if (request?.answer === null || (ref !== undefined && ledger.out.has(ref))) return 'open';
  return movement?.record.touch ?? request?.record.touch ?? null;
}
