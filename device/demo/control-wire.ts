import * as v from 'valibot';
import { misFaultSchema } from './faults.ts';
import { sessionSchema } from './mis-records.ts';

/** What travels over `/_sim`: the simulator answers with these, `mis-control.ts` and the tests read them. */

const time = v.string();
const nullableText = v.nullable(v.string());
const minutes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const date = v.pipe(v.string(), v.isoDate());

export const simMarkSchema = v.object({
  student_id: v.string(),
  upi: v.string(),
  mis_id: v.string(),
  forename: v.string(),
  surname: nullableText,
  year: nullableText,
  registration: nullableText,
  date: v.string(),
  session: sessionSchema,
  /** The letter as it stands in the MIS now, null where the mark was cleared. */
  code: nullableText,
  minutes_late: v.nullable(v.number()),
  comment: nullableText,
  /** How often a client's write reached this mark: more than once is a double. */
  writes: v.number(),
  /** Oldest first. `by`: `teacher`, or the write-back's id. */
  history: v.array(
    v.object({
      at: time,
      by: v.string(),
      code: nullableText,
      minutes_late: v.nullable(v.number()),
      comment: nullableText,
    }),
  ),
});
export type SimMark = v.InferOutput<typeof simMarkSchema>;

export const simPupilSchema = v.object({
  id: v.string(),
  upi: v.string(),
  mis_id: v.string(),
  forename: v.string(),
  surname: nullableText,
  year: nullableText,
  registration: nullableText,
  birth_date: nullableText,
  on_roll: v.boolean(),
});
export type SimPupil = v.InferOutput<typeof simPupilSchema>;

export const simRequestsSchema = v.object({
  /** Of each method and route since the start or the last clearing: `GET students`, `POST attendance/session` … */
  counts: v.record(v.string(), v.number()),
  /** The most requests that were under way at one moment. */
  most_at_once: v.number(),
  /** Oldest first, the last 1,000. `status` 0: the connection was broken instead of an answer. */
  log: v.array(
    v.object({
      at: time,
      method: v.string(),
      path: v.string(),
      status: v.number(),
      rows: v.number(),
      faults: v.array(v.string()),
    }),
  ),
});
export type SimRequests = v.InferOutput<typeof simRequestsSchema>;

export const simWritebacksSchema = v.array(
  v.object({ id: v.string(), status: v.string(), created_at: time, rows: v.number(), message: nullableText }),
);
export type SimWriteback = v.InferOutput<typeof simWritebacksSchema>[number];

export const rosterSchema = v.picklist(['full', 'empty', 'third-smaller']);

export const simStateSchema = v.object({
  school_id: v.string(),
  school_name: v.string(),
  seed: v.number(),
  /** By the simulator's own clock. */
  now: time,
  today: v.string(),
  /** false: every connection is broken, as with a cut cable. */
  online: v.boolean(),
  /** false: writes are taken and stay pending. */
  school_online: v.boolean(),
  roster: rosterSchema,
  pupils: v.number(),
  marks: v.number(),
  writebacks: v.object({ pending: v.number(), processing: v.number(), complete: v.number(), failed: v.number() }),
  delay_ms: v.number(),
  closed: v.array(v.string()),
  faults: v.array(misFaultSchema),
  /** Who followed a redirect or a next page to another host, and how many brought the token along. */
  foreign: v.object({ requests: v.number(), with_token: v.number() }),
});
export type SimState = v.InferOutput<typeof simStateSchema>;

/** A pupil by Wonde id, upi, MIS id or full name; a name that several share is refused. */
const student = v.pipe(v.string(), v.minLength(1));

export const teachSchema = v.strictObject({
  student,
  date,
  session: sessionSchema,
  /** The letter; null clears the mark. */
  code: nullableText,
  minutes_late: v.optional(minutes),
  comment: v.optional(v.string()),
});
export type TeacherMark = v.InferOutput<typeof teachSchema>;

export const takeRegisterSchema = v.strictObject({
  date,
  session: sessionSchema,
  /** This code for everybody; without it, present for most and N for about one in twenty. */
  code: v.optional(v.string()),
});
export type TakeRegister = v.InferOutput<typeof takeRegisterSchema>;

export const pupilChangeSchema = v.variant('action', [
  v.strictObject({ action: v.literal('leave'), student }),
  v.strictObject({ action: v.literal('re-enrol'), student }),
  v.strictObject({
    action: v.literal('rename'),
    student,
    forename: v.optional(v.string()),
    surname: v.optional(v.string()),
  }),
]);
export type PupilChange = v.InferOutput<typeof pupilChangeSchema>;

export const rosterChangeSchema = v.strictObject({ roster: rosterSchema });
export const onlineSchema = v.strictObject({ online: v.optional(v.boolean()), school_online: v.optional(v.boolean()) });
export const writebackSettingSchema = v.strictObject({
  /** 0 to 900,000 ms, for the writes from now on. */
  delay_ms: v.optional(v.pipe(minutes, v.maxValue(900_000))),
  /** Apply all that waits at once. */
  finish: v.optional(v.boolean()),
});
export type WritebackSetting = v.InferOutput<typeof writebackSettingSchema>;
export const calendarSchema = v.strictObject({ closed: v.array(date) });
export const errorSchema = v.object({ error: v.string() });
export const takenSchema = v.object({ marked: v.number() });
export { misFaultSchema };
