/**
 * A pupil who left the roster is back under another key: a person says who it is, and what is open goes over. The same key under
 * a new MIS id needs nobody: it is written to the new id (mis.md 2.4).
 */
import type { Ledger } from '../domain/ledger.ts';
import type { Actor, Body } from '../domain/record.ts';
import { Refused } from './desk.ts';
import type { School } from './school.ts';

export interface Adoption {
  /** Key that is no longer on the roster. */
  readonly from: string;
  /** Key of the same pupil on the roster. */
  readonly to: string;
  readonly by: Actor;
}

/** Adopting back undoes it, the last of several first. Refused while something of either key is on its way: it settles as soon as the MIS answers. */
export function adopt({ roster }: School, ahead: Ledger, { from, to, by }: Adoption): readonly Body[] {
  const undoes = ahead.adopted.get(to) === from;
  if (undoes && ahead.adopted.has(from)) {
    throw new Refused('wrong_state', 'this key has been adopted on: undo that first');
  }
  if (!undoes) {
    if (roster.byKey(to) === undefined) throw new Refused('not_found', 'nobody of this key is on the roster');
    if (roster.byKey(from) !== undefined) throw new Refused('wrong_state', 'the pupil is still on the roster');
    if (ahead.adopted.has(from)) throw new Refused('wrong_state', 'adopted already');
    if (ahead.adopted.has(to)) throw new Refused('wrong_state', 'this key has been adopted itself');
    if (!ahead.byPupil.has(from)) throw new Refused('not_found', 'nothing is known of this key');
  }
  const either = new Set([from, to]);
  if (ahead.waitingRequests().some(({ record }) => either.has(record.pupil))) {
    throw new Refused('wrong_state', 'the pupil waits to be let go: answer that first');
  }
  for (const key of ahead.unsettled) {
    const mark = ahead.mark(key);
    if (mark !== undefined && either.has(mark.pupil) && mark.flight !== null) {
      throw new Refused('wrong_state', 'a mark is on its way: try again when it has settled');
    }
  }
  return [{ type: 'adopt', v: 1, from, to, by }];
}
