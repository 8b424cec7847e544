/** Sign back in. */
import type { ReturnAnswer, ReturnInput } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { BadgeSaid, Next, State, Step, Visit, World } from './state.ts';
import { change, commit, finish, stay, touchAgo } from './state.ts';
import { startWho } from './who.ts';

type BadgeStep = Extract<Step, { at: 'badge' }>;
const BADGE_DIGITS = 8;

export const atBadge: BadgeStep = { at: 'badge', digits: '', said: null, pausedUntil: 0 };

/** The eighth digit submits. */
export function badgeDigit(state: State, step: BadgeStep, digit: string, visit: Visit, world: World): Next {
  if (world.now < step.pausedUntil || step.digits.length >= BADGE_DIGITS) return stay(state);
  const digits = step.digits + digit;
  const typed = change(state, { ...step, digits, said: null }).state;
  return digits.length < BADGE_DIGITS ? stay(typed) : byNumber(typed, digits, visit, world);
}

/** A scanner types either the number or all that the QR says. */
export function badgeScanned(state: State, step: BadgeStep, text: string, visit: Visit, world: World): Next {
  const number = text.replace(/\s/g, '');
  if (!/^\d{8}$/.test(number)) return byCode(state, text, visit, world);
  if (world.now < step.pausedUntil) return stay(state);
  return byNumber(change(state, { ...step, digits: number, said: null }).state, number, visit, world);
}

/** The camera, or a scanner, read the QR. */
export function byCode(state: State, code: string, visit: Visit, world: World): Next {
  return send(state, { visit: visit.id, by: 'qr', code, touchAgoMs: touchAgo(visit, world.now) }, world);
}
/** Sign in late found the pupil out. */
export function byName(state: State, pupil: string, visit: Visit, world: World): Next {
  return send(state, { visit: visit.id, by: 'name', pupil, touchAgoMs: touchAgo(visit, world.now) }, world);
}
function byNumber(state: State, badge: string, visit: Visit, world: World): Next {
  return send(state, { visit: visit.id, by: 'typed', badge, touchAgoMs: touchAgo(visit, world.now) }, world);
}
function send(state: State, input: ReturnInput, world: World): Next {
  return commit(state, world.id, { name: 'return', input });
}

export function returned(state: State, result: Result<ReturnAnswer>, world: World): Next {
  if (!result.ok) {
    return result.error.code === 'paused' ? sayAgain(state, 'paused', 0) : finish(state, { at: 'reception' });
  }
  const answer = result.value;
  switch (answer.state) {
    case 'welcome-back': {
      const { forename, time } = answer;
      const visit = state.visit === null ? null : { ...state.visit, committed: true };
      return finish({ ...state, visit }, { at: 'welcome-back', forename, time });
    }
    case 'already-back':
      return finish(state, { at: 'already-back' });
    case 'another-day':
      return startWho(state, 'late', world, true);
    case 'paused':
      return sayAgain(state, 'paused', world.now + answer.retryInMs);
    case 'mistyped':
    case 'used':
    case 'unknown':
      return sayAgain(state, answer.state, 0);
  }
}

/** The number was not taken: why, and an empty row of digits. */
function sayAgain(state: State, said: BadgeSaid, pausedUntil: number): Next {
  if (state.step.at !== 'badge') return finish(state, { at: 'reception' });
  return change(state, { at: 'badge', digits: '', said, pausedUntil });
}
