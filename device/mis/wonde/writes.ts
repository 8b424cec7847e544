/** Writing session marks and asking what became of it (mis.md 2.7). */
import type {
  MarkWrite,
  MisAnswer,
  MisCapabilities,
  SeenWriteback,
  WritebackState,
  WriteAnswer,
} from '../connector.ts';
import { maxMarksPerWrite } from '../connector.ts';
import { refused } from './client.ts';
import type { WondeClient } from './client.ts';
import type { CodeBook, CodeList } from './codes.ts';
import * as failure from './failure.ts';
import { readList, rowsPerPage } from './pages.ts';
import { fieldsOf, idOf, includedOf, instantOf, textOf } from './reading.ts';
import type { Fields } from './reading.ts';

/** A code may be new at the school: before it is refused, a list older than this is read again. */
const freshCodesMs = 10 * 60_000;
/** Characters. Wonde's limit is not known; the shortest known of any MIS is 100 (mis.md 6.1). */
const commentMax = 100;
/** Clocks differ; a write-back is looked for from this much before. */
const clockMarginMs = 3_600_000;
const failureKept = 300;
const listBounds = { maxPages: 40, maxBytes: 16 * 1024 * 1024 };

export async function writeMarks(
  target: { readonly client: WondeClient; readonly schoolId: string; readonly codes: CodeBook },
  rows: readonly MarkWrite[],
  capabilities: MisCapabilities,
  { signal, leaveBy }: { readonly signal: AbortSignal; readonly leaveBy: number },
): Promise<WriteAnswer> {
  if (rows.length === 0 || rows.length > maxMarksPerWrite)
    throw new RangeError(`1 to ${maxMarksPerWrite} marks, not ${rows.length}`);
  if (!capabilities.mark) return refused(failure.noMarks());
  const { client, schoolId, codes } = target;
  let list = await codes.read(signal);
  if (list.ok && missingFrom(list.value, rows).length > 0) list = await codes.read(signal, freshCodesMs);
  if (!list.ok) return refused(failure.nothingSent(list.failure));
  const { byLetter } = list.value;
  const missing = missingFrom(list.value, rows);
  if (missing.length > 0) return refused(failure.noSuchCode(missing));

  const attendance = rows.map((row) => ({
    date: row.date,
    session: row.session,
    student_id: row.misId,
    attendance_code_id: byLetter.get(row.code)?.id,
    ...(capabilities.comment ? commentOf(row) : {}),
    // The official client leaves out 0 too.
    ...(capabilities.minutesLate && row.minutesLate !== null && row.minutesLate > 0
      ? { minutes_late: row.minutesLate }
      : {}),
  }));
  const answer = await client.post(
    client.address(['schools', schoolId, 'attendance', 'session']),
    { attendance },
    signal,
    leaveBy,
  );
  if (!answer.ok) return answer;
  const told = fieldsOf(answer.value.json);
  if (told === null) return refused(failure.doubtful());
  const inner = includedOf(told);
  return {
    ok: true,
    writeback: textOf(told['writeback_id']) ?? textOf(inner?.['writeback_id']) ?? textOf(inner?.['id']),
  };
}

function missingFrom({ byLetter }: CodeList, rows: readonly MarkWrite[]): readonly string[] {
  return [...new Set(rows.map(({ code }) => code))].filter((code) => !byLetter.has(code));
}

/** Whole characters, one line. */
function commentOf({ comment }: MarkWrite): { readonly comment?: string } {
  const line = (comment ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return line === '' ? {} : { comment: [...line].slice(0, commentMax).join('').trim() };
}

/** Not under the school: `/writebacks/{id}` (mis.md 2.7). */
export async function readWriteback(
  client: WondeClient,
  id: string,
  signal: AbortSignal,
): Promise<MisAnswer<WritebackState>> {
  const answer = await client.get(client.address(['writebacks', id]), signal);
  if (!answer.ok) return answer;
  return { ok: true, value: stateOf(includedOf(answer.value.json) ?? {}) };
}

/** Nothing is left to the server's filters here: a filter that it reads differently would hide a write of ours. */
export async function readWritebacks(
  client: WondeClient,
  schoolId: string,
  since: number,
  signal: AbortSignal,
): Promise<MisAnswer<readonly SeenWriteback[]>> {
  const seen: SeenWriteback[] = [];
  const take = (row: Fields): void => {
    const id = textOf(row['id']) ?? textOf(row['writeback_id']);
    const school = idOf(row['school_id']) ?? idOf(row['school']);
    const createdAt = instantOf(row['created_at']);
    if (id === null || (school !== null && school !== schoolId)) return;
    if (createdAt === null || createdAt >= since - clockMarginMs) seen.push({ id, state: stateOf(row), createdAt });
  };
  const answer = await readList(
    client,
    client.address(['writebacks'], { per_page: rowsPerPage }),
    listBounds,
    take,
    signal,
  );
  return answer.ok ? { ok: true, value: seen } : answer;
}

/** The words are not documented: what is none of these is still on its way (mis.md 2.7). */
const done: ReadonlySet<string> = new Set(['complete', 'completed', 'success', 'successful', 'succeeded', 'done']);
const undone: ReadonlySet<string> = new Set([
  'failed',
  'failure',
  'error',
  'errored',
  'rejected',
  'cancelled',
  'canceled',
]);

function stateOf(row: Fields): WritebackState {
  const status = textOf(row['status'])?.toLowerCase() ?? '';
  if (done.has(status)) return 'complete';
  if (!undone.has(status)) return 'pending';
  const why = row['message'] ?? row['error'] ?? row['errors'] ?? '';
  return { failed: (typeof why === 'string' ? why : JSON.stringify(why)).slice(0, failureKept) };
}
