/** What the kiosk remembers during a visit. All of it is forgotten at Home. */
import type {
  BackAnswer,
  EarlyAnswer,
  Flow,
  KioskSnapshot,
  Language,
  LateAnswer,
  NamesAnswer,
  PartReport,
  StaffMenu,
  WithWhom,
} from '../../../device/contract/kiosk.ts';
import type { Call } from '../device.ts';

/** Chosen by the pupil, for one visit. */
export interface Comfort {
  /** Null: the school's first language. */
  readonly language: Language | null;
  /** Larger, high contrast, low reach; every time-out doubled. */
  readonly aa: boolean;
  /** Headings and tiles are spoken, never names. */
  readonly readAloud: boolean;
}

export interface Visit {
  readonly id: string;
  /** When the first touch was, by the page's own elapsed milliseconds. */
  readonly touchedAt: number;
  /** "Someone else is with me": the first child's visit and reason. */
  readonly sibling: { readonly visit: string; readonly reason: string | null } | null;
  /** The device said yes to a command that carries the whole answer. */
  readonly committed: boolean;
}

/** The pupil whom the visit is about. */
export interface Chosen {
  readonly flow: Flow;
  readonly pupil: string;
  readonly forename: string;
  readonly approvalReasons: readonly string[];
  readonly photo: boolean;
  /** Null unless asked. */
  readonly forRegistration: boolean | null;
}

/** Why the number on the badge was not taken. */
export type BadgeSaid = 'mistyped' | 'used' | 'unknown' | 'paused';
export type PinSaid = 'wrongPin' | 'pausedPin' | 'mayNot' | 'passGone' | 'failed';
type Departed = Extract<EarlyAnswer, { state: 'departed' }>;

export type Step =
  | { readonly at: 'home' }
  // Who
  | { readonly at: 'year'; readonly flow: Flow; readonly anotherDay: boolean }
  | { readonly at: 'month'; readonly flow: Flow; readonly yearGroup: string }
  | {
      readonly at: 'names';
      readonly flow: Flow;
      readonly yearGroup: string;
      /** 1 to 12. */
      readonly month: number;
      readonly list: NamesAnswer;
    }
  // Sign in late
  | { readonly at: 'registration'; readonly who: Chosen }
  | { readonly at: 'late-reason'; readonly who: Chosen }
  | { readonly at: 'signed-in'; readonly answer: LateAnswer; readonly reason: string | null }
  | { readonly at: 'undone' }
  // Sign out early
  | { readonly at: 'leave-reason'; readonly who: Chosen }
  | { readonly at: 'coming-back'; readonly who: Chosen; readonly reason: string }
  | { readonly at: 'with-whom'; readonly who: Chosen; readonly reason: string; readonly back: BackAnswer | null }
  | { readonly at: 'camera'; readonly leaving: Leaving; readonly count: Count }
  | { readonly at: 'departed'; readonly answer: Departed }
  | { readonly at: 'sit-down'; readonly forename: string }
  // Sign back in
  | { readonly at: 'badge'; readonly digits: string; readonly said: BadgeSaid | null; readonly pausedUntil: number }
  | { readonly at: 'earlier-today' }
  | { readonly at: 'welcome-back'; readonly forename: string | null; readonly time: string | null }
  | { readonly at: 'already-back' }
  // Caught kindly
  | { readonly at: 'already-in'; readonly forename: string; readonly time: string | null }
  | { readonly at: 'already-out'; readonly forename: string }
  | { readonly at: 'signed-out-earlier'; readonly pupil: string; readonly forename: string }
  | { readonly at: 'reception' }
  | { readonly at: 'closed' }
  | { readonly at: 'paused' }
  // Staff
  | { readonly at: 'pin'; readonly digits: string; readonly said: PinSaid | null }
  | {
      readonly at: 'staff';
      readonly menu: StaffMenu;
      readonly parts: readonly PartReport[] | null;
      readonly failed: boolean;
    }
  | { readonly at: 'switch-off'; readonly menu: StaffMenu }
  | { readonly at: 'switching-off' }
  | { readonly at: 'cleaning' };

/** Everything that a sign-out carries but the photo. */
export interface Leaving {
  readonly who: Chosen;
  readonly reason: string;
  readonly back: BackAnswer | null;
  readonly withWhom: WithWhom | null;
}
/** What stands over the picture; `ready` before the count, `now` while the photo is taken. */
export type Count = 'ready' | 3 | 2 | 1 | 'now';

interface Place {
  readonly step: Step;
  readonly page: number;
}

export interface State extends Place {
  readonly comfort: Comfort;
  readonly visit: Visit | null;
  /** Where Back leads, the last one last. Empty: Home. */
  readonly past: readonly Place[];
  /** The answer that the screen is waiting for. `commits`: nothing may be touched until it is there. */
  readonly waiting: { readonly number: number; readonly call: Call; readonly commits: boolean } | null;
  /** Numbers the calls, so that a late answer to a question left behind is known as such. */
  readonly calls: number;
  /** "Do you need more time?" */
  readonly asksMoreTime: boolean;
}

/** What the machine may look at besides its state. */
export interface World {
  /** The page's own elapsed milliseconds. */
  readonly now: number;
  /** When the finger came down that caused this event; the same clock. */
  readonly touchedAt: number;
  /** Never used before: for the one visit or command that an event may begin. */
  readonly id: string;
  readonly device: KioskSnapshot;
}

/** Sends a call; the answer comes back as a `reply` event with the same number. */
export interface Effect {
  readonly number: number;
  readonly commandId: string;
  readonly call: Call;
}
export interface Next {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const atHome: State = {
  comfort: { language: null, aa: false, readAloud: false },
  visit: null,
  step: { at: 'home' },
  page: 0,
  past: [],
  waiting: null,
  calls: 0,
  asksMoreTime: false,
};

export function stay(state: State): Next {
  return { state, effects: [] };
}

/** The next question; Back leads to this one. */
export function ask(state: State, step: Step): Next {
  const past = [...state.past, { step: state.step, page: state.page }];
  return stay({ ...state, step, page: 0, past, waiting: null });
}

/** The same question with other words or digits. */
export function change(state: State, step: Step): Next {
  return stay({ ...state, step, waiting: null });
}

/** The end of a way: no Back from here. */
export function finish(state: State, step: Step): Next {
  return stay({ ...state, step, page: 0, past: [], waiting: null });
}

/** Home. What was not committed is forgotten on the device too. `keep` leaves language and Aa to the pupil still there. */
export function goHome(state: State, keep: 'comfort' | 'nothing'): Next {
  const home = { ...atHome, calls: state.calls, comfort: keep === 'comfort' ? state.comfort : atHome.comfort };
  const { visit } = state;
  if (visit === null || visit.committed) return stay(home);
  return tell(home, '', { name: 'end', input: { visit: visit.id } });
}

/** Sends and does not wait: the screen goes on as if it had arrived. */
export function tell(state: State, commandId: string, call: Call): Next {
  const number = state.calls + 1;
  return { state: { ...state, calls: number }, effects: [{ number, commandId, call }] };
}

/** Sends a question to the device; Back and Start again leave it unanswered. */
export function inquire(state: State, call: Call): Next {
  return awaiting(state, '', call, false);
}

/** Sends a command; the screen waits for its answer, however long. */
export function commit(state: State, commandId: string, call: Call): Next {
  return awaiting(state, commandId, call, true);
}

function awaiting(state: State, commandId: string, call: Call, commits: boolean): Next {
  const next = tell(state, commandId, call);
  return { ...next, state: { ...next.state, waiting: { number: next.state.calls, call, commits } } };
}

/** For a command: how long ago the first touch of the visit was, in whole milliseconds. */
export function touchAgo(visit: Visit, now: number): number {
  return Math.max(0, Math.round(now - visit.touchedAt));
}

const questions: ReadonlySet<Step['at']> = new Set([
  'year',
  'month',
  'names',
  'registration',
  'late-reason',
  'leave-reason',
  'coming-back',
  'with-whom',
  'camera',
  'badge',
  'earlier-today',
  'signed-out-earlier',
  'pin',
  'staff',
  'switch-off',
]);

/** A question has Back and Start again, and asks whether more time is needed; other screens go Home by themselves. */
export function isQuestion(step: Step): boolean {
  return questions.has(step.at);
}
