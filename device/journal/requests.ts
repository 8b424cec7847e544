/** What the journal's keeper (`keeper.ts`) is asked, and what it answers: plain data, for it may live on another thread. */
import type { Place } from './checkpoint-file.ts';
import type { JournalErrorCode } from './error.ts';
import type { NumberRange } from './frame.ts';
import type { StoredFrame, WrittenCommit } from './records.ts';
import type { JournalFault } from './recover.ts';
import type { Removal, SpineEntry } from './spine.ts';

/** Where reading goes on. */
export interface Cursor {
  readonly segment: number;
  readonly at: number;
  /** Highest sequence read so far. */
  readonly seen: number;
}

export type Request =
  /** `newId` is used if the folder is new. */
  | { readonly kind: 'open'; readonly newId: string; readonly run: string }
  | AppendRequest
  /** An empty frame that vouches for what came before. */
  | { readonly kind: 'witness' }
  /** There is room again for the bytes held back. */
  | { readonly kind: 'reserve' }
  /** About a mebibyte of records from the cursor on; null: from the first. As if the segments `without` were not there. */
  | { readonly kind: 'read'; readonly cursor: Cursor | null; readonly without?: readonly number[] }
  /** Some of the newest records before number `before`, in whole frames; null: before none. */
  | { readonly kind: 'read-back'; readonly before: number | null }
  /** What the closed segments hold. */
  | { readonly kind: 'closed' }
  /** Segments go, for good. Those that have gone already: nothing happens. */
  | { readonly kind: 'remove'; readonly segments: readonly number[]; readonly removal: Removal }
  /** Keys for those of these pupils who have none: ahead of their first record. */
  | { readonly kind: 'make-keys'; readonly pupils: readonly string[] }
  /** Ids of the keys of these pupils. */
  | { readonly kind: 'keys-of'; readonly pupils: readonly string[] }
  /** These are on the disk no more when it is answered; what they would open is passed over from then on in any case. */
  | { readonly kind: 'destroy-keys'; readonly keys: readonly string[] }
  /** A person knows that keys were lost, and with them what cannot be read by now. */
  | { readonly kind: 'loss-seen' }
  /** Where the journal stands now. */
  | { readonly kind: 'place' }
  /** Was this place in this journal, with this chain? */
  | { readonly kind: 'know'; readonly place: Place }
  | { readonly kind: 'close' };
/** One commit. */
export interface AppendRequest extends WrittenCommit {
  readonly kind: 'append';
  readonly first: number;
  readonly count: number;
}

export type Reply =
  | ({ readonly kind: 'opened' } & Opened)
  | { readonly kind: 'done' }
  /** `cursor` null: that was all. */
  | { readonly kind: 'frames'; readonly frames: readonly StoredFrame[]; readonly cursor: Cursor | null }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'keys'; readonly keys: readonly string[] }
  | { readonly kind: 'known'; readonly known: boolean }
  | { readonly kind: 'closed'; readonly segments: readonly SpineEntry[] }
  | {
      readonly kind: 'error';
      readonly code: JournalErrorCode;
      readonly message: string;
      readonly errno: string | null;
    };
export interface Opened {
  readonly id: string;
  readonly next: number;
  readonly gap: NumberRange | null;
  readonly faults: readonly JournalFault[];
  readonly cleanStop: boolean;
  /** Badges may have been given out that no record tells of; the highest running number that the spine knows of. */
  readonly serialsLost: { readonly known: number } | null;
  /** The last record of the journal that wrote here before under another id; null: this one wrote last, or nobody did. */
  readonly follows: string | null;
  /** Records up to this number may be under lost keys: a person knows that. 0: none. */
  readonly lossSeen: number;
}

/** Pairs a request with its reply. */
export type Numbered<T> = T & { readonly call: number };
