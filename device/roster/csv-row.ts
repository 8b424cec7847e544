/** One row of a CSV roster: a pupil, or what is wrong with the row. */
import type { Pupil, PupilFlag } from '../domain/pupil.ts';
import { normaliseYearGroup } from '../domain/year-group.ts';

/** As in settings.md, in any order. */
export const csvColumns = [
  'mis_id',
  'forename',
  'surname',
  'year_group',
  'registration_group',
  'birth_month',
  'date_of_birth',
  'flags',
] as const;
export type CsvColumn = (typeof csvColumns)[number];

/** Never repeats what the row says: it may be a name. */
export interface RowFault {
  readonly column: CsvColumn | '';
  readonly found: string;
  readonly expected: string;
}
export type Row = { readonly pupil: Pupil } | { readonly faults: readonly RowFault[] };

/** Characters. */
const MAX_ID = 64;
const MAX_NAME = 100;

/** @param field the row's text in a column, empty where the file has no such column. */
export function readRow(field: (column: CsvColumn) => string): Row {
  const faults: RowFault[] = [];
  const fault = (column: CsvColumn, found: string, expected: string) => void faults.push({ column, found, expected });

  const misId = field('mis_id');
  if (misId === '') fault('mis_id', 'nothing', "the pupil's id in the MIS");
  else if (/^\d([.,]\d+)?e\+?\d+$/i.test(misId)) {
    fault('mis_id', 'a number that a spreadsheet has shortened', 'the whole id (format the column as text)');
  } else if (!isPlain(misId, MAX_ID)) fault('mis_id', unfit(misId), `an id of at most ${MAX_ID} characters`);

  const text = (column: 'forename' | 'surname' | 'registration_group' | 'year_group') => {
    const words = tidy(field(column));
    if (!isPlain(words, MAX_NAME)) fault(column, unfit(words), `at most ${MAX_NAME} characters, all of them printable`);
    return words;
  };
  const forename = text('forename');
  const surname = text('surname');
  if (forename === '' && surname === '') fault('forename', 'no name at all', 'a forename, a surname or both');
  const yearGroup = normaliseYearGroup(text('year_group'));
  const registrationGroup = text('registration_group') || null;

  const month = readMonth(field('birth_month'), field('date_of_birth'));
  if (typeof month === 'object' && month !== null) faults.push(month);
  const flags = readFlags(field('flags'));
  if ('expected' in flags) faults.push(flags);

  if (faults.length > 0 || (typeof month === 'object' && month !== null) || 'expected' in flags) return { faults };
  return { pupil: { key: misId, misId, forename, surname, yearGroup, registrationGroup, birthMonth: month, flags } };
}

/** `birth_month` comes first; of a date of birth only the month is kept. Null: the school gave neither. */
function readMonth(month: string, date: string): number | null | RowFault {
  if (month !== '') {
    return (
      monthOf(month) ?? {
        column: 'birth_month',
        found: /^\d{1,2}$/.test(month) ? month : unfit(month),
        expected: 'a month from 1 to 12 or its name',
      }
    );
  }
  if (date === '') return null;
  return monthOfDate(date) ?? { column: 'date_of_birth', found: unfit(date), expected: 'YYYY-MM-DD or DD/MM/YYYY' };
}

const monthNames = [
  ['january', 'ionawr'],
  ['february', 'chwefror'],
  ['march', 'mawrth'],
  ['april', 'ebrill'],
  ['may', 'mai'],
  ['june', 'mehefin'],
  ['july', 'gorffennaf'],
  ['august', 'awst'],
  ['september', 'medi'],
  ['october', 'hydref'],
  ['november', 'tachwedd'],
  ['december', 'rhagfyr'],
] as const;

/** `3`, `03`, `March`, `mar`, `Mawrth`, `Maw.`; three letters tell all months of both languages apart. */
function monthOf(words: string): number | null {
  if (/^0?[1-9]$|^1[0-2]$/.test(words)) return Number(words);
  const plain = words.toLowerCase().replace(/\.$/, '');
  if (plain.length < 3) return null;
  const at = monthNames.findIndex((names) => names.some((name) => name.startsWith(plain)));
  return at === -1 ? null : at + 1;
}

const yearFirst = /^(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})(?:[ T]0?0:00(?::00)?)?$/;
const dayFirst = /^(?<day>\d{1,2})\/(?<month>\d{1,2})\/(?<year>\d{4})(?:[ T]0?0:00(?::00)?)?$/;

function monthOfDate(words: string): number | null {
  const parts = (yearFirst.exec(words) ?? dayFirst.exec(words))?.groups;
  if (parts === undefined) return null;
  const [year, month, day] = [Number(parts['year']), Number(parts['month']), Number(parts['day'])];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) ? month : null;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const flagNames: readonly PupilFlag[] = ['no-photo', 'see-reception', 'do-not-display'];

/** A flag protects a pupil: one that can't be understood keeps the row off the kiosk instead of being dropped. */
function readFlags(words: string): readonly PupilFlag[] | RowFault {
  const given = words
    .toLowerCase()
    .split(/[\s,;|]+/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('_', '-'));
  const known = flagNames.filter((flag) => given.includes(flag));
  if (given.every((word) => known.some((flag) => flag === word))) return known;
  return { column: 'flags', found: 'a flag that is not known', expected: flagNames.join(' ') };
}

/** One spelling, single spaces, and no marks that turn the writing direction of what follows. */
function tidy(words: string): string {
  return words
    .normalize('NFC')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function isPlain(words: string, most: number): boolean {
  return words.length <= most && !/\p{Cc}/u.test(words);
}

function unfit(words: string): string {
  return `a text of ${words.length} characters`;
}
