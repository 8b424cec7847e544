/**
 * The wire between the staff page and the device. What is subscribed to is pushed on change; sign-in is HTTP, and the socket is
 * opened with the session only.
 */
import type { BackAnswer, WithWhom } from './kiosk.ts';
import type { Ack, Command, Result } from './result.ts';

/** product.md 6. The fire warden sees the evacuation only, the auditor changes nothing. */
export type Role = 'reception' | 'attendance' | 'safeguarding' | 'fire-warden' | 'auditor' | 'administrator';
export const roles: readonly Role[] = [
  'reception',
  'attendance',
  'safeguarding',
  'fire-warden',
  'auditor',
  'administrator',
];

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
  readonly badgeState: 'printing' | 'printed' | 'not-printed' | 'void';
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
  readonly at: string;
  readonly urgent: boolean;
  readonly words: string;
}
export interface MisHealth {
  readonly state: 'online' | 'offline' | 'paused' | 'refused' | 'none';
  /** A sentence a person can act on: `The MIS refused our password at 09:12.` */
  readonly words: string;
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

/** Above every view, for everybody who is signed in. Rows of pupils only for roles that see pupils. */
export interface StaffTop {
  readonly runId: string;
  readonly revision: number;
  readonly school: string;
  readonly box: string;
  readonly demo: boolean;
  readonly now: string;
  readonly clockTrusted: boolean;
  readonly sum: Sum;
  readonly movementsWithoutMark: number;
  readonly lights: LightsView;
  readonly mis: MisHealth;
  readonly roster: { readonly pupils: number; readonly age: string | null; readonly held: string | null };
  /** What needs a person, by view; 0 where the role does not see it. */
  readonly counts: Readonly<Record<ViewName, number>>;
  readonly faults: readonly string[];
  /** Urgent ones first. */
  readonly notes: readonly NoteRow[];
  /** Older ones that are not shown, for want of room, until some of these are done. */
  readonly moreNotes: number;
}

export interface NowView {
  readonly late: readonly InRow[];
  readonly out: readonly OutRow[];
  readonly back: readonly InRow[];
  /** In the order in which they happened. */
  readonly undecided: readonly UndecidedRow[];
}
export interface MarksView {
  readonly proposals: readonly MarkRow[];
  readonly conflicts: readonly MarkRow[];
  readonly marks: readonly MarkRow[];
}
export interface ApprovalsView {
  readonly approvals: readonly ApprovalRow[];
}
export interface BoxView {
  /** Null: out of service, so `faults` says what there is to say. */
  readonly storage: StorageView | null;
}
export interface PersonRow {
  readonly name: string;
  readonly role: Role;
  /** Without one, the person has a PIN only and cannot sign in here. */
  readonly password: boolean;
  readonly pin: boolean;
  /** Asked for a code of an app as well. */
  readonly secondStep: boolean;
  /** Pages and phones that are signed in now. */
  readonly sessions: number;
}
export interface PeopleView {
  readonly people: readonly PersonRow[];
}
export interface StaffViews {
  readonly now: NowView;
  readonly marks: MarksView;
  readonly approvals: ApprovalsView;
  readonly box: BoxView;
  readonly people: PeopleView;
}
export type ViewName = keyof StaffViews;
export const viewNames: readonly ViewName[] = ['now', 'marks', 'approvals', 'box', 'people'];

/** What the control socket's `state` tells: the top and all that lists pupils. */
export interface StaffSnapshot extends Omit<StaffTop, 'counts'>, NowView, MarksView, ApprovalsView, BoxView {}

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly secondStep: boolean;
}
/** `GET /session`. */
export interface SessionAnswer {
  readonly me: Me | null;
  /** There is no administrator yet, or a new one is to be made: asks for the code that the box shows. */
  readonly firstUse: boolean;
  /** Why nobody can sign in, or what is wrong with the box: a sentence for everybody, without names. */
  readonly trouble: string | null;
}
/** `POST /session`; `code` where the person has a second step. */
export interface SignIn {
  readonly name: string;
  readonly password: string;
  readonly code?: string;
}
/** `POST /first-use`. */
export interface FirstUse {
  readonly code: string;
  readonly name: string;
  readonly password: string;
  readonly pin: string;
}

export interface DeviceToStaff {
  /** On connect and on change, at most five a second. */
  top: (top: StaffTop) => void;
  /** Only the one that is watched. */
  view: <N extends ViewName>(name: N, view: StaffViews[N], revision: number) => void;
  /** The session is over: `changed`, the account is. The socket closes behind it. */
  signedOut: (why: 'elsewhere' | 'expired' | 'changed') => void;
}
export interface StaffToDevice {
  /** Null: none any more. The answer is the view as it is now. */
  watch: (view: ViewName | null, ack: Ack<StaffViews[ViewName] | null>) => void;
  /** Recorded, once each. `by` is who is signed in, whatever the page says. */
  command: (name: string, command: Command<unknown>, ack: (result: Result<unknown>) => void) => void;
  /** Bounded reads. */
  query: (name: string, input: unknown, ack: (result: Result<unknown>) => void) => void;
  /** Somebody touches the page: the session goes on. */
  stay: () => void;
}
