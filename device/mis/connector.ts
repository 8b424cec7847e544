/**
 * The port to an MIS: one connector speaks to one kind of it. Answers are values, never exceptions: a failure says how far
 * the request got, because that decides what the outbox may do next (durability.md 20).
 */
import type { Pupil } from '../domain/pupil.ts';
import type { IsoDate, SessionName } from '../domain/settings.ts';

/** At most this many marks in one write (mis.md 2.7). */
export const maxMarksPerWrite = 50;

export interface MisConnector {
  readonly kind: 'wonde' | 'none';
  /** Is the MIS there, may Porter write, what can it take? One cheap request, two at most. */
  health(signal: AbortSignal): Promise<MisAnswer<MisHealth>>;
  /** Everybody on roll: a full pull, page by page. */
  pupils(signal: AbortSignal): Promise<MisAnswer<PulledRoster>>;
  /** The school's own list of codes, at most `maxAgeMs` old: a day, where it is not given. */
  codes(signal: AbortSignal, maxAgeMs?: number): Promise<MisAnswer<readonly MisCode[]>>;
  /** The marks that stand now, by `misId`. A pupil without an entry has no mark. Read anew each time. */
  readMarks(ask: MarksAsked, signal: AbortSignal): Promise<MisAnswer<ReadonlyMap<string, SeenMark>>>;
  /**
   * Asks the MIS to write. One request, 1 to `maxMarksPerWrite` rows, one row per pupil, date and session.
   * `ok` means queued or written; only reading the marks back proves it (mis.md 2.7). What has not left by `leaveBy`,
   * milliseconds of `Clock.mono`, is `too-late`.
   * @throws RangeError for no rows or too many
   */
  write(rows: readonly MarkWrite[], signal: AbortSignal, leaveBy?: number): Promise<WriteAnswer>;
  /** What became of a queued write. Words the connector does not know are `pending`. */
  writeback(id: string, signal: AbortSignal): Promise<MisAnswer<WritebackState>>;
  /**
   * The writes of this token that the MIS knows of, those from `since` (milliseconds since the epoch) on and those without a
   * time: the evidence that a write without an answer did not arrive (durability.md 20).
   */
  writebacks(since: number, signal: AbortSignal): Promise<MisAnswer<readonly SeenWriteback[]>>;
}

export type MisAnswer<T> = { readonly ok: true; readonly value: T } | MisRefusal;
export interface MisRefusal {
  readonly ok: false;
  readonly failure: MisFailure;
}
/** `writeback`: the MIS's id of the queued write; null where it gave none. */
export type WriteAnswer = { readonly ok: true; readonly writeback: string | null } | MisRefusal;

/**
 * On a write, `no-answer`, `server`, `too-big` and `other` leave open whether it happened; every other kind means that it did not.
 * `words` is a sentence that a person can act on. It never holds a token, a name or text from the MIS.
 */
export type MisFailure = { readonly words: string } & (
  | {
      readonly kind: 'throttled' | 'server';
      /** What `Retry-After` asked for, milliseconds. */ readonly retryAfterMs: number | null;
    }
  | {
      readonly kind: 'invalid';
      /** The MIS's own text, at most 2,000 characters. May hold names: never logged, never shown to pupils. */ readonly body: string;
    }
  | {
      readonly kind: 'no-such-code';
      /** Codes that the school's MIS does not have. Nothing was sent. */ readonly codes: readonly string[];
    }
  | { readonly kind: PlainFailure }
);
export type PlainFailure =
  | 'unreachable' // failed before the first byte of the request left: nothing can have happened
  | 'too-late' // it was not the write's turn in time, so it did not leave
  | 'no-answer' // failed later, or a 2xx on a write that cannot be read: the write may have happened
  | 'unauthorised' // 401: the token
  | 'forbidden' // 403, or a permission is missing
  | 'not-found' // 404: school, pupil list or write-back unknown
  | 'refused-redirect' // it sent us elsewhere; the token did not go there
  | 'too-big' // an answer or a list beyond the bounds
  | 'other';

export interface MisHealth {
  /** False while the MIS itself says that the school cannot be reached: writes would wait for hours (mis.md 9.2). */
  readonly online: boolean;
  readonly allowsWriteback: boolean;
  /** The MIS behind the connector, as it names itself: `SIMS`, `Arbor` … */
  readonly mis: string | null;
  readonly capabilities: MisCapabilities;
}
/** What the MIS can take (mis.md 2.10). A comment or minutes that it cannot take are left out of the write. */
export interface MisCapabilities {
  readonly mark: boolean;
  readonly comment: boolean;
  readonly minutesLate: boolean;
}

export interface PulledRoster {
  readonly pupils: readonly Pupil[];
  /** Sentences with counts, never with names. */
  readonly problems: readonly string[];
  /** From the MIS's own number of a pupil (Wonde's `mis_id`) to the `misId` that a write wants: for rosters from elsewhere. */
  readonly misIds: ReadonlyMap<string, string>;
}

export interface MisCode {
  /** What a write wants. Opaque. */
  readonly id: string;
  /** The letter: `L`, `/`, `C1` … Trimmed, case as given. */
  readonly code: string;
  readonly description: string;
}

export interface MarksAsked {
  readonly date: IsoDate;
  readonly session: SessionName;
  readonly misIds: readonly string[];
  /** Others to be seen where that costs nothing; what cannot be read of one of them is `unreadable`, and no failure. */
  readonly besides?: readonly string[];
}
/** The code of a mark that is there, and nobody can say which. */
export const unreadable = '?';
export interface SeenMark {
  /** The letter. `?` with the MIS's id of the code where the school's list does not have it: never to be replaced. */
  readonly code: string;
  readonly minutesLate: number | null;
  readonly comment: string | null;
  /** When it was last changed, as the MIS says: `YYYY-MM-DD HH:MM:SS`, to compare with another of the same MIS only. */
  readonly changedAt: string | null;
  /** The same of when there first was a mark. */
  readonly madeAt: string | null;
  /** The member of staff who signed it, as the MIS names them. Porter signs nothing; an MIS may put a name of its own there. */
  readonly by: string | null;
}

export interface MarkWrite {
  readonly misId: string;
  readonly date: IsoDate;
  readonly session: SessionName;
  /** The letter. */
  readonly code: string;
  readonly minutesLate: number | null;
  readonly comment: string | null;
}

/** `failed`: the MIS's own text, at most 300 characters. May hold names: never logged. */
export type WritebackState = 'pending' | 'complete' | { readonly failed: string };
export interface SeenWriteback {
  readonly id: string;
  readonly state: WritebackState;
  /** Milliseconds since the epoch; null when the MIS does not say. */
  readonly createdAt: number | null;
}
