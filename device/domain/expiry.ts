/**
 * What goes by date goes in two steps (durability.md 15): marked, then destroyed when the box has run for a day since, with a
 * clock that was sure. Both are records, so the running time is what the records tell: it survives restarts, and leaves out the
 * time switched off. Photos and segments alike.
 */
import { isTrusted } from './clock-trust.ts';
import type { Expiring, ExpiringBody, Instant } from './record.ts';

export const photoName = (visit: string): Expiring => `photo ${visit}`;
export const segmentName = (segment: number): Expiring => `segment ${segment}`;

export interface Running {
  /** Milliseconds that the box has run with a sure clock, between records of one boot. */
  readonly ms: number;
  /** The last record; null: none, or its time was not sure. */
  readonly last: Instant | null;
  /** Earliest end of the newest sure time, milliseconds since the epoch; 0: none yet. */
  readonly newest: number;
}

export const notRunYet: Running = { ms: 0, last: null, newest: 0 };

/** Locked for so long before it is destroyed, milliseconds of running time. */
export const lockedMs = 24 * 3_600_000;
/** A clock that steps back by more than this was wrong before, or is wrong now. */
const backwardMaxMs = 3_600_000;

/** After a moment of that time: a record, or now. */
export function ranOn({ ms, last, newest }: Running, at: Instant): Running {
  if (!isTrusted(at)) return { ms, last: null, newest };
  const since = last?.boot === at.boot ? Math.max(0, at.mono - last.mono) : 0;
  return { ms: ms + since, last: at, newest: at.earliest };
}

/** Has the clock gone back since the newest sure time? Then nothing that was marked stays marked. */
export function wentBack({ newest }: Running, at: Instant): boolean {
  return isTrusted(at) && at.latest < newest - backwardMaxMs;
}

/** What is to be marked, and whose mark is to go; null: nothing changes. `due`: everything of one kind whose time is over. */
export function marking(
  marked: ReadonlyMap<Expiring, number>,
  kind: 'photo' | 'segment',
  due: ReadonlySet<Expiring>,
  back: boolean,
): ExpiringBody | null {
  const known = [...marked.keys()].filter((name) => name.startsWith(`${kind} `));
  const news = [...due].filter((name) => back || !marked.has(name)).slice(0, atOnceMax);
  const unmarked = known.filter((name) => !due.has(name)).slice(0, atOnceMax);
  if (news.length + unmarked.length === 0) return null;
  return { type: 'expiring', v: 1, marked: news, unmarked };
}
/** Bounds a record; the others come with the next look. */
const atOnceMax = 500;

/** Marked long enough ago, and due still. */
export function ripe(
  marked: ReadonlyMap<Expiring, number>,
  due: ReadonlySet<Expiring>,
  now: Running,
): readonly Expiring[] {
  return [...marked].flatMap(([name, ranMs]) => (due.has(name) && now.ms - ranMs >= lockedMs ? [name] : []));
}
