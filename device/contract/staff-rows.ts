/** Rows that the views of the staff page are made of. */
import type { BackAnswer, WithWhom } from './kiosk.ts';

export type MarkStateName =
  | 'undecided'
  | 'proposed'
  | 'waiting'
  | 'sending'
  | 'unknown'
  | 'accepted'
  | 'confirmed'
  | 'conflict'
  | 'rejected'
  | 'expired'
  | 'clear-by-hand'
  | 'withdrawn';

/** recorded = confirmed + waiting + needsPerson, always (product.md 4). */
export interface Sum {
  readonly recorded: number;
  readonly confirmed: number;
  readonly waiting: number;
  readonly needsPerson: number;
}

export interface MarkRow {
  readonly key: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly date: string;
  readonly session: 'AM' | 'PM';
  readonly state: MarkStateName;
  readonly code: string | null;
  readonly minutes: number | null;
  /** Only where it is not plain: `not ours`, `changed by school`, the MIS's answer. */
  readonly why: string | null;
  /** The code that stands in the MIS, where it is known. */
  readonly inMis: string | null;
  /** In plain words, oldest first: `read N`, `wrote L`, `MIS accepted`, `read back L`. */
  readonly history: readonly { readonly at: string; readonly words: string }[];
}
export interface OutRow {
  readonly movement: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly since: string;
  readonly reason: string;
  readonly back: BackAnswer | null;
  readonly due: string | null;
  readonly overdue: boolean;
  readonly withWhom: WithWhom | null;
  readonly adult: string | null;
  readonly badge: string | null;
  readonly badgeState: 'waiting' | 'printing' | 'printed' | 'not-printed' | 'void';
  /** The picture of a badge that is good, as it is printed. */
  readonly badgeUrl: string | null;
  readonly photoUrl: string | null;
}
export interface InRow {
  readonly movement: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly time: string | null;
  readonly reason: string | null;
  readonly outcome: string;
}
/** A movement whose time is to be confirmed. */
export interface UndecidedRow {
  readonly movement: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly kind: 'late-arrival' | 'early-departure' | 'return';
  /** Those of one number happened since the same start of the machine, `minutesLater` minutes after the first of them. */
  readonly start: number;
  readonly minutesLater: number;
  /** `2026-11-20 15:58`; null: nobody knows. */
  readonly after: string | null;
  readonly before: string | null;
}
export interface ApprovalRow {
  readonly visit: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly reason: string;
  readonly back: BackAnswer | null;
  readonly withWhom: WithWhom | null;
  readonly since: string;
  readonly photoUrl: string | null;
}
export interface NoteRow {
  readonly note: string;
  /** Whom it is about, for the page of that pupil; null: nobody that the box knows. */
  readonly pupilKey: string | null;
  readonly at: string;
  readonly urgent: boolean;
  readonly words: string;
}
export interface MisHealth {
  readonly state: 'online' | 'offline' | 'paused' | 'refused' | 'none';
  /** Sentences a person can act on, with since when. */
  readonly words: string;
  /** `09:12`; with its date where that is another day. */
  readonly lastContact: string | null;
}
/** The card, in figures. Null: the kernel does not tell. */
export interface StorageView {
  readonly state: 'ok' | 'slow' | 'refusing' | 'failed';
  /** One sentence. */
  readonly words: string;
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  readonly readOnly: boolean | null;
  /** From a record's hand-over to its being on the card, milliseconds; the last one, and the slowest of the day. */
  readonly lastSyncMs: number;
  readonly slowestSyncMs: number;
  /** What ext4 has found wrong with itself. */
  readonly fileSystemErrors: number | null;
  readonly usedLifePercent: number | null;
  /** By this process, in the last day or since it started. */
  readonly writtenTodayBytes: number | null;
}
export type LightsView = Readonly<Record<'green' | 'amber' | 'red', string>>;
export interface Choice {
  readonly id: string;
  readonly label: string;
}

export const badgeWords: Readonly<Record<OutRow['badgeState'], string>> = {
  waiting: 'waiting for the printer',
  printing: 'printing',
  printed: 'printed',
  'not-printed': 'not printed: number written down',
  void: 'void',
};
