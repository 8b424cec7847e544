/**
 * Where the pupils' numbers may not mean the same pupils any more, nothing is sent until a person has looked: another school in
 * the settings, another MIS, other numbers for many at once (mis.md 2.8; 10, row 37).
 */
import type { Body, FreezeBody } from '../domain/record.ts';
import type { TakenRoster } from './roster-table.ts';

/** Fewer than this are pupils who were enrolled anew, not a new MIS. */
const strangersMin = 5;

/** The record, and the note by which staff hear of it. */
export function freezing(why: FreezeBody['why'], by = 'porter'): readonly Body[] {
  return [
    { type: 'freeze', v: 1, why, by },
    { type: 'note', v: 1, kind: 'outbox-frozen', urgent: false, visit: null, pupil: null, detail: null },
  ];
}

/** Are a third of the pupils known under other numbers now, or others in their place? Fewer pupils alone are no sign of it. */
export function otherNumbers(before: Pick<TakenRoster, 'pupils'>, next: Pick<TakenRoster, 'pupils'>): boolean {
  const now = new Map(next.pupils.map(({ key, misId }) => [key, misId]));
  const had = new Set(before.pupils.map(({ key }) => key));
  const strangers = next.pupils.filter(({ key }) => !had.has(key)).length;
  let lost = 0;
  let renumbered = 0;
  for (const { key, misId } of before.pupils) {
    const id = now.get(key);
    if (id === undefined) lost += 1;
    else if (misId !== '' && id !== '' && id !== misId) renumbered += 1;
  }
  const others = renumbered + Math.min(lost, strangers);
  return others >= strangersMin && others * 3 >= before.pupils.length;
}
