import * as v from 'valibot';
import type { Answer, Asked } from './answer.ts';
import { jsonAnswer } from './answer.ts';
import { letterOf, schoolCodes } from './codes.ts';
import type { MisFault, RequestFaults } from './faults.ts';
import { sessionSchema } from './mis-records.ts';
import type { WriteRow } from './mis-records.ts';
import type { SimulatedMis } from './simulated-mis.ts';
import { codeVariant } from './wonde-rows.ts';

/** `POST /schools/{id}/attendance/session` (mis.md 2.7). The shape of a refusal is assumed, its status is not. */

/** A longer comment is refused. The real limit is not known. */
const longestComment = 255;
const usualAgainMs = 30_000;

const bodySchema = v.object({ attendance: v.pipe(v.array(v.unknown()), v.minLength(1)) });

function parsed(asked: Asked): unknown {
  try {
    return JSON.parse(asked.body);
  } catch {
    return undefined;
  }
}

/** What a row of this request must be, and what the MIS keeps of it. */
function rowSchema(mis: SimulatedMis, faults: RequestFaults) {
  const codes = new Map(schoolCodes(codeVariant(faults)).map((code) => [code.id, letterOf(code)]));
  const refused = faults.take('422');
  const isRefused = (id: string): boolean =>
    refused !== undefined && (refused.student_id === undefined || refused.student_id === id);
  const missing = 'field is required';
  const invalid = 'is invalid';
  const schoolDay = (date: string): boolean => date <= mis.today() && mis.isSchoolDay(date);
  return v.pipe(
    v.object(
      {
        date: v.pipe(v.string(missing), v.isoDate('is not a date'), v.check(schoolDay, 'is no school day yet')),
        session: v.picklist(sessionSchema.options, invalid),
        student_id: v.pipe(
          v.string(missing),
          v.transform((id) => (isRefused(id) ? undefined : mis.withId(id)?.upi)),
          v.string(invalid),
        ),
        attendance_code_id: v.pipe(
          v.string(missing),
          v.transform((id) => codes.get(id)),
          v.string(invalid),
        ),
        comment: v.nullish(v.pipe(v.string(invalid), v.maxLength(longestComment, 'is too long')), null),
        minutes_late: v.nullish(v.pipe(v.number(invalid), v.safeInteger(invalid), v.minValue(0, invalid)), null),
        employee_id: v.nullish(v.string(invalid), null),
      },
      missing,
    ),
    v.transform((row): WriteRow => ({
      upi: row.student_id,
      date: row.date,
      session: row.session,
      code: row.attendance_code_id,
      comment: faults.has('no-comment') ? null : row.comment,
      minutesLate: faults.has('no-minutes') ? null : row.minutes_late,
      employee: row.employee_id,
    })),
  );
}

/** `{"attendance.3.student_id": ["…"]}`, in Laravel's manner. */
function errorsOf(place: number, issues: readonly v.BaseIssue<unknown>[]): readonly (readonly [string, string[]])[] {
  return issues.map((issue) => {
    const name = `attendance.${String(place)}.${v.getDotPath(issue) ?? 'student_id'}`;
    return [name, [`The ${name} ${issue.message}.`]];
  });
}

const againAfter = (fault: MisFault | undefined): number | null =>
  fault === undefined ? null : (fault.ms ?? usualAgainMs);

function queue(mis: SimulatedMis, rows: readonly WriteRow[], faults: RequestFaults): string {
  const failed = faults.take('writeback-failed');
  return mis.queue(rows, {
    stores: !faults.has('not-stored'),
    failure: failed === undefined ? null : (failed.message ?? 'The register is locked'),
    slower: faults.has('out-of-order'),
    againAfterMs: againAfter(faults.take('duplicates')),
  });
}

/**
 * One write: all rows or none. 400 for text that is no JSON, 422 for rows that the MIS would not take, else exactly
 * 200 with a `writeback_id`, and the marks appear when that write-back completes, over whatever is there by then.
 */
export function writeAttendance(mis: SimulatedMis, asked: Asked, faults: RequestFaults): Answer {
  if (faults.has('403') || faults.has('no-writeback')) return jsonAnswer(403, { error: 'Forbidden' });
  const isJson = /^application\/json\b/i.test(asked.headers['content-type'] ?? '');
  const sent = isJson ? parsed(asked) : {};
  if (sent === undefined) return jsonAnswer(400, { error: 'Bad Request' });
  const body = v.safeParse(bodySchema, sent);
  if (!body.success) return jsonAnswer(422, { attendance: ['The attendance field is required.'] });
  const { attendance } = body.output;
  const schema = rowSchema(mis, faults);
  const rows = attendance.map((row) => v.safeParse(schema, row));
  const good = rows.flatMap((row) => (row.success ? [row.output] : []));
  if (good.length === rows.length) return jsonAnswer(200, { writeback_id: queue(mis, good, faults) }, good.length);
  if (good.length > 0 && faults.has('partial')) queue(mis, good, faults);
  const errors = rows.flatMap((row, place) => (row.success ? [] : errorsOf(place, row.issues)));
  return jsonAnswer(422, Object.fromEntries(errors), rows.length);
}
