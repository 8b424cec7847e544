/** Sign out early, after the name. */
import type { EarlyAnswer, EarlyInput } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { Tap } from './event.ts';
import type { Count, Leaving, Next, State, Step, Visit, World } from './state.ts';
import { ask, change, commit, finish, inquire, stay, touchAgo } from './state.ts';

type EarlyStep = Extract<Step, { at: 'leave-reason' | 'coming-back' | 'with-whom' | 'camera' }>;

export function earlyTap(state: State, step: EarlyStep, visit: Visit, tap: Tap, world: World): Next {
  if (step.at === 'leave-reason' && tap.type === 'reason') {
    const { who } = step;
    const reason = world.device.leaveReasons.find(({ id }) => id === tap.reason);
    if (reason === undefined) return stay(state);
    if (reason.back === 'ask') return ask(state, { at: 'coming-back', who, reason: reason.id });
    return askWithWhom(state, { who, reason: reason.id, back: null }, visit, world);
  }
  if (step.at === 'coming-back' && tap.type === 'coming-back') {
    return askWithWhom(state, { who: step.who, reason: step.reason, back: tap.back }, visit, world);
  }
  if (step.at === 'with-whom' && tap.type === 'with-whom') {
    const { who, reason, back } = step;
    return askPhoto(state, { who, reason, back, withWhom: tap.withWhom }, visit, world);
  }
  if (step.at === 'camera' && tap.type === 'no-photo') {
    return leave(state, step.leaving, 'declined', visit, world);
  }
  return stay(state);
}

function askWithWhom(state: State, said: Omit<Leaving, 'withWhom'>, visit: Visit, world: World): Next {
  const { withWhomAsked } = world.device;
  const needsApproval = said.who.approvalReasons.includes(said.reason);
  const asks = withWhomAsked === 'always' || (withWhomAsked === 'approval' && needsApproval);
  if (asks) return ask(state, { at: 'with-whom', ...said });
  return askPhoto(state, { ...said, withWhom: null }, visit, world);
}

function askPhoto(state: State, leaving: Leaving, visit: Visit, world: World): Next {
  if (!world.device.camera || !leaving.who.photo) return leave(state, leaving, 'none', visit, world);
  return ask(state, { at: 'camera', leaving, count: 'ready' });
}

const after: Readonly<Record<Count, Count>> = { ready: 3, 3: 2, 2: 1, 1: 'now', now: 'now' };

/** 3, 2, 1, and the photo. */
export function counted(state: State, step: Extract<Step, { at: 'camera' }>, visit: Visit): Next {
  const count = after[step.count];
  const next = { ...state, step: { ...step, count } };
  return count === 'now' ? inquire(next, { name: 'photo', input: { visit: visit.id } }) : stay(next);
}

/** With or without: a camera that fails never keeps a pupil in. */
export function photographed(state: State, result: Result<unknown>, visit: Visit, world: World): Next {
  if (state.step.at !== 'camera') return stay(state);
  return leave(state, state.step.leaving, result.ok ? 'taken' : 'none', visit, world);
}

/** The one command that carries the whole answer. */
function leave(state: State, leaving: Leaving, photo: EarlyInput['photo'], visit: Visit, world: World): Next {
  const { who, reason, back, withWhom } = leaving;
  const touchAgoMs = touchAgo(visit, world.now);
  const input: EarlyInput = { visit: visit.id, pupil: who.pupil, reason, back, withWhom, photo, touchAgoMs };
  return commit(state, world.id, { name: 'early', input });
}

export function left(state: State, result: Result<EarlyAnswer>): Next {
  if (!result.ok || state.visit === null) return finish(state, { at: 'reception' });
  const committed = { ...state, visit: { ...state.visit, committed: true } };
  const answer = result.value;
  return answer.state === 'departed'
    ? finish(committed, { at: 'departed', answer })
    : finish(committed, { at: 'sit-down', forename: answer.forename });
}

/** The paper ran out, or the printer is gone: the departure stands, the number is to be written down. */
export function printFailed(state: State, visit: string): Next {
  const { step } = state;
  if (step.at !== 'departed' || state.visit?.id !== visit) return stay(state);
  return change(state, { at: 'departed', answer: { ...step.answer, printing: false } });
}
