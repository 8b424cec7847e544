/**
 * Reading session marks. Neither the filters nor the fields of `GET attendance/session` are documented (mis.md 2.6, 11): every
 * assumption about them stands in this file and nowhere else. Whatever the server filters, the rows are filtered again here.
 */
import type { SessionName } from '../../domain/settings.ts';
import { unreadable } from '../connector.ts';
import type { MarksAsked, MisAnswer, SeenMark } from '../connector.ts';
import { refused } from './client.ts';
import type { WondeClient } from './client.ts';
import type { CodeBook, CodeList } from './codes.ts';
import * as failure from './failure.ts';
import { readList, rowsPerPage } from './pages.ts';
import { dateOf, fieldsOf, idOf, includedOf, textOf, timeTextOf, unwrapped, wholeOf } from './reading.ts';
import type { Fields } from './reading.ts';

/** A day of a large school at 50 a page, both sessions. A server that gives every mark there ever was is beyond it. */
const bounds = { maxPages: 60, maxBytes: 16 * 1024 * 1024 };
/** An unknown code may be new at the school: a list older than this is read again. */
const freshCodesMs = 10 * 60_000;
export interface MarksSource {
  readonly client: WondeClient;
  readonly schoolId: string;
  readonly codes: CodeBook;
}

export async function readMarks(
  source: MarksSource,
  ask: MarksAsked,
  signal: AbortSignal,
): Promise<MisAnswer<ReadonlyMap<string, SeenMark>>> {
  const wanted = new Set([...ask.misIds, ...(ask.besides ?? [])]);
  if (wanted.size === 0) return { ok: true, value: new Map() };
  const [only] = ask.misIds;
  const narrow = wanted.size === 1 && only !== undefined ? { student_id: only } : {};
  const rows = await readRows(source, ask, narrow, signal);
  if (!rows.ok) return rows;
  const standing = newest(rows.value.clear.filter(({ student }) => wanted.has(student)));
  const codes = await codesFor(source, standing, signal);
  if (!codes.ok) return codes;
  // Some MIS give a row per pupil before the register is taken. A token that may not see codes gets no list of them either
  // (mis.md 2.2): so with the list in hand rows without a code are a register not taken, without it they could hide marks.
  if (codes.value.codes.length === 0 && rows.value.clear.some(({ code }) => code === null))
    return refused(failure.hiddenCodes());

  const marks = new Map<string, SeenMark>();
  for (const row of standing) {
    const code = letterOf(row.code, codes.value);
    if (code !== null) marks.set(row.student, { ...row.seen, code });
  }
  for (const { student, seen } of rows.value.unclear) marks.set(student, { ...seen, code: unreadable });
  return { ok: true, value: marks };
}

/** One row of the date and session asked for. */
interface MarkRow {
  readonly student: string;
  /** Null: no mark. */
  readonly code: CodeText | null;
  readonly seen: Omit<SeenMark, 'code'>;
}
/** `letter`: the server gave it; `text`: an id as the assumption goes, or a letter. */
type CodeText = { readonly letter: string } | { readonly text: string };

async function readRows(
  { client, schoolId }: MarksSource,
  { date, session, misIds, besides = [] }: MarksAsked,
  narrow: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<MisAnswer<Record<'clear' | 'unclear', readonly MarkRow[]>>> {
  // By cursor: registers are being taken at this hour, and a page number would skip rows when others come in.
  const query = { date, session, ...narrow, per_page: rowsPerPage, cursor: 'true' };
  const [wanted, wantedBesides] = [new Set(misIds), new Set(besides)];
  const clear: MarkRow[] = [];
  const unclear: MarkRow[] = [];
  const count = { unclear: 0, nobody: 0 };
  const take = (row: Fields): void => {
    const student = idOf(row['student_id']) ?? idOf(row['student']);
    const day = dateOf(row['date']);
    const half = sessionOf(row['session']);
    const elsewhere = (day !== null && day !== date) || (half !== null && half !== session);
    if (elsewhere) return;
    if (student === null) count.nobody += 1;
    else if (day !== null && half !== null) clear.push({ student, code: codeTextOf(row), seen: seenOf(row) });
    else if (wanted.has(student)) count.unclear += 1;
    else if (wantedBesides.has(student)) unclear.push({ student, code: null, seen: seenOf(row) });
  };
  const url = client.address(['schools', schoolId, 'attendance', 'session'], query);
  const answer = await readList(client, url, bounds, take, signal);
  if (!answer.ok) return answer;
  // A mark of ours that cannot be placed, or marks of nobody: to take that for "no mark" would overwrite.
  const isUnreadable = count.unclear > 0 || (count.nobody > 0 && clear.length === 0);
  return isUnreadable ? refused(failure.unreadable()) : { ok: true, value: { clear, unclear } };
}

const seenOf = (row: Fields): Omit<SeenMark, 'code'> => ({
  minutesLate: wholeOf(row['minutes_late']),
  comment: textOf(row['comment']),
  changedAt: timeTextOf(row['updated_at']) ?? timeTextOf(row['created_at']),
  madeAt: timeTextOf(row['created_at']),
  by: idOf(row['employee']) ?? idOf(row['employee_id']),
});

/** `AM`, `am`, `AM Registration`, or an object with such a name. */
function sessionOf(value: unknown): SessionName | null {
  const text =
    textOf(value) ??
    textOf(includedOf(value)?.['code']) ??
    textOf(includedOf(value)?.['name']) ??
    textOf(unwrapped(value));
  const half = text?.slice(0, 2).toUpperCase();
  return half === 'AM' || half === 'PM' ? half : null;
}

/** The code in whatever field and form it comes. A row that has none of the fields is a mark that we cannot read: `?`. */
function codeTextOf(row: Fields): CodeText | null {
  const values = ['attendance_code', 'attendance_code_id', 'code', 'mark'].map((name) => row[name]);
  if (values.every((value) => value === undefined)) return { text: '' };
  for (const value of values) {
    const letter = textOf(includedOf(value)?.['code']);
    if (letter !== null) return { letter };
    const text = idOf(value);
    if (text !== null) return { text };
    // An object without an id or a letter stands for a mark all the same.
    if (fieldsOf(unwrapped(value)) !== null) return { text: '' };
  }
  // Minutes late come with a mark only: it is there, and its code is not shown.
  return (wholeOf(row['minutes_late']) ?? 0) > 0 ? { text: '' } : null;
}

/** One row a pupil: the latest change, of equals the last. */
function newest(rows: readonly MarkRow[]): readonly MarkRow[] {
  const byStudent = new Map<string, MarkRow>();
  for (const row of rows) {
    const known = byStudent.get(row.student);
    if (known === undefined || (known.seen.changedAt ?? '') <= (row.seen.changedAt ?? ''))
      byStudent.set(row.student, row);
  }
  return [...byStudent.values()];
}

async function codesFor(
  { codes }: MarksSource,
  rows: readonly MarkRow[],
  signal: AbortSignal,
): Promise<MisAnswer<CodeList>> {
  // A permission may have been taken back: a list of yesterday proves nothing for rows without a code.
  const list = await codes.read(signal, ...(rows.some(({ code }) => code === null) ? [freshCodesMs] : []));
  if (!list.ok || !rows.some(({ code }) => letterOf(code, list.value)?.startsWith('?'))) return list;
  const fresh = await codes.read(signal, freshCodesMs);
  return fresh.ok ? fresh : list;
}

/** Null: no mark; `-` is how SIMS shows that (mis.md 7.2). */
function letterOf(code: CodeText | null, { byId, byLetter }: CodeList): string | null {
  if (code === null) return null;
  const known = 'letter' in code ? code.letter : (byId.get(code.text)?.code ?? byLetter.get(code.text)?.code);
  if (known === '-' || ('text' in code && code.text === '-')) return null;
  return known ?? `?${'text' in code ? code.text : ''}`;
}
