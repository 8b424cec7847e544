/**
 * What follows for a register from a movement: which code, how many minutes late, or nothing (product.md 4, mis.md 7.3).
 * Decided once, from the time of the event and the settings of then, never when it is sent.
 */
import type { Language } from '../contract/kiosk.ts';
import { overWhole, sureDate, wasBefore } from './clock-trust.ts';
import type { Span } from './clock-trust.ts';
import { codesOf, lateCodes } from './codes.ts';
import type { DecidedBody, Outcome, Want } from './record.ts';
import type { Rule } from './rules.ts';
import { localTime, registerOpenings, sessionAt, wallToEpoch } from './school-day.ts';
import type { Side } from './school-day.ts';
import type { IsoDate, LateReason, LeaveReason, RegisterTimes, SessionName, Settings } from './settings.ts';
import { isKnownYearGroup } from './year-group.ts';

/** The part of a `decided` record that the rules give. */
export interface Decision extends Pick<
  DecidedBody,
  'date' | 'session' | 'outcome' | 'want' | 'mayReplacePresent' | 'afterClose'
> {
  readonly rule: Rule;
}

export interface Arrival {
  /** First touch of the visit; minutes count from its earliest end: nobody is written later than they surely were. */
  readonly at: Span;
  readonly yearGroup: string | null;
  /** Null where nobody gave one: decided like "I'd rather tell a member of staff". */
  readonly reason: LateReason | null;
  /** Comes-and-goes years: the pupil says late for registration. */
  readonly forRegistration?: boolean;
  readonly settings: Settings;
}

/**
 * A late arrival. Undecided while date, session or the side of opens and closes is not sure (durability.md 18).
 *
 * After close the office decides, as shipped: the box proposes the reason's own code, else the nation's code for that (U)
 * for Year 1 to Year 14, else none: for Nursery, Reception and years that we do not know, and where the pupil would rather
 * tell a member of staff, since neither the reason nor the code is known then.
 */
export function decideArrival(arrival: Arrival): Decision | 'undecided' {
  const { yearGroup, reason, settings } = arrival;
  const place = placeOf(arrival.at, yearGroup, settings);
  if (place === null) return 'undecided';
  const { date, register } = place;
  if (register === null) return without(date, null, 'no-register', place.why);
  if (comesAndGoes(yearGroup, settings) && arrival.forRegistration !== true) {
    return without(date, null, 'no-register', 'comes-and-goes');
  }
  if (register.side === 'before') return without(date, register.session, 'on-time', 'before-opens');

  const late = { date, session: register.session, minutes: minutesLate(place.msOfDay, register.times) };
  if (register.side === 'open') return whileOpen(late, reason?.beforeClose ?? null, 'while-open', arrival);
  const named = allowed(reason?.afterClose ?? null, date, arrival);
  if (settings.late.afterClose === 'code' && named !== null) {
    return afterClose(late, mark(named, late, settings), 'after-close-code');
  }
  const reasonKnown = reason !== null && reason.id !== 'tell-staff';
  const usual = reasonKnown ? (lateCodes(settings.school.nation, date)?.afterClose ?? null) : null;
  const want = proposal(named ?? allowed(usual, date, arrival), late, settings);
  return afterClose(late, want, settings.late.afterClose === 'code' ? 'after-close-no-code' : 'after-close-office');
}

/** An early departure never changes a mark: date and session only. Undecided while one of the two is not sure. */
export function decideDeparture(departure: {
  readonly at: Span;
  readonly yearGroup: string | null;
  readonly settings: Settings;
}): Decision | 'undecided' {
  const place = placeOf(departure.at, departure.yearGroup, departure.settings, 'session');
  return place === null ? 'undecided' : without(place.date, place.register?.session ?? null, 'left', 'left');
}

export interface Return {
  readonly leftAt: Span;
  readonly at: Span;
  readonly yearGroup: string | null;
  /** Why the pupil had left; null where that is not known. */
  readonly reason: LeaveReason | null;
  /** False: came back by name, and nothing shows that it was them: no L (product.md 3). Left out: with the badge. */
  readonly withBadge?: boolean;
  readonly settings: Settings;
}

/**
 * A return, judged like an arrival for the register of its session, if the pupil was out when that register opened: back
 * while it is open, L; back after close, the reason's later-session code, proposed or written as the school set it. Back
 * before it opens, or out and back within one session: nothing. The code of a reason counts on the day of leaving only.
 * Registers missed in between: `stillOut`, asked with the time of the return.
 */
export function decideReturn(back: Return): Decision | 'undecided' {
  const { yearGroup, settings } = back;
  const place = placeOf(back.at, yearGroup, settings);
  if (place === null) return 'undecided';
  const { date, register } = place;
  if (register === null) return without(date, null, 'back', 'back-no-register');
  const { session, side, times } = register;
  if (comesAndGoes(yearGroup, settings)) return without(date, session, 'back', 'back-comes-and-goes');
  if (side === 'before') return without(date, session, 'back', 'back-before-opens');

  const leftAt = endingBy(back.leftAt, back.at);
  const missedOpening = wasBefore(leftAt, wallToEpoch(date, times.opens, settings.school.timeZone));
  if (missedOpening === null) return 'undecided';
  if (!missedOpening) return without(date, session, 'back', 'back-same-session');
  if (side === 'open' && back.withBadge === false) return without(date, session, 'back', 'back-without-badge');

  const late = { date, session, minutes: minutesLate(place.msOfDay, times) };
  if (side === 'open') return whileOpen(late, null, 'back-while-open', back);
  const code = sureDate(leftAt, settings.school.timeZone) === date ? laterSessionCode(date, back) : null;
  return settings.leave.writeLaterSession && code !== null
    ? afterClose(late, mark(code, late, settings), 'back-after-close-code')
    : afterClose(late, proposal(code, late, settings), 'back-after-close-office');
}

/**
 * The registers of the day of leaving that have opened since, up to `now`, while the pupil was out: one decision each. Not
 * the register that was open, or over, when the pupil left. A register whose opening may lie before or after the leaving
 * gives nothing yet; ask again when the time is sure. A return while such a register is still open stands over this.
 */
export function stillOut(absence: {
  readonly leftAt: Span;
  /** The present, or the time of the return. */
  readonly now: Span;
  readonly yearGroup: string | null;
  readonly reason: LeaveReason | null;
  readonly settings: Settings;
}): readonly Decision[] {
  const { yearGroup, settings } = absence;
  const leftAt = endingBy(absence.leftAt, absence.now);
  const date = sureDate(leftAt, settings.school.timeZone);
  if (date === null || comesAndGoes(yearGroup, settings)) return [];
  const code = laterSessionCode(date, absence);
  const written = settings.leave.writeLaterSession && code !== null;
  return registerOpenings(date, yearGroup, settings)
    .filter(({ opensAt }) => wasBefore(leftAt, opensAt) === true && opensAt <= absence.now.earliest)
    .map(({ session }) => ({
      date,
      session,
      outcome: 'still-out',
      want: written ? { kind: 'mark', code, minutes: null } : { kind: 'proposal', code, minutes: null },
      rule: written ? 'still-out-code' : 'still-out-office',
      mayReplacePresent: false,
      afterClose: false,
    }));
}

/** The comment of a mark: `Pupil said: Bus. Porter 1-004217`; null for "I'd rather tell…" and where no reason is known. */
export function misComment(
  reason: LateReason | LeaveReason | null,
  language: Language,
  journalNumberOfMovement: string,
): string | null {
  if (reason === null || reason.id === 'tell-staff') return null;
  const label = reason.label[language] ?? Object.values(reason.label)[0];
  return label === undefined ? null : `Pupil said: ${label.replace(/[.\s]+$/u, '')}. Porter ${journalNumberOfMovement}`;
}

interface Place {
  readonly date: IsoDate;
  readonly msOfDay: number;
  readonly register: { readonly session: SessionName; readonly side: Side; readonly times: RegisterTimes } | null;
  /** Why there is no register; without meaning where there is one. */
  readonly why: 'no-school-day' | 'after-hours';
}

/** Where the whole interval lies, as far as it matters; null where that is not sure. */
function placeOf(
  at: Span,
  yearGroup: string | null,
  settings: Settings,
  upTo: 'session' | 'side' = 'side',
): Place | null {
  const read = (epochMs: number): Place => {
    const { date, msOfDay } = localTime(epochMs, settings.school.timeZone);
    const found = sessionAt({ date, msOfDay }, yearGroup, settings);
    if (found.session === null) return { date, msOfDay, register: null, why: found.why };
    return { date, msOfDay, register: found, why: 'after-hours' };
  };
  return overWhole(at, read, ({ date, register }) =>
    [date, register?.session, upTo === 'side' ? register?.side : null].join(),
  );
}

/** A leaving is over when the return, or the present, is: that bounds an interval whose end is open. */
function endingBy(span: Span, later: Span): Span {
  const ends = [span.latest, later.latest].filter((end) => end !== null);
  return { earliest: span.earliest, latest: ends.length === 0 ? null : Math.max(span.earliest, Math.min(...ends)) };
}

const comesAndGoes = (yearGroup: string | null, settings: Settings): boolean =>
  yearGroup !== null && settings.late.comesAndGoes.includes(yearGroup);

/** Whole minutes since the register's `starts`, at least one, also between `opens` and `starts`. */
const minutesLate = (msOfDay: number, times: RegisterTimes): number =>
  Math.max(1, Math.floor(msOfDay / 60_000 - times.starts));

type Pupils = Pick<Arrival, 'yearGroup' | 'settings'>;

/** The code, if a kiosk may name it at all on that date for a pupil of that year group. */
function allowed(code: string | null, date: IsoDate, { yearGroup, settings }: Pupils): string | null {
  if (code === null) return null;
  const { nation } = settings.school;
  const entry = codesOf(nation, date).get(code);
  if (entry === undefined || entry.kiosk === 'never') return null;
  const mayBeUnauthorisedLate =
    yearGroup !== null && isKnownYearGroup(yearGroup) && yearGroup !== 'Nursery' && yearGroup !== 'Reception';
  return code === lateCodes(nation, date)?.afterClose && !mayBeUnauthorisedLate ? null : code;
}

function laterSessionCode(date: IsoDate, absence: Pupils & Pick<Return, 'reason'>): string | null {
  return allowed(absence.reason?.laterSessionCode ?? null, date, absence);
}

function without(date: IsoDate, session: SessionName | null, outcome: Outcome, rule: Rule): Decision {
  return { date, session, outcome, want: { kind: 'none' }, rule, mayReplacePresent: false, afterClose: false };
}

interface Late {
  readonly date: IsoDate;
  readonly session: SessionName;
  readonly minutes: number;
}

function whileOpen(late: Late, named: string | null, rule: Rule, pupils: Pupils): Decision {
  const { date, session } = late;
  const { settings } = pupils;
  const code = allowed(named, date, pupils) ?? lateCodes(settings.school.nation, date)?.late ?? null;
  const want = code === null ? proposal(null, late, settings) : mark(code, late, settings);
  return {
    date,
    session,
    outcome: 'late',
    want,
    rule,
    mayReplacePresent: settings.late.replacePresent,
    afterClose: false,
  };
}

function afterClose({ date, session }: Late, want: Want, rule: Rule): Decision {
  return { date, session, outcome: 'after-close', want, rule, mayReplacePresent: false, afterClose: true };
}

function mark(code: string, { date, minutes }: Late, settings: Settings): Want {
  return { kind: 'mark', code, minutes: countsMinutes(code, date, settings) ? minutes : null };
}

/** Minutes stay with a proposal that names no code: whoever decides may choose a code that takes them. */
function proposal(code: string | null, { date, minutes }: Late, settings: Settings): Want {
  return { kind: 'proposal', code, minutes: code === null || countsMinutes(code, date, settings) ? minutes : null };
}

/** Minutes late belong to the codes for lateness; a medical appointment has none. */
function countsMinutes(code: string, date: IsoDate, settings: Settings): boolean {
  const codes = lateCodes(settings.school.nation, date);
  return code === codes?.late || code === codes?.afterClose;
}
