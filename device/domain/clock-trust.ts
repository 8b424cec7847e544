/** Questions to a time that is an interval (durability.md 17 and 18): asked of both ends, answered only where both agree. */
import { localTime } from './school-day.ts';
import type { IsoDate } from './settings.ts';

/** When something happened, in milliseconds since the epoch; `latest` null: open until evidence comes. */
export interface Span {
  readonly earliest: number;
  readonly latest: number | null;
}

/** A span with both ends. */
export interface Bounds {
  readonly earliest: number;
  readonly latest: number;
}

/** A quartz may be so far off: millionths of the time elapsed (durability.md 17). */
const drift = 200 / 1_000_000;

/**
 * Narrow enough to be called the time: five minutes, as in mis.md 10 row 21. A person's word is three minutes wide, a battery
 * clock stays within for eight days. What decides a mark asks the interval itself; this is for what only wants a clock.
 */
export const trustedWithinMs = 5 * 60_000;

export function isTrusted(span: Span): span is Bounds {
  return span.latest !== null && span.latest - span.earliest <= trustedWithinMs;
}

/** When it is by a span that held `elapsedMs` milliseconds of monotonic time ago; negative: what it was before. */
export function carried<S extends Span>({ earliest, latest }: S, elapsedMs: number): Pick<S, 'earliest' | 'latest'>;
export function carried({ earliest, latest }: Span, elapsedMs: number): Span {
  const off = Math.abs(elapsedMs) * drift;
  return { earliest: earliest + elapsedMs - off, latest: latest === null ? null : latest + elapsedMs + off };
}

/** What both spans hold; null where they have nothing in common. */
export function common(one: Span, other: Span): Span | null {
  const earliest = Math.max(one.earliest, other.earliest);
  const latest =
    one.latest === null || other.latest === null ? (one.latest ?? other.latest) : Math.min(one.latest, other.latest);
  return latest !== null && latest < earliest ? null : { earliest, latest };
}

/** What `read` says of the whole interval, as read at its earliest; null where both ends differ by `key`, or one is open. */
export function overWhole<T>(span: Span, read: (epochMs: number) => T, key: (value: T) => string): T | null {
  if (span.latest === null) return null;
  const first = read(span.earliest);
  return key(first) === key(read(span.latest)) ? first : null;
}

/** The local date of the whole interval; null where it is not sure. */
export function sureDate(span: Span, zone: string): IsoDate | null {
  return overWhole(
    span,
    (epochMs) => localTime(epochMs, zone).date,
    (date) => date,
  );
}

/** Was the whole interval before that instant (milliseconds since the epoch)? Null where it is not sure. */
export function wasBefore(span: Span, epochMs: number): boolean | null {
  if (span.earliest >= epochMs) return false;
  return span.latest !== null && span.latest < epochMs ? true : null;
}
