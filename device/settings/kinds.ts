/**
 * The kinds of value a technician file may hold. The title of each says in plain English what is expected: it stands in
 * every error and in the settings table.
 */
import { Temporal } from 'temporal-polyfill';
import * as v from 'valibot';
import type { IsoDate, MinuteOfDay, Weekday } from '../domain/settings.ts';
import { normaliseYearGroup } from '../domain/year-group.ts';

/** Stands in the file for a secret that first boot moved into the data folder. */
export const STORED = '(stored)';

const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NO_CONTROL = /^\P{Cc}*$/u;

/** A kind with what the key means. */
export function key<S extends v.GenericSchema>(schema: S, meaning: string) {
  return v.pipe(schema, v.description(meaning));
}

/** The same where the words are the key's own. */
export function documented<S extends v.GenericSchema>(schema: S, words: string, meaning: string) {
  return v.pipe(schema, v.title(words), v.description(meaning));
}

export function table<E extends v.ObjectEntries>(entries: E) {
  return v.pipe(v.object(entries), v.title('a table'));
}

/** One line of text, trimmed; `most` in characters. */
export function text(most: number, words = `a text of 1 to ${most} characters`) {
  return v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most), v.regex(NO_CONTROL), v.title(words));
}

export function matching(pattern: RegExp, words: string) {
  return v.pipe(v.string(), v.regex(pattern), v.title(words));
}

export function choice<const O extends readonly string[]>(options: O, words = anyOf(options)) {
  return v.pipe(v.picklist(options), v.title(words));
}

export function yesNo() {
  return v.pipe(v.boolean(), v.title('true or false'));
}

/** A whole number in a closed range; `unit` is part of the words. */
export function whole(least: number, most: number, unit = '') {
  const words = `a whole number from ${least} to ${most}${unit === '' ? '' : ` ${unit}`}`;
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.title(words));
}

/** A list without repeats: a value given twice counts once. */
export function list<S extends v.GenericSchema<unknown, string>>(item: S, words: string) {
  return v.pipe(
    v.array(item),
    v.transform((items) => [...new Set(items)]),
    v.title(words),
  );
}

/** At least one of the options, in the order given. */
export function someOf<const O extends readonly string[]>(options: O, words: string) {
  return v.pipe(
    list(choice(options), words),
    v.check((given) => given.length > 0),
    v.title(words),
  );
}

/** Minutes since midnight; `24:00` only where a day may end. */
export function time(most: MinuteOfDay = 1439) {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,2}:[0-5]\d(:00)?$/),
    v.transform(minuteOfDay),
    v.maxValue(most),
    v.title(`a time from "00:00" to "${most === 1439 ? '23:59' : '24:00'}"`),
  );
}

export function date() {
  return v.pipe(
    v.string(),
    v.check(isRealDate),
    v.transform((words): IsoDate => words),
    v.title('a date such as 2026-12-18'),
  );
}

export function yearGroups() {
  const one = v.pipe(
    text(60),
    v.transform((words) => normaliseYearGroup(words) ?? words),
  );
  return list(v.pipe(one, v.title('a year group such as "Year 7"')), 'a list of year groups such as ["Year 7"]');
}

export function weekdays() {
  return someOf(WEEKDAYS, 'a list of days such as ["mon", "tue"]');
}

export function timeZone() {
  return v.pipe(v.string(), v.check(isTimeZone), v.title('a time zone such as "Europe/London"'));
}

/** https, or http to this machine itself, where nobody else can listen in. No user, query or fragment. */
export function baseUrl() {
  return v.pipe(
    v.string(),
    v.check(isSafeBase),
    v.transform((words) => words.replace(/\/+$/, '')),
    v.title('an https:// address (http:// only for 127.0.0.1, ::1 or localhost)'),
  );
}

/** A password or token; never shown. */
/** What can stand in a header: printable ASCII without spaces. A curly quote from an e-mail cannot. */
export const isToken = (words: string): boolean => /^[\x21-\x7e]+$/.test(words);

export function secret(least: number, most: number) {
  return v.pipe(
    v.string(),
    v.check((words) => words === STORED || (words.length >= least && words.length <= most && isToken(words))),
    v.title(`a text of ${least} to ${most} characters without spaces or accents`),
  );
}

/** `"a" or "b"`, `"a", "b" or "c"`. */
export function anyOf(options: readonly string[]): string {
  const quoted = options.map((option) => JSON.stringify(option));
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

/** `09:10`. */
export function clockTime(minute: MinuteOfDay): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function minuteOfDay(words: string): MinuteOfDay {
  const [hours, minutes] = words.split(':');
  return Number(hours) * 60 + Number(minutes);
}

function isRealDate(words: string): boolean {
  try {
    return Temporal.PlainDate.from(words, { overflow: 'reject' }).toString() === words;
  } catch {
    return false;
  }
}

function isTimeZone(words: string): boolean {
  // Fixed offsets such as +01:00 know no summer time.
  if (!/^[A-Za-z]/.test(words)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: words }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isSafeBase(words: string): boolean {
  if (!URL.canParse(words)) return false;
  const url = new URL(words);
  if (url.username !== '' || url.password !== '' || /[?#\s]/.test(words)) return false;
  const loopback = /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback);
}
