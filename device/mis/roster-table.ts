/** What the box keeps of the roster between starts: a cache (durability.md 3), so a damaged one is as good as none. */
import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import type { Pupil } from '../domain/pupil.ts';

/** A durable file. `data` is whatever was read at start, or the last write. */
export interface RosterTable {
  readonly data: unknown;
  write(data: RosterData): Promise<void>;
}

const flag = v.picklist(['no-photo', 'see-reception', 'do-not-display']);
const pupil = v.object({
  key: v.string(),
  misId: v.string(),
  forename: v.string(),
  surname: v.string(),
  yearGroup: v.nullable(v.string()),
  registrationGroup: v.nullable(v.string()),
  birthMonth: v.nullable(v.number()),
  flags: v.pipe(v.array(flag), v.readonly()),
});
const taken = {
  pupils: v.pipe(v.array(pupil), v.readonly()),
  /** Milliseconds since the epoch. */
  takenAt: v.number(),
  source: v.picklist(['mis', 'csv']),
  /** Which MIS and school, or the file: another one's roster is not measured against this one. */
  origin: v.string(),
  hash: v.string(),
};
// Loose: a newer Porter's keys are kept (durability.md 3).
const schema = v.looseObject({
  accepted: v.nullable(v.object(taken)),
  /** Came back empty or a third smaller: waits for a person. `note`: the journal's note about it. */
  held: v.nullable(v.object({ ...taken, note: v.nullable(v.string()) })),
  /** How it came to differ from the one before, the last time it did; null: it never has. */
  changes: v.optional(
    v.nullable(
      v.object({
        /** Milliseconds since the epoch. */
        at: v.number(),
        joined: v.pipe(v.array(v.string()), v.readonly()),
        left: v.pipe(
          v.array(v.object({ key: v.string(), pupil: v.string(), group: v.nullable(v.string()) })),
          v.readonly(),
        ),
        moved: v.pipe(v.array(v.object({ key: v.string(), from: v.nullable(v.string()) })), v.readonly()),
      }),
    ),
    null,
  ),
  /** Sentences with counts, of the last roster that was read. */
  problems: v.pipe(v.array(v.string()), v.readonly()),
  /** When the MIS last gave its pupils, whatever became of them. Milliseconds since the epoch. */
  pulledAt: v.nullable(v.number()),
  /** Which MIS and school the pupils' ids are from; null: not known, or none yet. */
  misOrigin: v.optional(v.nullable(v.string()), null),
  /** Not to be asked again before; milliseconds since the epoch. */
  waitUntil: v.nullable(v.number()),
  /** Of the roster file: what was read last, the MIS's ids of its pupils, and the keys of those looked up there in vain. */
  csv: v.nullable(
    v.object({
      hash: v.string(),
      misIds: v.record(v.string(), v.string()),
      notFound: v.optional(v.pipe(v.array(v.string()), v.readonly()), []),
    }),
  ),
});
export type RosterData = Readonly<v.InferOutput<typeof schema>>;
export type TakenRoster = NonNullable<RosterData['accepted']>;
export type HeldRoster = NonNullable<RosterData['held']>;

const empty: RosterData = {
  accepted: null,
  held: null,
  changes: null,
  problems: [],
  pulledAt: null,
  misOrigin: null,
  waitUntil: null,
  csv: null,
};

/** @returns an empty table where there is none yet; null where there is one that cannot be read */
export function readTable(data: unknown): RosterData | null {
  if (data === null || data === undefined) return empty;
  const read = v.safeParse(schema, data);
  return read.success ? read.output : null;
}
export const emptyTable = empty;

/**
 * The same pupils give the same hash, in whatever order they come. Under the box's own key, since it stands in records that are
 * exported: whoever tries names against it finds none. (Records of before say a plain SHA-256.)
 */
export function hashOf(pupils: readonly Pupil[], key: Uint8Array): string {
  const rows = pupils.map(({ key, misId, forename, surname, yearGroup, registrationGroup, birthMonth, flags }) =>
    JSON.stringify([key, misId, forename, surname, yearGroup, registrationGroup, birthMonth, [...flags].sort()]),
  );
  return createHmac('sha256', key).update(rows.sort().join('\n')).digest('hex');
}
