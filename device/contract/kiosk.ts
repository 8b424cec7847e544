/** The wire between the kiosk page and the device. Types and constants only. */
import type { Ack, Command } from './result.ts';

/** A difference makes the device send `reload`: page and device ship together. */
export const PROTOCOL_VERSION = 1;

/** Limits that both ends keep; the unit is in the name. */
export const limits = {
  idMaxChars: 64,
  namesPageSize: 12,
  needMoreTimeAfterMs: 30_000,
  needMoreTimeForMs: 20_000,
  undoForMs: 10_000,
  undoForAaMs: 30_000,
  homeAfterDoneMs: 10_000,
  badgeShownForMs: 30_000,
  commandTimeoutMs: 4_000,
} as const;

export type Language = 'en' | 'cy';
/** Words that come from settings, one text per language; the school's first language is always there. */
export type LocalText = Readonly<Partial<Record<Language, string>>>;

export interface ReasonTile {
  readonly id: string;
  readonly label: LocalText;
  /** One of the documented icon names (settings.md). `tell-staff` has none. */
  readonly icon: string | null;
  /** Leave only: is "Are you coming back today?" asked? `ask`, or the answer the reason itself gives. */
  readonly back: 'ask' | 'not-today' | { readonly minutes: number };
}

/** Sent whole on connect and after every change. Holds no pupil. */
export interface KioskSnapshot {
  /** New at every start of the daemon: an unfinished visit is gone only if it was not committed. */
  readonly runId: string;
  /** Rises within one run. */
  readonly revision: number;
  readonly school: string;
  readonly box: string;
  readonly accent: string;
  readonly languages: readonly Language[];
  /** Wall time at the school when this was sent, milliseconds since the epoch, and the school's zone, for the clock on the screen. */
  readonly nowMs: number;
  readonly timeZone: string;
  readonly clockTrusted: boolean;
  /** Demo mode: every screen says so. */
  readonly demo: boolean;
  /** There is no administrator yet: the code that makes one, and where to enter it. Null: there is. */
  readonly firstUse: { readonly code: string; readonly address: string } | null;
  /** Year groups of the roster, in school order. */
  readonly yearGroups: readonly string[];
  readonly lateReasons: readonly ReasonTile[];
  readonly leaveReasons: readonly ReasonTile[];
  readonly withWhomAsked: 'approval' | 'always' | 'never';
  readonly whereNext: LocalText;
  readonly accepting: Accepting;
  /** Is there a live picture to show at `/camera/live`? */
  readonly camera: boolean;
  /** Approvals waiting, for the staff menu behind the PIN. Counts only. */
  readonly approvalsWaiting: number;
  /** A staff member put the next pupils on a held time and reason (queue, late bus). */
  readonly heldArrival: { readonly reason: string; readonly time: string } | null;
}

/** May a pupil use the box just now? */
export type Accepting =
  | { readonly state: 'open' }
  | { readonly state: 'closed' } // outside kiosk hours or no school day: name lists are off, Sign back in works
  | { readonly state: 'paused'; readonly retryInMs: number } // lists opened and nobody chosen, three times
  | { readonly state: 'storage-failed' }
  | { readonly state: 'no-roster' };

export type Flow = 'late' | 'early';

export interface NameEntry {
  /** Opaque; good for this visit's commands. */
  readonly pupil: string;
  /** `Amara O`, `Sam Okafor 9A`: the shortest that tells them apart. */
  readonly label: string;
}
export interface NamesAnswer {
  /** Sorted by forename; may be empty ("No one here"). */
  readonly pupils: readonly NameEntry[];
  /** True where pupils of that year and month can't be told apart on a screen: "Please see reception" is shown beside the list. */
  readonly someHidden: boolean;
}

/** What follows after a name was chosen. */
export type ChooseAnswer =
  | {
      readonly next: 'ask';
      readonly forename: string;
      /** Early only: reasons that need approval for this pupil. */
      readonly approvalReasons: readonly string[];
      /** Early only: false for pupils flagged no-photo. */
      readonly photo: boolean;
      /** Late only, comes-and-goes years: ask "Are you late for registration?" first. */
      readonly asksRegistration: boolean;
    }
  | { readonly next: 'already-signed-in'; readonly forename: string; readonly time: string | null } // null: to be confirmed
  | { readonly next: 'already-out'; readonly forename: string } // early flow
  | { readonly next: 'sign-back-in'; readonly forename: string } // late flow, but the pupil is out: becomes a return
  | { readonly next: 'see-reception' }; // marked absent, suspended or on a visit in the MIS

export interface LateInput {
  readonly visit: string;
  readonly pupil: string;
  /** Null only with `forRegistration: false`: who is not late for anything is not asked why. */
  readonly reason: string | null;
  /** Milliseconds from the first touch of the visit to this command, by the page's own elapsed time. */
  readonly touchAgoMs: number;
  /** Comes-and-goes years only. */
  readonly forRegistration?: boolean;
  /** "Someone else is with me": the visit of the first child, whose arrival time and reason hold. */
  readonly withVisit?: string;
}
export interface LateAnswer {
  readonly movement: string;
  readonly forename: string;
  /** Local time of the first touch, `08:52`; null when the clock is not trusted: "time to be confirmed". */
  readonly time: string | null;
  readonly outcome: 'on-time' | 'late' | 'after-close' | 'no-register' | 'to-be-confirmed';
  /**
   * How long an undo will be taken, at most (`limits.undoForAaMs`). The page shows "That's wrong, undo" for `undoForMs`,
   * in Aa `undoForAaMs`, and never longer than this.
   */
  readonly undoForMs: number;
}

export type BackAnswer = 'before-lunch' | 'after-lunch' | 'not-today' | 'unknown';
export type WithWhom = 'grown-up' | 'alone' | 'staff';
export interface EarlyInput {
  readonly visit: string;
  readonly pupil: string;
  readonly reason: string;
  /** Null when the reason itself answers it. */
  readonly back: BackAnswer | null;
  readonly withWhom: WithWhom | null;
  /** `taken`: the device holds a photo under this visit. */
  readonly photo: 'taken' | 'declined' | 'none';
  readonly touchAgoMs: number;
}
export type EarlyAnswer =
  | {
      readonly state: 'departed';
      readonly forename: string;
      /** Eight digits. */
      readonly badge: string;
      /** False: write the number down (no paper, no printer). */
      readonly printing: boolean;
    }
  | { readonly state: 'waiting'; readonly forename: string }; // "Please sit down. A member of staff will call you."

export type ReturnInput =
  | { readonly visit: string; readonly by: 'typed'; readonly badge: string; readonly touchAgoMs: number }
  | { readonly visit: string; readonly by: 'qr'; readonly code: string; readonly touchAgoMs: number }
  /** Late flow found the pupil out (`sign-back-in`). */
  | { readonly visit: string; readonly by: 'name'; readonly pupil: string; readonly touchAgoMs: number };
export type ReturnAnswer =
  | { readonly state: 'welcome-back'; readonly forename: string | null; readonly time: string | null }
  | { readonly state: 'mistyped' | 'used' | 'unknown' | 'already-back' }
  | { readonly state: 'another-day' } // opens Sign in late
  | { readonly state: 'paused'; readonly retryInMs: number };

/** Things a pupil says that only a person can settle. */
export type NoteKind = 'not-sure-year' | 'not-sure-month' | 'not-on-list' | 'no-badge' | 'see-reception';
export interface NoteInput {
  readonly visit: string;
  readonly kind: NoteKind;
  readonly yearGroup?: string;
  readonly month?: number;
  /** `see-reception` only: whom the pupil chose. */
  readonly pupil?: string;
  readonly touchAgoMs: number;
}

/** Behind the staff PIN, on the kiosk itself. */
export interface WaitingApproval {
  readonly visit: string;
  readonly name: string;
  readonly reason: string;
  readonly back: BackAnswer | null;
  readonly withWhom: WithWhom | null;
  readonly waitingForMs: number;
}
export interface StaffMenu {
  readonly staff: string;
  /** Opaque, good for two minutes on this page. */
  readonly pass: string;
  readonly waiting: readonly WaitingApproval[];
}
export type StaffAct =
  | { readonly act: 'let-go'; readonly visit: string; readonly adult: string | null }
  | { readonly act: 'refuse'; readonly visit: string }
  | { readonly act: 'self-test' }
  | { readonly act: 'switch-off' };
export interface PartReport {
  readonly part: 'printer' | 'camera' | 'lights' | 'mis' | 'storage' | 'clock';
  readonly ok: boolean;
  /** It works, and will not for long. */
  readonly soon?: true;
  readonly words: string;
}

export interface KioskToDevice {
  hello: (input: { readonly protocol: number }, ack: Ack<KioskSnapshot>) => void;
  /** Queries: no command id, nothing is journalled. */
  names: (
    input: { readonly visit: string; readonly flow: Flow; readonly yearGroup: string; readonly month: number },
    ack: Ack<NamesAnswer>,
  ) => void;
  choose: (
    input: { readonly visit: string; readonly flow: Flow; readonly pupil: string },
    ack: Ack<ChooseAnswer>,
  ) => void;
  /** Takes the photo and keeps it under the visit until the visit is committed or ends. */
  photo: (input: { readonly visit: string }, ack: Ack<{ readonly url: string }>) => void;
  /**
   * The screen with the digit pad opened or closed: the camera looks for a badge's QR in between, and stops by itself
   * after two minutes or when the page goes away.
   */
  look: (input: { readonly visit: string; readonly on: boolean }, ack: Ack<null>) => void;
  /** The visit went Home without a committing command. */
  end: (input: { readonly visit: string }, ack: Ack<null>) => void;
  /** Commands. */
  late: (command: Command<LateInput>, ack: Ack<LateAnswer>) => void;
  undo: (command: Command<{ readonly visit: string; readonly movement: string }>, ack: Ack<null>) => void;
  early: (command: Command<EarlyInput>, ack: Ack<EarlyAnswer>) => void;
  return: (command: Command<ReturnInput>, ack: Ack<ReturnAnswer>) => void;
  note: (command: Command<NoteInput>, ack: Ack<null>) => void;
  staff: (input: { readonly pin: string }, ack: Ack<StaffMenu>) => void;
  staffAct: (
    command: Command<StaffAct & { readonly pass: string }>,
    ack: Ack<{ readonly parts?: readonly PartReport[]; readonly menu: StaffMenu }>,
  ) => void;
}
export interface DeviceToKiosk {
  snapshot: (snapshot: KioskSnapshot) => void;
  /** The camera read a QR between two `look`s; the page answers with `return` by `qr`. `code` is all that the QR says. */
  badgeSeen: (seen: { readonly visit: string; readonly code: string }) => void;
  /** The badge of this visit will not print after all: the page says "Write this number down". */
  printFailed: (which: { readonly visit: string }) => void;
  reload: (why: 'protocol' | 'new-build') => void;
}
