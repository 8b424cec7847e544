/** What is different between two rosters, and what of it is kept. */
import { expect, test } from 'vitest';
import type { Pupil } from '../../device/domain/pupil.ts';
import { changesBetween } from '../../device/mis/roster-changes.ts';
import { RosterKeeper } from '../../device/mis/roster-keeper.ts';
import type { RosterData, TakenRoster } from '../../device/mis/roster-table.ts';
import { silent } from '../support/box.ts';
import { pupils } from '../support/desk-day.ts';

const [amara, ben, cai, dina] = pupils as readonly [Pupil, Pupil, Pupil, Pupil];
const taken = (some: readonly Pupil[], takenAt: number): TakenRoster => ({
  pupils: some,
  takenAt,
  source: 'mis',
  origin: 'mis one',
  hash: String(takenAt),
});
function keeper() {
  const written: RosterData[] = [];
  const table = { data: null, write: (data: RosterData) => Promise.resolve(void written.push(data)) };
  return { written, keeper: new RosterKeeper({ table, commit: () => Promise.resolve([]), log: silent }) };
}

test('joined, left, another group; a new name or flag is no change of these', () => {
  const moved = { ...ben, registrationGroup: '9C' };
  expect(changesBetween([amara, ben], [moved, cai])).toEqual({
    joined: ['cai'],
    left: [{ key: 'amara', pupil: 'Amara Okafor', group: 'Year 9' }],
    moved: [{ key: 'ben', from: 'Year 9' }],
  });
  expect(changesBetween([amara], [{ ...amara, forename: 'Mara', flags: ['no-photo'] }])).toBeNull();
});

test('the last change stays while rosters come that are the same, and the first roster is none', async () => {
  const { keeper: kept } = keeper();
  await kept.judge(taken([amara, ben, cai], 1), []);
  expect(kept.data.changes).toBeNull();
  await kept.judge(taken([amara, ben, cai, dina], 2), []);
  await kept.judge(taken([amara, ben, cai, { ...dina, forename: 'Dinah' }], 3), []);
  expect(kept.data.changes).toEqual({ at: 2, joined: ['dina'], left: [], moved: [] });
});

test('a held roster says what it would change, and accepting it does', async () => {
  const { keeper: kept } = keeper();
  await kept.judge(taken([amara, ben, cai], 1), []);
  await kept.judge(taken([amara], 2), []);
  expect(kept.heldChanges()?.left.map(({ key }) => key)).toEqual(['ben', 'cai']);
  expect(kept.data.changes).toBeNull();
  await kept.acceptHeld('Ms Reed');
  expect(kept.heldChanges()).toBeNull();
  expect(kept.data.changes?.left.map(({ pupil }) => pupil)).toEqual(['Ben Lowe', 'Cai Price']);
});

test('who is erased is named no more among those who left', async () => {
  const { keeper: kept, written } = keeper();
  await kept.judge(taken([amara, ben, cai, dina], 1), []);
  await kept.judge(taken([amara, cai, dina], 2), []);
  await kept.forget(new Set(['ben']));
  expect(kept.data.changes?.left).toEqual([]);
  expect(JSON.stringify(written.at(-1))).not.toContain('Lowe');
});
