/** What goes next and where it may go, without any MIS (durability.md 19, 22, 23). */
import { describe, expect, test } from 'vitest';
import type { Mark, WriteWish } from '../../device/domain/mark.ts';
import { claimed, reported, sent } from '../../device/domain/mark-fold.ts';
import { batchMax, bearsOurComment, isDue, isWrite, judge, nextBatch, putOff } from '../../device/domain/outbox.ts';
import type { Standing } from '../../device/domain/outbox.ts';
import type { DecidedBody, Instant, Recorded, SendingItem } from '../../device/domain/record.ts';

const today = '2026-11-25';
const boot = 'this boot';
const at = (mono: number, inBoot = boot): Instant => ({ earliest: 0, latest: 0, mono, boot: inBoot });

function waiting(pupil: string, n: number, more: Partial<Recorded<DecidedBody>> = {}): Mark {
  const decided: Recorded<DecidedBody> = {
    type: 'decided',
    v: 1,
    run: 'r',
    n,
    ref: `j:${String(n)}`,
    movement: `j:m${String(n)}`,
    at: at(0),
    pupil,
    date: today,
    session: 'AM',
    outcome: 'late',
    want: { kind: 'mark', code: 'L', minutes: 9 },
    comment: `Pupil said: Bus. Porter 1-${String(n)}`,
    rule: 'while-open',
    settings: 's',
    mayReplacePresent: true,
    afterClose: false,
    ...more,
  };
  return claimed(undefined, decided, decided.session ?? 'AM');
}

describe('when a mark may go', () => {
  const now = { mono: 60_000, boot, today, holdMs: 60_000 };
  test.each<[string, Mark, boolean]>([
    ['held long enough', waiting('a', 1, { at: at(0) }), true],
    ['a millisecond too young', waiting('a', 1, { at: at(1) }), false],
    ['from an earlier boot', waiting('a', 1, { at: at(59_000, 'an earlier boot') }), true],
    ['of yesterday', waiting('a', 1, { date: '2026-11-24' }), true],
    ['of tomorrow', waiting('a', 1, { date: '2026-11-26' }), false],
    ['a proposal', waiting('a', 1, { want: { kind: 'proposal', code: 'U', minutes: 9 } }), false],
  ])('%s: %3$s', (_, mark, due) => {
    expect(isDue(mark, now)).toBe(due);
  });
});

describe('the next batch', () => {
  const now = { mono: 60_000, boot, today, holdMs: 0 };
  const marks = [
    waiting('old', 1, { date: '2026-11-23' }),
    waiting('yesterday', 2, { date: '2026-11-24', session: 'PM' }),
    waiting('pm', 3, { session: 'PM' }),
    waiting('am2', 5),
    waiting('am1', 4),
  ];
  const pupils = (batch: readonly Mark[]): readonly string[] => batch.map(({ pupil }) => pupil);

  test.each([
    [0, ['am1', 'am2']],
    [1, ['am1', 'am2']],
    [2, ['am1', 'am2']],
    [3, ['old']],
    [4, ['am1', 'am2']],
    [7, ['old']],
  ])('turn %i: %j', (turn, expected) => {
    expect(pupils(nextBatch(marks, now, turn))).toEqual(expected);
  });

  test('is of one register, so that one read is enough', () => {
    expect(pupils(nextBatch(marks.slice(0, 3), now, 0))).toEqual(['pm']);
    expect(pupils(nextBatch(marks.slice(0, 2), now, 0))).toEqual(['old']);
    expect(nextBatch([], now, 0)).toEqual([]);
  });

  test('has fifty at most', () => {
    const many = Array.from({ length: 120 }, (_, index) => waiting(`p${String(index)}`, index + 1));
    expect(nextBatch(many, now, 0)).toHaveLength(batchMax);
  });

  test('with a bad mark in it comes again in smaller ones, apart from the others', () => {
    const many = Array.from({ length: 10 }, (_, index) => waiting(`p${String(index)}`, index + 1));
    const suspect = new Set(many.slice(0, 6).map(({ key }) => key));
    const limit = (key: string): number | undefined => (suspect.has(key) ? 3 : undefined);
    expect(pupils(nextBatch(many, now, 0, limit))).toEqual(['p0', 'p1', 'p2']);
    expect(pupils(nextBatch(many.slice(6), now, 0, limit))).toEqual(['p6', 'p7', 'p8', 'p9']);
  });
});

/** As an MIS has it that tells neither when nor by whom. */
const plain = (code: string, minutesLate: number | null = null, comment: string | null = null): Standing => ({
  code,
  minutesLate,
  comment,
  changedAt: null,
  by: null,
});
const item: SendingItem = { key: 'k', code: 'L', minutes: 9, comment: 'Pupil said: Bus. Porter 1-1', before: 'N' };

describe('what stands there, and is it ours?', () => {
  test.each<[string, Standing | null, boolean, boolean]>([
    ['nothing', null, false, false],
    ['another code', plain('M'), false, false],
    ['all as written', plain('L', 9, item.comment), true, true],
    ['the comment cut short', plain('L', 9, 'Pupil said: Bu'), true, true],
    ['an MIS without minutes and comments', plain('L'), true, false],
    ['other minutes', plain('L', 15, item.comment), false, false],
    ['another comment', plain('L', 9, 'train'), false, false],
  ])('%s: %3$s, surely: %4$s', (_, standing, ours, surely) => {
    expect(isWrite(item, standing)).toBe(ours);
    expect(bearsOurComment(item, standing)).toBe(surely);
  });

  test('a mark without a comment of ours is never surely ours', () => {
    expect(bearsOurComment({ ...item, comment: null }, plain('L', 9, 'train'))).toBe(false);
  });
});

describe('may ours go there', () => {
  const wish: WriteWish = {
    kind: 'mark',
    code: 'L',
    minutes: 9,
    comment: item.comment,
    mayReplacePresent: false,
    afterClose: false,
    over: undefined,
  };
  const fresh = waiting('a', 1);
  const flown = sent(fresh, { ...item, key: fresh.key }, at(0));
  const ours = reported(flown, { key: fresh.key, event: 'seen', seen: 'L' }, at(0), today);
  const [then, since] = ['2026-11-25 09:00:04', '2026-11-25 09:20:00'];
  const dated = reported(flown, { key: fresh.key, event: 'seen', seen: 'L', changedAt: then }, at(0), today);
  const lost = reported(flown, { key: fresh.key, event: 'not-there', seen: 'N' }, at(0), today);
  const restore: WriteWish = { ...wish, kind: 'restore', code: 'N', minutes: null, comment: null };

  test.each<[string, Mark, WriteWish, Standing | null, string]>([
    ['no mark', fresh, wish, null, 'write'],
    ['theirs already', fresh, wish, plain('L'), 'theirs'],
    ['ours, as wished', ours, wish, plain('L'), 'ours'],
    ['ours, with other minutes', ours, { ...wish, minutes: 14 }, plain('L'), 'write'],
    ['ours, and U is wished now', ours, { ...wish, code: 'U' }, plain('L'), 'write'],
    ['ours, which came after all', lost, wish, plain('L', null, item.comment), 'ours'],
    ['theirs of the same code, ours never came', lost, wish, plain('L', null, 'train'), 'theirs'],
    ['a person chose ours over M', fresh, { ...wish, over: 'M' }, plain('M'), 'write'],
    ['and it is I now', fresh, { ...wish, over: 'M', afterClose: true }, plain('I'), 'conflict'],
    ['and it is N now', fresh, { ...wish, over: 'M' }, plain('N'), 'conflict'],
    ['and it is E now', fresh, { ...wish, over: 'M' }, plain('E'), 'conflict-urgent'],
    ['and it is L now', fresh, { ...wish, over: 'M' }, plain('L'), 'theirs'],
    ['to be put back, ours stands', ours, restore, plain('L'), 'write'],
    ['to be put back, ours is gone', ours, restore, plain('M'), 'changed'],
    ['to be put back, and it is already', ours, restore, plain('N'), 'changed'],
    ['to be put back, no mark stands', ours, restore, null, 'changed'],
    // "And nothing else since" (durability.md 22), as far as the MIS tells.
    ['dated as it was confirmed', dated, restore, { ...plain('L'), changedAt: then }, 'write'],
    ['the same code written over ours since', dated, restore, { ...plain('L'), changedAt: since }, 'changed'],
    ['ours, applied once more', dated, restore, { ...plain('L', 9, item.comment), changedAt: since }, 'write'],
    [
      'our words, signed by a teacher since',
      dated,
      restore,
      { ...plain('L', 9, item.comment), changedAt: since, by: 'T' },
      'changed',
    ],
    ['signed, but not since', dated, restore, { ...plain('L'), changedAt: then, by: 'API' }, 'write'],
    [
      'the same code over ours, other minutes wished',
      dated,
      { ...wish, minutes: 14 },
      { ...plain('L', 9), changedAt: since },
      'conflict',
    ],
    [
      'and a person chose ours over it',
      dated,
      { ...wish, minutes: 14, over: 'L' },
      { ...plain('L', 9), changedAt: since },
      'write',
    ],
    ['the same code over ours, as wished', dated, wish, { ...plain('L', 9), changedAt: since }, 'theirs'],
  ])('%s: %5$s', (_, mark, wanted, standing, expected) => {
    expect(judge(mark, wanted, standing)).toBe(expected);
  });
});

describe('days on which it was not taken', () => {
  const putOffOn = (...days: readonly number[]): Mark => ({
    ...waiting('a', 1),
    putOffOn: days.map((day) => `2026-11-${String(day)}`),
  });
  test.each<[readonly number[], string | null]>([
    [[], 'put-off'],
    [[25], null],
    [[20, 23, 24], 'put-off'],
    [[18, 19, 20, 23], 'put-off'],
    [[18, 19, 20, 23, 25], null],
    [[18, 19, 20, 23, 24], 'expired'],
  ])('before: %j, today is the 25th: %s', (days, expected) => {
    expect(putOff(putOffOn(...days), today)).toBe(expected);
  });
});
