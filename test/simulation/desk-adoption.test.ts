/** A pupil who comes back on the roster under another key: staff say who it is, and what is open goes over (mis.md 10, row 2). */
import { describe, expect, test } from 'vitest';
import type { MarkEvent } from '../../device/domain/record.ts';
import { badgeOf, monday, openDay, pupils, refusal, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const adopt = (day: Day, from: string, to: string) => {
  const input = { from, to, by: 'Ms Reed' };
  return day.box.staff.adopt(day.box.command(input), input);
};
/** Amara leaves the roster and comes back as `amara-2`. */
const anew = { ...pupils[0], key: 'amara-2', misId: 'mis-anew' };
const reEnrol = (day: Day): void => {
  day.box.state.pupils = [
    ...pupils.filter(({ key }) => key !== 'amara'),
    { ...pupils[0], ...anew } as (typeof pupils)[0],
  ];
};
const report = (day: Day, who: string, event: MarkEvent, seen: string | null = null) =>
  day.box.desk.commit([
    { type: 'report', v: 1, date: monday, rows: [{ key: `${who}|${monday}|AM`, event, seen, why: 'test' }] },
  ]);
const sending = (day: Day, who: string) =>
  day.box.desk.commit([
    {
      type: 'sending',
      v: 1,
      batch: 'one',
      items: [{ key: `${who}|${monday}|AM`, code: 'L', minutes: 22, comment: null, before: null }],
    },
  ]);

describe('a pupil enrolled anew', () => {
  test('the open mark goes over, and nothing is left behind; both identities are remembered', async () => {
    const day = await openDay();
    await day.late('amara');
    reEnrol(day);
    value(await adopt(day, 'amara', 'amara-2'));
    expect(day.marks('amara')).toEqual([]);
    expect(day.marks('amara-2')).toEqual(['2026-11-23 AM waiting L 22']);
    expect(day.ledger.sum()).toEqual({ recorded: 1, confirmed: 0, waiting: 1, needsPerson: 0 });
    expect(value(day.choose('late', 'amara-2')).next).toBe('already-signed-in');
    expect([...day.ledger.adopted]).toEqual([['amara', 'amara-2']]);
    expect(day.ledger.movementsOf('amara-2')[0]?.former).toEqual(['amara']);
  });

  test('the departure and the badge in hand are theirs', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    reEnrol(day);
    value(await adopt(day, 'amara', 'amara-2'));
    expect(day.out()).toEqual(['amara-2']);
    expect(value(await day.type(badge))).toMatchObject({ state: 'welcome-back', forename: 'Amara' });
    expect(day.ledger.movementsOf('amara-2').map(({ record }) => record.kind)).toEqual(['early-departure', 'return']);
  });

  test('rejected as nobody was on the roster: it goes again, under the new id', async () => {
    const day = await openDay();
    await day.late('amara');
    await report(day, 'amara', 'refused');
    reEnrol(day);
    value(await adopt(day, 'amara', 'amara-2'));
    expect(day.marks('amara-2')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('what is confirmed stays with the id it was written under, and an undo still finds it', async () => {
    const day = await openDay();
    await day.late('amara');
    const ref = day.ledger.movementsOf('amara')[0]?.record.ref ?? '';
    await sending(day, 'amara');
    await report(day, 'amara', 'seen', 'L');
    reEnrol(day);
    value(await adopt(day, 'amara', 'amara-2'));
    expect([day.marks('amara').length, day.marks('amara-2').length]).toEqual([1, 0]);
    expect(value(day.choose('late', 'amara-2')).next).toBe('already-signed-in');
    value(await day.correct(ref));
    expect(day.marks('amara')[0]).toContain('clear-by-hand');
  });

  test('refused while a mark is on its way; what may have landed is not sent again without a person', async () => {
    const day = await openDay();
    await day.late('amara');
    await sending(day, 'amara');
    reEnrol(day);
    expect(refusal(await adopt(day, 'amara', 'amara-2'))).toBe('wrong_state');
    await report(day, 'amara', 'lost');
    await report(day, 'amara', 'refused');
    value(await adopt(day, 'amara', 'amara-2'));
    expect(day.marks('amara-2')).toEqual(['2026-11-23 AM rejected L 22']);
    const input = { key: `amara-2|${monday}|AM`, verdict: { kind: 'retry' }, by: 'Ms Reed' } as const;
    value(await day.box.staff.settle(day.box.command(input), input));
    expect(day.marks('amara-2')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('signed in under both keys: one mark, the first arrival decides', async () => {
    const day = await openDay({ at: '08:50' });
    await day.late('amara');
    reEnrol(day);
    await day.until('09:02');
    await day.late('amara-2');
    value(await adopt(day, 'amara', 'amara-2'));
    expect(day.marks('amara-2')).toEqual(['2026-11-23 AM waiting L 10']);
    expect(day.ledger.sum().recorded).toBe(1);
  });

  test('refused: twice, somebody still on the roster, nobody, somebody unknown, who waits to be let go', async () => {
    const day = await openDay();
    await day.late('amara');
    await day.early('eli');
    expect(refusal(await adopt(day, 'amara', 'ben'))).toBe('wrong_state');
    reEnrol(day);
    expect(refusal(await adopt(day, 'amara', 'nobody'))).toBe('not_found');
    expect(refusal(await adopt(day, 'unknown', 'ben'))).toBe('not_found');
    expect(refusal(await adopt(day, 'amara', 'eli'))).toBe('wrong_state');
    value(await adopt(day, 'amara', 'amara-2'));
    expect(refusal(await adopt(day, 'amara', 'amara-2'))).toBe('wrong_state');
    expect(refusal(await adopt(day, 'amara', 'ben'))).toBe('wrong_state');
  });

  test('adopting back undoes it: what came over goes back, what is the other pupil’s own stays', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    await day.late('ben');
    value(await adopt(day, 'amara', 'ben'));
    value(await day.type(badge));
    expect(day.ledger.movementsOf('ben')).toHaveLength(3);
    day.box.state.pupils = pupils;
    value(await adopt(day, 'ben', 'amara'));
    expect(day.ledger.movementsOf('amara').map(({ record }) => record.kind)).toEqual(['early-departure', 'return']);
    expect(day.ledger.movementsOf('ben').map(({ record }) => record.kind)).toEqual(['late-arrival']);
    expect(day.ledger.adopted.size).toBe(0);
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    value(await adopt(day, 'amara', 'ben')); // and may be adopted again
  });

  test('of several adoptions the last is undone first: nobody is left under the key of another pupil', async () => {
    const day = await openDay({ at: '10:40' });
    await day.early('amara');
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    value(await adopt(day, 'amara', 'ben'));
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara' && key !== 'ben');
    const [third = ''] = day.box.state.pupils.map(({ key }) => key);
    value(await adopt(day, 'ben', third));
    day.box.state.pupils = pupils;
    expect(refusal(await adopt(day, 'ben', 'amara'))).toBe('wrong_state');
    value(await adopt(day, third, 'ben'));
    value(await adopt(day, 'ben', 'amara'));
    expect(day.ledger.movementsOf('amara')).toHaveLength(1);
  });

  test('adopted by mistake and written: adopting back has the wrong mark cleared and the right one written', async () => {
    const day = await openDay();
    await day.late('amara');
    day.box.state.pupils = pupils.filter(({ key }) => key !== 'amara');
    value(await adopt(day, 'amara', 'ben'));
    await sending(day, 'ben');
    await report(day, 'ben', 'seen', 'L');
    day.box.state.pupils = pupils;
    value(await adopt(day, 'ben', 'amara'));
    expect(day.marks('ben')[0]).toContain('clear-by-hand');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    expect(day.ledger.sum()).toEqual({ recorded: 2, confirmed: 0, waiting: 1, needsPerson: 1 });
  });

  test('the journal alone tells it: the same after a restart', async () => {
    const day = await openDay();
    await day.late('amara');
    reEnrol(day);
    value(await adopt(day, 'amara', 'amara-2'));
    const again = await restart(day);
    expect(again.marks('amara-2')).toEqual(['2026-11-23 AM waiting L 22']);
    expect(again.ledger.sum()).toEqual(day.ledger.sum());
    expect([...again.ledger.adopted]).toEqual([['amara', 'amara-2']]);
  });
});
