/**
 * Reads a roster that a school exports as CSV (settings.md, `[roster] csv`). Good rows are used, bad ones are listed by
 * line. What a row says is never repeated in a problem: it may be a name.
 */
import { distance } from 'fastest-levenshtein';
import type { Pupil } from '../domain/pupil.ts';
import { type CsvRecord, type Delimiter, csvLines, csvRecords, decodeCsv, delimiters } from './csv-records.ts';
import { type CsvColumn, csvColumns, readRow } from './csv-row.ts';

export interface RosterProblem {
  /** Where the row begins in the file, from 1. */
  readonly line: number;
  /** Empty where the whole row or file is meant. */
  readonly column: CsvColumn | '';
  readonly found: string;
  readonly expected: string;
}

export interface RosterRead {
  /** In file order, no two with the same key. */
  readonly pupils: readonly Pupil[];
  /** Rows (or the file) that could not be used. */
  readonly problems: readonly RosterProblem[];
  /** Used, but perhaps not as meant. */
  readonly warnings: readonly RosterProblem[];
}

/** Some three schools' worth; more is another kind of file. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_ROWS = 20_000;

/** Never throws, whatever the bytes. `key` and `misId` of the pupils are the column `mis_id`. */
export function readRosterCsv(bytes: Uint8Array): RosterRead {
  if (bytes.length > MAX_BYTES) {
    return unusable({ line: 1, column: '', found: `${bytes.length} bytes`, expected: `at most ${MAX_BYTES}` });
  }
  const { text, certain } = decodeCsv(bytes);
  const lines = csvLines(text);
  const start = /^\s*sep=.\s*$/i.test(lines[0] ?? '') ? 1 : 0; // Excel's own hint for the separator
  const head = headingsOf(lines.slice(start, start + MAX_HEADING_LINES));
  const headLine = start + head.line;
  const faults = headingFaults(head, headLine);
  if (faults.length > 0) return unusable(...faults);

  const body = lines.slice(headLine);
  const rows = readRows(csvRecords(body, head.delimiter, head.headings.length), head, headLine);
  const warnings = [...encodingWarning(certain), ...headingWarnings(head, headLine), ...gapWarnings(rows.pupils)];
  return { ...rows, warnings };
}

const MAX_HEADING_LINES = 10;

interface Headings {
  readonly delimiter: Delimiter;
  /** Lines until the headings end, from the start of the search. */
  readonly line: number;
  readonly headings: readonly string[];
  readonly columns: ReadonlyMap<CsvColumn, number>;
}

/** The separator is the one under which the headings make most sense. */
function headingsOf(lines: readonly string[]): Headings {
  const tried = delimiters.map((delimiter): Headings => {
    const [first] = csvRecords(lines, delimiter);
    const headings = first?.fields ?? [];
    const columns = new Map<CsvColumn, number>();
    headings.forEach((heading, i) => {
      const column = csvColumns.find((name) => plain(name) === plain(heading));
      if (column !== undefined && !columns.has(column)) columns.set(column, i);
    });
    return { delimiter, line: first?.line ?? 1, headings, columns };
  });
  return tried.reduce((best, next) => (next.columns.size > best.columns.size ? next : best));
}

/** `MIS ID`, `mis_id` and `Mis-Id` are one. */
function plain(heading: string): string {
  return heading.toLowerCase().replace(/[\s_.-]+/g, '');
}

function headingFaults({ headings, columns }: Headings, line: number): readonly RosterProblem[] {
  const names = csvColumns.join(' ');
  if (columns.size === 0) return [{ line, column: '', found: 'no headings', expected: `a first line with ${names}` }];
  const hasBirth = columns.has('birth_month') || columns.has('date_of_birth');
  const needed = (['mis_id', 'forename', 'surname', 'year_group'] as const).filter((column) => !columns.has(column));
  const missing: readonly CsvColumn[] = hasBirth ? needed : [...needed, 'birth_month'];
  return missing.map((column) => {
    const near = headings.findIndex((heading) => distance(plain(heading.slice(0, 40)), plain(column)) <= 2);
    const heading = column === 'birth_month' ? 'birth_month (or date_of_birth)' : column;
    const hint = near === -1 ? '' : ` (column ${near + 1} may be meant)`;
    return { line, column, found: 'no such column', expected: `a column ${heading}${hint}` };
  });
}

function readRows(records: Iterable<CsvRecord>, head: Headings, before: number) {
  const pupils = new Map<string, Pupil>();
  const lineOf = new Map<string, number>();
  const problems: RosterProblem[] = [];
  let count = 0;
  for (const record of records) {
    const line = before + record.line;
    count += 1;
    if (count > MAX_ROWS) {
      problems.push({ line, column: '', found: 'more rows', expected: `at most ${MAX_ROWS} pupils` });
      break;
    }
    const row = readRecord(record, head);
    if ('faults' in row) {
      problems.push(...row.faults.map((fault) => ({ line, ...fault })));
      continue;
    }
    const first = lineOf.get(row.pupil.key);
    if (first !== undefined) {
      const expected = 'one row a pupil: the first one stands';
      problems.push({ line, column: 'mis_id', found: `the id of line ${first} again`, expected });
      continue;
    }
    lineOf.set(row.pupil.key, line);
    pupils.set(row.pupil.key, row.pupil);
  }
  return { pupils: [...pupils.values()], problems };
}

const mayBeCutOff: ReadonlySet<CsvColumn> = new Set(['registration_group', 'flags']);

function readRecord({ fields }: CsvRecord, { headings, columns }: Headings) {
  const whole = { column: '', expected: `${headings.length} columns, as in the headings` } as const;
  if (fields === null) return { faults: [{ ...whole, found: 'quotes that do not fit together' }] };
  // A separator too many or too few moves what follows: better no pupil than one with another's month. Excel itself cuts
  // off empty cells at the end of rows, so those that may be empty may also not be there.
  const cutOff = [...columns].filter(([column, at]) => at >= fields.length && !mayBeCutOff.has(column));
  if (fields.length > headings.length || cutOff.length > 0) {
    return { faults: [{ ...whole, found: fields.length === 1 ? '1 column' : `${fields.length} columns` }] };
  }
  return readRow((column) => fields[columns.get(column) ?? -1] ?? '');
}

function encodingWarning(certain: boolean): readonly RosterProblem[] {
  if (certain) return [];
  return [{ line: 1, column: '', found: 'text that is no UTF-8, read as Windows-1252', expected: 'UTF-8' }];
}

function headingWarnings({ headings, columns }: Headings, line: number): readonly RosterProblem[] {
  const used = new Set(columns.values());
  const unused = headings.flatMap((heading, i) => (used.has(i) || heading === '' ? [] : [i + 1]));
  const warnings: RosterProblem[] = [];
  if (unused.length > 0) {
    const found = `columns that are not used (number ${unused.slice(0, 20).join(', ')})`;
    warnings.push({ line, column: '', found, expected: `only ${csvColumns.join(' ')}` });
  }
  if (columns.has('date_of_birth')) {
    const expected = 'birth_month: only the month is kept, the rest need not leave the MIS';
    warnings.push({ line, column: 'date_of_birth', found: 'dates of birth', expected });
  }
  return warnings;
}

/** Pupils who can't be found at the kiosk: reception has to look for them (mis.md 10, 32). */
function gapWarnings(pupils: readonly Pupil[]): readonly RosterProblem[] {
  const gaps = [
    ['year_group', pupils.filter((pupil) => pupil.yearGroup === null).length],
    ['birth_month', pupils.filter((pupil) => pupil.birthMonth === null).length],
  ] as const;
  return gaps
    .filter(([, count]) => count > 0)
    .map(([column, count]) => {
      const found = `${count} ${count === 1 ? 'pupil' : 'pupils'} without one`;
      return { line: 1, column, found, expected: 'one for everybody who uses the kiosk' };
    });
}

function unusable(...problems: readonly RosterProblem[]): RosterRead {
  return { pupils: [], problems, warnings: [] };
}
