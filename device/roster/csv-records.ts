/** From the bytes of a CSV file to its rows, whatever program wrote them. Damage in one row stays in that row. */
import { parse } from 'csv-parse/sync';

export interface CsvText {
  readonly text: string;
  /** False: it was no UTF-8, and read as Windows-1252, which never fails and may be wrong. */
  readonly certain: boolean;
}

export interface CsvRecord {
  /** Where the row begins, from 1. */
  readonly line: number;
  /** Trimmed; null: the row can't be read (its quotes do not fit together). */
  readonly fields: readonly string[] | null;
}

export const delimiters = [',', ';', '\t'] as const;
export type Delimiter = (typeof delimiters)[number];

/** Lines that one row may spread over: an address in quotes, not half the file after a stray quote. */
const MAX_LINES_A_ROW = 10;

/** UTF-8 with or without BOM, UTF-16 with BOM (Excel's "Unicode text"), else Windows-1252. */
export function decodeCsv(bytes: Uint8Array): CsvText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), certain: true };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), certain: true };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), certain: true };
  } catch {
    return { text: windows1252(bytes), certain: false };
  }
}

/** Rows in order, blank lines left out. `width`: the number of columns, once the headings are known. */
export function* csvRecords(lines: readonly string[], delimiter: Delimiter, width = Infinity): Generator<CsvRecord> {
  let next = 0;
  while (next < lines.length) {
    const { taken, fields } = rowAt(lines, next, delimiter, width);
    if (fields === null || fields.some((field) => field !== '')) yield { line: next + 1, fields };
    next += taken;
  }
}

export function csvLines(text: string): readonly string[] {
  return text.split(/\r\n|\n|\r/);
}

/**
 * A row goes on over the next line while its quotes are not in pairs. Where that leads to nothing sensible, the quote was
 * a stray one: this line alone is the row that can't be read, and the next line begins a new one.
 */
function rowAt(lines: readonly string[], start: number, delimiter: Delimiter, width: number) {
  let joined = '';
  for (let taken = 1; taken <= MAX_LINES_A_ROW && start + taken <= lines.length; taken += 1) {
    joined += (taken === 1 ? '' : '\n') + (lines[start + taken - 1] ?? '');
    if (!quotesPair(joined)) continue;
    const fields = fieldsOf(joined, delimiter);
    if (taken === 1 || (fields !== null && fields.length <= width)) return { taken, fields };
    break;
  }
  return { taken: 1, fields: null };
}

function quotesPair(text: string): boolean {
  return (text.split('"').length - 1) % 2 === 0;
}

function fieldsOf(row: string, delimiter: Delimiter): readonly string[] | null {
  if (row === '') return [];
  try {
    // One row by now: a carriage return, which no line holds any more, ends it.
    const rows = parse(row, { delimiter, relax_quotes: true, trim: true, record_delimiter: '\r' });
    return rows.length === 1 ? (rows[0] ?? null) : null;
  } catch {
    return null;
  }
}

// Node's own decoder takes 0x80 to 0x9f for control characters in some versions (20.20: measured).
const windows1252From80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function windows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes).toString('latin1');
  return latin1.replace(/[\u0080-\u009f]/g, (letter) => windows1252From80[letter.charCodeAt(0) - 0x80] ?? letter);
}
