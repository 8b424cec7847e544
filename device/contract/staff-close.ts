/** Close the day: who is still out, what is open, and the days that were closed (product.md 6). */
import type { MarkRow } from './staff-rows.ts';
import type { OutNowRow } from './staff-views.ts';

/** A pupil whom a person has closed. */
export interface OutClosedRow {
  readonly movement: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly how: 'went-home' | 'confirmed-home' | 'not-found';
  readonly why: string | null;
  readonly by: string;
  readonly at: string;
}
export interface CloseDay {
  readonly date: string;
  /** `Monday 23 November`. */
  readonly words: string;
  /** Why it cannot be closed yet: a sentence; null: it can. */
  readonly notYet: string | null;
  readonly out: readonly OutNowRow[];
  readonly settled: readonly OutClosedRow[];
  /** They do not keep the day from being closed: who closes it has seen them. */
  readonly proposals: readonly MarkRow[];
  readonly conflicts: readonly MarkRow[];
  readonly unsent: readonly MarkRow[];
  /** Sign-ins that wait for their time, and may be of this day: `counts.unsent` has them too. */
  readonly undecided: number;
  /** Of the whole day; of the marks there may be more than are shown. */
  readonly counts: Readonly<Record<'proposals' | 'conflicts' | 'unsent', number>>;
}
export interface ClosedDay {
  readonly date: string;
  readonly words: string;
  readonly by: string;
  readonly at: string;
  /** Bytes of its export; null: it is not written yet, or has gone with its movements. */
  readonly exportBytes: number | null;
}
export interface DaysTogether {
  readonly days: number;
  /** `Thu 3 Sep 2026 to Fri 20 Nov 2026`. */
  readonly words: string;
  readonly upTo: string;
  /** Marks of these days that are not done; what waits for its time may be of them. */
  readonly open: number;
}
export interface CloseView {
  /** Oldest first; today is the last, until it is closed. */
  readonly days: readonly CloseDay[];
  readonly moreDays: number;
  /** Earlier days that can be closed by one press, since nobody is out of them any more; null: not more than one. */
  readonly together: DaysTogether | null;
  /** Newest first. */
  readonly closed: readonly ClosedDay[];
  readonly mayTakeExports: boolean;
}
