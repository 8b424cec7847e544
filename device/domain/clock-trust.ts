/** Questions to a time that is an interval (durability.md 17 and 18): asked of both ends, answered only where both agree. */
import { localTime } from './school-day.ts';
import type { IsoDate } from './settings.ts';

/** When something happened, in milliseconds since the epoch; `latest` null: open until evidence comes. */
export interface Span {
  readonly earliest: number;
  readonly latest: number | null;
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
