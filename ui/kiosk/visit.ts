/**
 * A whole visit to the kiosk as rules: what happens, and what the screen then is. No clock, no socket, no screen here:
 * elapsed time, answers and time-outs come in as events, calls go out as effects. Everything that the pupil says is kept
 * here until one command carries all of it to the device (architecture.md 3).
 */
import type { Call, Reply } from './device.ts';
import { atBadge, badgeDigit, badgeScanned, byCode, byName, returned } from './visit/badge.ts';
import { counted, earlyTap, left, photographed, printFailed } from './visit/early.ts';
import type { Tap, VisitEvent } from './visit/event.ts';
import { commitLate, signedIn, someoneElse, undo, undone } from './visit/late.ts';
import { acted, atPin, opened, staffTap } from './visit/staff.ts';
import type { Next, State, Step, Visit, World } from './visit/state.ts';
import { ask, change, finish, goHome, isQuestion, stay, tell } from './visit/state.ts';
import { askWhyLate, chose, named, notMe, seeReception, startWho, whoTap } from './visit/who.ts';

/** The next state, and what is to be sent. What makes no sense on this screen changes nothing. */
export function step(state: State, event: VisitEvent, world: World): Next {
  const next = decide(state, event, world);
  const before = lookedFor(state);
  const after = lookedFor(next.state);
  if (before === after) return next;
  const stopped = before === null ? next : also(next, { name: 'look', input: { visit: before, on: false } });
  return after === null ? stopped : also(stopped, { name: 'look', input: { visit: after, on: true } });
}

/** The visit for which the camera is to look for a badge. */
function lookedFor({ step: at, visit }: State): string | null {
  return at.at === 'badge' && visit !== null ? visit.id : null;
}

function also(next: Next, call: Call): Next {
  const more = tell(next.state, '', call);
  return { state: more.state, effects: [...next.effects, ...more.effects] };
}

function decide(state: State, event: VisitEvent, world: World): Next {
  switch (event.type) {
    case 'reply':
      return replied(state, event.number, event.reply, world);
    case 'waited':
      return waited(state);
    case 'forgotten':
      return goHome(state, 'nothing');
    case 'badge-seen':
      if (state.visit?.id !== event.visit || state.step.at !== 'badge' || state.waiting !== null) return stay(state);
      return byCode(state, event.code, state.visit, world);
    case 'print-failed':
      return printFailed(state, event.visit);
    default:
      return tapped(state, event, world);
  }
}

function tapped(state: State, tap: Tap, world: World): Next {
  if (state.asksMoreTime) {
    if (tap.type === 'more-time') return stay({ ...state, asksMoreTime: false });
    return tap.type === 'start-again' ? goHome(state, 'nothing') : stay(state);
  }
  if (state.waiting?.commits === true) return stay(state);
  switch (tap.type) {
    case 'read-aloud':
      return stay({ ...state, comfort: { ...state.comfort, readAloud: !state.comfort.readAloud } });
    case 'back':
      return isQuestion(state.step) ? back(state) : stay(state);
    case 'start-again':
      return isQuestion(state.step) ? goHome(state, 'comfort') : stay(state);
    case 'done':
      return ends.has(state.step.at) ? goHome(state, 'nothing') : stay(state);
    case 'not-me':
      return notMe(state);
    default:
      return state.waiting !== null && tap.type !== 'no-photo' ? stay(state) : screenTap(state, tap, world);
  }
}

/** Screens with Done. */
const ends: ReadonlySet<Step['at']> = new Set([
  'signed-in',
  'undone',
  'departed',
  'sit-down',
  'welcome-back',
  'already-back',
  'already-in',
  'reception',
  'closed',
  'paused',
]);

function screenTap(state: State, tap: Tap, world: World): Next {
  if (state.step.at === 'home') return homeTap(state, tap, world);
  if (tap.type === 'more') return isQuestion(state.step) ? stay({ ...state, page: state.page + 1 }) : stay(state);
  return questionTap(state, state.step, tap, world);
}

/** The first touch on Home begins the visit, also when it is for language or Aa. */
function homeTap(home: State, tap: Tap, world: World): Next {
  if (tap.type === 'staff') return finish({ ...home, visit: null }, atPin);
  const begun: Visit = home.visit ?? { id: world.id, touchedAt: world.touchedAt, sibling: null, committed: false };
  const state = { ...home, visit: begun };
  switch (tap.type) {
    case 'late':
    case 'early':
      return startWho(state, tap.type, world);
    case 'return':
      return finish(state, world.device.accepting.state === 'storage-failed' ? { at: 'reception' } : atBadge);
    case 'language': {
      const { languages } = world.device;
      const current = state.comfort.language ?? languages[0];
      const language = languages.find((one) => one !== current) ?? null;
      return stay({ ...state, comfort: { ...state.comfort, language } });
    }
    case 'aa': {
      const aa = !state.comfort.aa;
      return stay({ ...state, comfort: { ...state.comfort, aa, readAloud: aa } });
    }
    default:
      return stay(home);
  }
}

function questionTap(state: State, at: Step, tap: Tap, world: World): Next {
  if (at.at === 'pin' || at.at === 'staff' || at.at === 'switch-off') return staffTap(state, at, tap, world);
  const { visit } = state;
  if (visit === null) return stay(state);
  switch (at.at) {
    case 'year':
    case 'month':
    case 'names':
      return whoTap(state, at, visit, tap, world);
    case 'registration': {
      if (tap.type !== 'for-registration') return stay(state);
      const who = { ...at.who, forRegistration: tap.yes };
      return tap.yes ? askWhyLate(state, who, visit, world) : commitLate(state, who, null, visit, world);
    }
    case 'late-reason':
      return tap.type === 'reason' ? commitLate(state, at.who, tap.reason, visit, world) : stay(state);
    case 'signed-in':
      if (tap.type === 'undo') return undo(state, visit, at.answer.movement, world);
      return tap.type === 'someone-else' ? someoneElse(state, visit, at.reason, world) : stay(state);
    case 'leave-reason':
    case 'coming-back':
    case 'with-whom':
    case 'camera':
      return earlyTap(state, at, visit, tap, world);
    case 'badge':
      return badgeTap(state, at, visit, tap, world);
    case 'earlier-today':
      if (tap.type !== 'earlier-today') return stay(state);
      return tap.yes ? seeReception(state, visit, { kind: 'no-badge' }, world) : startWho(state, 'late', world);
    case 'already-out':
      return tap.type === 'sign-back-in' ? ask(state, atBadge) : stay(state);
    case 'signed-out-earlier':
      return tap.type === 'sign-back-in' ? byName(state, at.pupil, visit, world) : stay(state);
    default:
      return stay(state);
  }
}

function badgeTap(state: State, at: Extract<Step, { at: 'badge' }>, visit: Visit, tap: Tap, world: World): Next {
  switch (tap.type) {
    case 'digit':
      return badgeDigit(state, at, tap.digit, visit, world);
    case 'rub-out':
      return change(state, { ...at, digits: at.digits.slice(0, -1) });
    case 'scanned':
      return badgeScanned(state, at, tap.text, visit, world);
    case 'no-badge':
      return ask(state, { at: 'earlier-today' });
    default:
      return stay(state);
  }
}

function back(state: State): Next {
  const before = state.past.at(-1);
  if (before === undefined) return goHome(state, 'comfort');
  return stay({ ...state, ...before, past: state.past.slice(0, -1), waiting: null });
}

/** The time of this screen is over. */
function waited(state: State): Next {
  const { step: at, visit } = state;
  if (at.at === 'camera' && visit !== null) return counted(state, at, visit);
  if (!isQuestion(at) || state.asksMoreTime) return goHome(state, 'nothing');
  return stay({ ...state, asksMoreTime: true });
}

/** An answer counts only for the call that the screen still waits for. */
function replied(state: State, number: number, reply: Reply, world: World): Next {
  if (state.waiting?.number !== number) return stay(state);
  const { call } = state.waiting;
  const { visit } = state;
  const free = { ...state, waiting: null };
  if (reply.name === 'staff') return opened(free, reply.result);
  if (reply.name === 'staffAct' && call.name === 'staffAct') return acted(free, call.input.act, reply.result);
  if (visit === null) return stay(free);
  if (reply.name === 'names' && call.name === 'names') return named(free, call.input, reply.result);
  if (reply.name === 'choose' && call.name === 'choose') {
    return chose(free, call.input.pupil, reply.result, visit, world);
  }
  if (reply.name === 'photo') return photographed(free, reply.result, visit, world);
  if (reply.name === 'late' && call.name === 'late') return signedIn(free, call.input, reply.result);
  if (reply.name === 'undo') return undone(free, reply.result);
  if (reply.name === 'early') return left(free, reply.result);
  if (reply.name === 'return') return returned(free, reply.result, world);
  return stay(free);
}
