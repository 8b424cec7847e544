/**
 * Today's marks as the MIS last showed them, kept over a restart: whoever needs the evacuation list after a power cut, with the
 * network down, has them with their age (product.md 6). A cache, lost without harm; of a day that is over nothing stays.
 */
import * as v from 'valibot';
import type { Pupil } from '../domain/pupil.ts';
import type { SessionName } from '../domain/settings.ts';
import { causeOf } from '../journal/error.ts';
import type { Clock, Log } from '../system/ports.ts';
import type { Registers } from './registers.ts';

const register = v.object({
  /** When the oldest of them was read, milliseconds since the epoch: none is younger than it says. */
  at: v.number(),
  /** By pupil; null: there was no mark. */
  codes: v.record(v.string(), v.nullable(v.string())),
});
const schema = v.object({ date: v.nullable(v.string()), AM: v.nullable(register), PM: v.nullable(register) });
export type MarksData = Readonly<v.InferOutput<typeof schema>>;
export const noMarks: MarksData = { date: null, AM: null, PM: null };

/** @returns null for what is no such table */
export function readMarks(data: unknown): MarksData | null {
  const read = v.safeParse(schema, data);
  return read.success ? read.output : null;
}

/** Of one pupil; null: none is kept. */
export function keptMark(
  data: MarksData,
  pupil: string,
  date: string,
  session: SessionName,
): { readonly at: number; readonly code: string | null } | null {
  const kept = data.date === date ? data[session] : null;
  const code = kept?.codes[pupil];
  return kept === null || code === undefined ? null : { at: kept.at, code };
}

export interface KeptMarksPorts {
  /** A durable file (`journal/table.ts`). */
  readonly marks: { readonly data: MarksData; write(data: MarksData): Promise<void> };
  readonly registers: Pick<Registers, 'lastCode' | 'readAt'>;
  readonly pupils: () => readonly Pick<Pupil, 'key'>[];
  readonly today: () => string;
  readonly clock: Pick<Clock, 'trusted'>;
  readonly log: Log;
}

export class KeptMarks {
  private readonly ports: KeptMarksPorts;

  constructor(ports: KeptMarksPorts) {
    this.ports = ports;
  }

  /** See `School.observed`. */
  code(pupil: string, date: string, session: SessionName): string | null {
    const { registers } = this.ports;
    if (registers.readAt(pupil, date, session) !== null) return registers.lastCode(pupil, date, session);
    return this.before(pupil, date, session)?.code ?? null;
  }

  /** See `School.observedAt`. */
  readAt(pupil: string, date: string, session: SessionName): number | null {
    return this.ports.registers.readAt(pupil, date, session) ?? this.before(pupil, date, session)?.at ?? null;
  }

  /** What was read since; of another day nothing. A card that takes nothing has no say in it. */
  async keep(): Promise<void> {
    const { marks, clock, today, log } = this.ports;
    const date = today();
    // Which day it is may be wrong: what is kept may still be of today.
    if (!clock.trusted() && marks.data.date !== date) return;
    const next: MarksData = { date, AM: this.registerOf(date, 'AM'), PM: this.registerOf(date, 'PM') };
    const kept = next.AM === null && next.PM === null ? noMarks : next;
    if (JSON.stringify(kept) === JSON.stringify(marks.data)) return;
    try {
      await marks.write(kept);
    } catch (error) {
      log.warn('marks-not-kept', { why: causeOf(error) });
    }
  }

  /** They are erased. */
  async forget(keys: ReadonlySet<string>): Promise<void> {
    const { marks } = this.ports;
    const without = (one: MarksData['AM']): MarksData['AM'] =>
      one && { ...one, codes: Object.fromEntries(Object.entries(one.codes).filter(([key]) => !keys.has(key))) };
    if (marks.data.date !== null)
      await marks.write({ ...marks.data, AM: without(marks.data.AM), PM: without(marks.data.PM) });
  }

  private before(pupil: string, date: string, session: SessionName) {
    return keptMark(this.ports.marks.data, pupil, date, session);
  }

  /** Null: nobody's is known. */
  private registerOf(date: string, session: SessionName): MarksData['AM'] {
    const codes: Record<string, string | null> = {};
    let oldest = Number.POSITIVE_INFINITY;
    for (const { key } of this.ports.pupils()) {
      const at = this.readAt(key, date, session);
      if (at === null) continue;
      codes[key] = this.code(key, date, session);
      oldest = Math.min(oldest, at);
    }
    return oldest === Number.POSITIVE_INFINITY ? null : { at: oldest, codes };
  }
}
