/** What the box has learnt of its MIS and keeps over a restart: a cache, lost without harm (durability.md 3, 20, 25). */
import * as v from 'valibot';

const schema = v.object({
  /** The MIS is not to be asked again before; milliseconds since the epoch. */
  waitUntil: v.nullable(v.number()),
  /** The longest that a write took from its sending until it stood there, MIS online. */
  longestDelayMs: v.number(),
  /** It dates a mark of ours from its writing: so one that is dated earlier went over another. */
  datesMarks: v.optional(v.boolean(), false),
  /** The MIS behind the connector, as it named itself. */
  mis: v.optional(v.nullable(v.string()), null),
  /** School year (the year it began) in which the school's codes were read. */
  codesYear: v.optional(v.nullable(v.number()), null),
});
export type MisMemory = Readonly<v.InferOutput<typeof schema>>;
export const nothingLearnt: MisMemory = {
  waitUntil: null,
  longestDelayMs: 0,
  datesMarks: false,
  mis: null,
  codesYear: null,
};

/** A durable file (`journal/table.ts`). */
export interface MemoryTable {
  readonly data: MisMemory;
  write(data: MisMemory): Promise<void>;
}

/** @returns null for what is no such table */
export function readMemory(data: unknown): MisMemory | null {
  const read = v.safeParse(schema, data);
  return read.success ? read.output : null;
}
