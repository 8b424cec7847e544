/** What staff put right: movements, marks, notes. Every record says who it was. */
import { describe, expect, test } from 'vitest';
import type { MarkEvent, VerdictBody } from '../../device/domain/record.ts';
import { badgeOf, instant, monday, openDay, refusal, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const only = (day: Day, who: string): string => {
  const [movement] = day.ledger.movementsOf(who);
  if (movement === undefined) throw new Error(`${who} has no movement`);
  return movement.record.ref;
};
const key = (who: string, session = 'AM'): string => `${who}|${monday}|${session}`;
const settle = (day: Day, who: string, verdict: VerdictBody['verdict'], by = 'Ms Reed') => {
  const input = { key: key(who), verdict, by };
  return day.box.staff.settle(day.box.command(input), input);
};
/** What the sender would have found out. */
const reported = (day: Day, who: string, event: MarkEvent, seen: string | null = null) =>
  day.box.desk.commit([{ type: 'report', v: 1, date: monday, rows: [{ key: key(who), event, seen, why: 'test' }] }]);

describe('undo', () => {
  test('of an arrival, an hour later: withdrawn, named, once', async () => {
    const day = await openDay();
    await day.late('amara');
    const ref = only(day, 'amara');
    await day.pass(3_600_000);
    value(await day.correct(ref));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM withdrawn']);
    expect(day.records.at(-1)).toMatchObject({ type: 'correction', movement: ref, how: 'staff', by: 'Ms Reed' });
    expect(refusal(await day.correct(ref))).toBe('wrong_state');
    expect(refusal(await day.correct('no-such'))).toBe('not_found');
  });
});

describe('it was another pupil', () => {
  test('a late arrival: same touch and reason, both marks right, the comment with a number of its own', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('ben');
    await day.until('10:00');
    value(await day.correct(only(day, 'ben'), 'amara'));
    expect(day.marks('ben')).toEqual(['2026-11-23 AM withdrawn']);
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
    const [moved] = day.ledger.movementsOf('amara');
    expect(moved?.record).toMatchObject({ reason: 'bus', by: 'Ms Reed', touch: { earliest: instant('09:02') } });
    const n = String(moved?.record.n).padStart(6, '0');
    expect(moved?.decided[0]?.comment).toBe(`Pupil said: Bus. Porter 1-${n}`);
    expect(moved?.decided[0]?.movement).toBe(moved?.record.ref);
    expect(value(day.choose('late', 'ben')).next).toBe('ask');
    expect(value(day.choose('late', 'amara')).next).toBe('already-signed-in');
  });

  test('the right pupil’s own year decides; late for registration stays said', async () => {
    const day = await openDay({ at: '09:05' });
    await day.late('ben');
    value(await day.correct(only(day, 'ben'), 'zara'));
    expect(day.marks('zara')).toEqual([]);
    const other = await openDay({ at: '09:05' });
    await other.late('zara', { forRegistration: true });
    value(await other.correct(only(other, 'zara'), 'ben'));
    value(await other.correct(only(other, 'ben'), 'zara'));
    expect(other.marks('zara')).toEqual(['2026-11-23 AM waiting L 5']);
  });

  test('refused: who has signed in already, the same pupil, nobody', async () => {
    const day = await openDay();
    await day.late('ben');
    await day.late('amara');
    const ref = only(day, 'ben');
    expect(refusal(await day.correct(ref, 'amara'))).toBe('wrong_state');
    expect(refusal(await day.correct(ref, 'ben'))).toBe('wrong_state');
    expect(refusal(await day.correct(ref, 'nobody'))).toBe('not_found');
    expect(day.marks('ben')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  test('an early departure: the right pupil is out since then, with a new badge; the old one is void', async () => {
    const day = await openDay({ at: '10:40' });
    const visit = day.visit();
    await day.early('eli', { visit, photo: 'taken', withWhom: 'grown-up' });
    value(await day.answer(visit, 'let-go', 'Ms Reed', 'Mrs Stone'));
    const old = [...day.ledger.badges.values()][0]?.record.id ?? '';
    await day.until('10:50');
    value(await day.correct(only(day, 'eli'), 'fay', 'Mr Hall'));
    expect(day.out()).toEqual(['fay']);
    const [moved] = day.ledger.movementsOf('fay');
    expect(moved?.record).toMatchObject({
      visit,
      by: 'Mr Hall',
      touch: { earliest: instant('10:40') },
      leave: { adult: 'Mrs Stone', photo: 'taken', withWhom: 'grown-up' },
    });
    expect(moved?.decided[0]).toMatchObject({ outcome: 'left', pupil: 'fay' });
    const badge = day.ledger.badges.get(moved?.badge ?? '')?.record.id ?? '';
    expect(badge).not.toBe(old);
    expect(value(await day.type(old)).state).toBe('unknown');
    expect(value(await day.type(badge))).toMatchObject({ state: 'welcome-back', forename: 'Fay' });
  });

  test('a departure that has ended takes its return along, with what that meant for the register', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('ben'));
    await day.until('13:20');
    await day.type(badge);
    value(await day.correct(only(day, 'ben'), 'amara'));
    expect(day.marks('ben')).toEqual(['2026-11-23 PM withdrawn']);
    expect(day.marks('amara')).toEqual(['2026-11-23 PM waiting L 5']);
    expect(day.out()).toEqual([]);
    expect(day.ledger.movementsOf('amara').map(({ record }) => record.kind)).toEqual(['early-departure', 'return']);
    const [left, back] = day.ledger.movementsOf('amara');
    expect(left?.endedBy).toBe(back?.record.ref);
    expect(day.ledger.badges.size).toBe(1); // nobody needs another one
  });

  test('who is out already cannot have left; a return belongs to its departure', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('ben'));
    await day.early('amara');
    expect(refusal(await day.correct(only(day, 'ben'), 'amara'))).toBe('wrong_state');
    await day.type(badge);
    const back = day.ledger.movementsOf('ben')[1]?.record.ref ?? '';
    expect(refusal(await day.correct(back, 'fay'))).toBe('wrong_state');
  });
});

describe('settling a mark', () => {
  const write = (code: string, seen: string | null = null, minutes: number | null = null): VerdictBody['verdict'] => ({
    kind: 'write',
    code,
    minutes,
    seen,
  });

  test('a proposal: written as the person says, or theirs kept; by whom', async () => {
    const day = await openDay({ at: '09:40' });
    await day.late('amara');
    await day.late('ben');
    value(await settle(day, 'amara', write('U', null, 60)));
    value(await settle(day, 'ben', { kind: 'keep-theirs' }, 'Mr Hall'));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting U 60']);
    expect(day.marks('ben')).toEqual(['2026-11-23 AM withdrawn']);
    const verdicts = day.records.filter((record) => record.type === 'verdict');
    expect(verdicts.map(({ by }) => by)).toEqual(['Ms Reed', 'Mr Hall']);
    expect(refusal(await settle(day, 'amara', write('L')))).toBe('wrong_state'); // decided already
  });

  test('a code that is not in the nation’s table of that day is refused, and a mark that is not there', async () => {
    const day = await openDay({ at: '09:40' });
    await day.late('amara');
    for (const code of ['H', 'LATE', 'ZZ'])
      expect(refusal(await settle(day, 'amara', write(code)))).toBe('invalid_input');
    expect(refusal(await settle(day, 'ben', write('U')))).toBe('not_found');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM proposed U 60']);
  });

  test('use ours: only over the code that the person saw', async () => {
    const day = await openDay({ at: '09:02' });
    await day.late('amara');
    await reported(day, 'amara', 'foreign', 'I');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM conflict L 22']);
    expect(refusal(await settle(day, 'amara', write('L', 'M', 22)))).toBe('wrong_state');
    value(await settle(day, 'amara', write('L', 'I', 22)));
    expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 22']);
  });

  const states = ['waiting', 'proposed', 'conflict', 'rejected', 'expired', 'confirmed', 'withdrawn'] as const;
  const allowed: Readonly<Record<VerdictBody['verdict']['kind'], readonly string[]>> = {
    write: ['proposed', 'conflict'],
    'keep-theirs': ['proposed', 'conflict', 'rejected', 'expired'],
    retry: ['rejected', 'expired'],
    cleared: [],
    entered: ['waiting', 'rejected', 'expired'],
    withdraw: ['proposed', 'conflict', 'rejected', 'expired'],
  };
  test.each(states)('in the state %s only what makes sense is taken', async (state) => {
    for (const kind of ['write', 'keep-theirs', 'retry', 'cleared', 'entered', 'withdraw'] as const) {
      const day = await openDay({ at: state === 'proposed' ? '09:40' : '09:02' });
      await day.late('amara');
      if (state === 'withdrawn') await day.correct(only(day, 'amara'));
      const events = { conflict: 'foreign', rejected: 'refused', expired: 'expired', confirmed: 'theirs' } as const;
      if (state in events) await reported(day, 'amara', events[state as keyof typeof events], 'I');
      expect(day.marks('amara')[0]).toContain(state);
      const result = await settle(
        day,
        'amara',
        kind === 'write'
          ? write('L', state === 'conflict' ? 'I' : null)
          : kind === 'entered'
            ? { kind, code: 'L', minutes: 22 }
            : { kind },
      );
      expect([kind, result.ok]).toEqual([kind, allowed[kind].includes(state)]);
    }
  });
});

describe('several at once', () => {
  const write = { kind: 'write', code: 'U', minutes: 60, seen: null } as const;
  const settleAll = (
    day: Day,
    marks: readonly { readonly key: string; readonly verdict: VerdictBody['verdict'] }[],
  ) => {
    const input = { marks, by: 'Ms Reed' };
    return day.box.staff.settleAll(day.box.command(input), input);
  };

  test('proposals, each with its own decision, in one commit', async () => {
    const day = await openDay({ at: '09:40' });
    await day.late('amara');
    await day.late('ben');
    value(
      await settleAll(day, [
        { key: key('amara'), verdict: write },
        { key: key('ben'), verdict: { kind: 'withdraw' } },
      ]),
    );
    expect([...day.marks('amara'), ...day.marks('ben')]).toEqual([
      '2026-11-23 AM waiting U 60',
      '2026-11-23 AM withdrawn',
    ]);
  });

  test('none of them, where one has changed meanwhile, is named twice, or there is none', async () => {
    const day = await openDay({ at: '09:40' });
    await day.late('amara');
    await day.late('ben');
    value(await settle(day, 'ben', { kind: 'keep-theirs' }));
    const both = [
      { key: key('amara'), verdict: write },
      { key: key('ben'), verdict: write },
    ];
    expect(refusal(await settleAll(day, both))).toBe('wrong_state');
    expect(
      refusal(
        await settleAll(
          day,
          [both[0], both[0]].flatMap((one) => one ?? []),
        ),
      ),
    ).toBe('invalid_input');
    expect(refusal(await settleAll(day, []))).toBe('invalid_input');
    expect(day.marks('amara')).toEqual(['2026-11-23 AM proposed U 60']);
  });
});

test('a mark of ours that an undo leaves standing is cleared by hand, and ticked off by name', async () => {
  const day = await openDay({ at: '09:02' });
  await day.late('amara');
  const item = { key: key('amara'), code: 'L', minutes: 22, comment: null, before: null };
  await day.box.desk.commit([{ type: 'sending', v: 1, batch: 'one', items: [item] }]);
  await reported(day, 'amara', 'seen', 'L');
  expect(refusal(await settle(day, 'amara', { kind: 'cleared' }))).toBe('wrong_state');
  value(await day.correct(only(day, 'amara')));
  expect(day.marks('amara')[0]).toContain('clear-by-hand');
  expect(day.ledger.sum().needsPerson).toBe(1);
  value(await settle(day, 'amara', { kind: 'cleared' }));
  expect(day.marks('amara')[0]).toContain('withdrawn');
  expect(day.ledger.sum().recorded).toBe(0);
});

test('copied from the day sheet: in the MIS by a person’s hand, and taken out by hand where it is undone', async () => {
  const day = await openDay({ at: '09:02' });
  await day.late('amara');
  const entered = { kind: 'entered', code: 'L', minutes: 22 } as const;
  expect(refusal(await settle(day, 'amara', { ...entered, minutes: 20 }))).toBe('wrong_state');
  value(await settle(day, 'amara', entered));
  expect(day.marks('amara')).toEqual(['2026-11-23 AM confirmed L 22']);
  expect(refusal(await settle(day, 'amara', entered))).toBe('wrong_state');
  value(await day.correct(only(day, 'amara')));
  expect(day.marks('amara')[0]).toContain('clear-by-hand');
  value(await settle(day, 'amara', { kind: 'cleared' }));
  expect(day.ledger.sum().recorded).toBe(0);
});

test('copied, and then put right: the new mark is to be copied again', async () => {
  const day = await openDay({ at: '09:02' });
  await day.late('amara');
  value(await settle(day, 'amara', { kind: 'entered', code: 'L', minutes: 22 }));
  const input = { movement: only(day, 'amara'), correction: { how: 'time', minute: 530 }, why: null, by: 'x' } as const;
  value(await day.box.staff.correct(day.box.command(input), input));
  expect(day.marks('amara')).toEqual(['2026-11-23 AM waiting L 10']);
});

describe('not this pupil', () => {
  const notThis = (day: Day, movement: string) => {
    const input = { movement, correction: { how: 'not-this-pupil' }, why: null, by: 'Ms Reed' } as const;
    return day.box.staff.correct(day.box.command(input), input);
  };

  test('a departure is undone, its badge void, and its photo kept for 30 days', async () => {
    const day = await openDay({ at: '11:00' });
    badgeOf(await day.early('amara', { photo: 'taken' }));
    const movement = only(day, 'amara');
    value(await notThis(day, movement));
    expect(day.out()).toEqual([]);
    expect(day.ledger.holds.get(movement)).toMatchObject({ until: '2026-12-23', why: 'Not this pupil', by: 'Ms Reed' });
    // Whoever answers for safeguarding hears of it.
    expect([...day.ledger.notes.values()]).toMatchObject([{ kind: 'not-this-pupil', urgent: true, pupil: 'amara' }]);
  });

  test('a return is undone: the pupil is out again, and the photo of the departure is kept', async () => {
    const day = await openDay({ at: '11:00' });
    const badge = badgeOf(await day.early('amara', { photo: 'taken' }));
    const departure = only(day, 'amara');
    await day.until('12:00');
    await day.type(badge);
    const [, back] = day.ledger.movementsOf('amara');
    value(await notThis(day, back?.record.ref ?? ''));
    expect(day.out()).toEqual(['amara']);
    expect([...day.ledger.holds.keys()]).toEqual([departure]);
  });

  test('an arrival has no photo: it is undone as usual', async () => {
    const day = await openDay();
    await day.late('amara');
    expect(refusal(await notThis(day, only(day, 'amara')))).toBe('wrong_state');
  });
});

describe('notes and badges', () => {
  test('a note is ticked off once, by name', async () => {
    const day = await openDay({ at: '10:40' });
    await day.early('amara');
    await day.backByName('amara');
    const input = { note: [...day.ledger.notes.keys()][0] ?? '', by: 'Ms Reed' };
    value(await day.box.staff.noteDone(day.box.command(input), input));
    expect(day.ledger.notes.size).toBe(0);
    expect(day.records.at(-1)).toMatchObject({ type: 'note-done', by: 'Ms Reed' });
    expect(refusal(await day.box.staff.noteDone(day.box.command(input), input))).toBe('not_found');
  });

  test('a void badge lets nobody in; the pupil stays out and comes back by name', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    const input = { badge, by: 'Ms Reed' };
    value(await day.box.staff.voidBadge(day.box.command(input), input));
    expect(refusal(await day.box.staff.voidBadge(day.box.command(input), input))).toBe('wrong_state');
    const none = { badge: '00000000', by: 'Ms Reed' };
    expect(refusal(await day.box.staff.voidBadge(day.box.command(none), none))).toBe('not_found');
    expect(value(await day.type(badge)).state).toBe('unknown');
    expect(day.out()).toEqual(['amara']);
    expect(value(await day.backByName('amara')).state).toBe('welcome-back');
  });
});
