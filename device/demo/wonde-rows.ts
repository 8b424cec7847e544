import { letterOf, schoolCodes } from './codes.ts';
import type { CodeVariant } from './codes.ts';
import type { RequestFaults } from './faults.ts';
import type { MarkChange, RolledPupil, Writeback } from './mis-records.ts';
import { demoYears, rollMadeAt } from './school.ts';
import type { DemoDeletion } from './school.ts';
import type { SimulatedMis } from './simulated-mis.ts';
import type { Listed } from './paging.ts';

/** What the simulated Wonde says of each thing: the shapes of mis.md 2.3 to 2.7, the assumed ones marked so. */

interface WondeDate {
  readonly date: string;
  readonly timezone_type: 3;
  readonly timezone: string;
}

/** `{"date":"2015-10-29 14:53:44.000000","timezone_type":3,"timezone":"UTC"}` */
export function timestamp(at: number): WondeDate {
  const utc = new Date(at).toISOString().replace('T', ' ').replace('Z', '000');
  return { date: utc, timezone_type: 3, timezone: 'UTC' };
}

/** A date as an object, in local time: whoever turns it into an instant may land on the day before. */
const dateObject = (date: string): WondeDate => ({
  date: `${date} 00:00:00.000000`,
  timezone_type: 3,
  timezone: 'Europe/London',
});

const group = (id: string, name: string, code: string, type: 'YEAR' | 'REGISTRATION'): object => ({
  data: { id, mis_id: id.slice(3), name, code, type, description: name, notes: null },
});

/** Groups have ids of their own, made from their place in the list of all groups. */
const groupNames = demoYears.flatMap(({ code, forms }) => [code, ...forms]);
const groupId = (name: string): string => `A77${String(1_000_000 + groupNames.indexOf(name))}`;

function includesOf(pupil: RolledPupil, wanted: readonly string[], none: object | null): object {
  const year = demoYears.find(({ code }) => code === pupil.yearCode);
  const { registration } = pupil;
  return {
    ...(wanted.includes('year') && {
      year: year === undefined ? none : group(groupId(year.code), year.name, year.code, 'YEAR'),
    }),
    ...(wanted.includes('registration') && {
      registration:
        registration === null ? none : group(groupId(registration), registration, registration, 'REGISTRATION'),
    }),
  };
}

/** @param birthDateAsText the plain form of `date_of_birth` (mis.md 2.3 knows both) */
export function studentRow(
  pupil: RolledPupil,
  wanted: readonly string[],
  faults: RequestFaults,
  birthDateAsText: boolean,
): object {
  const { birthDate, forename, surname, middleNames } = pupil;
  const initials = [forename, middleNames, surname].map((name) => [...(name ?? '')][0] ?? '').join('');
  const hidden = faults.take('no-scope');
  const fields = {
    id: pupil.id,
    upi: pupil.upi,
    mis_id: pupil.misId,
    title: null,
    initials,
    surname,
    forename,
    middle_names: middleNames,
    legal_surname: surname,
    legal_forename: pupil.legalForename,
    gender: pupil.gender,
    gender_identity: null,
    date_of_birth: birthDate === null || birthDateAsText ? birthDate : dateObject(birthDate),
    restored_at: null,
    created_at: timestamp(rollMadeAt),
    updated_at: timestamp(pupil.updatedAt),
    ...includesOf(pupil, wanted, faults.has('null-includes') ? { data: null } : null),
  };
  if (hidden === undefined) return fields;
  const nulls: Record<string, null> = Object.fromEntries(
    (hidden.fields ?? ['date_of_birth']).map((field) => [field, null]),
  );
  return { ...fields, ...nulls, id: fields.id };
}

export const deletionRow = ({ id, misId, deletedAt }: DemoDeletion): object => ({
  type: 'student',
  id,
  mis_id: misId,
  deleted_at: timestamp(deletedAt),
  restored_at: null,
});

export function codeVariant(faults: RequestFaults): CodeVariant {
  const variants = ['no-u', 'custom-l1', 'padded-codes'] as const;
  return variants.find((variant) => faults.has(variant)) ?? 'full';
}

/** Whatever table the school shows just now, a mark keeps the code it was made with. */
const codeIds: ReadonlyMap<string, string> = new Map(
  [...schoolCodes('full'), ...schoolCodes('custom-l1')].map((code) => [letterOf(code), code.id]),
);

/** A mark as a client may see it at some moment: with its first and its last change by then. */
export interface VisibleMark extends Listed {
  readonly student: string;
  readonly date: string;
  readonly session: string;
  readonly first: MarkChange;
  readonly last: MarkChange;
}

/** The marks as they stood at a moment, the cleared ones left out. */
export function visibleMarks(mis: SimulatedMis, until: number): readonly VisibleMark[] {
  return mis.marks().flatMap(({ id, upi, date, session, history }) => {
    const seen = history.filter(({ at }) => at <= until);
    const [first, last] = [seen[0], seen.at(-1)];
    const student = mis.withUpi(upi)?.id;
    if (first === undefined || last === undefined || last.code === null || student === undefined) return [];
    return [{ id, student, date, session, first, last }];
  });
}

/** The shape that mis.md 2.6 assumes: `student` and `attendance_code` are id strings, `minutes_late` a number or null. */
export function markRow({ id, student, date, session, first, last }: VisibleMark, faults: RequestFaults): object {
  const dated = !faults.has('undated');
  return {
    id,
    mis_id: id.slice(2),
    student,
    date: faults.has('date-object') ? dateObject(date) : date,
    session,
    attendance_code: codeIds.get(last.code ?? '') ?? null,
    comment: last.comment,
    minutes_late: last.minutesLate,
    employee: dated && !faults.has('unsigned') ? last.employee : null,
    created_at: dated ? timestamp(first.at) : null,
    updated_at: dated ? timestamp(last.at) : null,
  };
}

export type WritebackStatus = 'pending' | 'processing' | 'complete' | 'failed';

/** pending, processing in the second half of its time, complete or failed; pending all the while the school is offline. */
export function writebackStatus(writeback: Writeback, now: number, schoolOnline: boolean): WritebackStatus {
  if (writeback.state !== 'queued') return writeback.state;
  return schoolOnline && now >= writeback.dueAt - writeback.takes / 2 ? 'processing' : 'pending';
}

/** Only `id`, `status` and `type` are known of a write-back (mis.md 2.7, 2.8); the rest is assumed. */
export function writebackRow(mis: SimulatedMis, writeback: Writeback, faults: RequestFaults): object {
  const status = writebackStatus(writeback, mis.now(), mis.schoolOnline);
  const waiting = status === 'pending' || status === 'processing';
  return {
    id: writeback.id,
    type: 'attendance-session',
    status: waiting && faults.has('odd-status') ? 'dispatched' : status,
    message: writeback.state === 'failed' ? writeback.failure : null,
    created_at: timestamp(writeback.createdAt),
    updated_at: timestamp(writeback.finishedAt ?? writeback.createdAt),
  };
}
