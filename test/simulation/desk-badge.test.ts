/** Sign back in: what the badge, its QR code, or a name at the digit pad is answered. */
import { describe, expect, test } from 'vitest';
import { qrText } from '../../device/domain/badge.ts';
import { segmentsOf } from '../../device/journal/segments.ts';
import { badgeOf, badgeOfBox, openDay, pupils, restart, value } from '../support/desk-day.ts';
import type { Day } from '../support/desk-day.ts';

const state = async (answer: ReturnType<Day['type']>): Promise<string> => value(await answer).state;
const mistype = (badge: string): string =>
  `${badge.slice(0, 7)}${badge.endsWith('9') ? '8' : String(Number(badge.slice(7)) + 1)}`;
const codeOf = (day: Day, badge: string): string => {
  const issued = [...day.ledger.badges.values()].findLast(({ record }) => record.id === badge);
  return qrText(badge, issued?.record.token ?? '');
};
describe('a badge', () => {
  test('works once, on its day: welcome back, forename and time, and in again', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    await day.until('11:20');
    expect(value(await day.type(badge))).toEqual({ state: 'welcome-back', forename: 'Amara', time: '11:20' });
    expect(day.out()).toEqual([]);
    expect(value(await day.type(badge))).toEqual({ state: 'used' });
    expect(value(day.choose('early', 'amara')).next).toBe('ask');
  });

  test('two pads at once: used once', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    const both = await Promise.all([day.type(badge), day.type(badge)]);
    expect(both.map((one) => value(one).state)).toEqual(['welcome-back', 'used']);
    expect(day.ledger.movementsOf('amara')).toHaveLength(2);
  });

  test('typed in two groups, as it stands on the paper', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    expect(await state(day.type(`${badge.slice(0, 4)} ${badge.slice(4)}`))).toBe('welcome-back');
  });

  test('mistyped, void, of an undone departure, nonsense: a sentence each, nobody named, nothing recorded', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    const voided = badgeOf(await day.early('ben'));
    const undone = badgeOf(await day.early('cai'));
    const ref = [...day.ledger.badges].find(([, { record }]) => record.id === voided)?.[0] ?? '';
    const input = { badge: ref, by: 'Ms Reed' };
    value(await day.box.staff.voidBadge(day.box.command(input), input));
    value(await day.correct(day.ledger.movementsOf('cai')[0]?.record.ref ?? ''));
    const before = day.records.length;
    for (const [typed, answer] of [
      [mistype(badge), 'mistyped'],
      [voided, 'unknown'],
      [undone, 'unknown'],
      ['', 'mistyped'],
    ] as const) {
      expect(value(await day.type(typed))).toEqual({ state: answer });
    }
    await day.pass(61_000);
    for (const typed of ['abcdefgh', '1234', '00000000'])
      expect(value(await day.type(typed))).toEqual({ state: 'mistyped' });
    expect(day.records).toHaveLength(before);
    expect(day.out()).toEqual(['amara', 'ben']);
  });

  test('a right number that this box never gave out is unknown', async () => {
    const day = await openDay({ at: '10:40' });
    expect(await state(day.type(badgeOfBox(1)))).toBe('unknown');
  });

  test("yesterday's opens Sign in late, used or not", async () => {
    const day = await openDay({ at: '14:00' });
    const open = badgeOf(await day.early('amara'));
    const used = badgeOf(await day.early('ben'));
    await day.type(used);
    await day.pass(19 * 3_600_000);
    expect(await state(day.type(open))).toBe('another-day');
    expect(await state(day.type(used))).toBe('another-day');
    expect(await state(day.scan(codeOf(day, open)))).toBe('another-day');
    expect(await state(day.type(badgeOfBox(2)))).toBe('another-day');
    expect(day.out()).toEqual(['amara']);
  });

  test('never another pupil’s name: every answer but welcome back names nobody', async () => {
    const day = await openDay({ at: '10:40' });
    const badges = [badgeOf(await day.early('amara')), badgeOf(await day.early('ben'))];
    await day.type(badges[0] ?? '');
    const answers = [
      await day.type(badges[0] ?? ''),
      await day.type(mistype(badges[1] ?? '')),
      await day.scan(codeOf(day, badges[0] ?? '')),
      await day.scan(qrText(badges[1] ?? '', '0123456789abcdef')),
      await day.type(badgeOfBox(2)),
      await day.type(badgeOfBox(1)),
    ];
    const said = JSON.stringify(answers);
    for (const { forename, surname } of pupils) {
      expect(said).not.toContain(forename);
      expect(said).not.toContain(surname);
    }
  });
});

describe('the QR code', () => {
  test('takes the badge, in capitals and with space around it', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    expect(value(await day.scan(` ${codeOf(day, badge)}\n`))).toMatchObject({
      state: 'welcome-back',
      forename: 'Amara',
    });
    expect(await state(day.scan(codeOf(day, badge)))).toBe('used');
  });

  test('with another token, or of something else, nobody comes in', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    expect(await state(day.scan(qrText(badge, '0123456789abcdef')))).toBe('unknown');
    expect(await state(day.scan('https://example.org/'))).toBe('unknown');
    expect(await state(day.scan(badge))).toBe('unknown');
    expect(day.out()).toEqual(['amara']);
  });
});

describe('guessing', () => {
  test('five wrong in a minute pause typing for a minute; the QR code still works', async () => {
    const day = await openDay({ at: '10:40' });
    const [one, other] = [badgeOf(await day.early('amara')), badgeOf(await day.early('ben'))];
    for (let guess = 0; guess < 5; guess += 1) expect(await state(day.type('00000000'))).toBe('mistyped');
    await day.pass(20_000);
    expect(value(await day.type(one))).toEqual({ state: 'paused', retryInMs: 40_000 });
    expect(await state(day.scan(codeOf(day, one)))).toBe('welcome-back');
    await day.pass(40_000);
    expect(await state(day.type(other))).toBe('welcome-back');
  });

  test('a page that repeats its command after a reconnect has guessed once', async () => {
    const day = await openDay({ at: '10:40' });
    const input = { visit: day.visit(), by: 'typed', badge: '00000000', touchAgoMs: 0 } as const;
    const command = day.box.command(input);
    for (let time = 0; time < 6; time += 1) expect(await state(day.box.returns.back(command, input))).toBe('mistyped');
  });

  test('five wrong over a longer time pause nothing, and wrong codes shown to the camera neither', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    for (let guess = 0; guess < 12; guess += 1) {
      await day.type('00000000');
      await day.scan('P1:00000000:0123456789ABCDEF');
      await day.pass(16_000);
    }
    expect(await state(day.type(badge))).toBe('welcome-back');
  });

  test('thirty in a day: one urgent note, and one more the next day', async () => {
    const day = await openDay({ at: '08:00' });
    const guess = async (times: number): Promise<void> => {
      for (let done = 0; done < times; done += 1) {
        expect(await state(day.type('00000000'))).toBe('mistyped');
        await day.pass(16_000);
      }
    };
    await guess(29);
    expect(day.notes()).toEqual([]);
    await guess(20);
    expect(day.notes()).toEqual(['badge-guesses!']);
    await day.pass(23 * 3_600_000);
    await guess(31);
    expect(day.notes()).toEqual(['badge-guesses!', 'badge-guesses!']);
  });

  test('an answer that got lost is given again while typing is paused', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    const input = { visit: day.visit(), by: 'typed', badge, touchAgoMs: 0 } as const;
    const command = day.box.command(input);
    await day.box.returns.back(command, input);
    for (let guess = 0; guess < 5; guess += 1) await day.type('00000000');
    expect(await state(day.box.returns.back({ ...command, ageMs: 5_000 }, input))).toBe('welcome-back');
  });
});

describe('a badge of another box, while the boxes do not see each other', () => {
  test('is taken once, without a name; the second use goes to staff, once', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOfBox(2);
    expect(value(await day.type(badge))).toEqual({ state: 'welcome-back', forename: null, time: '10:40' });
    expect(await state(day.type(badge))).toBe('used');
    expect(await state(day.type(badge))).toBe('used');
    expect([...day.ledger.notes.values()].map(({ kind, detail }) => [kind, detail])).toEqual([
      ['badge-used-twice', `${badge.slice(0, 4)} ${badge.slice(4)}`],
    ]);
    expect([...day.ledger.movements.values()].map(({ record }) => [record.kind, record.pupil])).toEqual([
      ['return', null],
    ]);
    // Whose it was is not known: it is no mark, and none waits.
    expect(day.ledger.sum().recorded).toBe(0);
  });

  test('still only once after a restart, and again if staff undo it', async () => {
    const before = await openDay({ at: '10:40' });
    const badge = badgeOfBox(2);
    await before.type(badge);
    const day = await restart(before);
    expect(await state(day.type(badge))).toBe('used');
    value(await day.correct([...day.ledger.movements.keys()][0] ?? ''));
    expect(await state(day.type(badge))).toBe('welcome-back');
  });
});

describe('without a badge', () => {
  test('Sign in late finds the pupil out: a return by name, no L, and a note for staff', async () => {
    const day = await openDay({ at: '11:30' });
    await day.early('amara');
    await day.until('13:20'); // the afternoon register is open
    await day.watch();
    expect(value(day.choose('late', 'amara'))).toEqual({ next: 'sign-back-in', forename: 'Amara' });
    expect((await day.late('amara')).ok).toBe(false);
    expect(value(await day.backByName('amara'))).toEqual({ state: 'welcome-back', forename: 'Amara', time: '13:20' });
    expect(day.out()).toEqual([]);
    expect(day.notes()).toEqual(['return-without-badge']);
    // The office decides, as it would have without the return.
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('after close it is judged as with the badge', async () => {
    const day = await openDay({ at: '11:30' });
    await day.early('amara');
    await day.until('14:00');
    value(await day.backByName('amara'));
    expect(day.marks('amara')).toEqual(['2026-11-23 PM proposed M']);
  });

  test('twice: already back; who never left is not let back', async () => {
    const day = await openDay({ at: '10:40' });
    const badge = badgeOf(await day.early('amara'));
    value(await day.backByName('amara'));
    expect(value(await day.backByName('amara'))).toEqual({ state: 'already-back' });
    expect(await state(day.type(badge))).toBe('used');
    expect((await day.backByName('ben')).ok).toBe(false);
    await day.pass(24 * 3_600_000);
    expect((await day.backByName('amara')).ok).toBe(false);
  });
});

describe('badge numbers that were given out and lost', () => {
  test('are not given again: after a cut that took numbers away, and after a restore, the serial jumps', async () => {
    const day = await openDay({ at: '10:40' });
    badgeOf(await day.early('amara', { reason: 'lunch' }));
    const before = day.ledger.serial;
    const plain = await restart(day, 'second-boot');
    expect(plain.ledger.serial).toBe(before);
    badgeOf(await plain.early('ben', { reason: 'lunch' }));
    expect(plain.ledger.serial).toBe(before + 1);
    // The power goes while the next departure is being written: its bytes are there in part.
    const { disk } = plain.box;
    badgeOf(await plain.early('cai', { reason: 'lunch' }));
    const lost = plain.ledger.serial;
    disk.kill();
    const last = segmentsOf(disk).at(-1)?.name ?? '';
    disk.put(last, disk.read(last).subarray(0, -40));
    const cut = await openDay({ ...plain.options, time: plain.time, disk });
    expect(cut.ledger.movementsOf('cai')).toEqual([]);
    const isSkipped = (from: number, to: number): boolean => to >= from + 200 && to < from + 600;
    expect(cut.ledger.serial).toSatisfy((to: number) => isSkipped(before + 1, to));
    badgeOf(await cut.early('cai', { reason: 'lunch' }));
    expect(cut.ledger.serial).toBeGreaterThan(lost);
    // A copy of the folder, without the file that says which journal it is.
    await cut.box.journal.close();
    disk.remove('id');
    const restored = await openDay({ ...plain.options, time: plain.time, disk });
    expect(restored.ledger.serial).toSatisfy((to: number) => isSkipped(cut.ledger.serial, to));
  });
});
