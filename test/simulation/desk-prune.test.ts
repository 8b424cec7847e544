/** After a month finished days leave the ledger; whoever asks about them is told so (durability.md 11). */
import { describe, expect, test } from 'vitest';
import type { Result } from '../../device/contract/result.ts';
import { badgeOf, instant, monday, openDay, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const words = (result: Result<unknown>): string => (result.ok ? 'not refused' : (result.error.detail ?? ''));
const pruneRecords = (day: Day): readonly string[] =>
  day.records.flatMap((record) => (record.type === 'prune' ? [record.before] : []));

/** Amara came late, Ben left and came back, Cai left: all their marks are confirmed. */
async function aMonday() {
  const day = await openDay();
  const arrival = value(await day.late('amara')).movement;
  const badge = badgeOf(await day.early('ben', { reason: 'lunch' }));
  badgeOf(await day.early('cai', { reason: 'lunch' }));
  await day.pass(20 * 60_000);
  value(await day.type(badge));
  const rows = [...day.ledger.marks.keys()].map((key) => ({ key, event: 'theirs', seen: 'L' }) as const);
  await day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows }]);
  return { day, arrival, badge };
}
async function lookOn(day: Day, date: string, trusted = true): Promise<void> {
  day.time.set({ now: instant('08:00', date), trusted });
  await day.watch();
}

describe('a month later', () => {
  test('what is finished goes on the second day, once a day, also from what is read back', async () => {
    const { day } = await aMonday();
    await lookOn(day, '2026-12-22');
    expect(pruneRecords(day)).toEqual([]);
    await lookOn(day, '2027-01-11');
    await day.watch();
    expect(pruneRecords(day)).toEqual(['2026-12-12']);
    expect(day.ledger.movements.size).toBe(4);
    const { recorded } = day.ledger.sum();
    await lookOn(day, '2027-01-12');
    expect(day.ledger.movementsOf('amara')).toEqual([]);
    expect(day.ledger.movementsOf('ben')).toEqual([]);
    expect(day.out()).toEqual(['cai']);
    expect(day.ledger.sum().recorded).toBe(recorded);
    const again = await restart(day, 'second-boot');
    expect([again.ledger.movements.size, again.ledger.sum()]).toEqual([1, day.ledger.sum()]);
    expect(again.ledger.days).toEqual(day.ledger.days);
  });

  test('nothing goes while the time is not known', async () => {
    const { day } = await aMonday();
    await lookOn(day, '2027-01-11', false);
    await lookOn(day, '2027-01-12', false);
    expect([pruneRecords(day), day.ledger.movements.size]).toEqual([[], 4]);
  });

  test('staff and pupils who ask about it are answered in words', async () => {
    const { day, arrival, badge } = await aMonday();
    await lookOn(day, '2027-01-11');
    await lookOn(day, '2027-01-12');
    const closed = 'days before 2026-12-12 are closed here';
    expect(words(await day.correct(arrival))).toContain(closed);
    const by = 'Ms Reed';
    const voided = { badge, by };
    expect(words(await day.box.staff.voidBadge(day.box.command(voided), voided))).toContain(closed);
    const at = { minute: 9 * 60, date: monday };
    const late = { pupil: 'amara', at, what: { kind: 'late', reason: 'bus' }, by } as const;
    expect(words(await day.box.staff.recordFor(day.box.command(late), late))).toContain(closed);
    expect(value(await day.type(badge)).state).not.toBe('welcome-back');
    expect(value(await day.late('amara')).forename).toBe('Amara');
  });

  test('whoever never came back can still be signed in, on the day they left', async () => {
    const { day } = await aMonday();
    await lookOn(day, '2027-01-11');
    await lookOn(day, '2027-01-12');
    const again = await restart(day, 'second-boot');
    const now = { pupil: 'cai', at: null, what: { kind: 'return' }, by: 'Ms Reed' } as const;
    expect(words(await again.box.staff.recordFor(again.box.command(now), now))).toContain(
      `left on ${monday}: say when`,
    );
    const at = { minute: 15 * 60, date: monday };
    const back = { pupil: 'cai', at, what: { kind: 'return' }, by: 'Ms Reed' } as const;
    value(await again.box.staff.recordFor(again.box.command(back), back));
    expect(again.out()).toEqual([]);
  });
});
