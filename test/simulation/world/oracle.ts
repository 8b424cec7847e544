/**
 * What the rules say, written once more from product.md 4 and never by calling the product: local time by the law's own
 * words for summer time, registers by their layers, and what a movement means for them.
 */
import type { RegisterTimes, Settings, TimesPatch } from '../../../device/domain/settings.ts';

export const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;
export type Half = 'AM' | 'PM';

// ---- Local time: summer from 01:00 UTC of the last Sunday of March to that of October ----

function lastSunday(year: number, month: number): number {
  const end = Date.UTC(year, month + 1, 0, 1);
  return end - new Date(end).getUTCDay() * day;
}
function isSummer(epoch: number): boolean {
  const year = new Date(epoch).getUTCFullYear();
  return epoch >= lastSunday(year, 2) && epoch < lastSunday(year, 9);
}

export interface Local {
  readonly date: string;
  /** 0: Sunday. */
  readonly weekday: number;
  /** What the clock on the wall shows, milliseconds. */
  readonly ms: number;
}
export function localOf(epoch: number): Local {
  const wall = epoch + (isSummer(epoch) ? hour : 0);
  const date = new Date(wall);
  return { date: date.toISOString().slice(0, 10), weekday: date.getUTCDay(), ms: ((wall % day) + day) % day };
}
/** The instant at which the wall shows `minutes` of that date. */
export function epochOf(date: string, minutes: number): number {
  const utc = Date.parse(`${date}T00:00:00Z`) + minutes * minute;
  return isSummer(utc - hour) ? utc - hour : utc;
}
export const nextDate = (date: string): string =>
  new Date(Date.parse(`${date}T12:00:00Z`) + day).toISOString().slice(0, 10);

// ---- Registers ----

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
interface Registers {
  readonly AM: RegisterTimes | null;
  readonly PM: RegisterTimes | null;
}
export function registersOn(date: string, yearGroup: string | null, { times }: Settings): Registers {
  const weekday = names[new Date(`${date}T12:00:00Z`).getUTCDay()] ?? 'sun';
  const usual = times.schoolDays.includes(weekday);
  let am: TimesPatch['am'] = usual ? times.am : 'none';
  let pm: TimesPatch['pm'] = usual ? times.pm : 'none';
  const apply = (patch: TimesPatch): void => {
    am = patch.am ?? am;
    pm = patch.pm ?? pm;
  };
  const forYear = (groups: readonly string[] | null): boolean => groups === null || groups.includes(yearGroup ?? '-');
  const today = usual ? times.overrides.filter((one) => one.weekdays === null || one.weekdays.includes(weekday)) : [];
  for (const one of today) if (one.yearGroups === null) apply(one);
  for (const one of today) if (one.yearGroups !== null && forYear(one.yearGroups)) apply(one);
  for (const one of times.exceptions) {
    const holds = one.from <= date && date <= one.to && forYear(one.yearGroups) && (usual || one.from === one.to);
    if (holds) apply(one.closed ? { am: 'none', pm: 'none' } : one);
  }
  const plain = (given: RegisterTimes | 'none' | undefined): RegisterTimes | null =>
    given === undefined || given === 'none' ? null : given;
  return { AM: plain(am), PM: plain(pm) };
}

// ---- Movements ----

export type Want =
  | { readonly kind: 'mark'; readonly code: string; readonly minutes: number | null }
  | { readonly kind: 'proposal'; readonly code: string | null; readonly minutes: number | null };
/** What follows for one register. `want` null: nothing. */
export interface Ruling {
  readonly date: string;
  readonly session: Half | null;
  readonly want: Want | null;
  readonly open: boolean;
}
export interface Pupilish {
  readonly yearGroup: string | null;
}

interface Place {
  readonly date: string;
  readonly session: Half;
  readonly side: 'before' | 'open' | 'closed';
  readonly minutes: number;
  readonly opensAt: number;
}
function placeOf(at: number, year: string | null, settings: Settings): Place | null {
  const { date, ms } = localOf(at);
  const registers = registersOn(date, year, settings);
  for (const session of ['AM', 'PM'] as const) {
    const times = registers[session];
    if (times === null || ms >= times.ends * minute) continue;
    const side = ms < times.opens * minute ? 'before' : ms < times.closes * minute ? 'open' : 'closed';
    const minutes = Math.max(1, Math.floor(ms / minute) - times.starts);
    return { date, session, side, minutes, opensAt: epochOf(date, times.opens) };
  }
  return null;
}

const comesAndGoes = (year: string | null, { late }: Settings): boolean => late.comesAndGoes.includes(year ?? '-');
const counts = (code: string | null, minutes: number): number | null =>
  code === null || code === 'L' || code === 'U' ? minutes : null;
const mayBeU = (year: string | null): boolean => /^Year \d+$/.test(year ?? '');

export function arrival(
  at: number,
  pupil: Pupilish,
  reasonId: string | null,
  forRegistration: boolean,
  settings: Settings,
): Ruling {
  const place = placeOf(at, pupil.yearGroup, settings);
  if (place === null) return { date: localOf(at).date, session: null, want: null, open: false };
  const { date, session, side, minutes } = place;
  const nothing = { date, session: null, want: null, open: false };
  if (comesAndGoes(pupil.yearGroup, settings) && !forRegistration) return nothing;
  if (side === 'before') return { ...nothing, session };
  if (side === 'open') return { date, session, want: { kind: 'mark', code: 'L', minutes }, open: true };
  const reason = settings.lateReasons.find(({ id }) => id === reasonId);
  const named = reason?.afterClose ?? null;
  const own = named === 'U' && !mayBeU(pupil.yearGroup) ? null : named;
  if (settings.late.afterClose === 'code' && own !== null)
    return { date, session, want: { kind: 'mark', code: own, minutes: counts(own, minutes) }, open: false };
  const usual = reason !== undefined && reason.id !== 'tell-staff' && mayBeU(pupil.yearGroup) ? 'U' : null;
  const code = own ?? usual;
  return { date, session, want: { kind: 'proposal', code, minutes: counts(code, minutes) }, open: false };
}

function later(
  date: string,
  leftAt: number,
  reasonId: string | null,
  minutes: number | null,
  settings: Settings,
): Want {
  const code = settings.leaveReasons.find(({ id }) => id === reasonId)?.laterSessionCode ?? null;
  const own = localOf(leftAt).date === date ? code : null;
  const told = minutes === null ? null : counts(own, minutes);
  return settings.leave.writeLaterSession && own !== null
    ? { kind: 'mark', code: own, minutes: told }
    : { kind: 'proposal', code: own, minutes: told };
}

export function back(
  leftAt: number,
  at: number,
  pupil: Pupilish,
  reasonId: string | null,
  withBadge: boolean,
  settings: Settings,
): Ruling {
  const place = placeOf(at, pupil.yearGroup, settings);
  if (place === null) return { date: localOf(at).date, session: null, want: null, open: false };
  const { date, session, side, minutes, opensAt } = place;
  const nothing = { date, session, want: null, open: false };
  if (comesAndGoes(pupil.yearGroup, settings) || side === 'before' || leftAt >= opensAt) return nothing;
  if (side === 'open')
    return withBadge ? { date, session, want: { kind: 'mark', code: 'L', minutes }, open: true } : nothing;
  return { date, session, want: later(date, leftAt, reasonId, minutes, settings), open: false };
}

/** Registers of the day of leaving that have opened by `now` while the pupil was out. */
export function missed(
  leftAt: number,
  now: number,
  pupil: Pupilish,
  reasonId: string | null,
  settings: Settings,
): readonly Ruling[] {
  const { date } = localOf(leftAt);
  if (comesAndGoes(pupil.yearGroup, settings)) return [];
  const registers = registersOn(date, pupil.yearGroup, settings);
  return (['AM', 'PM'] as const).flatMap((session) => {
    const times = registers[session];
    if (times === null) return [];
    const opensAt = epochOf(date, times.opens);
    if (leftAt >= opensAt || opensAt > now) return [];
    return [{ date, session, want: later(date, leftAt, reasonId, null, settings), open: false }];
  });
}

// ---- Never overwrite ----

/** May a mark of ours go where this stands? `ours`: it is our own earlier one. */
export function mayReplace(standing: string | null, open: boolean, ours: boolean, { late }: Settings): boolean {
  if (standing === null || standing === 'N' || ours) return true;
  return (standing === '/' || standing === '\\') && open && late.replacePresent;
}
