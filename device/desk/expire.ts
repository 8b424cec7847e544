/** The two steps of whatever goes by date (durability.md 15): what is marked now, and what may be destroyed now. */
import { marking, ranOn, ripe, wentBack } from '../domain/expiry.ts';
import type { Expiring } from '../domain/record.ts';
import type { Desk } from './desk.ts';
import type { School } from './school.ts';

const quietMs = 55 * 60_000;

/** `due`: everything of that kind whose time is over. Nothing is marked, and nothing destroyed, by a clock that is not trusted. */
export async function expire(
  { clock }: School,
  desk: Pick<Desk, 'durable' | 'record'>,
  kind: 'photo' | 'segment',
  due: ReadonlySet<Expiring>,
): Promise<readonly Expiring[]> {
  if (!clock.trusted()) return [];
  await desk.record(({ expiring, running }) => {
    const now = clock.reading();
    const body = marking(expiring, kind, due, wentBack(running, now));
    // Where nothing else happens, this notes how long the box has run: it may be switched off any moment.
    const isQuiet = expiring.size > 0 && ranOn(running, now).ms - running.ms >= quietMs;
    return body === null ? (isQuiet ? [{ type: 'expiring', v: 1, marked: [], unmarked: [] }] : []) : [body];
  });
  const { expiring, running } = desk.durable;
  const now = clock.reading();
  return wentBack(running, now) ? [] : ripe(expiring, due, ranOn(running, now));
}
