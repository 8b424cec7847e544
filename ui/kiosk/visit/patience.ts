/** How long each screen waits for a pupil. */
import { limits } from '../../../device/contract/kiosk.ts';
import type { State } from './state.ts';
import { atHome, isQuestion } from './state.ts';

export interface Wait {
  /** Milliseconds; then the machine gets a `waited` event. */
  readonly ms: number;
  /** A touch anywhere begins the wait anew. */
  readonly touchRestarts: boolean;
}

const COUNT_MS = 1_000;
const BEFORE_COUNT_MS = 1_500;
const CLEANING_MS = 30_000;
const SWITCHING_OFF_MS = 60_000;

/** What this state waits for before something happens by itself; null: nothing does. Doubled in Aa, the undo trebled. */
export function waitOf(state: State): Wait | null {
  const { step, comfort } = state;
  const patience = comfort.aa ? 2 : 1;
  if (state.asksMoreTime) return { ms: limits.needMoreTimeForMs * patience, touchRestarts: false };
  // The connection gives up by itself, and says so.
  if (state.waiting !== null) return null;
  const after = (ms: number): Wait => ({ ms: ms * patience, touchRestarts: false });
  switch (step.at) {
    case 'home':
      return state.visit === null && comfort === atHome.comfort
        ? null
        : { ...after(limits.needMoreTimeAfterMs), touchRestarts: true };
    case 'camera':
      return after(step.count === 'ready' ? BEFORE_COUNT_MS : COUNT_MS);
    case 'signed-in':
      return { ms: comfort.aa ? limits.undoForAaMs : limits.homeAfterDoneMs, touchRestarts: false };
    case 'departed':
      return after(limits.badgeShownForMs);
    case 'cleaning':
      return { ms: CLEANING_MS, touchRestarts: false };
    case 'switching-off':
      return { ms: SWITCHING_OFF_MS, touchRestarts: false };
    default:
      return isQuestion(step)
        ? { ...after(limits.needMoreTimeAfterMs), touchRestarts: true }
        : after(limits.homeAfterDoneMs);
  }
}
