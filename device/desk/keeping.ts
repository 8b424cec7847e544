/** What staff say about how long things are kept: a day has been exported, a movement is held for safeguarding (product.md 10). */
import type { Ledger } from '../domain/ledger.ts';
import type { Actor, ExportedBody, HoldBody, Ref } from '../domain/record.ts';
import { addDays } from '../domain/school-day.ts';
import type { IsoDate } from '../domain/settings.ts';
import { closedWords } from './closed.ts';
import { Refused } from './desk.ts';
import type { School } from './school.ts';
import { today } from './when.ts';

/** A hold is renewed by another one. */
export const holdDaysMax = 30;

export interface DayExported {
  readonly date: IsoDate;
  readonly by: Actor;
}

/** To be called when the export of the day is written: from then on its records may go when their time is over. */
export function exported(school: School, ahead: Ledger, { date, by }: DayExported): ExportedBody {
  if (date > today(school)) throw new Refused('invalid_input', 'that day is still to come');
  const counts = Object.entries(ahead.days.get(date) ?? {});
  // By outcome; by outcome and reason they are counted again, and who is still out has not moved.
  const movements = counts.filter(([name]) => !name.includes(':') && name !== 'still-out');
  return { type: 'exported', v: 1, date, movements: movements.reduce((sum, [, count]) => sum + count, 0), by };
}

export interface MovementHeld {
  readonly movement: Ref;
  /** Days from today, 1 to 30; null: lifted. */
  readonly days: number | null;
  readonly why: string | null;
  readonly by: Actor;
}

export function hold(school: School, ahead: Ledger, { movement: ref, days, why, by }: MovementHeld): HoldBody {
  const movement = ahead.movements.get(ref);
  if (movement === undefined && !ahead.holds.has(ref))
    throw new Refused('not_found', `no such movement${closedWords(ahead)}`);
  if (days === null && !ahead.holds.has(ref)) throw new Refused('wrong_state', 'it is not held');
  if (days !== null && why === null) throw new Refused('invalid_input', 'a hold has a reason');
  if (days !== null && !school.clock.trusted())
    throw new Refused('wrong_state', 'the box does not know what day it is');
  const pupil = movement?.record.pupil ?? ahead.holds.get(ref)?.pupil ?? null;
  return {
    type: 'hold',
    v: 1,
    movement: ref,
    pupil,
    until: days === null ? null : addDays(today(school), days),
    why,
    by,
  };
}
