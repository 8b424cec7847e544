/**
 * What a segment that goes leaves behind (durability.md 14): entries of the ledger that a fold of the segments that stay would
 * miss are appended again as `carried`, with the identity they have. Nothing here knows which they are: two ledgers are held
 * against each other, so what is carried is exactly what is missing, and a segment may go when nothing is.
 *
 * A carried entry is the state of one thing, as this version keeps it in its ledger: where such a shape changes, `carried`
 * gets another version, and the fold of the former one fills in what is new.
 */
import { latesAfter } from './day-counts.ts';
import type { Counts } from './day-counts.ts';
import { rejoined } from './mark-fold.ts';
import { pupilOfMark } from './mark.ts';
import type { Mark } from './mark.ts';
import { numberOf } from './record.ts';
import type { CarriedBody, CarriedEntry } from './record.ts';

/** Small, and their order says something: carried as a whole. */
const carriedWhole: ReadonlySet<string> = new Set(['runs', 'reaching', 'expiring', 'setAside']);
/**
 * Commands are remembered for a minute's sake, not for months; what other boxes recorded is in their journals; marks are counted
 * anew when segments have gone.
 */
const notCarried: ReadonlySet<string> = new Set(['commands', 'others', 'counts']);
/** Characters of one record, and records of one commit: well within the journal's bounds. */
const recordMax = 16_000;
const atOnceMax = 40;

/** What of a ledger tells whose an entry is. */
interface Owners {
  /** Who was late is known as long as the records of it are there, and no longer. */
  readonly lates: Counts['lates'];
  readonly movements: ReadonlyMap<string, { readonly record: { readonly pupil: string | null } }>;
  readonly badges: ReadonlyMap<string, { readonly record: { readonly movement: string } }>;
}

/**
 * What `rest` misses or has otherwise, as records; empty: both are the same. At most a commit of them. `upTo`: the highest number in
 * the segments that go.
 */
export function missing(whole: Owners & object, rest: Owners & object, upTo: number): readonly CarriedBody[] {
  const byPupil = new Map<string | null, CarriedEntry[]>();
  for (const entry of differing([], remaining(whole, upTo), remaining(rest, upTo))) {
    const pupil = ownerOf(whole, entry);
    byPupil.set(pupil, [...(byPupil.get(pupil) ?? []), entry]);
  }
  const bodies = [...byPupil].flatMap(([pupil, entries]) =>
    parcels(entries).map((some): CarriedBody => ({ type: 'carried', v: 1, pupil, entries: some })),
  );
  return bodies.slice(0, atOnceMax);
}

const remaining = (ledger: Owners & object, upTo: number): object => ({
  ...ledger,
  lates: latesAfter(ledger.lates, upTo),
});

function* differing(path: readonly string[], whole: object, rest: object): Generator<CarriedEntry> {
  const fields: readonly (readonly [string, unknown])[] = Object.entries(whole);
  for (const [name, is] of fields) {
    if (notCarried.has(name)) continue;
    const [field, has] = [[...path, name], fieldOf(rest, name)];
    if (carriedWhole.has(name)) {
      const value = listOf(is);
      if (text(value) !== text(listOf(has))) yield { field, value };
    } else if (is instanceof Map && has instanceof Map) yield* ofMaps(field, is, has);
    else if (is instanceof Set && has instanceof Set) yield* ofSets(field, is, has);
    else if (isMadeByClass(is) && isMadeByClass(has)) yield* differing(field, is, has);
    // A copy: the timeline's boots are changed in place, and a record is what is stored of it.
    else if (text(is) !== text(has)) yield { field, value: JSON.parse(text(is)) };
  }
}

function* ofMaps(field: readonly string[], whole: Map<unknown, unknown>, rest: Map<unknown, unknown>) {
  for (const [key, value] of whole) {
    if (!rest.has(key) || text(value) !== text(rest.get(key))) yield { field, key: String(key), value };
  }
  for (const key of rest.keys()) if (!whole.has(key)) yield { field, key: String(key) };
}

function* ofSets(field: readonly string[], whole: Set<unknown>, rest: Set<unknown>): Generator<CarriedEntry> {
  for (const key of whole) if (!rest.has(key)) yield { field, key: String(key), value: true };
  for (const key of rest) if (!whole.has(key)) yield { field, key: String(key) };
}

/**
 * Puts a carried entry where it belongs; one for which this version has no place is passed over. A copy: the timeline's boots are
 * changed in place.
 */
export function carry(ledger: object, { field, key, value }: CarriedEntry): void {
  const name = field.at(-1) ?? '';
  let holder: unknown = ledger;
  for (const part of field.slice(0, -1)) holder = fieldOf(holder, part);
  const there = fieldOf(holder, name);
  if (typeof holder !== 'object' || holder === null || there === undefined) return;
  if (key !== undefined) return putEntry(there, name, key, value);
  if (there instanceof Map || there instanceof Set) refill(there, Array.isArray(value) ? value : []);
  else Reflect.set(holder, name, JSON.parse(text(value)));
}

function putEntry(there: unknown, name: string, key: string, value: unknown): void {
  if (there instanceof Map) {
    if (value === undefined) there.delete(key);
    else there.set(key, name === 'marks' && isMark(value) ? rejoined(value) : value);
  } else if (there instanceof Set) {
    if (value === undefined) there.delete(key);
    else there.add(key);
  }
}

/** By the numbers of their records, which is how they came; others by their keys. */
const inNumbers: ReadonlySet<string> = new Set([
  'movements',
  'badges',
  'notes',
  'out',
  'undecided',
  'unsure',
  'holds',
  'settings',
]);
const inKeys: ReadonlySet<string> = new Set([
  'marks',
  'unsettled',
  'byPupil',
  'visits',
  'badgeById',
  'days',
  'months',
  'daysClosed',
  'exported',
  'adopted',
  'erasedKeys',
]);

/** Both ledgers in one order, whatever was carried into which: some lists are shown, oldest first. */
export function inOrder(ledger: {
  readonly requests: ReadonlyMap<string, { readonly record: { readonly n: number } }>;
}) {
  const ofVisit = (visit: string): number => ledger.requests.get(visit)?.record.n ?? 0;
  const fields: readonly (readonly [string, unknown])[] = Object.entries(ledger);
  for (const [name, field] of fields) {
    if (!(field instanceof Map) && !(field instanceof Set)) continue;
    const isOfVisits = name === 'requests' || name === 'waiting';
    if (!isOfVisits && !inNumbers.has(name) && !inKeys.has(name)) continue;
    const rank = (key: string): number => (isOfVisits ? ofVisit(key) : inNumbers.has(name) ? numberOf(key) : 0);
    const keyOf = (entry: unknown): string => String(Array.isArray(entry) ? entry[0] : entry);
    const entries = listOf(field).map((entry) => ({ entry, key: keyOf(entry) }));
    entries.sort((a, b) => rank(a.key) - rank(b.key) || (a.key < b.key ? -1 : 1));
    refill(
      field,
      entries.map(({ entry }) => entry),
    );
  }
}

function refill(there: Map<unknown, unknown> | Set<unknown>, entries: readonly unknown[]): void {
  there.clear();
  for (const entry of entries) {
    if (there instanceof Set) there.add(entry);
    else if (Array.isArray(entry)) there.set(entry[0], entry[1]);
  }
}

/** The pupil with whose key the entry goes; null: nobody's. */
function ownerOf({ movements, badges }: Owners, { field: [name], key, value }: CarriedEntry): string | null {
  const ofMovement = (ref: unknown): string | null =>
    (typeof ref === 'string' ? movements.get(ref)?.record.pupil : null) ?? null;
  switch (name) {
    case 'byPupil':
    case 'lates':
    case 'adopted': // with the other key go all keys of the pupil (`erasing.ts`)
      return key ?? null;
    case 'unsettled':
    case 'marks': // also one that `rest` has and the ledger has not: the key alone names the pupil
      return pupilOfMark(key ?? '');
    case 'badgeById':
      return ofMovement(badges.get(String(value))?.record.movement);
    case 'badges':
      return ofMovement(fieldOf(fieldOf(value, 'record'), 'movement'));
    case 'visits':
      return ofMovement(value);
    case 'out':
    case 'undecided':
    case 'unsure':
    case 'holds':
      return ofMovement(key);
    default: {
      const pupil = fieldOf(value, 'pupil') ?? fieldOf(fieldOf(value, 'record'), 'pupil');
      return typeof pupil === 'string' ? pupil : null;
    }
  }
}

function parcels(entries: readonly CarriedEntry[]): readonly (readonly CarriedEntry[])[] {
  const all: CarriedEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = text(entry).length;
    if (size > room) {
      all.push([]);
      room = recordMax;
    }
    all.at(-1)?.push(entry);
    room -= size;
  }
  return all;
}

const text = (value: unknown): string => JSON.stringify(value ?? null);
const listOf = (field: unknown): readonly unknown[] =>
  field instanceof Map || field instanceof Set ? [...(field as Iterable<unknown>)] : [];

const fieldOf = (holder: unknown, name: string): unknown =>
  typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name) ? Reflect.get(holder, name) : undefined;

function isMadeByClass(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== Array.prototype;
}

const isMark = (value: unknown): value is Mark => fieldOf(value, 'flight') !== undefined;
