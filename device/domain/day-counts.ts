/** How many came late, left and came back on each school day, without saying who: kept when the movements have left the ledger. */
import type { DecidedBody, Outcome } from './record.ts';
import type { IsoDate } from './settings.ts';

/** Two school years and a bit. */
const daysMax = 400;

/** By outcome, and outcome and reason: `late`, `late:bus`. Never 0. */
export type DayCounts = Readonly<Record<string, number>>;
export type CountedAs = Outcome | `${Outcome}:${string}`;

/** `by` -1: it does not stand any more. */
export function count(
  days: Map<IsoDate, DayCounts>,
  { date, outcome }: Pick<DecidedBody, 'date' | 'outcome'>,
  reason: string | null,
  by: 1 | -1,
): void {
  const names: readonly CountedAs[] = reason === null ? [outcome] : [outcome, `${outcome}:${reason}`];
  const before = days.get(date);
  // Of a day that is not counted any more.
  if (before === undefined && by < 0) return;
  const after = names.map((name) => [name, (before?.[name] ?? 0) + by] as const);
  const rest = Object.entries({ ...before, ...Object.fromEntries(after) }).filter(([, n]) => n > 0);
  days.set(date, Object.fromEntries(rest));
  if (days.size > daysMax) days.delete([...days.keys()].sort()[0] ?? date);
}
