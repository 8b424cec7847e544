/** Who did what: the journal read backwards, a page at a time, however many years there are (product.md 6, Log). */
import { isKnown } from '../domain/known-records.ts';
import type { Recorded } from '../domain/record.ts';
import { addDays, localTime } from '../domain/school-day.ts';
import type { IsoDate } from '../domain/settings.ts';
import type { Journal } from '../journal/journal.ts';
import type { School } from './school.ts';
import { shownTime, timeOfTouch } from './when.ts';

/** What a record is about, as the log is filtered. */
export type LogKind = 'pupils' | 'marks' | 'roster' | 'settings' | 'people' | 'privacy' | 'box';
export const logKinds: readonly LogKind[] = ['pupils', 'marks', 'roster', 'settings', 'people', 'privacy', 'box'];

const kindsOf: Readonly<Record<Recorded['type'], LogKind>> = {
  movement: 'pupils',
  request: 'pupils',
  answer: 'pupils',
  correction: 'pupils',
  change: 'pupils',
  badge: 'pupils',
  'badge-void': 'pupils',
  print: 'pupils',
  note: 'pupils',
  'note-done': 'pupils',
  'hold-arrivals': 'pupils',
  'out-closed': 'pupils',
  'day-closed': 'pupils',
  decided: 'marks',
  verdict: 'marks',
  adopt: 'marks',
  freeze: 'marks',
  thaw: 'marks',
  sending: 'marks',
  report: 'marks',
  roster: 'roster',
  setting: 'settings',
  'setting-undone': 'settings',
  access: 'people',
  exported: 'privacy',
  hold: 'privacy',
  expiring: 'privacy',
  removed: 'privacy',
  carried: 'privacy',
  erase: 'privacy',
  erased: 'privacy',
  'access-export': 'privacy',
  time: 'box',
  prune: 'box',
  'set-aside-seen': 'box',
  drill: 'pupils',
  run: 'box',
};
export const kindOf = ({ type }: Recorded): LogKind => kindsOf[type];

/** Who did it; null: the box by itself. */
export function actorOf(record: Recorded): string | null {
  if (record.type === 'request') return 'pupil';
  return 'by' in record && !ofTheBox.has(record.by ?? '') ? record.by : null;
}
/** What the box calls itself. */
const ofTheBox: ReadonlySet<string> = new Set(['', 'porter', 'Porter', 'nobody', 'kiosk']);
const isPerson = (by: string | null): boolean => by !== null && by !== 'pupil';

export interface LogWanted {
  /** Null: all. */
  readonly kind: LogKind | null;
  /** A name, whatever its case; null: anybody. */
  readonly by: string | null;
  /** What staff did, and nothing of pupils and machines. */
  readonly staffOnly: boolean;
  /** School-local dates, both included. */
  readonly from: IsoDate | null;
  readonly to: IsoDate | null;
}
export interface LogPage {
  /** Newest first. */
  readonly records: readonly Recorded[];
  /** To be asked for the next; null: that was all. */
  readonly before: number | null;
}

const pageRows = 50;
/** Records looked at for one page: who looks for what is rare goes on by a press. */
const looksMax = 20_000;

export interface LogPorts {
  readonly school: School;
  readonly journal: Pick<Journal, 'before' | 'closed'>;
}

export async function logPage(ports: LogPorts, wanted: LogWanted, before: number | null): Promise<LogPage> {
  const found: Recorded[] = [];
  let looked = 0;
  let last = before;
  for await (const record of newestFirst(ports, wanted, before)) {
    last = record.n;
    looked += 1;
    if (matches(ports.school, wanted, record)) found.push(record);
    if (found.length === pageRows || looked === looksMax) return { records: found, before: last };
  }
  return { records: found, before: null };
}

/** All of a range, newest first. */
export async function* logRange(ports: LogPorts, wanted: LogWanted): AsyncGenerator<Recorded> {
  for await (const record of newestFirst(ports, wanted, null)) {
    if (matches(ports.school, wanted, record)) yield record;
  }
}

/** Of the days that are wanted, and some around them. */
async function* newestFirst(
  { school, journal }: LogPorts,
  { from, to }: LogWanted,
  before: number | null,
): AsyncGenerator<Recorded> {
  let limit = before ?? (await endOf({ school, journal }, to));
  for (;;) {
    const records = await journal.before(limit);
    for (const record of records) {
      if (isKnown(record)) yield record;
      // A day more: a clock may have been a little wrong.
      const { latest } = record.at;
      if (from !== null && latest !== null && dateOf(school, latest) < addDays(from, -1)) return;
    }
    const oldest = records.at(-1);
    if (oldest === undefined) return;
    limit = oldest.n;
  }
}

/** The first number that was surely recorded later than the day `to`; null: none is known. */
async function endOf({ school, journal }: LogPorts, to: IsoDate | null): Promise<number | null> {
  if (to === null) return null;
  const later = (await journal.closed()).find(({ held }) => {
    const start = held?.from ?? null;
    return start !== null && dateOf(school, start) > addDays(to, 1);
  });
  return later?.first ?? null;
}

const dateOf = ({ settings }: School, epochMs: number): IsoDate => localTime(epochMs, settings.school.timeZone).date;

function matches(school: School, { kind, by, staffOnly, from, to }: LogWanted, record: Recorded): boolean {
  if (kind !== null && kindOf(record) !== kind) return false;
  const actor = actorOf(record);
  if (staffOnly && !isPerson(actor)) return false;
  if (by !== null && actor?.toLowerCase() !== by.trim().toLowerCase()) return false;
  if (from === null && to === null) return true;
  const date = dateOf(school, shownTime(timeOfTouch(school, record.at)));
  return (from === null || date >= from) && (to === null || date <= to);
}
