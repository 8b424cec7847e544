/** What is different between two rosters: who joined, who left, who changed group. */
import type { Pupil } from '../domain/pupil.ts';
import type { RosterData } from './roster-table.ts';

export type KeptChanges = NonNullable<RosterData['changes']>;
/** By key; of those who have left, what is needed to name them. */
export type RosterChanges = Omit<KeptChanges, 'at'>;

/** Null: the same pupils in the same groups. */
export function changesBetween(before: readonly Pupil[], after: readonly Pupil[]): RosterChanges | null {
  const earlier = new Map(before.map((pupil) => [pupil.key, pupil]));
  const later = new Set(after.map(({ key }) => key));
  const joined = after.flatMap(({ key }) => (earlier.has(key) ? [] : [key]));
  const left = before.flatMap((pupil) => (later.has(pupil.key) ? [] : [leaver(pupil)]));
  const moved = after.flatMap((pupil) => {
    const was = earlier.get(pupil.key);
    return was === undefined || groupOf(was) === groupOf(pupil) ? [] : [{ key: pupil.key, from: groupOf(was) }];
  });
  return joined.length + left.length + moved.length === 0 ? null : { joined, left, moved };
}

const leaver = (pupil: Pupil): RosterChanges['left'][number] => ({
  key: pupil.key,
  pupil: `${pupil.forename} ${pupil.surname}`.trim(),
  group: groupOf(pupil),
});

/** The registration group; the year group where the MIS gives no other. */
export const groupOf = ({ registrationGroup, yearGroup }: Pupil): string | null => registrationGroup ?? yearGroup;
