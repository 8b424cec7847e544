/**
 * Which closed segments may go (durability.md 14, product.md 10): all their days are older than movements are kept, those days
 * are exported, nothing in them is held. What is still open in them is carried on, so it holds up nothing.
 */
import { isKnownType } from './known-records.ts';
import type { HoldBody, Recorded, Ref } from './record.ts';
import { isHeld } from './retention-fold.ts';
import { addDays, localTime, schoolYearOf } from './school-day.ts';
import type { IsoDate, Settings } from './settings.ts';

/** What it asks of a closed segment (`journal/spine.ts`). */
export interface Closed {
  readonly segment: number;
  readonly first: number;
  readonly last: number;
  readonly held: {
    readonly from: number | null;
    readonly to: number | null;
    readonly unsure?: number;
    readonly kinds: Readonly<Record<string, number>>;
    readonly days?: Readonly<Record<string, unknown>>;
  } | null;
  readonly removed: object | null;
}
/** How long the school keeps movements, and in which zone its days are. */
export interface KeepRules {
  readonly events: Settings['keep']['events'];
  readonly timeZone: string;
}
export interface Kept {
  readonly exported: ReadonlySet<IsoDate>;
  readonly holds: ReadonlyMap<Ref, Recorded<HoldBody>>;
}

/** Why a segment stays. `young`: until that day is over and gone by; null: when that is is not sure. */
export type Fate =
  | { readonly kind: 'goes' }
  | { readonly kind: 'young'; readonly goesOn: IsoDate | null }
  | { readonly kind: 'not-exported'; readonly day: IsoDate }
  | { readonly kind: 'held' }
  | { readonly kind: 'unreadable' };

/** Badge IDs rest for so long, and the ledger knows everything of these days. */
const leastDays = 30;

/** Movements of days before this one may go. */
export function cutOff(today: IsoDate, { events }: Pick<KeepRules, 'events'>): IsoDate {
  const long = addDays(today, -leastDays);
  const wanted = events === 'school-year' ? `${schoolYearOf(today)}-09-01` : addDays(today, -events);
  return wanted < long ? wanted : long;
}

/** The first day on which `cutOff` lies behind `day`. */
export function goesOn(day: IsoDate, { events }: Pick<KeepRules, 'events'>): IsoDate {
  const least = addDays(day, leastDays + 1);
  const wanted = events === 'school-year' ? `${schoolYearOf(day) + 1}-09-01` : addDays(day, events + 1);
  return wanted > least ? wanted : least;
}

export function fateOf(closed: Closed, all: readonly Closed[], kept: Kept, today: IsoDate, rules: KeepRules): Fate {
  const { first, last, held } = closed;
  // What this version cannot fold it could not carry on.
  if (held?.days === undefined || !Object.keys(held.kinds).every(isKnownType)) return { kind: 'unreadable' };
  const end = endOf(closed, all);
  if (end === null) return { kind: 'young', goesOn: null };
  const days = Object.keys(held.days).sort();
  const recorded = localTime(end, rules.timeZone).date;
  // What was entered for another day counts for that one.
  const newest = days.reduce((newer, day) => (day > newer ? day : newer), recorded);
  if (newest >= cutOff(today, rules)) return { kind: 'young', goesOn: goesOn(newest, rules) };
  if (isHeld(kept.holds, first, last, today)) return { kind: 'held' };
  const day = days.find((one) => !kept.exported.has(one));
  return day === undefined ? { kind: 'goes' } : { kind: 'not-exported', day };
}

/** Its last moment, milliseconds since the epoch: where the time was not always known, the next segment began after it. */
function endOf({ segment, held }: Closed, all: readonly Closed[]): number | null {
  if (held?.unsure === 0 && held.to !== null) return held.to;
  const [next] = all.flatMap((one) => (one.segment > segment ? (one.held?.from ?? []) : []));
  return next === undefined ? null : Math.max(next, held?.to ?? 0);
}
