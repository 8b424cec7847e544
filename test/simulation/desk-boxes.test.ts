/** Two boxes of one school: leave at one door, come back at another, cut off from each other or not (durability.md 2, 30). */
import { describe, expect, test } from 'vitest';
import { out, pupilOf, unnamed } from '../../device/domain/elsewhere.ts';
import { qrText } from '../../device/domain/badge.ts';
import { badgeOf, openDay, restart, school, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const openBoth = async (at: string): Promise<readonly [Day, Day]> => [
  await openDay({ at }),
  await openDay({ at, settings: { ...school, box: { ...school.box, id: 2 } } }),
];
/** Everything that `from` has on its disk reaches `to`. */
const tell = (from: Day, to: Day): void => to.box.desk.learn(from.box.journal.id, from.records);
const outOf = (day: Day): readonly (string | null)[] => out(day.ledger).map(({ record }) => record.pupil);
const untilBoth = async (days: readonly Day[], time: string): Promise<void> => {
  for (const day of days) await day.until(time);
};

describe('cut off from the box where the pupil left', () => {
  test('comes back without a name, and is named, marked and out no more when the boxes hear of each other', async () => {
    const [one, two] = await openBoth('11:30');
    const badge = badgeOf(await one.early('amara'));
    await untilBoth([one, two], '13:20'); // the afternoon register is open
    expect(value(await two.type(badge))).toEqual({ state: 'welcome-back', forename: null, time: '13:20' });
    await two.watch();
    expect([two.ledger.sum().recorded, unnamed(two.ledger).length, outOf(one)]).toEqual([0, 1, ['amara']]);
    tell(one, two);
    await two.watch();
    await two.watch();
    expect(two.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
    const [mark] = two.ledger.marks.values();
    // The number on the badge, and the box that gave it out.
    expect(mark?.claims.map(({ decided }) => decided.comment)).toEqual(['Pupil said: Appointment. Porter 1-000002']);
    expect(unnamed(two.ledger)).toEqual([]);
    const [back] = two.ledger.movements.values();
    expect(back && pupilOf(two.ledger, back)).toBe('amara');
    tell(two, one);
    await one.watch();
    expect([outOf(one), one.marks('amara')]).toEqual([[], []]);
    expect(value(one.choose('early', 'amara')).next).toBe('ask');
  });

  test('used at both: at the second that hears of the first it goes to staff', async () => {
    const [one, two] = await openBoth('10:40');
    const badge = badgeOf(await one.early('amara'));
    expect(value(await two.type(badge)).state).toBe('welcome-back');
    tell(two, one);
    for (let shown = 0; shown < 2; shown += 1) expect(value(await one.type(badge))).toEqual({ state: 'used' });
    expect(one.notes()).toEqual(['badge-used-twice']);
  });

  test('what was decided by it stands after a start, before the other box is heard again', async () => {
    const [one, two] = await openBoth('11:30');
    const badge = badgeOf(await one.early('amara'));
    await untilBoth([one, two], '13:20');
    await two.type(badge);
    tell(one, two);
    await two.watch();
    const again = await restart(two);
    expect(again.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
    expect(unnamed(again.ledger)).toEqual([]);
    tell(one, again);
    await again.watch();
    expect(again.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
  });
});

describe('with what the other box knows at hand', () => {
  test('the pupil is welcomed by name at either door, by badge, QR code or name, and decided once', async () => {
    const [one, two] = await openBoth('11:30');
    const badges = [badgeOf(await one.early('amara')), badgeOf(await one.early('ben'))] as const;
    value(await one.early('cai'));
    await untilBoth([one, two], '13:20');
    tell(one, two);
    const token = [...one.ledger.badges.values()][1]?.record.token ?? '';
    expect(value(await two.type(badges[0]))).toMatchObject({ forename: 'Amara' });
    expect(value(await two.scan(qrText(badges[1], '0123456789abcdef')))).toEqual({ state: 'unknown' });
    expect(value(await two.scan(qrText(badges[1], token)))).toMatchObject({ forename: 'Ben' });
    expect(value(two.choose('late', 'cai')).next).toBe('sign-back-in');
    expect(value(await two.backByName('cai'))).toMatchObject({ forename: 'Cai' });
    expect(['amara', 'ben'].map((who) => two.marks(who))).toEqual([
      ['2026-11-23 PM waiting L 5'],
      ['2026-11-23 PM waiting L 5'],
    ]);
    tell(two, one);
    await one.watch();
    expect([outOf(one), outOf(two), one.marks('amara')]).toEqual([[], [], []]);
    expect(value(await one.type(badges[0]))).toEqual({ state: 'used' });
  });

  test('who signed in at one door is known at the other', async () => {
    const [one, two] = await openBoth('09:02');
    value(await one.late('amara'));
    tell(one, two);
    expect(value(two.choose('late', 'amara'))).toMatchObject({ next: 'already-signed-in', time: '09:02' });
    expect((await two.late('amara')).ok).toBe(false);
    // What it says of others decides nothing here.
    expect(two.ledger.sum().recorded).toBe(0);
  });

  test('also after the records were read anew, as an erasure reads them', async () => {
    const [one, two] = await openBoth('09:02');
    value(await one.late('amara'));
    tell(one, two);
    await two.box.desk.takeInAnew(two.box.journal.replay());
    expect(value(two.choose('late', 'amara'))).toMatchObject({ next: 'already-signed-in', time: '09:02' });
  });
});
