/**
 * The wire between the staff page and the device. What is subscribed to is pushed on change; sign-in is HTTP, and the socket is
 * opened with the session only.
 */
import type { Ack, Command, Result } from './result.ts';
import type {
  ApprovalRow,
  InRow,
  LightsView,
  MarkRow,
  MisHealth,
  NoteRow,
  OutRow,
  StorageView,
  Sum,
  UndecidedRow,
} from './staff-rows.ts';
import type { ReportsView } from './staff-reports.ts';
import type { EvacuationView } from './staff-evacuation.ts';
import type { CloseView } from './staff-close.ts';
import type { SettingsView } from './staff-settings.ts';
import type { ApprovalsView, BoxView, LogView, MarksView, NowView, PupilsView } from './staff-views.ts';

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

export type * from './staff-rows.ts';

/** Above every view, for everybody who is signed in. Rows of pupils only for roles that see pupils. */
export interface StaffTop {
  readonly runId: string;
  readonly revision: number;
  readonly school: string;
  readonly box: string;
  readonly demo: boolean;
  readonly now: string;
  readonly clockTrusted: boolean;
  /** An evacuation drill is on: every view says so. */
  readonly drill: boolean;
  readonly sum: Sum;
  readonly movementsWithoutMark: number;
  readonly lights: LightsView;
  readonly mis: MisHealth;
  readonly roster: { readonly pupils: number; readonly age: string | null; readonly held: string | null };
  /** What **Now** counts, without a name; null: the role does not see it. */
  readonly today: NowView['counts'] | null;
  /** What needs a person, by view; 0 where the role does not see it. */
  readonly counts: Readonly<Record<ViewName, number>>;
  readonly faults: readonly string[];
  /** Urgent ones first. */
  readonly notes: readonly NoteRow[];
  /** Older ones that are not shown, for want of room, until some of these are done. */
  readonly moreNotes: number;
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
/** A registered reception computer. */
export interface ComputerRow {
  readonly id: string;
  readonly name: string;
  /** Who registered it. */
  readonly by: string;
}
export interface PeopleView {
  readonly people: readonly PersonRow[];
  readonly computers: readonly ComputerRow[];
}
export interface StaffViews {
  readonly now: NowView;
  readonly marks: MarksView;
  readonly approvals: ApprovalsView;
  readonly evacuation: EvacuationView;
  readonly pupils: PupilsView;
  readonly reports: ReportsView;
  readonly box: BoxView;
  readonly people: PeopleView;
  readonly log: LogView;
  readonly settings: SettingsView;
  readonly close: CloseView;
}
export type ViewName = keyof StaffViews;
export const viewNames: readonly ViewName[] = [
  'now',
  'marks',
  'approvals',
  'evacuation',
  'close',
  'pupils',
  'reports',
  'settings',
  'box',
  'people',
  'log',
];

/** What the control socket's `state` tells: the top and all that lists pupils. */
export interface StaffSnapshot extends Omit<StaffTop, 'counts'> {
  readonly approvals: readonly ApprovalRow[];
  readonly proposals: readonly MarkRow[];
  readonly conflicts: readonly MarkRow[];
  readonly out: readonly OutRow[];
  /** In the order in which they happened. */
  readonly undecided: readonly UndecidedRow[];
  readonly late: readonly InRow[];
  readonly back: readonly InRow[];
  readonly marks: readonly MarkRow[];
  /** Null: out of service, so `faults` says what there is to say. */
  readonly storage: StorageView | null;
}

export interface Me {
  readonly name: string;
  readonly role: Role;
  readonly secondStep: boolean;
}
/** With what the role has: names of commands and queries, and of views. The page shows nothing that would be refused. */
export interface Myself extends Me {
  readonly may: readonly string[];
  readonly sees: readonly ViewName[];
}
/** `GET /session`. */
export interface SessionAnswer {
  readonly me: Myself | null;
  /** There is no administrator yet, or a new one is to be made: asks for the code that the box shows. */
  readonly firstUse: boolean;
  /** The name of the registered reception computer that asks; null: it is none. */
  readonly computer: string | null;
  /** Names are hidden there, and a PIN is wanted (`POST /session/pin`). */
  readonly locked: boolean;
  /** Of the page that the box serves now: where it is another than before, the open page is loaded anew. */
  readonly build: string;
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
  /**
   * Only the one that is watched. `change`: JSON of a `ViewChange`, made once for all who watch it, of what push number `since` brought
   * (null: it is the whole view), and `n` is the number of this one. Whoever did not get that one waits: a whole one is on its way.
   */
  view: (name: ViewName, change: string, n: number, since: number | null) => void;
  /** On a registered computer: from now on counts only, and a PIN is wanted. */
  locked: () => void;
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
  /** Hide names; on a registered computer, until somebody's PIN is entered. */
  lock: () => void;
  /** Somebody touches the page: the session goes on. */
  stay: () => void;
}
