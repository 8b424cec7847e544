/** What a helper may see of a technician file: which keys are given, and of their values those that can be nobody's. No I/O. */
import { isKnownYearGroup, normaliseYearGroup } from '../domain/year-group.ts';
import { STORED } from '../settings/kinds.ts';
import { dotted } from '../settings/problem.ts';
import type { KeyPath } from '../settings/problem.ts';
import { keys, placeAt } from '../settings/schema-walk.ts';
import { isTable, readToml } from '../settings/toml.ts';
import type { TomlTable, TomlValue } from '../settings/toml.ts';

export interface ShownSettings {
  readonly lines: readonly string[];
  /** Texts of the file that are to be shown nowhere else either. */
  readonly hidden: readonly string[];
}

export function shownSettings(text: string): ShownSettings {
  const { values, faults } = readToml(text);
  const rows = text.split('\n');
  const wrong = faults.map(({ line }) => line);
  // Of a line that is no TOML every word may be a secret without its quotes.
  const unread = values === null ? rows : wrong.map((line) => rows[line - 1] ?? '');
  const told = wrong.map((line) => `line ${String(line)} is no TOML`);
  const leaves = values === null ? [] : leavesOf(values, []);
  const shown = leaves.map(([path, value]) => ({ path, value, plain: isPlain(path, value, values) }));
  return {
    lines: [
      ...told,
      ...shown.map(({ path, value, plain }) =>
        placeAt(path, values) === null
          ? 'a name that Porter does not know'
          : `${dotted(path)} = ${plain ? JSON.stringify(value) : '(given)'}`,
      ),
    ],
    hidden: [
      ...shown.flatMap(({ value, plain }) => (plain ? [] : [String(value)])),
      ...unread.flatMap((row) => row.split(/[\s"'=,[\]{}]+/).filter((word) => word.length > 5)),
    ],
  };
}

type Leaf = string | number | boolean;

function leavesOf(value: TomlValue, path: KeyPath): readonly (readonly [KeyPath, Leaf])[] {
  if (Array.isArray(value)) return value.flatMap((one, i) => leavesOf(one, [...path, i]));
  if (isTable(value)) return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
  return [[path, value]];
}

/** One of a few words, a number, a time, a day; or what holds without being given. */
function isPlain(path: KeyPath, value: Leaf, values: TomlTable | null): boolean {
  const place = placeAt(path, values);
  if (place === null) return false;
  if (typeof value !== 'string') return true;
  const isTime = /^(?:\d{1,2}:[0-5]\d(?::00)?|\d{4}-\d\d-\d\d)$/.test(value);
  const year = place.words.includes('year group') ? normaliseYearGroup(value) : null;
  const isYear = year !== null && isKnownYearGroup(year);
  return isTime || isYear || value === STORED || place.names.includes(value) || isDefault(path, value);
}

function isDefault(path: KeyPath, value: string): boolean {
  const key = dotted(path);
  return keys().some((row) => row.key === key && row.default === JSON.stringify(value));
}
