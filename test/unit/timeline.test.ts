/** When each boot was, by its records and by those of the boots around it (durability.md 17). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant, TimeBody } from '../../device/domain/record.ts';
import { Timeline } from '../../device/domain/timeline.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Monday, 23 November 2026, eight o'clock. */
const eight = Date.UTC(2026, 10, 23, 8);

const sure = (boot: string, mono: number, at: number): Instant => ({ boot, mono, earliest: at, latest: at });
const open = (boot: string, mono: number, earliest = 0): Instant => ({ boot, mono, earliest, latest: null });
const after = (...records: readonly Instant[]): Timeline => {
  const timeline = new Timeline();
  for (const at of records) timeline.seen(at);
  return timeline;
};
/** In whole minutes after eight, from and to. */
const minutesOf = (timeline: Timeline, instant: Instant) => {
  const { earliest, latest } = timeline.spanOf(instant);
  return [earliest, latest].map((end) => (end === null ? null : Math.round((end - eight) / minute)));
};

describe('in one boot', () => {
  test('what became known later holds for what came before, by the time in between', () => {
    const timeline = after(open('a', 2 * minute), open('a', 10 * minute), sure('a', 30 * minute, eight + 30 * minute));
    expect(minutesOf(timeline, open('a', 10 * minute))).toEqual([10, 10]);
  });
  test('and for what comes after, when it is not known any more', () => {
    const timeline = after(sure('a', 0, eight), open('a', 60 * minute));
    expect(minutesOf(timeline, open('a', 60 * minute))).toEqual([60, 60]);
  });
  test('nothing known: open', () => {
    expect(minutesOf(after(open('a', 5 * minute, eight)), open('a', 5 * minute, eight))).toEqual([0, null]);
  });
  test('what a person says, by hours or to the minute', () => {
    const timeline = after(open('a', 10 * minute));
    const said: TimeBody = {
      type: 'time',
      v: 1,
      boot: 'a',
      mono: 20 * minute,
      earliest: eight + 19 * minute,
      latest: eight + 22 * minute,
      sources: ['person'],
      by: 'Ms Reed',
    };
    timeline.said(said);
    expect(minutesOf(timeline, open('a', 10 * minute))).toEqual([9, 12]);
    timeline.said({ ...said, earliest: eight + 20 * minute, latest: eight + 21 * minute });
    expect(minutesOf(timeline, open('a', 10 * minute))).toEqual([10, 11]);
  });
  test('records that contradict each other: the nearest counts', () => {
    const timeline = after(
      open('a', 0),
      sure('a', 10 * minute, eight),
      open('a', 11 * minute),
      sure('a', 60 * minute, eight),
    );
    expect(minutesOf(timeline, open('a', 0))).toEqual([-10, -10]);
    expect(minutesOf(timeline, open('a', 55 * minute))).toEqual([-5, -5]);
  });
});

describe('across power cuts', () => {
  const before = sure('a', 10 * minute, eight);
  const lost = [open('b', 2 * minute), open('b', 30 * minute)] as const;

  test('after the newest known record before, and nobody knows how long after', () => {
    expect(minutesOf(after(before, ...lost), lost[0])).toEqual([2, null]);
  });
  test('before the next boot of which the time is known, and early enough for what came between', () => {
    // The next boot began at ten, and the lost one ran 28 minutes more.
    const timeline = after(before, ...lost, sure('c', 5 * minute, eight + 125 * minute));
    expect(minutesOf(timeline, lost[0])).toEqual([2, 92]);
    expect(minutesOf(timeline, lost[1])).toEqual([30, 120]);
  });
  test('through more lost boots', () => {
    const timeline = after(before, ...lost, open('c', 40 * minute), sure('d', 5 * minute, eight + 125 * minute));
    expect(minutesOf(timeline, lost[0])).toEqual([2, 52]);
    expect(minutesOf(timeline, open('c', 40 * minute))).toEqual([70, 120]);
  });
  test('a boot before the first known one has no beginning', () => {
    expect(minutesOf(after(...lost, sure('c', 0, eight)), lost[1])[1]).toBe(0);
  });
  test('where the boots around contradict each other, they say nothing', () => {
    expect(minutesOf(after(before, ...lost, sure('c', 0, eight - hour)), open('b', 0, eight - 2 * hour))).toEqual([
      -120,
      null,
    ]);
  });
});

test('the true time lies inside, however the boots follow and whichever of them knew it', () => {
  const boot = fc.record({
    offMs: fc.integer({ min: 0, max: 70 * hour }),
    ppm: fc.integer({ min: -200, max: 200 }),
    records: fc.array(fc.record({ laterMs: fc.integer({ min: 0, max: 5 * hour }), known: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    }),
  });
  fc.assert(
    fc.property(fc.array(boot, { minLength: 1, maxLength: 6 }), (boots) => {
      const timeline = new Timeline();
      const truths: { readonly instant: Instant; readonly truth: number }[] = [];
      let truth = eight;
      for (const [index, { offMs, ppm, records }] of boots.entries()) {
        truth += offMs;
        const began = truth;
        for (const { laterMs, known } of records) {
          truth += laterMs;
          const at = { boot: String(index), mono: (truth - began) / (1 + ppm / 1_000_000) };
          const instant = known
            ? { ...at, earliest: truth - 500, latest: truth + 500 }
            : { ...at, earliest: 0, latest: null };
          timeline.seen(instant);
          truths.push({ instant, truth });
        }
      }
      for (const { instant, truth: was } of truths) {
        const { earliest, latest } = timeline.spanOf(instant);
        expect(earliest).toBeLessThanOrEqual(was + 1);
        expect(latest ?? Infinity).toBeGreaterThanOrEqual(was - 1);
        expect(timeline.copy().spanOf(instant)).toEqual({ earliest, latest });
      }
    }),
    { numRuns: 300 },
  );
});
