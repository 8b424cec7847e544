/** What each view of the staff page shows. All words are ready to be read; times are the school's. */
import type { PartReport } from './kiosk.ts';
import type { EvacueesAnswer } from './staff-evacuation.ts';
import type { LatePupils, Report } from './staff-reports.ts';
import type { SettingCodes, SettingPreview } from './staff-settings.ts';
import type {
  ApprovalRow,
  Choice,
  InRow,
  LightsView,
  MarkRow,
  MarkStateName,
  MisHealth,
  OutRow,
  StorageView,
  Sum,
  UndecidedRow,
} from './staff-rows.ts';

export type { Choice } from './staff-rows.ts';

/** A mark as far as a list of pupils needs it. */
export interface MarkBrief {
  readonly key: string;
  readonly state: MarkStateName;
  /** `L, 22 minutes`; null: none is proposed. */
  readonly mark: string | null;
}
/** In school by this box, and the MIS does not have it: look here before contacting home. */
export interface ContactRow {
  readonly movement: string;
  /** For the page of the pupil. */
  readonly pupilKey: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  /** `09:02`; null: to be confirmed. */
  readonly since: string | null;
  /** How long the MIS has not had it: `12 min`; null: nobody knows. */
  readonly waits: string | null;
  readonly why: string;
  readonly mark: MarkBrief | null;
}
/** All that is known of a movement stays, its photo too, up to and with that day. */
export interface HoldView {
  readonly until: string;
  readonly by: string;
  /** Null: the role does not see it. */
  readonly why: string | null;
}
export interface LateRow extends InRow {
  /** Null: nobody knows whose it is. */
  readonly pupilKey: string | null;
  /** Null: it is not held. */
  readonly hold: HoldView | null;
  /** Staff who recorded it; null: the pupil did. */
  readonly by: string | null;
  readonly mark: MarkBrief | null;
}
export interface OutNowRow extends OutRow {
  readonly hold: HoldView | null;
  /** The pupil's key, for recording the return; null: nobody knows. */
  readonly pupilKey: string | null;
  readonly by: string | null;
  /** `12 min`; null: not overdue. */
  readonly overdueBy: string | null;
  /** The earlier day of which it is, `2026-11-23`: nobody has closed it. Null: of today. */
  readonly earlier: string | null;
}
export interface NowView {
  readonly date: string;
  /** Days before today that nobody has closed, oldest first: before all else. */
  readonly unclosed: readonly string[];
  readonly contact: readonly ContactRow[];
  readonly late: readonly LateRow[];
  /** Who signed in and was not late: those who come and go, and who came before it was late. */
  readonly onTime: readonly LateRow[];
  readonly out: readonly OutNowRow[];
  readonly back: readonly LateRow[];
  readonly undecided: readonly UndecidedRow[];
  /** Before what there is room for: how many there are. */
  readonly counts: Readonly<Record<'contact' | 'late' | 'onTime' | 'out' | 'overdue' | 'back', number>>;
  /** The time and reason that the next pupils get: a late bus, a queue. */
  readonly hold: { readonly time: string; readonly reason: string } | null;
  readonly lateReasons: readonly Choice[];
  readonly leaveReasons: readonly (Choice & { readonly asksBack: boolean })[];
  /** Year groups that come and go: late only where they are late for registration. */
  readonly comesAndGoes: readonly string[];
}

/** What a person may say of a mark: the input of `settle`. */
export type Verdict =
  | { readonly kind: 'write'; readonly code: string; readonly minutes: number | null; readonly seen: string | null }
  | { readonly kind: 'keep-theirs' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'cleared' }
  | { readonly kind: 'entered'; readonly code: string; readonly minutes: number | null }
  | { readonly kind: 'withdraw' };
export interface Offer {
  /** On the button. */
  readonly words: string;
  readonly verdict: Verdict;
}
export interface DecisionRow extends MarkRow {
  readonly urgent: boolean;
  /** What to do, in a sentence. */
  readonly todo: string;
  /** The first is what most people do. */
  readonly offers: readonly Offer[];
  /** May another code be chosen? Then this is what stands there, as `write` wants it. */
  readonly anyCode: { readonly seen: string | null } | null;
}
export interface MarksView {
  readonly date: string;
  readonly sum: Sum;
  readonly mis: MisHealth;
  /** False: marks are copied from the day sheet. */
  readonly writesBack: boolean;
  /** Why nothing is sent; null: nothing is in the way. */
  readonly frozen: string | null;
  readonly needsPerson: readonly DecisionRow[];
  /** On their way, oldest first. */
  readonly waiting: readonly MarkRow[];
  /** Today's that are done. */
  readonly done: readonly MarkRow[];
  /** There was no room for so many. */
  readonly more: number;
  readonly codes: readonly Choice[];
}

export interface WaitingRow extends ApprovalRow {
  /** `3 min`. */
  readonly waits: string;
  /** `Before lunch`, `13:30`, `Not today`. */
  readonly backWords: string;
  readonly withWords: string;
}
export interface ApprovalsView {
  readonly waiting: readonly WaitingRow[];
  readonly canPrint: boolean;
  /** The printer, in words. */
  readonly printer: string;
}

export interface BoxFault {
  readonly words: string;
  /** The command by which somebody says that they know, and it goes; null: it stays until it is mended. */
  readonly seen: 'loss-seen' | 'set-aside-seen' | null;
}
export interface BoxView {
  readonly box: string;
  readonly build: string;
  readonly demo: boolean;
  readonly parts: readonly PartReport[];
  readonly faults: readonly BoxFault[];
  readonly storage: StorageView | null;
  readonly lights: LightsView;
  readonly clock: string;
  /** May a person say what time it is? Not where anything but a person vouches for it. */
  readonly asksTime: boolean;
  readonly roster: { readonly pupils: number; readonly age: string | null; readonly held: string | null };
  readonly badgesToday: number;
  /** In words, ready to be read. */
  readonly memory: string | null;
  readonly temperature: string | null;
  readonly versions: readonly (readonly [string, string])[];
  /** `2026-11-23 15:40, by Ms Reed`; null: none was taken from this page. */
  readonly lastBackup: string | null;
  readonly canRestart: boolean;
  /** A new token for the MIS. `refused`: why none can be entered here, in words. Null: no MIS is connected. */
  readonly newToken: { readonly refused: string | null } | null;
  readonly restore: RestoreView;
  /** Is it a box, which has a place for a USB stick? */
  readonly takesStick: boolean;
  /** Null: a machine without two halves of a card. */
  readonly update: UpdateView | null;
}

export interface RestoreView {
  /** Why nothing can be restored here, in words; null: it can. */
  readonly refused: string | null;
  /** The last restore: when, who, what; null: there was none. */
  readonly last: string | null;
  /** What was there before, a sentence; null: nothing is aside. */
  readonly aside: string | null;
}
/** Answer of `POST /restore/TOKEN`: what a backup is that was sent to the box and could be restored. */
export interface FoundBackup {
  readonly box: string;
  readonly school: string;
  /** `2026-11-23 15:40`. */
  readonly made: string;
  /** Its records may be kept until that day. */
  readonly until: string;
  readonly files: number;
  /** By its name. */
  readonly isOfThisBox: boolean;
  /** It takes the recovery key of the box that was backed up. */
  readonly wantsKey: boolean;
  /** What this box has recorded since it was made: `12 movements`; null: nobody knows. */
  readonly since: string | null;
}

export interface UpdateView {
  /** The version that runs is tried: it is not sure yet to stay. */
  readonly trial: boolean;
  /** Where updates are looked for beside USB sticks; null: nowhere. */
  readonly address: string | null;
  readonly found: readonly FoundUpdate[];
  /** One is being installed. */
  readonly progress: { readonly percent: number | null; readonly words: string } | null;
  /** What came of the last one, a sentence. */
  readonly last: string | null;
}
export interface FoundUpdate {
  readonly from: 'stick' | 'url';
  /** Null: it does not say so in a way that can be believed. */
  readonly version: string | null;
  /** Why it is not taken; null: it may be installed. */
  readonly refused: string | null;
}

/** A pupil who is new on the roster, who has left it, or whose group is another. */
export interface ChangedRow {
  /** Null: no longer on the roster. */
  readonly key: string | null;
  readonly pupil: string;
  readonly from: string | null;
  readonly to: string | null;
}
export interface RosterChangesView {
  readonly joined: ChangedPupils;
  readonly left: ChangedPupils;
  readonly moved: ChangedPupils;
}
export interface ChangedPupils {
  /** Before what there is room for. */
  readonly count: number;
  readonly rows: readonly ChangedRow[];
}
export interface PupilsView {
  /** How many there are. */
  readonly pupils: number;
  /** Where the roster is from, how old it is, what became of the last try: in this order. */
  readonly facts: readonly { readonly name: string; readonly words: string }[];
  /** The last try failed: what to do. Null: it did not. */
  readonly failure: string | null;
  /** Of the last roster that was read. */
  readonly problems: readonly string[];
  /** A roster that waits for a person, and what accepting it would change. */
  readonly held: { readonly words: string; readonly changes: RosterChangesView } | null;
  /** What the last roster that was another one changed, and when it came: `2026-11-20 02:31`. */
  readonly changes: (RosterChangesView & { readonly at: string }) | null;
  /** In the school's order; empty `id`: the MIS gave none. */
  readonly years: readonly (Choice & { readonly pupils: number; readonly groups: readonly GroupRow[] })[];
  readonly flags: readonly (Choice & { readonly pupils: number })[];
  /** Who is on the roster no more, and of whom there are records: newest first, as many as there is room for. */
  readonly gone: readonly GonePupil[];
  /** Movements that are held for safeguarding, the first to end first; null: the role does not see them. */
  readonly holds: readonly HeldRow[] | null;
}
export interface GonePupil {
  readonly key: string;
  /** As the roster had it until it last changed; else `No longer on the roster`. */
  readonly pupil: string;
  /** The day of the last movement, `2026-11-20`. */
  readonly last: string;
}
export interface HeldRow extends HoldView {
  readonly movement: string;
  readonly key: string | null;
  readonly pupil: string;
  readonly registrationGroup: string | null;
}
export interface GroupRow {
  /** Empty: the MIS gave none. */
  readonly id: string;
  readonly pupils: number;
}

/** Query `pupils`: `{ text, yearGroup, group, flag, from }`, each but the last two null for all. By surname, 50 at a time. */
export interface PupilsPage {
  readonly rows: readonly PupilRow[];
  readonly total: number;
  /** Rows before these. */
  readonly from: number;
}
export interface PupilRow extends FoundPupil {
  /** In words, without their reasons. */
  readonly flags: readonly string[];
}

/** Query `pupil`: `{ key, earlier }`. `earlier`: with the days that have left the lists; it takes a while. */
export interface PupilPage extends FoundPupil {
  readonly onRoster: boolean;
  readonly flags: readonly string[];
  /** `May`; null: the MIS gave none. */
  readonly birthMonth: string | null;
  /** What the MIS had for the pupil today, when it was read last. */
  readonly misToday: readonly { readonly session: 'AM' | 'PM'; readonly words: string }[];
  /** Newest first. */
  readonly movements: readonly PupilMovement[];
  readonly more: number;
  /** Movements of days before this one are to be asked for; null: all are here. */
  readonly earlierThan: string | null;
  readonly today: string;
}
/** Query `pupil`: with what it takes to put a movement right. */
export interface PupilAnswer extends PupilPage {
  /** Movements that `correct` takes. */
  readonly correctable: readonly string[];
  readonly lateReasons: readonly Choice[];
  readonly leaveReasons: readonly Choice[];
}
export interface PupilMovement {
  readonly movement: string;
  readonly kind: 'late-arrival' | 'early-departure' | 'return';
  readonly day: string;
  /** Null: not sure. */
  readonly time: string | null;
  /** `Signed in late: Bus`. */
  readonly words: string;
  readonly undone: boolean;
  readonly facts: readonly { readonly name: string; readonly words: string }[];
  readonly marks: readonly MarkRow[];
  /** While it is kept, for roles that see photos. */
  readonly photoUrl: string | null;
  readonly hold: HoldView | null;
}

/** Command `access-export`: where the files are fetched, for ten minutes. */
export interface ExportAnswer {
  readonly readable: string;
  readonly json: string;
}
/** Query `erase-preview`: `{ pupil }`. What an erasure would come to. */
export interface ErasePreview {
  /** Records that nobody could read any more. */
  readonly records: number;
  readonly movements: number;
  readonly marks: number;
  readonly badges: number;
  readonly photos: number;
  /** Still on the roster: what is recorded from then on stands under a new key. */
  readonly onRoster: boolean;
  /** What is in the way, and what to do about it. */
  readonly blocks: readonly { readonly words: string; readonly todo: string }[];
}
/** Query `receipt`: `{ record }`, and the answer of the command `erase`. It names nobody but the two. */
export interface EraseReceipt {
  readonly record: string;
  readonly at: { readonly earliest: number; readonly latest: number | null };
  readonly by: string;
  readonly second: string;
  readonly why: string;
  /** Ids of the keys that are destroyed. */
  readonly keys: readonly string[];
  readonly records: number;
  /** Null: the box was started since. */
  readonly remaining: number | null;
  readonly onRoster: boolean | null;
  /** Last number, and the head of the chain there. */
  readonly upTo: number;
  readonly head: string;
}

export interface LogView {
  /** Number of the newest record: a page that shows an older one may ask again. */
  readonly last: number;
  /** Who has an account, for the filter. */
  readonly names: readonly string[];
  readonly kinds: readonly Choice[];
  readonly date: string;
}
/** Query `log`: `{ kind, by, staffOnly, from, to, before }`. Newest first, 50 at a time. */
export interface LogPage {
  readonly rows: readonly LogRow[];
  /** For the next page; null: that was all. */
  readonly before: number | null;
}
export interface LogRow {
  readonly n: number;
  readonly number: string;
  readonly at: string;
  /** `the pupil`, `Porter`, or a person's name. */
  readonly by: string;
  readonly kind: string;
  readonly words: string;
  /** Of an erasure: its receipt is to be had under this. */
  readonly receipt: string | null;
}
/** Query `chain`: does the chain of all records hold? */
export interface ChainAnswer {
  readonly isWhole: boolean;
  readonly upTo: number;
  readonly head: string;
  readonly words: readonly string[];
  readonly at: string;
}

/** Query `search`: `{ text }`, 1 to 60 characters. At most 12. */
export interface FoundPupil {
  readonly key: string;
  readonly pupil: string;
  readonly registrationGroup: string | null;
  readonly yearGroup: string | null;
  /** `Out since 10:42`, `Signed in at 09:02`; empty: nothing is known of today. */
  readonly where: string;
  readonly out: boolean;
}
export interface SearchAnswer {
  readonly pupils: readonly FoundPupil[];
  readonly more: boolean;
}

/** Query `foresee`: what `record-for` or `correct` would come to. One sentence a register, and the rule. */
export type ForeseeAnswer = readonly { readonly words: string; readonly rule: string }[];

/** Query `mark`: `{ key }`. Why this mark? */
export interface MarkPage {
  readonly row: MarkRow;
  readonly pupilKey: string;
  /** What was touched, by whom, the clock, the rule, the settings, before and after: in this order. */
  readonly facts: readonly { readonly name: string; readonly words: string }[];
}

/** Query `day-sheet`: `{ date, session }`. In register order. */
export interface DaySheet {
  readonly date: string;
  readonly session: 'AM' | 'PM' | null;
  readonly rows: readonly SheetRow[];
  readonly more: number;
  /** Other days with marks that the MIS does not have, newest first. */
  readonly openDays: readonly string[];
  /** Where the chain of the records stands: on paper it proves that none was cut off since (durability.md 12). `head`: 64 hex digits. */
  readonly chain: { readonly upTo: number; readonly head: string };
}
export interface SheetRow extends MarkRow {
  readonly yearGroup: string | null;
  /** What ticking it off says; null: nothing is to be copied. */
  readonly tick: Verdict | null;
}

/** For the page to save. `name`: plain ASCII. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** What each query answers. */
export interface StaffAnswers {
  readonly log: LogPage;
  readonly chain: ChainAnswer;
  readonly receipt: EraseReceipt;
  readonly 'erase-preview': ErasePreview;
  readonly pupils: PupilsPage;
  readonly pupil: PupilAnswer;
  readonly search: SearchAnswer;
  readonly foresee: ForeseeAnswer;
  readonly mark: MarkPage;
  readonly 'day-sheet': DaySheet;
  readonly evacuees: EvacueesAnswer;
  readonly report: Report;
  readonly 'late-pupils': LatePupils;
  readonly papers: TextFile;
  readonly 'preview-setting': SettingPreview;
  readonly 'setting-codes': SettingCodes;
}
