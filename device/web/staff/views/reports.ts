/** Late arrivals and early departures, counted: by day, weekday and time, year group and reason (product.md 6). */
import type { Bar, LatePupil, LatePupils, Report, ReportsView, Span } from '../../../contract/staff-reports.ts';
import { countsBetween, isWithin, lastOf, lengths, monthOf, timeStepMinutes } from '../../../domain/day-counts.ts';
import type { DayCounts } from '../../../domain/day-counts.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import { samePerson } from '../../../domain/prune.ts';
import { addDays, isSchoolDay, schoolYearOf, weekdayOf } from '../../../domain/school-day.ts';
import type { IsoDate } from '../../../domain/settings.ts';
import { compareYearGroups } from '../../../domain/year-group.ts';
import { weekdayNames } from '../../../desk/setting-examples.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { faceOf, today } from '../../../desk/when.ts';
import { nameOf, rowsMax } from './rows.ts';
import { figure, withoutSmall } from './small-groups.ts';

/** More days than these stand by the month. */
const barsMax = 70;
/** Terms end with a month: of years ago only whole months are kept. */
const terms = [
  ['Autumn', '09-01', '12-31'],
  ['Spring', '01-01', '03-31'],
  ['Summer', '04-01', '08-31'],
] as const;

export function reportsView(school: School, ledger: Ledger): ReportsView {
  const date = today(school);
  return { today: date, spans: spansOf(ledger, date), repeatTimes: school.settings.late.repeatTimes };
}

function spansOf({ days, months }: Ledger, date: IsoDate): readonly Span[] {
  const first = [...[...months.keys()].map((month) => `${month}-01`), ...days.keys()].sort()[0] ?? date;
  const year = schoolYearOf(date);
  const monday = addDays(date, -Object.keys(weekdayNames).indexOf(weekdayOf(date)));
  const ofYear = (one: number, [name, from, to]: (typeof terms)[number]): Span => {
    const its = name === 'Autumn' ? one : one + 1;
    return { label: `${name} term ${String(its)}`, from: `${String(its)}-${from}`, to: `${String(its)}-${to}` };
  };
  const years = Array.from({ length: Math.max(0, year - schoolYearOf(first)) + 1 }, (_, i) => year - i);
  const named = [year, year - 1].flatMap((one) => terms.map((term) => ofYear(one, term)).reverse());
  return [
    { label: 'This week', from: monday, to: date },
    { label: 'The last 30 days', from: addDays(date, -29), to: date },
    ...named.filter(({ from, to }) => from <= date && to >= first),
    ...years.map((one) => ({
      label: `School year ${String(one)}/${String(one + 1).slice(2)}`,
      from: `${String(one)}-09-01`,
      to: `${String(one + 1)}-08-31`,
    })),
  ];
}

export function report(school: School, ledger: Ledger, from: IsoDate, to: IsoDate): Report {
  const counts = countsBetween(ledger, from, to);
  const of = (name: string): number => counts[name] ?? 0;
  const [late, early, back] = [of('arrival:all'), of('leave:all'), of('back:all')];
  const over = overTime(school, ledger, from, to);
  const heat = heatOf(counts);
  const lateShown = figure(late);
  return {
    from,
    to,
    remarks: remarksOf(ledger, from, to, late - heat.timed),
    late: {
      total: lateShown,
      minutesLost: lateShown === null ? null : of('arrival:minutes'),
      over,
      byYear: bars(counts, 'arrival:year:', yearLabel, (a, b) => compareYearGroups(a, b)),
      byReason: bars(counts, 'arrival:reason:', (id) => label(school, 'late', id)),
      heat: { times: heat.times, rows: heat.rows },
    },
    early: {
      total: figure(early),
      byYear: bars(counts, 'leave:year:', yearLabel, (a, b) => compareYearGroups(a, b)),
      byReason: bars(counts, 'leave:reason:', (id) => label(school, 'leave', id)),
      lengths: lengthBars(counts),
      back: figure(back),
      away: back < 5 ? null : Math.round(of('back:minutes') / back),
    },
  };
}

const yearLabel = (year: string): string => (year === '' ? 'Year group not known' : year);
const label = (school: School, kind: 'late' | 'leave', id: string): string =>
  id === '' ? 'No reason' : (reasonLabel(school.settings, kind, id) ?? id);

function bars(
  counts: DayCounts,
  prefix: string,
  name: (id: string) => string,
  compare?: (a: string, b: string) => number,
): readonly Bar[] {
  const found = Object.entries(counts).filter(([key]) => key.startsWith(prefix));
  const named = found.map(([key, count]) => ({ id: key.slice(prefix.length), count }));
  named.sort((a, b) => (compare === undefined ? b.count - a.count : compare(a.id, b.id)));
  return shownBars(named.map(({ id, count }) => [name(id), count]));
}

function shownBars(rows: readonly (readonly [string, number])[]): readonly Bar[] {
  const shown = withoutSmall(rows.map(([, count]) => count));
  return rows.map(([name], i) => ({ label: name, count: shown[i] ?? null }));
}

/** Every school day, also one on which nobody was late; or the months that have something in the range. */
function overTime(school: School, ledger: Ledger, from: IsoDate, to: IsoDate): Report['late']['over'] {
  const end = to < today(school) ? to : today(school);
  const kept = [...ledger.days.keys()].filter((date) => from <= date && date <= end);
  const hasMonths = [...ledger.months.keys()].some((month) => isWithin(month, from, to));
  const days = new Set(kept);
  for (let date = from; date <= end && days.size <= barsMax; date = addDays(date, 1)) {
    if (isSchoolDay(date, school.settings)) days.add(date);
  }
  if (!hasMonths && days.size <= barsMax) {
    const rows = [...days].sort().map((date) => [date, ledger.days.get(date)?.['arrival:all'] ?? 0] as const);
    return { unit: 'day', bars: shownBars(rows) };
  }
  const months = new Map<string, number>();
  const add = (month: string, of: DayCounts | undefined): void => {
    months.set(month, (months.get(month) ?? 0) + (of?.['arrival:all'] ?? 0));
  };
  for (const date of kept) add(monthOf(date), ledger.days.get(date));
  for (const [month, of] of ledger.months) if (isWithin(month, from, to)) add(month, of);
  return { unit: 'month', bars: shownBars([...months].sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** From the first to the last time at which anybody came late. */
function heatOf(counts: DayCounts): Report['late']['heat'] & { readonly timed: number } {
  const cells = new Map<string, number>();
  for (const [key, count] of Object.entries(counts)) {
    if (key.startsWith('arrival:time:')) cells.set(key.slice('arrival:time:'.length), count);
  }
  const timed = [...cells.values()].reduce((sum, count) => sum + count, 0);
  if (cells.size === 0) return { times: [], rows: [], timed };
  const minutes = [...cells.keys()].map((key) => Number(key.split(':')[1]));
  const [first, last] = [Math.min(...minutes), Math.max(...minutes)];
  const steps = Array.from({ length: (last - first) / timeStepMinutes + 1 }, (_, i) => first + i * timeStepMinutes);
  const there = Object.entries(weekdayNames).filter(
    ([day], i) => i < 5 || [...cells.keys()].some((key) => key.startsWith(day)),
  );
  const shown = withoutSmall(there.flatMap(([day]) => steps.map((step) => cells.get(`${day}:${String(step)}`) ?? 0)));
  return {
    times: steps.map((step) => faceOf({ msOfDay: step * 60_000 })),
    rows: there.map(([, weekday], i) => ({ weekday, counts: shown.slice(i * steps.length, (i + 1) * steps.length) })),
    timed,
  };
}

const lengthWords = ['Under 30 minutes', '30 minutes to 1 hour', '1 to 2 hours', 'Over 2 hours'] as const;
function lengthBars(counts: DayCounts): readonly Bar[] {
  return shownBars(lengths.map((from, i) => [lengthWords[i] ?? '', counts[`back:from:${String(from)}`] ?? 0]));
}

function remarksOf({ days, months }: Ledger, from: IsoDate, to: IsoDate, untimed: number): readonly string[] {
  const newest = [...months.keys()].sort().at(-1);
  const isCut = [...months.keys()].some(
    (month) => from <= lastOf(month) && `${month}-01` <= to && !isWithin(month, from, to),
  );
  return [
    'Figures of 1 to 4 are hidden, and others by which they could be worked out.',
    ...(newest !== undefined && isCut
      ? [`Up to ${newest} whole months are kept only: parts of one are left out.`]
      : []),
    ...(untimed >= 5 ? [`Of ${String(untimed)} late arrivals the time of day was not counted.`] : []),
    ...(days.size + months.size === 0 ? ['Nothing has been counted yet.'] : []),
  ];
}

/** Names. By the movements that are kept, under every key that a pupil has had. */
export function latePupils(school: School, ledger: Ledger, from: IsoDate, to: IsoDate, times: number): LatePupils {
  const done = new Set<string>();
  const found: LatePupil[] = [];
  let since: string | null = null;
  for (const pupil of ledger.lates.keys()) {
    if (done.has(pupil)) continue;
    const keys = samePerson(ledger, pupil);
    for (const key of keys) done.add(key);
    const all = [...keys].flatMap((key) => ledger.lates.get(key) ?? []);
    for (const { date } of all) if (since === null || date < since) since = date;
    const those = all.filter(({ date }) => from <= date && date <= to);
    if (those.length < times) continue;
    const key = [...keys].find((one) => school.roster.byKey(one) !== undefined) ?? pupil;
    const last = those.reduce((latest, { date }) => (date > latest ? date : latest), '');
    const minutes = those.reduce((sum, one) => sum + one.minutes, 0);
    found.push({ key, ...nameOf(school, key), times: those.length, minutes, last });
  }
  found.sort((a, b) => b.times - a.times || b.minutes - a.minutes);
  const before = since === null ? {} : countsBetween(ledger, from, addDays(since, -1));
  const isShort = (before['arrival:all'] ?? 0) > 0;
  return { rows: found.slice(0, rowsMax), more: Math.max(0, found.length - rowsMax), since: isShort ? since : null };
}
