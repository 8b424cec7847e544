/**
 * A ledger as text and back (durability.md 11): a cache of what the records add up to, so that a start need not fold all of
 * them again. Every field of the ledger goes in, whatever it is called, so that none can be forgotten.
 */
import { Ledger } from './ledger.ts';
import { rejoined } from './mark-fold.ts';

/** Entries of a map or set in one line: bounds how long the loop is held between two of them. */
const ENTRIES = 25;

type Path = readonly string[];

/** One line after the other; the ledger must not change meanwhile (take a `copy()`: what it holds is never changed in place). */
export function* ledgerLines(ledger: Ledger): Generator<string> {
  yield* linesOf([], ledger);
}

function* linesOf(path: Path, holder: object): Generator<string> {
  const fields: readonly (readonly [string, unknown])[] = Object.entries(holder);
  for (const [name, value] of fields) {
    const place = [...path, name];
    if (name === 'others' && value instanceof Map) yield* ledgersOf(place, value);
    else if (value instanceof Map) yield* parts(place, [...value]);
    else if (value instanceof Set) yield* parts(place, [...value]);
    else if (isObjectOfOurs(value)) yield* linesOf(place, value);
    else yield JSON.stringify([place, value]);
  }
}

/** Of other boxes: each under its own name. */
function* ledgersOf(place: Path, others: ReadonlyMap<unknown, unknown>): Generator<string> {
  for (const [box, ledger] of others) {
    if (typeof box === 'string' && ledger instanceof Ledger) yield* linesOf([...place, box], ledger);
  }
}

function* parts(place: Path, entries: readonly unknown[]): Generator<string> {
  for (let at = 0; at < entries.length; at += ENTRIES) {
    yield JSON.stringify([place, entries.slice(at, at + ENTRIES)]);
  }
}

/** Null: not the lines of a ledger of this shape. */
export function ledgerFrom(lines: Iterable<string>): Ledger | null {
  const ledger = new Ledger();
  for (const line of lines) {
    const parsed: unknown = JSON.parse(line);
    if (!Array.isArray(parsed) || !isPath(parsed[0]) || !put(ledger, parsed[0], parsed[1])) return null;
  }
  for (const { marks } of [ledger, ...ledger.others.values()]) {
    for (const [key, mark] of marks) marks.set(key, rejoined(mark));
  }
  return ledger;
}

function put(ledger: Ledger, path: Path, value: unknown): boolean {
  let holder: unknown = ledger;
  for (const name of path.slice(0, -1)) holder = fieldOf(holder, name);
  const name = path.at(-1) ?? '';
  const field = fieldOf(holder, name);
  if (field === undefined || typeof holder !== 'object' || holder === null) return false;
  if (!(field instanceof Map) && !(field instanceof Set)) return Reflect.set(holder, name, value);
  if (!Array.isArray(value)) return false;
  for (const entry of value as readonly unknown[]) {
    if (field instanceof Set) field.add(entry);
    else if (Array.isArray(entry)) field.set(entry[0], entry[1]);
    else return false;
  }
  return true;
}

function fieldOf(holder: unknown, name: string): unknown {
  // The only map on the way to a field is that of the other boxes.
  if (holder instanceof Map) {
    if (!holder.has(name)) holder.set(name, new Ledger());
    return holder.get(name);
  }
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
    ? Reflect.get(holder, name)
    : undefined;
}

const isPath = (value: unknown): value is Path =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');

/** Made by a class: its fields are what counts. */
function isObjectOfOurs(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== Array.prototype;
}
