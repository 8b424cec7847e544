/** Behind the staff PIN: approvals, cleaning, switching off, self-test. */
import type { PartReport, StaffAct, StaffMenu } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { Tap } from './event.ts';
import type { Next, PinSaid, State, Step, World } from './state.ts';
import { ask, change, commit, finish, inquire, stay } from './state.ts';

type StaffStep = Extract<Step, { at: 'pin' | 'staff' | 'switch-off' }>;
const PIN_DIGITS = 6;

export const atPin: Extract<Step, { at: 'pin' }> = { at: 'pin', digits: '', said: null };

export function staffTap(state: State, step: StaffStep, tap: Tap, world: World): Next {
  switch (tap.type) {
    case 'digit':
      return step.at === 'pin' ? pinDigit(state, step.digits + tap.digit) : stay(state);
    case 'rub-out':
      return step.at === 'pin' ? change(state, { ...atPin, digits: step.digits.slice(0, -1) }) : stay(state);
    case 'let-go':
      // Staff add the adult's name on the staff page.
      return act(state, step, { act: 'let-go', visit: tap.visit, adult: null }, world);
    case 'refuse':
      return act(state, step, { act: 'refuse', visit: tap.visit }, world);
    case 'self-test':
      return act(state, step, { act: 'self-test' }, world);
    case 'switch-off':
      return step.at === 'staff' ? ask(state, { at: 'switch-off', menu: step.menu }) : stay(state);
    case 'switch-off-yes':
      return act(state, step, { act: 'switch-off' }, world);
    case 'clean':
      return step.at === 'staff' ? finish(state, { at: 'cleaning' }) : stay(state);
    default:
      return stay(state);
  }
}

/** The sixth digit submits. */
function pinDigit(state: State, digits: string): Next {
  if (digits.length > PIN_DIGITS) return stay(state);
  const typed = change(state, { ...atPin, digits }).state;
  return digits.length < PIN_DIGITS ? stay(typed) : inquire(typed, { name: 'staff', input: { pin: digits } });
}

export function opened(state: State, result: Result<StaffMenu>): Next {
  if (state.step.at !== 'pin') return stay(state);
  if (result.ok) return finish(state, { at: 'staff', menu: result.value, parts: null, failed: false });
  const { code } = result.error;
  if (code === 'forbidden') return pinAgain(state, 'mayNot');
  return pinAgain(state, code === 'unauthorised' ? 'wrongPin' : code === 'paused' ? 'pausedPin' : 'failed');
}

function pinAgain(state: State, said: PinSaid): Next {
  return finish(state, { ...atPin, said });
}

function act(state: State, step: StaffStep, what: StaffAct, world: World): Next {
  if (step.at === 'pin') return stay(state);
  return commit(state, world.id, { name: 'staffAct', input: { ...what, pass: step.menu.pass } });
}

type Acted = Result<{ readonly parts?: readonly PartReport[]; readonly menu: StaffMenu }>;

export function acted(state: State, what: StaffAct['act'], result: Acted): Next {
  const { step } = state;
  if (step.at !== 'staff' && step.at !== 'switch-off') return stay(state);
  if (!result.ok) {
    if (result.error.code === 'forbidden') return pinAgain(state, 'mayNot');
    return result.error.code === 'unauthorised'
      ? pinAgain(state, 'passGone')
      : finish(state, { at: 'staff', menu: step.menu, parts: null, failed: true });
  }
  if (what === 'switch-off') return finish(state, { at: 'switching-off' });
  return finish(state, { at: 'staff', menu: result.value.menu, parts: result.value.parts ?? null, failed: false });
}
