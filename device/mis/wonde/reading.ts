/**
 * Reading JSON from a server that we do not control: extra and missing fields, numbers for strings, includes wrapped in `data`
 * or not (mis.md 2.3). What cannot be read is null, never an exception.
 */
import { Temporal } from 'temporal-polyfill';

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** Trimmed text of a string or a number; null for anything else and for blanks. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return text === '' ? null : text;
}

/** A whole number, also as text. */
export function wholeOf(value: unknown): number | null {
  const number = typeof value === 'number' ? value : Number(textOf(value) ?? Number.NaN);
  return Number.isFinite(number) ? Math.trunc(number) : null;
}

/** True and false as JSON, as 1 and 0, as words. */
export function booleanOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = textOf(value)?.toLowerCase();
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : null;
}

/** What is inside `{"data": …}`; the value itself where it is not wrapped. */
export function unwrapped(value: unknown): unknown {
  const fields = fieldsOf(value);
  return fields !== null && 'data' in fields ? fields['data'] : value;
}

/** One included object, wrapped or not; the first where a list came. */
export function includedOf(value: unknown): Fields | null {
  const inner = unwrapped(value);
  return fieldsOf(Array.isArray(inner) ? inner[0] : inner);
}

/** The id of another object: as text, or of the object itself, wrapped or not. */
export function idOf(value: unknown): string | null {
  const inner = unwrapped(value);
  return textOf(inner) ?? textOf(includedOf(inner)?.['id']);
}

/** A list: `{"data": […]}` or bare. */
export function listOf(value: unknown): readonly unknown[] | null {
  const inner = unwrapped(value);
  return Array.isArray(inner) ? inner : null;
}

/** The text of a date or time in either form: `"2015-10-29 …"` or `{"date": "2015-10-29 …", "timezone": "UTC"}`. */
export function dateTextOf(value: unknown): string | null {
  return textOf(value) ?? textOf(includedOf(value)?.['date']);
}

/** `YYYY-MM-DD`: the first ten characters, never by way of an instant, which could move it to another day (mis.md 2.3). */
export function dateOf(value: unknown): string | null {
  const date = dateTextOf(value)?.slice(0, 10);
  return date !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : null;
}

/** `YYYY-MM-DD HH:MM:SS` as given: to compare with others of the same server. */
export function timeTextOf(value: unknown): string | null {
  const text = dateTextOf(value)?.replace('T', ' ').slice(0, 19);
  return text !== undefined && /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text) ? text : null;
}

/** Milliseconds since the epoch. Taken as UTC where no zone is named, as in every sample (mis.md 2.3). Null where unreadable. */
export function instantOf(value: unknown): number | null {
  const text = timeTextOf(value);
  if (text === null) return null;
  const zone = textOf(includedOf(value)?.['timezone']) ?? 'UTC';
  try {
    return Temporal.PlainDateTime.from(text.replace(' ', 'T')).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return null;
  }
}
