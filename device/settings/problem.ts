/** What is wrong in a technician file, in words that someone can act on. */
import { distance } from 'fastest-levenshtein';

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `times.am.opens`, `reason[2].code.before_close` (lists count from 0); empty where no key can be named. */
  readonly key: string;
  readonly found: string;
  readonly expected: string;
  /** The nearest name that would be right, where there is one. */
  readonly nearest?: string;
}

/** A key's place in the file: names, and positions in lists from 0. */
export type KeyPath = readonly (string | number)[];

export const NOTHING = 'nothing';

/** One line, plain English: file, line, key, found, expected, nearest known name. */
export function problemText(problem: Problem): string {
  const where = [problem.file, `line ${problem.line}`, problem.key].filter((part) => part !== '').join(', ');
  const hint = problem.nearest === undefined ? '' : `; did you mean ${problem.nearest}?`;
  return oneLine(`${where}: found ${problem.found}, expected ${problem.expected}${hint}`);
}

/** `['reason', 2, 'code']` as `reason[2].code`. Names that are no bare TOML keys are quoted and shortened. */
export function dotted(path: KeyPath): string {
  return path.reduce<string>((key, part) => {
    if (typeof part === 'number') return `${key}[${part}]`;
    return key === '' ? keyName(part) : `${key}.${keyName(part)}`;
  }, '');
}

/** The one of `names` that was probably meant; undefined when none is near. */
export function nearestOf(word: string, names: readonly string[]): string | undefined {
  const plain = word.slice(0, LONGEST_SHOWN).toLowerCase();
  const near = names
    .map((name) => ({ name, steps: distance(plain, name.toLowerCase()) }))
    // Two letters swapped are two steps.
    .filter(({ name, steps }) => steps <= Math.max(name.length > 2 ? 2 : 1, Math.floor(name.length * 0.4)));
  return near.sort((a, b) => a.steps - b.steps)[0]?.name;
}

/** A value as an error may show it: short, quoted, on one line. */
export function shown(value: unknown): string {
  if (value === undefined) return NOTHING;
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (names.length === 0) return 'an empty table';
  return `a table with ${names.slice(0, MOST_NAMES).map(keyName).join(', ')}${names.length > MOST_NAMES ? '…' : ''}`;
}

/** For tokens, passwords and addresses that hold one: says that there is something, never what. */
export function shownSecret(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return value === undefined ? NOTHING : 'something that is no text';
}

/** Characters of a value or name that an error repeats. */
const LONGEST_SHOWN = 60;
/** Names of a table that an error repeats. */
const MOST_NAMES = 8;

function keyName(name: string): string {
  return /^[A-Za-z0-9_-]{1,60}$/.test(name) ? name : JSON.stringify(shortened(name));
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
