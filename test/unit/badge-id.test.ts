import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spacedId } from '../../device/domain/badge.ts';
import { check, isTagged, issue } from '../../device/domain/badge-id.ts';
import type { BadgeDay, KeyedHash } from '../../device/domain/badge-id.ts';

const hmac =
  (key: string): KeyedHash =>
  (text) =>
    createHmac('sha256', key).update(text).digest();

const day = (key: string, date = '2026-11-23'): BadgeDay => ({
  school: 'Hill View School',
  date,
  hash: remembered(hmac(key)),
});

/** Whole days ask for the same tags over and over. */
function remembered(hash: KeyedHash): KeyedHash {
  const known = new Map<string, Uint8Array>();
  return (text) => {
    const found = known.get(text) ?? hash(text);
    known.set(text, found);
    return found;
  };
}

/** All badges that a box can give out on a day, in order. */
function wholeDay(today: BadgeDay, box: number, firstSerial = 0): string[] {
  const used = new Set<string>();
  let serial = firstSerial;
  for (;;) {
    const next = issue({ ...today, box, serial, usedRecently: (id) => used.has(id) });
    if (next === null) return [...used];
    used.add(next.id);
    serial = next.serial + 1;
  }
}

/** Written apart from the code under test: every wrong digit, every swap of neighbours. */
function typingSlips(id: string): string[] {
  const slips = new Set<string>();
  const digits = [...id];
  for (let place = 0; place < digits.length; place += 1) {
    for (const wrong of '0123456789') slips.add(digits.with(place, wrong).join(''));
    const [here, next] = digits.slice(place, place + 2);
    if (here !== undefined && next !== undefined)
      slips.add(
        digits
          .with(place, next)
          .with(place + 1, here)
          .join(''),
      );
  }
  slips.delete(id);
  return [...slips];
}

/** fast-check prints seed and key when one fails. */
const keys = fc.string({ minLength: 16, maxLength: 16 });

describe('badge IDs', () => {
  test('eight digits: box, serial, tag; shown in two groups', () => {
    const next = issue({ ...day('key'), box: 7, serial: 0, usedRecently: () => false });
    expect(next?.id).toMatch(/^7\d{7}$/);
    expect(next?.serial).toBe(0);
    expect(spacedId('18391270')).toBe('1839 1270');
  });

  test('a badge is valid on its day, at any box with the key; tomorrow it is another day’s', () => {
    const id = issue({ ...day('key'), box: 3, serial: 12, usedRecently: () => false })?.id ?? '';
    expect(check(id, day('key'))).toEqual({ state: 'valid', box: 3 });
    expect(check(id, day('key', '2026-11-24'))).toEqual({ state: 'another-day', box: 3, date: '2026-11-23' });
    expect(check(id, day('key', '2026-12-07'))).toEqual({ state: 'another-day', box: 3, date: '2026-11-23' });
    expect(check(id, day('key', '2026-12-08'))).toEqual({ state: 'mistyped' });
  });

  test("another school's badge, and another key's, do not pass", () => {
    const ids = wholeDay(day('key'), 1).slice(0, 200);
    const passing = (today: BadgeDay): number => ids.filter((id) => check(id, today).state === 'valid').length;
    expect(passing(day('key'))).toBe(200);
    expect(passing({ ...day('key'), school: 'Valley School' })).toBeLessThan(3);
    expect(passing(day('other key'))).toBeLessThan(3);
  });

  test.each(['', '1839127', '183912700', '1839 1270', '1839127x', '１８３９１２７０', '18391270\n'])(
    'not eight plain digits: %j is mistyped',
    (id) => {
      expect(check(id, day('key'))).toEqual({ state: 'mistyped' });
    },
  );

  test('a mistyped digit always fails: every slip of every badge of whole days, at several boxes', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 9 }), (key, box) => {
        const today = day(key);
        const ids = wholeDay(today, box);
        expect(ids.length).toBeGreaterThan(950);
        expect(ids.every((id) => isTagged(today, id))).toBe(true);
        const passed = ids.flatMap((id) => typingSlips(id).filter((slip) => isTagged(today, slip)));
        expect(passed).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });

  test('and is called mistyped on the screen', () => {
    for (const id of wholeDay(day('key'), 1).slice(0, 20)) {
      for (const slip of typingSlips(id)) expect(check(slip, day('key'))).toEqual({ state: 'mistyped' });
    }
  });

  test('also where tags collide a hundred times as often', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const real = hmac(key);
        // Only 100 different tags.
        const weak: KeyedHash = (text) => new Uint8Array([0, 0, 0, (real(text)[0] ?? 0) % 100]);
        const today: BadgeDay = { school: 'Hill View School', date: '2026-11-23', hash: remembered(weak) };
        const ids = wholeDay(today, 1);
        expect(ids.length).toBeGreaterThan(0);
        expect(ids.flatMap((id) => typingSlips(id).filter((slip) => isTagged(today, slip)))).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });

  test('no ID twice on a day, and the numbers do not count upwards', () => {
    const ids = wholeDay(day('key'), 1);
    expect(new Set(ids.map((id) => id.slice(0, 4))).size).toBe(ids.length);
    const steps = ids.slice(1).map((id, index) => Number(id.slice(1, 4)) - Number(ids[index]?.slice(1, 4)));
    expect(steps.filter((step) => step === 1).length).toBeLessThan(20);
    expect(new Set(steps).size).toBeGreaterThan(300);
  });

  test('the shuffle is another one every day and at every box', () => {
    const first = (today: BadgeDay, box: number): string[] =>
      wholeDay(today, box)
        .slice(0, 20)
        .map((id) => id.slice(1, 4));
    expect(first(day('key'), 1)).not.toEqual(first(day('key', '2026-11-24'), 1));
    expect(first(day('key'), 1)).not.toEqual(first(day('key'), 2));
  });

  test('an ID of the last 30 days is skipped', () => {
    const ask = (usedRecently: (id: string) => boolean): { id: string; serial: number } | null =>
      issue({ ...day('key'), box: 1, serial: 40, usedRecently });
    const usual = ask(() => false);
    const other = ask((id) => id === usual?.id);
    expect(usual?.serial).toBe(40);
    expect(other?.serial).toBeGreaterThan(40);
    expect(other?.id).not.toBe(usual?.id);
  });

  test('the running number goes on over days and past a thousand; a day of one box ends after a thousand badges', () => {
    expect(wholeDay(day('key'), 1, 4_217)).toHaveLength(wholeDay(day('key'), 1).length);
    expect(issue({ ...day('key'), box: 1, serial: 4_217, usedRecently: () => true })).toBeNull();
  });
});
