/** Sign in late, after the name. */
import type { LateAnswer, LateInput } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { Chosen, Next, State, Visit, World } from './state.ts';
import { commit, finish, stay, touchAgo } from './state.ts';

/** The one command that carries the whole answer. `reason` is null for who is not late for anything. */
export function commitLate(state: State, who: Chosen, reason: string | null, visit: Visit, world: World): Next {
  const input: LateInput = {
    visit: visit.id,
    pupil: who.pupil,
    reason,
    touchAgoMs: touchAgo(visit, world.now),
    ...(who.forRegistration === null ? {} : { forRegistration: who.forRegistration }),
    ...(visit.sibling === null ? {} : { withVisit: visit.sibling.visit }),
  };
  return commit(state, world.id, { name: 'late', input });
}

export function signedIn(state: State, input: LateInput, result: Result<LateAnswer>): Next {
  if (!result.ok || state.visit === null) return finish(state, { at: 'reception' });
  const visit = { ...state.visit, committed: true };
  return finish({ ...state, visit }, { at: 'signed-in', answer: result.value, reason: input.reason });
}

/** "That's wrong, undo". */
export function undo(state: State, visit: Visit, movement: string, world: World): Next {
  return commit(state, world.id, { name: 'undo', input: { visit: visit.id, movement } });
}

export function undone(state: State, result: Result<null>): Next {
  return finish(state, { at: result.ok ? 'undone' : 'reception' });
}

/** "Someone else is with me": a visit of its own, with the first child's touch and reason. */
export function someoneElse(state: State, visit: Visit, reason: string | null, world: World): Next {
  const sibling = visit.sibling ?? { visit: visit.id, reason };
  const next: Visit = { id: world.id, touchedAt: visit.touchedAt, sibling, committed: false };
  return stay({ ...finish(state, { at: 'year', flow: 'late', anotherDay: false }).state, visit: next });
}
