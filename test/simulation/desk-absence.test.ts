/** Out and back, or not back: what that means for the registers that opened meanwhile. */
import { describe, expect, test } from 'vitest';
import { hillViewWith } from '../unit/hill-view.ts';
import { badgeOf, openDay, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

async function outAndBack(left: string, back: string, more: Parameters<typeof openDay>[0] = {}): Promise<Day> {
  const day = await openDay({ at: left, ...more });
  const badge = badgeOf(await day.early('amara'));
  await day.until(back);
  expect(value(await day.type(badge)).state).toBe('welcome-back');
  return day;
}

describe('a return is judged like an arrival', () => {
  test.each([
    ['out and back within one session', '09:30', '11:00', []],
    ['out and back while the register is open', '08:50', '09:05', []],
    ['back before the afternoon register opens', '11:00', '13:10', []],
    ['back while it is open', '11:00', '13:20', ['2026-11-23 PM waiting L 5']],
    ['back after it closed', '11:00', '14:00', ['2026-11-23 PM proposed M']],
    ['left before the morning register, back while it is open', '08:00', '08:50', ['2026-11-23 AM waiting L 10']],
    ['both registers missed', '08:00', '14:00', ['2026-11-23 PM proposed M', '2026-11-23 AM proposed M']],
  ] as const)('%s', async (_, left, back, marks) => {
    const day = await outAndBack(left, back);
    expect(day.marks('amara')).toEqual(marks);
  });

  test('the comment of its L has the number that stands on the badge', async () => {
    const day = await outAndBack('11:00', '13:20');
    const [departure] = day.ledger.movementsOf('amara');
    const mark = [...day.ledger.marks.values()][0];
    const n = String(departure?.record.n).padStart(6, '0');
    expect(mark?.claims[0]?.decided.comment).toBe(`Pupil said: Appointment. Porter 1-${n}`);
  });

  test('a year that comes and goes gets nothing', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('zara'));
    await day.until('13:20');
    await day.watch();
    value(await day.type(badge));
    expect(day.marks('zara')).toEqual([]);
  });
});

describe('still out when a register opens', () => {
  test('a proposal with the reason, as soon as the box looks, and only once, also after a restart', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara'));
    await day.until('13:14');
    await day.watch();
    expect(day.marks('amara')).toEqual([]);
    await day.until('13:16');
    await day.watch();
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
    const again = await restart(day);
    await again.watch();
    expect(again.records).toEqual([]);
    expect(again.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('a box that was off when the register opened proposes it the next morning', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara'));
    await day.pass(21 * 3_600_000);
    const again = await restart(day, 'second-boot');
    await again.watch();
    expect(again.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
    await again.pass(10 * 24 * 3_600_000); // and never for the registers of the days after
    await again.watch();
    expect(again.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('back while it is open: the L stands over the proposal', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('amara'));
    await day.until('13:16');
    await day.watch();
    await day.until('13:20');
    value(await day.type(badge));
    expect(day.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
    expect(day.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
  });

  test('written instead of proposed where the school says so', async () => {
    const settings = hillViewWith({ leave: { writeLaterSession: true } });
    const day = await openDay({ at: '11:00', settings });
    badgeOf(await day.early('amara'));
    await day.until('13:16');
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM waiting M']);
  });

  test('nothing of who has left the roll meanwhile: nobody knows any more that their year comes and goes', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('zara'));
    day.box.state.pupils = day.box.state.pupils.filter(({ key }) => key !== 'zara');
    await day.until('13:16');
    await day.watch();
    expect(day.marks('zara')).toEqual([]);
  });

  test('and who comes back then comes back as of the year that went: no mark of a year that comes and goes', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('zara'));
    day.box.state.pupils = day.box.state.pupils.filter(({ key }) => key !== 'zara');
    await day.until('14:30');
    value(await day.type(badge));
    expect(day.marks('zara')).toEqual([]);
  });

  test('not while the clock cannot be trusted', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara'));
    await day.until('13:16');
    day.time.set({ trusted: false });
    await day.watch();
    expect(day.marks('amara')).toEqual([]);
    day.time.set({ trusted: true });
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });
});

describe('undone by staff', () => {
  test('a departure: not out, the badge void, what was proposed withdrawn', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('amara'));
    await day.until('13:16');
    await day.watch();
    value(await day.correct(day.ledger.movementsOf('amara')[0]?.record.ref ?? ''));
    expect(day.out()).toEqual([]);
    expect(day.marks('amara')).toEqual(['2026-11-23 PM withdrawn']);
    expect(value(await day.type(badge)).state).toBe('unknown');
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM withdrawn']);
  });

  test('a departure that has ended: its return goes with it, and the L too', async () => {
    const day = await outAndBack('11:00', '13:20');
    value(await day.correct(day.ledger.movementsOf('amara')[0]?.record.ref ?? ''));
    expect(day.ledger.movementsOf('amara')).toEqual([]);
    expect(day.out()).toEqual([]);
    expect(day.marks('amara')).toEqual(['2026-11-23 PM withdrawn']);
  });

  test('a return: out again, the L withdrawn, the badge good again, the register missed', async () => {
    const day = await outAndBack('11:00', '13:20');
    value(await day.correct(day.ledger.movementsOf('amara')[1]?.record.ref ?? ''));
    expect(day.out()).toEqual(['amara']);
    await day.watch();
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
    await day.until('13:30');
    const badge = [...day.ledger.badges.values()][0]?.record.id ?? '';
    expect(value(await day.type(badge)).state).toBe('welcome-back');
    expect(day.marks('amara')).toEqual(['2026-11-23 PM waiting L 15']);
  });

  test('a return, when the pupil has left again, also if they are back since: the later departure first', async () => {
    for (const backAgain of [false, true]) {
      const day = await outAndBack('09:30', '10:00');
      const badge = badgeOf(await day.early('amara'));
      if (backAgain) value(await day.type(badge));
      const [, back, later] = day.ledger.movementsOf('amara').map(({ record }) => record.ref);
      expect((await day.correct(back ?? '')).ok).toBe(false);
      value(await day.correct(later ?? ''));
      value(await day.correct(back ?? ''));
      expect(day.out()).toEqual(['amara']);
      expect(day.ledger.movementsOf('amara')).toHaveLength(1);
    }
  });
});
