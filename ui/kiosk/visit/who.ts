/** Year, month, name: the first steps of Sign in late and Sign out early, and what is caught right after the name. */
import type { ChooseAnswer, Flow, NamesAnswer, NoteInput, ReasonTile } from '../../../device/contract/kiosk.ts';
import type { Result } from '../../../device/contract/result.ts';
import type { Tap } from './event.ts';
import { commitLate } from './late.ts';
import type { Chosen, Next, State, Step, Visit, World } from './state.ts';
import { ask, change, finish, inquire, stay, tell, touchAgo } from './state.ts';

type WhoStep = Extract<Step, { at: 'year' | 'month' | 'names' }>;

/** Sign in late or Sign out early: the first question, or why there is none just now. */
export function startWho(state: State, flow: Flow, { device }: World, anotherDay = false): Next {
  const { accepting } = device;
  switch (accepting.state) {
    case 'open':
      return finish(state, { at: 'year', flow, anotherDay });
    case 'closed':
    case 'paused':
      return finish(state, { at: accepting.state });
    case 'storage-failed':
    case 'no-roster':
      return finish(state, { at: 'reception' });
  }
}

export function whoTap(state: State, step: WhoStep, visit: Visit, tap: Tap, world: World): Next {
  switch (tap.type) {
    case 'year':
      return step.at === 'year' ? ask(state, { at: 'month', flow: step.flow, yearGroup: tap.yearGroup }) : stay(state);
    case 'month':
      if (step.at !== 'month') return stay(state);
      return inquire(state, {
        name: 'names',
        input: { visit: visit.id, flow: step.flow, yearGroup: step.yearGroup, month: tap.month },
      });
    case 'name':
      if (step.at !== 'names') return stay(state);
      return inquire(state, { name: 'choose', input: { visit: visit.id, flow: step.flow, pupil: tap.pupil } });
    case 'not-sure':
      if (step.at === 'year') return seeReception(state, visit, { kind: 'not-sure-year' }, world);
      if (step.at !== 'month') return stay(state);
      return seeReception(state, visit, { kind: 'not-sure-month', yearGroup: step.yearGroup }, world);
    case 'not-on-list': {
      if (step.at !== 'names') return stay(state);
      const { yearGroup, month } = step;
      return seeReception(state, visit, { kind: 'not-on-list', yearGroup, month }, world);
    }
    default:
      return stay(state);
  }
}

/** The names of the year and month that were asked for last. */
export function named(state: State, asked: { month: number }, result: Result<NamesAnswer>): Next {
  const { step } = state;
  if (!result.ok) return refused(state, result.error.code);
  const list = result.value;
  if (step.at === 'names') return change(state, { ...step, list });
  if (step.at !== 'month') return stay(state);
  return ask(state, { at: 'names', flow: step.flow, yearGroup: step.yearGroup, month: asked.month, list });
}

/** What follows after the name. */
export function chose(state: State, pupil: string, result: Result<ChooseAnswer>, visit: Visit, world: World): Next {
  const { step } = state;
  if (step.at !== 'names') return stay(state);
  if (!result.ok) return refused(state, result.error.code);
  const answer = result.value;
  switch (answer.next) {
    case 'ask': {
      const { forename, approvalReasons, photo } = answer;
      const who: Chosen = { flow: step.flow, pupil, forename, approvalReasons, photo, forRegistration: null };
      if (step.flow === 'early') return ask(state, { at: 'leave-reason', who });
      if (answer.asksRegistration) return ask(state, { at: 'registration', who });
      return askWhyLate(state, who, visit, world);
    }
    case 'already-signed-in':
      return ask(state, { at: 'already-in', forename: answer.forename, time: answer.time });
    case 'already-out':
      return ask(state, { at: 'already-out', forename: answer.forename });
    case 'sign-back-in':
      return ask(state, { at: 'signed-out-earlier', pupil, forename: answer.forename });
    case 'see-reception':
      return seeReception(state, visit, { kind: 'see-reception', pupil }, world);
  }
}

/** "Why are you late?", unless staff or the first child of a family have said it already. */
export function askWhyLate(state: State, who: Chosen, visit: Visit, world: World): Next {
  const { heldArrival, lateReasons } = world.device;
  const said = visit.sibling?.reason ?? heldArrival?.reason;
  const known = lateReasons.find((reason: ReasonTile) => reason.id === said);
  return known === undefined ? ask(state, { at: 'late-reason', who }) : commitLate(state, who, known.id, visit, world);
}

/** "That's not me": back to the names. */
export function notMe(state: State): Next {
  const at = state.past.findLastIndex(({ step }) => step.at === 'names');
  const names = state.past[at];
  if (names === undefined) return stay(state);
  return stay({ ...state, ...names, past: state.past.slice(0, at), waiting: null });
}

type Note = Omit<NoteInput, 'visit' | 'touchAgoMs'>;

/** "Please see reception" at once; the note for staff is sent behind it and repeated until it is there. */
export function seeReception(state: State, visit: Visit, note: Note, world: World): Next {
  const input: NoteInput = { ...note, visit: visit.id, touchAgoMs: touchAgo(visit, world.now) };
  return tell(finish(state, { at: 'reception' }).state, world.id, { name: 'note', input });
}

/** The device would not say: the kind screen for it. */
function refused(state: State, code: string): Next {
  if (code === 'closed' || code === 'paused') return finish(state, { at: code });
  return finish(state, { at: 'reception' });
}
