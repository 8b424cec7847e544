/**
 * How many came late, left and came back, without saying who: kept when the movements have left the ledger and the journal. By the
 * school day for two school years, by the month for ten; then they go too.
 */
import { weekdayOf } from './school-day.ts';
import type { DecidedBody, MovementBody, Outcome } from './record.ts';
import type { IsoDate, MinuteOfDay } from './settings.ts';

/** Two school years and a bit. */
const daysMax = 400;
/** Ten years and the one under way. */
const monthsMax = 132;
/** Of the heat map. */
export const timeStepMinutes = 15;

/** Minutes away from which on a pupil who came back counts under this length. */
export const lengths = [0, 30, 60, 120] as const;

/**
 * By outcome, and outcome and reason: `late`, `late:bus`. What reports are made of: `arrival:all`, `arrival:minutes` (a sum),
 * `arrival:reason:bus`, `arrival:year:Year 9`, `arrival:time:mon:525` of late arrivals; `leave:…` of early departures; `back:all`,
 * `back:minutes`, `back:from:30` of those who came back. Never 0.
 */
export type DayCounts = Readonly<Record<string, number>>;

/** What of a ledger counts. */
export interface Counts {
  readonly days: Map<IsoDate, DayCounts>;
  /** By `2026-11`. */
  readonly months: Map<string, DayCounts>;
  /** A pupil's late arrivals, for as long as the journal has the movements. */
  readonly lates: Map<string, readonly LateDay[]>;
}
export interface LateDay {
  /** Number of the movement. */
  readonly n: number;
  readonly date: IsoDate;
  readonly minutes: number;
}
export type Counted = Pick<DecidedBody, 'date' | 'outcome' | 'want' | 'minute' | 'away'>;
type Moved = Pick<MovementBody, 'kind' | 'reason' | 'yearGroup' | 'pupil'> & { readonly n: number };

/** `by` -1: it does not stand any more. */
export function count(counts: Counts, decided: Counted, moved: Moved, by: 1 | -1): void {
  const { days } = counts;
  const { date } = decided;
  const before = days.get(date);
  if (isLateArrival(decided, moved)) countPupil(counts.lates, decided, moved, by);
  // Of a day that is not counted any more.
  if (before === undefined && by < 0) return;
  days.set(date, sum(before ?? {}, namesOf(decided, moved), by));
  if (days.size > daysMax) toMonth(counts);
}

export const minutesOf = ({ want }: Pick<DecidedBody, 'want'>): number =>
  want.kind === 'none' ? 0 : (want.minutes ?? 0);

function isLateArrival({ outcome }: Counted, { kind }: Moved): boolean {
  return kind === 'late-arrival' && (outcome === 'late' || outcome === 'after-close');
}

function countPupil(lates: Counts['lates'], decided: Counted, { n, pupil }: Moved, by: 1 | -1): void {
  if (pupil === null) return;
  const others = (lates.get(pupil) ?? []).filter((one) => one.n !== n);
  const now = by < 0 ? others : [...others, { n, date: decided.date, minutes: minutesOf(decided) }];
  if (now.length === 0) lates.delete(pupil);
  else lates.set(pupil, now);
}

/** Those of movements with higher numbers, in the order of the keys (`inOrder`). */
export function latesAfter(lates: Counts['lates'], upTo: number): Counts['lates'] {
  const rest = [...lates].map(([pupil, all]) => [pupil, all.filter(({ n }) => n > upTo)] as const);
  return new Map(rest.filter(([, all]) => all.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Their records are gone up to that number: nobody is named from them any longer. */
export function forgetPupils({ lates }: Counts, upTo: number): void {
  const rest = latesAfter(lates, upTo);
  lates.clear();
  for (const [pupil, all] of rest) lates.set(pupil, all);
}

/** The movements of these numbers are another key's now. */
export function giveLates({ lates }: Counts, from: string, to: string, numbers: ReadonlySet<number>): void {
  const all = lates.get(from) ?? [];
  const going = all.filter(({ n }) => numbers.has(n));
  if (going.length === 0) return;
  const rest = all.filter(({ n }) => !numbers.has(n));
  if (rest.length === 0) lates.delete(from);
  else lates.set(from, rest);
  lates.set(
    to,
    [...(lates.get(to) ?? []), ...going].sort((one, other) => one.n - other.n),
  );
}

type Names = readonly (readonly [string, number])[];

function namesOf(decided: Counted, moved: Moved): Names {
  const { outcome } = decided;
  const plain: readonly Outcome[] = [outcome];
  const names: Names = [...plain, ...(moved.reason === null ? [] : [`${outcome}:${moved.reason}`])].map((name) => [
    name,
    1,
  ]);
  if (isLateArrival(decided, moved)) return [...names, ...ofArrival(decided, moved)];
  if (outcome === 'left') return [...names, ...common('leave', moved)];
  return moved.kind === 'return' && decided.away !== undefined ? [...names, ...ofReturn(decided.away)] : names;
}

function common(what: 'arrival' | 'leave', { reason, yearGroup }: Moved): Names {
  return [
    [`${what}:all`, 1],
    [`${what}:reason:${reason ?? ''}`, 1],
    [`${what}:year:${yearGroup ?? ''}`, 1],
  ];
}

function ofArrival(decided: Counted, moved: Moved): Names {
  const { date, minute } = decided;
  const time: Names = minute === undefined ? [] : [[`arrival:time:${weekdayOf(date)}:${String(stepOf(minute))}`, 1]];
  return [...common('arrival', moved), ['arrival:minutes', minutesOf(decided)], ...time];
}

const stepOf = (minute: MinuteOfDay): number => minute - (minute % timeStepMinutes);

function ofReturn(away: number): Names {
  const from = lengths.findLast((length) => away >= length) ?? 0;
  return [
    ['back:all', 1],
    ['back:minutes', away],
    [`back:from:${String(from)}`, 1],
  ];
}

function sum(counts: DayCounts, names: Names, by: 1 | -1): DayCounts {
  const after: Record<string, number> = { ...counts };
  for (const [name, n] of names) after[name] = (after[name] ?? 0) + by * n;
  return Object.fromEntries(Object.entries(after).filter(([, n]) => n > 0));
}

export const monthOf = (date: IsoDate): string => date.slice(0, 7);

/** The oldest month goes as a whole, so that what is kept by the day begins with a month. */
function toMonth({ days, months }: Counts): void {
  const dates = [...days.keys()].sort();
  const oldest = monthOf(dates[0] ?? '');
  let all = months.get(oldest) ?? {};
  for (const date of dates) {
    if (monthOf(date) !== oldest) break;
    all = sum(all, Object.entries(days.get(date) ?? {}), 1);
    days.delete(date);
  }
  months.set(oldest, all);
  const over = [...months.keys()].sort().slice(0, Math.max(0, months.size - monthsMax));
  for (const month of over) months.delete(month);
}

/** What was counted from the first to the last of these days; of what is kept by the month, whole months within. */
export function countsBetween(
  { days, months }: Pick<Counts, 'days' | 'months'>,
  from: IsoDate,
  to: IsoDate,
): DayCounts {
  let all: DayCounts = {};
  for (const [date, one] of days) if (from <= date && date <= to) all = sum(all, Object.entries(one), 1);
  for (const [month, one] of months) if (isWithin(month, from, to)) all = sum(all, Object.entries(one), 1);
  return all;
}

export const isWithin = (month: string, from: IsoDate, to: IsoDate): boolean =>
  from <= `${month}-01` && lastOf(month) <= to;

/** The last day of a month. */
export function lastOf(month: string): IsoDate {
  const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
  return new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
}
