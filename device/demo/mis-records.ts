import * as v from 'valibot';

/** What the simulated MIS keeps, and saves between two runs of the demo. Times are Unix ms of its own clock. */

export const sessionSchema = v.picklist(['AM', 'PM']);
export type Session = v.InferOutput<typeof sessionSchema>;

const changeSchema = v.object({
  at: v.number(),
  /** `teacher`, or the id of the write-back. */
  by: v.string(),
  /** The letter; null when the mark was cleared. */
  code: v.nullable(v.string()),
  minutesLate: v.nullable(v.number()),
  comment: v.nullable(v.string()),
  employee: v.nullable(v.string()),
});
/** One change of a mark: nothing is edited in place, the last one stands. */
export type MarkChange = v.InferOutput<typeof changeSchema>;

const markSchema = v.object({
  id: v.string(),
  upi: v.string(),
  date: v.string(),
  session: sessionSchema,
  history: v.array(changeSchema),
});
export type MisMark = v.InferOutput<typeof markSchema>;

const writeRowSchema = v.object({
  upi: v.string(),
  date: v.string(),
  session: sessionSchema,
  code: v.string(),
  minutesLate: v.nullable(v.number()),
  comment: v.nullable(v.string()),
  employee: v.nullable(v.string()),
});
/** One mark that a client asked for, checked. */
export type WriteRow = v.InferOutput<typeof writeRowSchema>;

const writebackSchema = v.object({
  id: v.string(),
  createdAt: v.number(),
  /** When the MIS applies it, while the school is online. */
  dueAt: v.number(),
  /** How long it takes from first to last, in ms. */
  takes: v.number(),
  state: v.picklist(['queued', 'complete', 'failed']),
  finishedAt: v.nullable(v.number()),
  /** Ends as failed with this message. */
  failure: v.nullable(v.string()),
  /** false: completes without a mark appearing. */
  stores: v.boolean(),
  /** Applied a second time then. */
  againAt: v.nullable(v.number()),
  rows: v.array(writeRowSchema),
});
export type Writeback = v.InferOutput<typeof writebackSchema>;

const pupilSchema = v.object({
  id: v.string(),
  upi: v.string(),
  misId: v.string(),
  forename: v.string(),
  surname: v.nullable(v.string()),
  legalForename: v.string(),
  middleNames: v.nullable(v.string()),
  gender: v.string(),
  birthDate: v.nullable(v.string()),
  yearCode: v.nullable(v.string()),
  registration: v.nullable(v.string()),
  updatedAt: v.number(),
  onRoll: v.boolean(),
});
export type RolledPupil = Readonly<v.InferOutput<typeof pupilSchema>>;

/** The whole state file. One of another school or seed is not used. */
export const savedMisSchema = v.object({
  version: v.literal(1),
  schoolId: v.string(),
  seed: v.number(),
  counter: v.number(),
  pupils: v.array(pupilSchema),
  deletions: v.array(v.object({ id: v.string(), misId: v.string(), deletedAt: v.number() })),
  marks: v.array(markSchema),
  writebacks: v.array(writebackSchema),
});
export type SavedMis = v.InferOutput<typeof savedMisSchema>;
