/** What staff read of records that were found damaged at a start: which they are, by the numbers that stand on badges and in the MIS. */
import { expect, test } from 'vitest';
import { journalWords } from '../../device/health.ts';

test('an end that was cut off names the numbers that may be missing', () => {
  const words = (after: number, upTo: number) => journalWords({ kind: 'tail', after, upTo, aside: 'x.tail-1' });
  expect(words(10, 2)).toContain('numbers 11 to 12 may be missing');
  expect(words(39, 1)).toContain('number 40 may be missing');
});

test('damage names the numbers that are missing, or says that none is', () => {
  const words = (missing: { from: number; to: number } | null) =>
    journalWords({ kind: 'damage', missing, aside: 'x.damaged-1' });
  expect(words({ from: 3, to: 5 })).toContain('numbers 3 to 5 are damaged and missing');
  expect(words(null)).toContain('no record is missing');
});
