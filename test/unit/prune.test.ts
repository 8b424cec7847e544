/** What leaves the ledger is what nobody can ask about any more (durability.md 11). */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ledgerFrom, ledgerLines } from '../../device/domain/checkpoint.ts';
import { Ledger, badgeKey } from '../../device/domain/ledger.ts';
import { bucketOf, markKey, stateOf } from '../../device/domain/mark.ts';
import type { Mark } from '../../device/domain/mark.ts';
import { Year, first, pupils } from '../support/random-year.ts';

const linesOf = (ledger: Ledger): readonly string[] => [...ledgerLines(ledger)];
const isOpen = (mark: Mark): boolean => !['confirmed', null].includes(bucketOf[stateOf(mark)]);

/** How many movements have left. */
function knowsTheSame({ pruned, whole }: Year): number {
  let gone = 0;
  const { before } = pruned.pruned;
  for (const name of [
    'out',
    'undecided',
    'unsure',
    'unsettled',
    'waiting',
    'notes',
    'serial',
    'adopted',
    'days',
  ] as const) {
    expect(pruned[name], name).toEqual(whole[name]);
  }
  expect(pruned.sum()).toEqual(whole.sum());
  for (const [ref, movement] of whole.movements) {
    const here = pruned.movements.get(ref);
    gone += here === undefined ? 1 : 0;
    const isYoung = movement.record.at.earliest >= Date.parse(before === '' ? first : before);
    if (isYoung || here !== undefined || movement.decided.some(({ date }) => date >= before))
      expect(here).toEqual(movement);
  }
  for (const [key, mark] of whole.marks) {
    const here = pruned.marks.get(key);
    if (here !== undefined || mark.date >= before || isOpen(mark)) expect(here).toEqual(mark);
  }
  for (const [ref, badge] of whole.badges) {
    if (badge.record.date < before) continue;
    expect(pruned.badges.get(ref)).toEqual(badge);
    expect(pruned.badgeById.get(badgeKey(badge.record.date, badge.record.id))).toBe(ref);
  }
  const confirmed = [...pruned.marks.values()].filter((mark) => stateOf(mark) === 'confirmed').length;
  expect(pruned.sum().confirmed).toBe(confirmed + pruned.pruned.confirmed);
  for (const pupil of pupils) {
    const here = pruned.movementsOf(pupil);
    expect(whole.movementsOf(pupil).filter(({ record }) => here.some((one) => one.record.ref === record.ref))).toEqual(
      here,
    );
  }
  return gone;
}

describe('a ledger from which finished days have gone', () => {
  vi.setConfig({ testTimeout: 60_000 }); // forty times forty days, on a machine with other things to do
  // fast-check prints the seed of a history that fails.
  const everyYear = (check: (year: Year) => void): void => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 }), (seed) => {
        const year = new Year(seed);
        year.live(40);
        check(year);
      }),
      { numRuns: 40 },
    );
  };

  test('knows of everything younger, and of everything open, what the whole one knows; and nothing else', () => {
    let gone = 0;
    everyYear((year) => {
      gone += knowsTheSame(year);
    });
    expect(gone).toBeGreaterThan(1_000);
  });

  // The younger key's mark of that day had left, confirmed; the former key's, still open, came over, and was counted anew.
  test.each([2_054_108_921, 1_995_588, 2_613_270, 2_953_787])(
    'an adoption that comes when a day has gone counts nothing twice (seed %i)',
    (seed) => {
      const year = new Year(seed);
      year.live(40);
      knowsTheSame(year);
    },
  );

  test('is the same by a checkpoint of any day and the rest, byte for byte, and so is its copy', () => {
    everyYear(({ pruned, records }) => {
      const at = records.length - 100;
      const earlier = new Ledger();
      for (const record of records.slice(0, at)) earlier.apply(record);
      for (const ledger of [ledgerFrom(linesOf(earlier)), earlier.copy()]) {
        if (ledger === null) throw new Error('not restored');
        for (const record of records.slice(at)) ledger.apply(record);
        expect(linesOf(ledger)).toEqual(linesOf(pruned));
      }
    });
  });
});

describe('one finished arrival', () => {
  /** Arrived and confirmed on the first day. */
  function arrived(): Year {
    const year = new Year(1);
    const touch = {
      earliest: Date.parse(`${first}T09:00Z`),
      latest: Date.parse(`${first}T09:00Z`),
      mono: 1,
      boot: 'boot',
    };
    const facts = { pupil: 'amara', visit: 'v', reason: 'bus', touch, by: 'pupil' };
    const movement = year.tell({ type: 'movement', v: 1, kind: 'late-arrival', ...facts });
    const rule = { comment: null, rule: 'x', settings: 's', mayReplacePresent: true, afterClose: false };
    const want = { kind: 'mark', code: 'L', minutes: 5 } as const;
    const decided = { movement, pupil: 'amara', date: first, session: 'AM', outcome: 'late', want } as const;
    year.tell({ type: 'decided', v: 1, ...decided, ...rule });
    const row = { key: markKey('amara', first, 'AM'), event: 'theirs', seen: 'L' } as const;
    year.tell({ type: 'report', v: 1, date: first, rows: [row] });
    return year;
  }
  const prune = (year: Year, before: string): void => void year.tell({ type: 'prune', v: 1, before });

  test('goes with the second day that finds it old, stays in the sum, and counts on its day', () => {
    const year = arrived();
    prune(year, '2026-10-01');
    expect(year.pruned.movements.size).toBe(1);
    prune(year, '2026-10-02');
    expect([year.pruned.movements.size, year.pruned.marks.size, year.pruned.visits.size]).toEqual([0, 0, 0]);
    expect(year.pruned.sum()).toEqual({ recorded: 1, confirmed: 1, waiting: 0, needsPerson: 0 });
    expect(year.pruned.days.get(first)).toMatchObject({ late: 1, 'late:bus': 1 });
  });

  test('stays where a clock was a year ahead for a day', () => {
    const year = arrived();
    prune(year, '2027-08-30');
    prune(year, '2026-08-30');
    prune(year, '2026-08-31');
    expect(year.pruned.movements.size).toBe(1);
  });

  test('once gone, a late word about it changes nothing', () => {
    const year = arrived();
    prune(year, '2026-10-01');
    prune(year, '2026-10-02');
    const before = year.pruned.sum();
    const key = markKey('amara', first, 'AM');
    year.tell({ type: 'correction', v: 1, movement: 'j:1', how: 'staff', by: 'Ms Reed', why: null });
    year.tell({ type: 'report', v: 1, date: first, rows: [{ key, event: 'changed', seen: 'N' }] });
    expect([year.pruned.sum(), year.pruned.movements.size, year.pruned.marks.size]).toEqual([before, 0, 0]);
    expect(year.pruned.days.get(first)).toMatchObject({ late: 1, 'late:bus': 1 });
  });

  test('undone, it counts on its day no more', () => {
    const year = arrived();
    year.tell({ type: 'correction', v: 1, movement: 'j:1', how: 'staff', by: 'Ms Reed', why: null });
    expect(year.pruned.days.get(first)).toEqual({});
  });

  test('once gone, what is adopted of its day stays with the former key, for a person', () => {
    const year = arrived();
    const touch = { earliest: Date.parse(`${first}T08:55Z`), latest: null, mono: 1, boot: 'unknown' };
    const facts = { pupil: 'amara-before', visit: 'w', reason: 'bus', touch, by: 'pupil' };
    const movement = year.tell({ type: 'movement', v: 1, kind: 'late-arrival', ...facts });
    const rule = { comment: null, rule: 'x', settings: 's', mayReplacePresent: true, afterClose: false };
    const want = { kind: 'mark', code: 'L', minutes: 2 } as const;
    const decided = { movement, pupil: 'amara-before', date: first, session: 'AM', outcome: 'late', want } as const;
    year.tell({ type: 'decided', v: 1, ...decided, ...rule });
    prune(year, '2026-10-01');
    prune(year, '2026-10-02');
    year.tell({ type: 'adopt', v: 1, from: 'amara-before', to: 'amara', by: 'Ms Reed' });
    expect([...year.pruned.marks.keys()]).toEqual([markKey('amara-before', first, 'AM')]);
    expect(year.pruned.movementsOf('amara')).toHaveLength(1);
    // Put right later: the same mark.
    year.tell({ type: 'change', v: 1, movement, pupil: 'amara', touch: null, reason: 'car', by: 'Ms Reed', why: null });
    year.tell({ type: 'decided', v: 1, ...decided, pupil: 'amara', ...rule });
    expect([...year.pruned.marks.keys()]).toEqual([markKey('amara-before', first, 'AM')]);
    expect(year.pruned.sum()).toEqual({ recorded: 2, confirmed: 1, waiting: 1, needsPerson: 0 });
    // Undone, it goes with the day's count.
    year.tell({ type: 'correction', v: 1, movement, how: 'staff', by: 'Ms Reed', why: null });
    expect(year.pruned.sum()).toEqual({ recorded: 1, confirmed: 1, waiting: 0, needsPerson: 0 });
  });
});
