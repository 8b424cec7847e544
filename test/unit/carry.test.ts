/** A ledger folded from all segments and one folded from those that stay are one and the same (durability.md 14). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missing } from '../../device/domain/carry.ts';
import { ledgerLines } from '../../device/domain/checkpoint.ts';
import { Ledger } from '../../device/domain/ledger.ts';
import { bucketOf, stateOf } from '../../device/domain/mark.ts';
import type { Recorded } from '../../device/domain/record.ts';
import { Year } from '../support/random-year.ts';

const linesOf = (ledger: Ledger): readonly string[] => [...ledgerLines(ledger)];

/** As they come back from the card. */
function foldOf(records: readonly Recorded[]): Ledger {
  const ledger = new Ledger();
  for (const record of JSON.parse(JSON.stringify(records)) as readonly Recorded[]) ledger.apply(record);
  return ledger;
}

/** Everything up to number `upTo` goes: what only that tells is told again, then it is recorded. Gives what was carried. */
function goes(year: Year, upTo: number): number {
  const rest = foldOf(year.records.slice(upTo));
  let carried = 0;
  for (;;) {
    const bodies = missing(year.pruned, rest, upTo);
    if (bodies.length === 0) break;
    carried += bodies.length;
    for (const body of bodies) {
      year.tell(body);
      rest.apply(year.records.at(-1) as Recorded);
    }
    expect(carried).toBeLessThan(2_000);
  }
  year.tell({ type: 'removed', v: 1, photos: [], segments: [1], upTo, why: 'retention', by: 'Porter' });
  return carried;
}

// fast-check prints the seed and the cut of a history that fails.
const everyYear = (check: (year: Year, cut: number) => void): void => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, part) => {
      const year = new Year(seed);
      year.live(40);
      check(year, Math.floor(part * (year.records.length - 1)));
    }),
    { numRuns: 12 },
  );
};

describe('segments that go', () => {
  test('take nothing out of the ledger, wherever they end, and the days after find the same', () => {
    everyYear((year, cut) => {
      goes(year, cut);
      expect(linesOf(foldOf(year.records.slice(cut)))).toEqual(linesOf(foldOf(year.records)));
      expect(linesOf(foldOf(year.records.slice(cut)))).toEqual(linesOf(year.pruned));
      year.live(8);
      expect(linesOf(foldOf(year.records.slice(cut)))).toEqual(linesOf(year.pruned));
    });
  });

  test('and what was carried out of one is carried on when that goes too', () => {
    everyYear((year, cut) => {
      goes(year, Math.floor(cut / 2));
      year.live(12);
      const second = Math.floor((cut + year.records.length) / 2);
      goes(year, second);
      expect(linesOf(foldOf(year.records.slice(second)))).toEqual(linesOf(year.pruned));
    });
  });

  test('nor a mark that waits, nor a pupil who is out, nor the sum', () => {
    everyYear((year, cut) => {
      const { whole } = year;
      const sum = whole.sum();
      goes(year, cut);
      const rest = foldOf(year.records.slice(cut));
      expect([rest.sum(), [...rest.out], rest.serial]).toEqual([sum, [...whole.out], whole.serial]);
      for (const [key, mark] of whole.marks) {
        const bucket = bucketOf[stateOf(mark)];
        if (bucket === 'waiting' || bucket === 'needsPerson') expect(rest.mark(key)).toEqual(mark);
      }
    });
  });

  test('what is carried stays as it was told, whatever happens then', () => {
    everyYear((year, cut) => {
      const bodies = missing(year.pruned, foldOf(year.records.slice(cut)), 0);
      const told = JSON.stringify(bodies);
      year.live(8);
      expect(JSON.stringify(bodies)).toBe(told);
    });
  });

  test('that a mark is no longer there is told under the key of its pupil', () => {
    everyYear((year) => {
      const rest = foldOf(year.records);
      const told = missing(new Ledger(), rest, 0).flatMap(({ pupil, entries }) =>
        entries.flatMap(({ field, key }) => (field[0] === 'marks' ? [{ pupil, of: key?.split('|')[0] }] : [])),
      );
      expect(told.length > 0).toBe(rest.marks.size > 0);
      for (const { pupil, of } of told) expect(of).toBe(pupil);
    });
  });

  test('what is carried is of one pupil, and names it: whoever is erased leaves nothing in it', () => {
    everyYear((year, cut) => {
      // Whoever was enrolled anew is one person under two keys.
      const twice = new Set(
        year.records.flatMap((record) => (record.type === 'adopt' ? [record.from, record.to] : [])),
      );
      for (const { pupil, entries } of missing(year.pruned, foldOf(year.records.slice(cut)), 0)) {
        for (const { key, value } of entries) {
          const told = JSON.stringify([key, value ?? null]);
          const named = [...told.matchAll(/"pupil":"([^"]+)"/g)].flatMap(([, one]) => one ?? []);
          expect(named.filter((one) => one !== pupil && !twice.has(one))).toEqual([]);
        }
      }
    });
  });
});
