/** When and why a movement was, put right; and what staff record for a pupil (product.md 6, durability.md 2). */
import { describe, expect, test } from 'vitest';
import { Ledger } from '../../device/domain/ledger.ts';
import type { VerdictBody } from '../../device/domain/record.ts';
import { hillViewWith } from '../unit/hill-view.ts';
import { badgeOf, bootableTime, instant, openDay, refusal, restart, school, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';
import type { Correction } from '../../device/desk/corrections.ts';
import type { OnBehalf } from '../../device/desk/on-behalf.ts';

const minute = (face: string): number => Number(face.slice(0, 2)) * 60 + Number(face.slice(3));
const nth = (day: Day, who: string, index = 0): string => {
  const movement = day.ledger.movementsOf(who)[index];
  if (movement === undefined) throw new Error(`${who} has no such movement`);
  return movement.record.ref;
};
const correct = (day: Day, movement: string, correction: Correction['correction']) => {
  const input = { movement, correction, why: 'seen at the gate', by: 'Ms Reed' };
  return day.box.staff.correct(day.box.command(input), input);
};
const at = (day: Day, movement: string, face: string) => correct(day, movement, { how: 'time', minute: minute(face) });
const recordFor = (day: Day, who: string, face: string | null, what: OnBehalf['what']) => {
  const input = { pupil: who, at: face === null ? null : { minute: minute(face), date: null }, what, by: 'Ms Reed' };
  return day.box.staff.recordFor(day.box.command(input), input);
};

describe('another time', () => {
  test('the arrival was at 08:45: decided anew from then, under the same record, by name', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const ref = nth(day, 'amara');
    await day.until('10:00');
    value(await at(day, ref, '08:45'));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 5']);
    expect(day.ledger.movements.get(ref)?.record.touch.earliest).toBe(instant('08:45'));
    expect(day.records).toContainEqual(expect.objectContaining({ type: 'change', movement: ref, by: 'Ms Reed' }));
    expect(day.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
  });

  test('before the register opened: on time, and no mark; after it closed: a proposal', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await day.until('09:50');
    value(await at(day, nth(day, 'amara'), '08:35'));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM withdrawn']);
    value(await at(day, nth(day, 'amara'), '09:20'));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM proposed U 40']);
    value(await at(day, nth(day, 'amara'), '09:05'));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 25']);
  });

  test('what a person said of the mark was of the former time: decided anew, whatever they had chosen', async () => {
    const settle = (day: Day, verdict: VerdictBody['verdict']) => {
      const input = { key: 'amara|2026-11-23|AM', verdict, by: 'Ms Reed' };
      return day.box.staff.settle(day.box.command(input), input);
    };
    for (const verdict of [{ kind: 'write', code: 'U', minutes: 60, seen: null }, { kind: 'withdraw' }] as const) {
      const day = await openDay({ at: '09:40' });
      await day.late('amara');
      value(await settle(day, verdict));
      value(await at(day, nth(day, 'amara'), '09:02'));
      expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
      expect((await restart(day)).marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    }
  });

  test('the settings in force decide, not those of the event', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const ref = nth(day, 'amara');
    const later = hillViewWith({ times: { am: { ...school.times.am, opens: 8 * 60 + 50, starts: 8 * 60 + 50 } } });
    const again = await restart({ ...day, options: { ...day.options, settings: { ...later, version: 'later' } } });
    value(await at(again, ref, '08:55'));
    expect(again.marks('amara')).toEqual(['2026-11-23 AM waiting L 5']);
    expect(again.ledger.movements.get(ref)?.decided.map(({ settings }) => settings)).toEqual(['later']);
  });

  test('a departure keeps its badge and its return; both are judged anew', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('ben'));
    await day.until('13:20');
    value(await day.type(badge));
    expect(day.marks('ben')).toEqual(['2026-11-23 PM waiting L 5']);
    // They had left after the afternoon register opened: its mark stays as the teacher has it.
    value(await at(day, nth(day, 'ben'), '13:16'));
    expect(day.marks('ben')).toEqual(['2026-11-23 PM withdrawn']);
    // The return was after close: the school decides.
    value(await at(day, nth(day, 'ben'), '11:00'));
    await day.until('14:00');
    value(await at(day, nth(day, 'ben', 1), '13:50'));
    expect(day.marks('ben')[0]).toContain('PM proposed');
    expect(day.ledger.badges.size).toBe(1);
    expect(refusal(await at(day, nth(day, 'ben', 1), '10:59'))).toBe('wrong_state');
    expect(refusal(await at(day, nth(day, 'ben'), '13:55'))).toBe('wrong_state');
  });

  test('who is out still comes back with the badge in hand', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    value(await at(day, nth(day, 'amara'), '10:10'));
    expect(day.out()).toEqual(['amara']);
    expect(value(await day.type(badge))).toMatchObject({ state: 'welcome-back', forename: 'Amara' });
  });

  test('refused: a time that has not come yet, a movement undone or unknown; nothing changes', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const ref = nth(day, 'amara');
    expect(refusal(await at(day, ref, '09:30'))).toBe('invalid_input');
    expect(refusal(await at(day, 'no-such', '08:50'))).toBe('not_found');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    value(await correct(day, ref, { how: 'undo' }));
    expect(refusal(await at(day, ref, '08:50'))).toBe('wrong_state');
  });

  test('a movement whose day is not sure: refused, that is confirmed first; nothing is guessed at', async () => {
    const time = bootableTime(instant('09:02'));
    time.set({ trusted: false });
    const day = await openDay({ time });
    await day.late('amara');
    const ref = nth(day, 'amara');
    await day.pass(5 * 3_600_000);
    const again = await restart(day, 'second-boot');
    again.time.set({ trusted: true });
    await again.watch();
    expect([...again.ledger.undecided]).toEqual([ref]);
    expect(refusal(await at(again, ref, '09:00'))).toBe('wrong_state');
    expect([...again.ledger.undecided]).toEqual([ref]);
  });

  test('undone after it was put right: nothing is wanted any more', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const ref = nth(day, 'amara');
    value(await at(day, ref, '08:50'));
    value(await correct(day, ref, { how: 'undo' }));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM withdrawn']);
    expect(day.ledger.sum().recorded).toBe(0);
  });
});

describe('another reason', () => {
  test('of an arrival: the comment says so; a reason that the school does not have is refused', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    const ref = nth(day, 'amara');
    expect(refusal(await correct(day, ref, { how: 'reason', reason: 'aliens' }))).toBe('invalid_input');
    value(await correct(day, ref, { how: 'reason', reason: 'tell-staff' }));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    expect(day.ledger.movements.get(ref)?.decided[0]?.comment).toBeNull();
    expect(day.ledger.movements.get(ref)?.record.touch.earliest).toBe(instant('09:02'));
  });

  test('of a departure: what is proposed for a register that is missed follows it', async () => {
    const day = await openDay({ at: '11:00' });
    await day.early('ben', { reason: 'medical' });
    await day.until('13:20');
    await day.watch();
    expect(day.marks('ben')).toEqual(['2026-11-23 PM proposed M']);
    value(await correct(day, nth(day, 'ben'), { how: 'reason', reason: 'home' }));
    await day.watch();
    expect(day.marks('ben')).toEqual(['2026-11-23 PM proposed no code']);
  });

  test('of a return: refused, it has none', async () => {
    const day = await openDay({ at: '10:40' });
    await day.type(badgeOf(await day.early('ben')));
    expect(refusal(await correct(day, nth(day, 'ben', 1), { how: 'reason', reason: 'bus' }))).toBe('invalid_input');
  });
});

describe('recorded for a pupil', () => {
  test('came late at the time entered: the code is decided from that time', async () => {
    const day = await openDay({ at: '10:30' });
    value(await recordFor(day, 'amara', '09:02', { kind: 'late', reason: 'bus' }));
    value(await recordFor(day, 'ben', '09:25', { kind: 'late', reason: 'bus' }));
    value(await recordFor(day, 'cai', '08:35', { kind: 'late', reason: 'bus' }));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    expect(day.marks('ben')).toEqual(['2026-11-23 AM proposed U 45']);
    expect(day.marks('cai')).toEqual([]);
    expect(day.ledger.movementsOf('amara')[0]?.record).toMatchObject({ by: 'Ms Reed', reason: 'bus' });
    expect(refusal(await recordFor(day, 'amara', '09:05', { kind: 'late', reason: 'bus' }))).toBe('wrong_state');
  });

  test('came late before having left, and is out now: recorded; at a time after that not', async () => {
    const day = await openDay({ at: '10:40' });
    value(await day.early('amara'));
    await day.until('10:50');
    expect(refusal(await recordFor(day, 'amara', null, { kind: 'late', reason: 'bus' }))).toBe('wrong_state');
    value(await recordFor(day, 'amara', '08:55', { kind: 'late', reason: 'bus' }));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 15']);
    expect(day.out()).toEqual(['amara']);
  });

  test('left and came back: out in between, judged like any return; no badge unless one is asked for', async () => {
    const day = await openDay({ at: '13:30' });
    const leave = { kind: 'leave', reason: 'medical', back: 'after-lunch', adult: 'Mrs Okafor', badge: false } as const;
    value(await recordFor(day, 'amara', '11:00', leave));
    expect(day.out()).toEqual(['amara']);
    expect(day.ledger.badges.size).toBe(0);
    expect(refusal(await recordFor(day, 'amara', '10:00', { kind: 'return' }))).toBe('wrong_state');
    value(await recordFor(day, 'amara', '13:20', { kind: 'return' }));
    expect(day.out()).toEqual([]);
    expect(day.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
    value(await recordFor(day, 'ben', null, { ...leave, badge: true }));
    expect(day.ledger.badges.size).toBe(1);
    expect(day.out()).toEqual(['ben']);
  });

  test('refused: nobody, a wrong reason, a time to come, who is not out, who is out', async () => {
    const day = await openDay({ at: '10:30' });
    const late = { kind: 'late', reason: 'bus' } as const;
    const leave = { kind: 'leave', reason: 'medical', back: null, adult: null, badge: false } as const;
    expect(refusal(await recordFor(day, 'nobody', '09:00', late))).toBe('not_found');
    expect(refusal(await recordFor(day, 'amara', '09:00', { ...late, reason: 'medical' }))).toBe('invalid_input');
    expect(refusal(await recordFor(day, 'amara', '10:31', late))).toBe('invalid_input');
    expect(refusal(await recordFor(day, 'amara', null, { kind: 'return' }))).toBe('wrong_state');
    value(await recordFor(day, 'amara', null, leave));
    expect(refusal(await recordFor(day, 'amara', null, leave))).toBe('wrong_state');
    expect(refusal(await recordFor(day, 'amara', null, late))).toBe('wrong_state');
  });
});

test('the journal alone tells it all: after a restart everything is as it was', async () => {
  const day = await openDay({ at: '11:00' });
  const badge = badgeOf(await day.early('ben'));
  value(await recordFor(day, 'amara', '09:02', { kind: 'late', reason: 'bus' }));
  value(await at(day, nth(day, 'amara'), '08:50'));
  await day.until('13:20');
  value(await day.type(badge));
  value(await at(day, nth(day, 'ben'), '10:30'));
  value(await correct(day, nth(day, 'ben'), { how: 'reason', reason: 'home' }));
  const again = await restart(day);
  const known = (ledger: Ledger) => ({ ...ledger.copy(), commands: null, last: null, runs: null });
  expect(known(again.ledger)).toEqual(known(day.ledger));
});
