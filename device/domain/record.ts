/**
 * The records of the journal: the one truth. Everything else is folded from them. A record is a fact or a decision; it is
 * never edited, and its meaning never depends on settings or tables read later (durability.md 2).
 */
import type { BackAnswer, NoteKind, WithWhom } from '../contract/kiosk.ts';
import type { IsoDate, MinuteOfDay, SessionName } from './settings.ts';
import type { TimeSource } from './time-evidence.ts';

/** `journal id:sequence`, the identity of a record for ever, also between boxes (durability.md 1). */
export type Ref = string;

/** The journal in a `Ref`; empty for what is none. */
export const journalOf = (ref: Ref): string => ref.slice(0, Math.max(0, ref.lastIndexOf(':')));

/** The sequence in a `Ref`; 0 for what is none. */
export const numberOf = (ref: Ref): number => Number(ref.slice(ref.lastIndexOf(':') + 1)) || 0;

/** See `system/ports.ts`: milliseconds since the epoch with their evidence. */
export interface Instant {
  readonly earliest: number;
  readonly latest: number | null;
  readonly mono: number;
  readonly boot: string;
}

/** What every record carries besides its body; given by the journal. */
export interface Envelope {
  readonly ref: Ref;
  /** Sequence in this journal, from 1. */
  readonly n: number;
  /** Id of the daemon's run that wrote it. */
  readonly run: string;
  readonly at: Instant;
  /** The command that caused it: its id and a hash of its input (durability.md 4). */
  readonly command?: { readonly id: string; readonly hash: string };
}
export type Recorded<B extends Body = Body> = B & Envelope;

/** `pupil` or a staff member's name. */
export type Actor = string;

/** A pupil came or went. Facts only. */
export interface MovementBody {
  readonly type: 'movement';
  readonly v: 1;
  readonly kind: 'late-arrival' | 'early-departure' | 'return';
  /** Pupil key; null for a return of another box's badge whose departure was not known yet. */
  readonly pupil: string | null;
  readonly visit: string;
  readonly reason: string | null;
  /** First touch of the visit. */
  readonly touch: Instant;
  readonly by: Actor;
  /** Of the pupil, as the roster has it then: what is decided later goes by it. Left out: nobody knew it. */
  readonly yearGroup?: string;
  /** Return: the departure it ends, where that is known. */
  readonly departure?: Ref;
  /** Return: another box's badge, by which it can be known later (durability.md 30). */
  readonly badge?: ShownBadge;
  readonly leave?: Leave;
  /** Comes-and-goes years: the pupil said so. */
  readonly forRegistration?: boolean;
}
/** A badge as it was shown. It names one departure of the school, whichever box gave it out. */
export interface ShownBadge {
  /** The day on which its tag is right. */
  readonly date: IsoDate;
  /** Eight digits. */
  readonly id: string;
  /** Null: typed, not scanned. */
  readonly token: string | null;
}
export interface Leave {
  readonly back: BackAnswer | null;
  /** Minutes away, where the reason itself says so. */
  readonly minutes: number | null;
  readonly withWhom: WithWhom | null;
  readonly adult: string | null;
  readonly photo: 'taken' | 'declined' | 'none';
}

/** What follows for a register from a movement, decided once with the settings of then (product.md 4). */
export interface DecidedBody {
  readonly type: 'decided';
  readonly v: 1;
  readonly movement: Ref;
  readonly pupil: string;
  readonly date: IsoDate;
  readonly session: SessionName | null;
  readonly outcome: Outcome;
  readonly want: Want;
  readonly comment: string | null;
  /** Name of the rule, for "Why this mark?". */
  readonly rule: string;
  readonly settings: string;
  /** Was the register open at the event? Then `/` `\` may be replaced, if the school says so. */
  readonly mayReplacePresent: boolean;
  readonly afterClose: boolean;
  /** Local time of an arrival, for counts that name nobody. Left out: recorded by an earlier version. */
  readonly minute?: MinuteOfDay;
  /** Of a return: whole minutes since the pupil left. */
  readonly away?: number;
}
export type Outcome = 'on-time' | 'late' | 'after-close' | 'no-register' | 'left' | 'back' | 'still-out';
export type Want =
  | { readonly kind: 'none' }
  | { readonly kind: 'mark'; readonly code: string; readonly minutes: number | null }
  /** A person decides; `code` is what the box would propose, null where it proposes none. */
  | { readonly kind: 'proposal'; readonly code: string | null; readonly minutes: number | null };

/** Undoes a movement. `undo`: by the pupil within seconds; `staff`: by a person, later. */
export interface CorrectionBody {
  readonly type: 'correction';
  readonly v: 1;
  readonly movement: Ref;
  readonly how: 'undo' | 'staff';
  readonly by: Actor;
  readonly why: string | null;
  /** Whose movement it is: what staff write in `why` goes with that pupil's key. */
  readonly pupil?: string | null;
}

/**
 * Staff put right when or why a movement was. The movement keeps its identity, its badge and its place; what was decided of it
 * is void, and the `decided` records after this one count (durability.md 2).
 */
export interface ChangeBody {
  readonly type: 'change';
  readonly v: 1;
  readonly movement: Ref;
  readonly pupil: string | null;
  /** Null: as it was. */
  readonly touch: Instant | null;
  /** Null: as it was. */
  readonly reason: string | null;
  readonly by: Actor;
  readonly why: string | null;
}

/** A person settled what needed one: a proposal, a conflict, a rejected or expired mark. */
export interface VerdictBody {
  readonly type: 'verdict';
  readonly v: 1;
  /** `pupil|date|session` */
  readonly key: string;
  readonly verdict:
    | { readonly kind: 'write'; readonly code: string; readonly minutes: number | null; readonly seen: string | null }
    | { readonly kind: 'keep-theirs' }
    | { readonly kind: 'retry' }
    | { readonly kind: 'cleared' }
    /** A person has entered this in the MIS by hand, from the day sheet. */
    | { readonly kind: 'entered'; readonly code: string; readonly minutes: number | null }
    /** Nothing of ours is wanted any more, and what stands is left to the school: leads out of every state for a person. */
    | { readonly kind: 'withdraw' };
  readonly by: Actor;
}

/**
 * The pupil `from`, no longer on the roster, is the pupil `to`: enrolled anew under another key. Movements and open marks go
 * over, what stands in the MIS stays with the key it was written under. The other way round it undoes that.
 */
export interface AdoptBody {
  readonly type: 'adopt';
  readonly v: 1;
  readonly from: string;
  readonly to: string;
  readonly by: Actor;
}

/** The outbox stands still until a person thaws it; sign-ins go on (mis.md 10, rows 36 and 37). */
export interface FreezeBody {
  readonly type: 'freeze';
  readonly v: 1;
  /** `other-school`: the settings name another one. `mis-changed`: another MIS, or other numbers for its pupils. */
  readonly why: 'other-school' | 'mis-changed' | 'staff';
  readonly by: Actor;
}
export interface ThawBody {
  readonly type: 'thaw';
  readonly v: 1;
  readonly by: Actor;
}

/** Early sign-out that waits for a member of staff. Not a movement. */
export interface RequestBody {
  readonly type: 'request';
  readonly v: 1;
  readonly visit: string;
  readonly pupil: string;
  readonly reason: string;
  readonly leave: Leave;
  readonly touch: Instant;
}
export interface AnswerBody {
  readonly type: 'answer';
  readonly v: 1;
  readonly request: Ref;
  readonly answer: 'let-go' | 'no';
  readonly by: Actor;
}

export interface BadgeBody {
  readonly type: 'badge';
  readonly v: 1;
  readonly movement: Ref;
  /** Eight digits, no space. */
  readonly id: string;
  readonly date: IsoDate;
  /** Running number behind the daily serial; never goes back. */
  readonly serial: number;
  /** 64 random bits, hex; with the ID it is what the QR says. */
  readonly token: string;
  /** Whose badge it is: the record goes with that pupil's key. Not in records of before there were such keys. */
  readonly pupil?: string | null;
}
export interface BadgeVoidBody {
  readonly type: 'badge-void';
  readonly v: 1;
  readonly badge: Ref;
  readonly by: Actor;
}
export interface PrintBody {
  readonly type: 'print';
  readonly v: 1;
  readonly badge: Ref;
  /** From 1; any attempt after one is marked REPRINT (durability.md 26). */
  readonly attempt: number;
  readonly state: 'started' | 'printed' | 'failed';
  readonly why: string | null;
  /** Who asked for it once more; left out: nobody, it is the first or the box tries again. */
  readonly by?: Actor;
}

/** Durable before the POST leaves (durability.md 20). */
export interface SendingBody {
  readonly type: 'sending';
  readonly v: 1;
  readonly batch: string;
  readonly items: readonly SendingItem[];
}
export interface SendingItem {
  readonly key: string;
  readonly code: string;
  readonly minutes: number | null;
  readonly comment: string | null;
  /** The code that stood in the MIS at the read before; null: no mark. */
  readonly before: string | null;
}
/** What became of marks on their way: one row each, table in `mark.ts`. */
export interface ReportBody {
  readonly type: 'report';
  readonly v: 1;
  /** School-local date of the report: five different ones of `put-off` expire a wish. */
  readonly date: IsoDate;
  readonly rows: readonly ReportRow[];
}
export interface ReportRow {
  readonly key: string;
  readonly event: MarkEvent;
  /** The MIS's id of the write. */
  readonly writeback?: string;
  /** The code that stands in the MIS; null: no mark. */
  readonly seen?: string | null;
  /** When the MIS says that this mark was last changed, by its own clock. */
  readonly changedAt?: string;
  readonly why?: string;
}
export type MarkEvent =
  | 'held-back' // not sent: a failure before the first byte left
  | 'put-off' // the MIS answered that it does not take it now (401, 403, 404, 429): nothing is stored
  | 'lost' // sent, no answer
  | 'queued' // the MIS accepted it for writing
  | 'seen' // read back equal, after our write
  | 'theirs' // read before the write: already as wanted, or theirs by rule; never ours
  | 'foreign' // a mark stands that we may not replace
  | 'changed' // after our confirmed write somebody changed it, or wrote the same over it
  | 'refused' // the MIS rejects it: a person
  | 'expired' // five school days of answered tries
  | 'not-there' // certain that our write is not and will not be there: send again
  | 'kept'; // an absence code stands and the arrival came after close: theirs is kept, and noted

export interface NoteBody {
  readonly type: 'note';
  readonly v: 1;
  readonly kind:
    | NoteKind
    | 'badge-used-twice'
    | 'not-answered'
    | 'conflict'
    | 'lists-opened'
    | 'badge-guesses'
    | 'return-without-badge'
    | 'roster-held'
    | 'roster-problems'
    | 'kept-theirs'
    | 'outbox-frozen'
    | 'not-found'
    | 'not-this-pupil';
  readonly urgent: boolean;
  readonly visit: string | null;
  readonly pupil: string | null;
  /** Year group and month, a count, a journal number: never a name. */
  readonly detail: string | null;
}
export interface NoteDoneBody {
  readonly type: 'note-done';
  readonly v: 1;
  readonly note: Ref;
  readonly by: Actor;
}

/** A roster was taken over, or held because it shrank (product.md 9). The roster itself is a table. */
export interface RosterBody {
  readonly type: 'roster';
  readonly v: 1;
  readonly outcome: 'accepted' | 'held' | 'discarded';
  readonly source: 'mis' | 'csv';
  readonly hash: string;
  readonly pupils: number;
  readonly before: number;
  readonly by: Actor | null;
}

/** The next pupils arrive with this time and reason (queue, late bus), until it is ended. */
export interface HoldArrivalsBody {
  readonly type: 'hold-arrivals';
  readonly v: 1;
  readonly hold: { readonly touch: Instant; readonly reason: string } | null;
  readonly by: Actor;
}

/** A person begins or ends an evacuation drill: lists say DRILL in between. Nothing else is different (product.md 6). */
export interface DrillBody {
  readonly type: 'drill';
  readonly v: 1;
  readonly on: boolean;
  readonly by: Actor;
}

/**
 * What became known of a boot's time: when its monotonic clock showed `mono` milliseconds, it was between `earliest` and `latest`
 * (durability.md 17). By the box itself, or by a person, then or later.
 */
export interface TimeBody {
  readonly type: 'time';
  readonly v: 1;
  readonly boot: string;
  readonly mono: number;
  readonly earliest: number;
  readonly latest: number;
  readonly sources: readonly TimeSource[];
  /** Null: the box itself. */
  readonly by: Actor | null;
  /** Said of this movement: exact for it, to a minute or so for the others of its boot. */
  readonly movement?: Ref;
  /** What the battery clock showed then, minus the time: within a second or two it was right. Left out: there is none. */
  readonly rtcOffMs?: number;
}

/**
 * What is finished on days before `before` may leave the ledger (`prune.ts`); the journal keeps it. It goes with the next such
 * record, so that one written by a wrong clock takes nothing.
 */
export interface PruneBody {
  readonly type: 'prune';
  readonly v: 1;
  readonly before: IsoDate;
}

/** A person has heard of records that no start could take in: they are named no more, and marks are sent again. */
export interface SetAsideSeenBody {
  readonly type: 'set-aside-seen';
  readonly v: 1;
  readonly numbers: readonly number[];
  readonly by: Actor;
}

/**
 * A named person closes a pupil who is still out when the day ends (product.md 6): nobody waits for them any longer. Said again, the
 * last one stands: who was not found may be found later.
 */
export interface OutClosedBody {
  readonly type: 'out-closed';
  readonly v: 1;
  readonly movement: Ref;
  readonly pupil: string | null;
  /** `undone`: closed by mistake, and out as before. */
  readonly how: OutClosedHow | 'undone';
  readonly why: string | null;
  readonly by: Actor;
}
export type OutClosedHow =
  | 'went-home' // as expected
  | 'confirmed-home'
  | 'not-found'; // safeguarding is told
/** A named person closes a school day: nobody was out any more. What was open then of marks is counted. */
export interface DayClosedBody {
  readonly type: 'day-closed';
  readonly v: 1;
  readonly date: IsoDate;
  readonly open: Readonly<Record<'proposals' | 'conflicts' | 'unsent', number>>;
  readonly by: Actor;
}

/** An export of a school day has been written. What is recorded of that day later is not in it: it is to be exported anew. */
export interface ExportedBody {
  readonly type: 'exported';
  readonly v: 1;
  readonly date: IsoDate;
  /** Movements of the day that are in it. */
  readonly movements: number;
  readonly by: Actor;
}

/** For safeguarding, all that is known of a movement stays, its photo too, up to and with the day `until` (product.md 10). */
export interface HoldBody {
  readonly type: 'hold';
  readonly v: 1;
  readonly movement: Ref;
  /** Whose movement it is: what staff write in `why` goes with that pupil's key. */
  readonly pupil: string | null;
  /** Null: lifted. */
  readonly until: IsoDate | null;
  readonly why: string | null;
  readonly by: Actor;
}

/** `photo VISIT` or `segment NUMBER`. */
export type Expiring = `photo ${string}` | `segment ${number}`;
/** The time of these is over, and they are locked; or it is not after all (`expiry.ts`). */
export interface ExpiringBody {
  readonly type: 'expiring';
  readonly v: 1;
  readonly marked: readonly Expiring[];
  readonly unmarked: readonly Expiring[];
}

/** Destroyed: photos before this record, segments after it; whoever finds such a segment finishes it (durability.md 12, 14). */
export interface RemovedBody {
  readonly type: 'removed';
  readonly v: 1;
  readonly photos: readonly Expiring[];
  readonly segments: readonly number[];
  /** The highest number in these segments; 0 without any. */
  readonly upTo: number;
  readonly why: 'retention';
  readonly by: Actor;
}

/** What only a segment that goes tells, told again (`carry.ts`). One pupil's, or nobody's. */
export interface CarriedBody {
  readonly type: 'carried';
  readonly v: 1;
  readonly pupil: string | null;
  readonly entries: readonly CarriedEntry[];
}
/** A field of the ledger, or one entry of it; no value: there is no such entry. */
export interface CarriedEntry {
  readonly field: readonly string[];
  readonly key?: string;
  readonly value?: unknown;
}

/** A pupil is erased: the keys under which everything about the pupil stands are destroyed. Nobody is named (durability.md 13). */
export interface EraseBody {
  readonly type: 'erase';
  readonly v: 1;
  /** Ids of keys. */
  readonly keys: readonly string[];
  /**
   * Visits whose photos go: after a power cut nothing else tells, where one was taken under another pupil's name. Not given: recorded
   * by a version before, or of a folder that had been put aside.
   */
  readonly photos?: readonly string[];
  /** Two people, never the same. */
  readonly by: Actor;
  readonly second: Actor;
  readonly why: string;
}
/**
 * What is left of a record whose key was destroyed. Never stored: it is what the journal gives in its place. (`journal/personal.ts`)
 */
export interface ErasedBody {
  readonly type: 'erased';
  readonly v: 1;
  readonly keys: readonly string[];
  /** Of a badge: serials never go back. */
  readonly serial?: number;
}

/** Everything about a pupil was taken as a file: whose, and what for, goes with that pupil's key (product.md 10). */
export interface AccessExportBody {
  readonly type: 'access-export';
  readonly v: 1;
  readonly pupil: string;
  readonly why: string;
  readonly by: Actor;
}

/**
 * Who came to the staff page, who was kept out, and what was changed of the people (product.md 6, Log). Never what was typed: a
 * name that nobody has may be somebody's password.
 */
export interface AccessBody {
  readonly type: 'access';
  readonly v: 1;
  readonly what: AccessEvent;
  /** Whom it is about; null: nobody whom the box knows. */
  readonly person: Actor | null;
  /** The role that was given, or the command that was refused. */
  readonly detail: string | null;
  /** The address that it came from; null: the box itself. */
  readonly from: string | null;
  /** How often, since it was recorded last. */
  readonly count: number;
  readonly by: Actor;
}
export type AccessEvent =
  | 'first-use' // the first administrator
  | 'reset' // an administrator by way of the card
  | 'signed-in'
  | 'locked-out' // too many wrong passwords, codes or PINs
  | 'refused' // a command, a view or a question that the role does not allow
  | 'added'
  | 'role'
  | 'password'
  | 'pin'
  | 'second-step-on'
  | 'second-step-off'
  | 'signed-out' // everywhere
  | 'computer' // a reception computer was registered: its name
  | 'computer-removed'
  | 'evacuation-list' // taken out of the page: `file` or `paper`
  | 'restarted' // the daemon, by staff
  | 'mis-token' // a new one was entered
  | 'roster-asked' // of the MIS, at once
  | 'restored' // a backup, which brought the records before this one
  | 'aside-destroyed' // what was there before a restore
  | 'update' // a version was asked for, or is being tried
  | 'took' // a file of the box to a computer: an export, a backup
  | 'removed'
  | 'log-taken'; // as a file

/** First record of every run of the daemon. */
export interface RunBody {
  readonly type: 'run';
  readonly v: 1;
  readonly build: string;
  readonly boot: string;
  readonly cleanStop: boolean;
  /** Numbers cut away in recovery: never used again (durability.md 1). */
  readonly gap?: { readonly from: number; readonly to: number };
  /** Badges may have been given out that no record tells of: after a restore, a cut or damage. The highest known to the spine. */
  readonly serialsLost?: { readonly known: number };
  /**
   * First of a journal in a folder that was restored, or copied without its `id`: the last record of the journal that it goes on
   * from. Numbers run on, identities never meet: the other journal may have gone on by itself (durability.md 1).
   */
  readonly follows?: Ref;
}

/** Staff changed a setting: it lies over what the technician file says (settings.md). */
export interface SettingBody {
  readonly type: 'setting';
  readonly v: 1;
  /** What is changed: `settings/places.ts`. */
  readonly place: string;
  readonly change: SettingChange;
  /** The first school-local date on which it holds, for as long as no later one of this place does. */
  readonly from: IsoDate;
  readonly why: string | null;
  readonly by: Actor;
}
/** `set`: as it would stand in the file. `removed`: of a list, this one. `as-in-file`: what the file says holds again. */
export type SettingChange = { readonly set: unknown } | 'removed' | 'as-in-file';
/** A change of settings is as if it had never been said; what was decided by it stands. */
export interface SettingUndoneBody {
  readonly type: 'setting-undone';
  readonly v: 1;
  readonly setting: Ref;
  readonly by: Actor;
}

export type Body =
  | MovementBody
  | DecidedBody
  | CorrectionBody
  | ChangeBody
  | VerdictBody
  | AdoptBody
  | FreezeBody
  | ThawBody
  | RequestBody
  | AnswerBody
  | BadgeBody
  | BadgeVoidBody
  | PrintBody
  | SendingBody
  | ReportBody
  | NoteBody
  | NoteDoneBody
  | RosterBody
  | HoldArrivalsBody
  | DrillBody
  | TimeBody
  | PruneBody
  | SetAsideSeenBody
  | SettingBody
  | SettingUndoneBody
  | OutClosedBody
  | DayClosedBody
  | ExportedBody
  | HoldBody
  | ExpiringBody
  | RemovedBody
  | CarriedBody
  | EraseBody
  | ErasedBody
  | AccessExportBody
  | AccessBody
  | RunBody;
