/** What time it is, by what others say (durability.md 17): tables of who is believed, and that no honest word is ever put to shame. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carried, common, isTrusted } from '../../device/domain/clock-trust.ts';
import {
  estimate,
  heard,
  jumpAloneMaxMs,
  jumpMaxMs,
  learnt,
  noDates,
  rtcWord,
  saidByMis,
  wallWord,
} from '../../device/domain/time-evidence.ts';
import type { DateHeard, Evidence, Known, TimeSource, WallKnown } from '../../device/domain/time-evidence.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** Monday, 23 November 2026, ten to nine. */
const morning = Date.UTC(2026, 10, 23, 8, 50);
const builtAt = Date.UTC(2026, 8, 1);
/** The machine started three minutes before. */
const mono = 3 * minute;
/** Friday's last record. */
const friday = { earliest: morning - 65 * hour, mono: 0 };
/** This morning's: the box was off for half an hour. */
const today = { earliest: morning - 33 * minute, mono: 0 };

const nothing: Known = { evidence: [], builtAt, newest: today, jumpMaxMs };
const says = (source: TimeSource, offMs = 0, widthMs = 200): Evidence => ({
  source,
  earliest: morning + offMs - widthMs / 2,
  latest: morning + offMs + widthMs / 2,
  mono,
});
const after = (known: Known, ...words: readonly Evidence[]): Known => words.reduce(learnt, known);
const believed = (known: Known): readonly TimeSource[] => estimate(known, mono).sources;

describe('who is believed', () => {
  test.each<[string, Known, readonly Evidence[], readonly TimeSource[]]>([
    ['nobody has spoken', nothing, [], []],
    ['a synchronised wall clock', nothing, [says('kernel')], ['kernel']],
    ['the MIS alone', nothing, [says('mis', 0, 2_400)], ['mis']],
    ['a person alone', nothing, [says('person', 0, 3 * minute)], ['person']],
    [
      'all agree',
      nothing,
      [says('kernel'), says('mis', 500, 2_400), says('person', minute, 3 * minute)],
      ['kernel', 'mis', 'person'],
    ],
    [
      'a minute and a half apart: roughly the same',
      nothing,
      [says('kernel'), says('mis', 90 * second)],
      ['kernel', 'mis'],
    ],
    ['over two minutes apart: neither', nothing, [says('kernel'), says('mis', 3 * minute)], []],
    [
      'a third agrees with one of them',
      nothing,
      [says('kernel', hour), says('mis'), says('person', 0, 3 * minute)],
      ['mis', 'person'],
    ],
    [
      'a battery clock is no second voice beside the wall clock that sets it',
      nothing,
      [says('kernel', hour), says('rtc', hour), says('mis')],
      [],
    ],
    ['a battery clock that was right when it was last seen', nothing, [says('rtc')], ['rtc']],
    [
      'a battery clock, and then the synchronised wall clock, which sets it',
      nothing,
      [says('rtc', hour), says('kernel')],
      ['kernel'],
    ],
    ['a battery clock that the MIS contradicts', nothing, [says('rtc', hour), says('mis')], []],
    ['before the newest record', nothing, [says('kernel', -2 * hour)], []],
    [
      'before the newest record, but two say so',
      nothing,
      [says('kernel', -2 * hour), says('mis', -2 * hour)],
      ['kernel', 'mis'],
    ],
    ['before the build, whoever says it', nothing, [says('kernel', -100 * day), says('mis', -100 * day)], []],
    ['1970', nothing, [says('system', -morning)], []],
    ['off over the weekend, the wall clock alone', { ...nothing, newest: friday }, [says('kernel')], []],
    [
      'off over the weekend, and the MIS says so too',
      { ...nothing, newest: friday },
      [says('kernel'), says('mis')],
      ['kernel', 'mis'],
    ],
    ['off over the weekend, the MIS alone', { ...nothing, newest: friday }, [says('mis')], ['mis']],
    [
      'off over the weekend, and nobody else could speak',
      { ...nothing, newest: friday, jumpMaxMs: jumpAloneMaxMs },
      [says('kernel')],
      ['kernel'],
    ],
    [
      'a year ahead, though nobody else could speak',
      { ...nothing, jumpMaxMs: jumpAloneMaxMs },
      [says('kernel', 365 * day)],
      [],
    ],
    ['a year ahead; the MIS does not agree', nothing, [says('kernel', 365 * day), says('mis')], []],
    [
      'a year ahead; a person says what day it is',
      nothing,
      [says('kernel', 365 * day), says('person', 0, 3 * minute)],
      ['person'],
    ],
    ['no record yet: the first boot', { ...nothing, newest: null }, [says('kernel')], ['kernel']],
    ['a restart: by the records of this boot', nothing, [says('record')], ['record']],
    ['a restart, and then the wall clock speaks', nothing, [says('record', hour), says('kernel')], ['kernel']],
    [
      'whoever has spoken already is not drowned by records',
      nothing,
      [says('kernel'), says('record', hour)],
      ['kernel'],
    ],
  ])('%s', (_, known, words, sources) => {
    expect(believed(after(known, ...words))).toEqual(sources);
  });

  test('a person settles a quarrel, until one of them speaks again', () => {
    const quarrel = after(nothing, says('kernel', hour), says('mis', 5 * minute));
    expect(believed(quarrel)).toEqual([]);
    const settled = after(quarrel, says('person', 0, 3 * minute));
    expect(believed(settled)).toEqual(['person']);
    expect(believed(after(settled, says('kernel', hour)))).toEqual([]);
    expect(believed(after(settled, says('kernel', hour), says('mis', hour)))).toEqual(['kernel', 'mis']);
  });

  test('while nobody is believed: open, and from the newest record or the build on', () => {
    const { earliest, latest } = estimate(nothing, mono);
    expect(latest).toBeNull();
    expect(earliest).toBeCloseTo(today.earliest + mono, -2);
    expect(estimate({ ...nothing, newest: null }, mono).earliest).toBe(builtAt);
    expect(estimate({ ...nothing, newest: { earliest: 0, mono: 0 } }, mono).earliest).toBe(builtAt);
  });
});

describe('how sure it is', () => {
  test('200 millionths from the last word on, to both sides', () => {
    const known = after(nothing, says('kernel'));
    const later = estimate(known, mono + 100 * minute);
    expect(later.earliest).toBeCloseTo(morning + 100 * minute - 100 - 1_200, 6);
    expect(later.latest).toBeCloseTo(morning + 100 * minute + 100 + 1_200, 6);
  });

  test('trusted for days without another word, then only an interval', () => {
    const known = after(nothing, says('kernel'));
    expect(isTrusted(estimate(known, mono + 8 * day))).toBe(true);
    expect(isTrusted(estimate(known, mono + 9 * day))).toBe(false);
    expect(estimate(known, mono + 42 * day).latest).not.toBeNull();
  });

  test('as sure as all of them together', () => {
    const { earliest, latest } = estimate(
      after(nothing, says('mis', 0, 2_000), says('person', minute, 3 * minute)),
      mono,
    );
    expect([earliest - morning, (latest ?? 0) - morning]).toEqual([-1_000, 1_000]);
  });

  test('what agrees only roughly is as wide as the two', () => {
    const { earliest, latest } = estimate(after(nothing, says('kernel'), says('mis', 90 * second)), mono);
    expect([earliest - morning, (latest ?? 0) - morning]).toEqual([-100, 90 * second + 100]);
  });
});

describe('the Date of the MIS', () => {
  const answer = (offMs: number, atMs: number, roundTripMs = 200): DateHeard => ({
    date: Math.floor((morning + atMs + offMs) / second) * second,
    askedAt: mono + atMs - roundTripMs,
    answeredAt: mono + atMs,
  });
  const all = (...answers: readonly DateHeard[]) => answers.reduce(heard, noDates);

  test('one answer is none; two are evidence', () => {
    expect(saidByMis(all(answer(0, 0)))).toBeNull();
    const word = saidByMis(all(answer(0, 0), answer(0, 700)));
    expect(word).toMatchObject({ source: 'mis', mono: mono + 700 });
    expect((word?.latest ?? 0) - (word?.earliest ?? 0)).toBeLessThanOrEqual(2 * 1_200);
  });

  test('two that do not fit begin anew', () => {
    const dates = all(answer(0, 0), answer(0, 700), answer(hour, 1_400));
    expect(saidByMis(dates)).toBeNull();
    expect(saidByMis(heard(dates, answer(hour, 2_100)))?.earliest).toBeGreaterThan(morning + hour - 5 * second);
  });

  test('no date, or an exchange too slow to say anything', () => {
    expect(all({ date: NaN, askedAt: 0, answeredAt: 1 }, answer(0, 0, 11 * second))).toEqual(noDates);
  });
});

describe('the wall clock', () => {
  const see = (
    seconds: number,
    wallOffMs: number,
    synchronised: 'cannot-tell' | 'not-yet' | number,
    before: WallKnown | null = null,
  ) => wallWord(before, { wall: morning + seconds * second + wallOffMs, mono: mono + seconds * second, synchronised });

  test('says nothing before it is synchronised', () => {
    expect(see(0, 0, 'not-yet').word).toBeNull();
  });
  test('is right to a tenth of a second while it is kept so', () => {
    expect(see(60, 0, morning).word).toEqual({
      source: 'kernel',
      earliest: morning + minute - 100,
      latest: morning + minute + 100,
      mono: mono + minute,
    });
  });
  test('counts from its last synchronisation where that was long ago', () => {
    expect(see(0, 0, morning - 20 * hour).word).toMatchObject({
      earliest: morning - 20 * hour - 100,
      mono: mono - 20 * hour,
    });
  });
  test.each([hour, -hour])('set by hand by %i ms: not heard until it is synchronised again', (by) => {
    const before = see(60, 0, morning);
    const stepped = see(61, by, morning, before.known);
    expect(stepped.word).toBeNull();
    expect(see(62, by, morning, stepped.known).word).toBeNull();
    expect(see(63, 0, morning + 62.5 * second, stepped.known).word).toMatchObject({ source: 'kernel' });
  });
  test('synchronised in the future: it was set back since', () => {
    expect(see(0, 0, morning + hour).word).toBeNull();
  });
  test('is all there is where nothing can tell', () => {
    expect(see(0, hour, 'cannot-tell').word).toEqual({
      source: 'system',
      earliest: morning + hour,
      latest: morning + hour,
      mono,
    });
  });
});

describe('the battery clock', () => {
  const friday = morning - 65 * hour;
  test('once right, within seconds of it a weekend later', () => {
    const word = rtcWord(friday, morning, mono);
    expect(word).toMatchObject({ source: 'rtc', mono });
    const [before, after] = [morning - (word?.earliest ?? 0), (word?.latest ?? 0) - morning];
    for (const off of [before, after]) {
      expect(off).toBeGreaterThan(5_500);
      expect(off).toBeLessThan(minute);
    }
  });
  test('not trusted after a month in a cupboard: it may be minutes off', () => {
    const word = rtcWord(morning - 31 * day, morning, mono);
    expect(word !== null && isTrusted(word)).toBe(false);
  });
  test('one that went back has an empty battery, and says nothing', () => {
    expect(rtcWord(friday, Date.UTC(2000, 0, 1), mono)).toBeNull();
  });
});

describe('whatever happens', () => {
  /** A quartz that is off by at most 200 millionths, and words that are true when they are said. */
  const honest = fc.array(
    fc.record({
      source: fc.constantFrom<TimeSource>('kernel', 'rtc', 'mis', 'person', 'record'),
      atMs: fc.integer({ min: 0, max: 50 * day }),
      beforeMs: fc.integer({ min: 0, max: 5 * minute }),
      afterMs: fc.integer({ min: 0, max: 5 * minute }),
    }),
    { maxLength: 8 },
  );

  test('the true time lies inside, whenever all the evidence was honest', () => {
    fc.assert(
      fc.property(
        honest,
        fc.double({ min: -200, max: 200, noNaN: true }),
        fc.integer({ min: 0, max: 60 * day }),
        (words, ppm, untilMs) => {
          const monoAt = (trueMs: number): number => trueMs / (1 + ppm / 1_000_000);
          const said = words
            .toSorted((one, other) => one.atMs - other.atMs)
            .filter(({ atMs }) => atMs <= untilMs)
            .map(({ source, atMs, beforeMs, afterMs }): Evidence => {
              const truth = morning + atMs;
              return { source, earliest: truth - beforeMs, latest: truth + afterMs, mono: monoAt(atMs) };
            });
          const known = after({ ...nothing, newest: { earliest: morning - hour, mono: 0 } }, ...said);
          const { earliest, latest } = estimate(known, monoAt(untilMs));
          expect(earliest).toBeLessThanOrEqual(morning + untilMs + 1);
          expect(latest ?? Infinity).toBeGreaterThanOrEqual(morning + untilMs - 1);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('one liar among honest sources is never believed alone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<TimeSource>('kernel', 'mis'),
        fc.integer({ min: 3 * minute, max: 400 * day }),
        (liar, off) => {
          const others = (['kernel', 'mis'] as const).filter((source) => source !== liar);
          const known = after(nothing, says(liar, off), ...others.map((source) => says(source)));
          expect(believed(known)).toEqual([]);
          expect(estimate(known, mono).earliest).toBeLessThanOrEqual(morning);
        },
      ),
    );
  });

  test('carried there and back it still holds what it held; common parts are in both', () => {
    const span = fc.record({ earliest: fc.integer({ min: 0, max: day }), width: fc.integer({ min: 0, max: day }) });
    fc.assert(
      fc.property(span, span, fc.integer({ min: -50 * day, max: 50 * day }), (a, b, ms) => {
        const one = { earliest: a.earliest, latest: a.earliest + a.width };
        const other = { earliest: b.earliest, latest: b.earliest + b.width };
        const back = carried(carried(one, ms), -ms);
        expect(back.earliest).toBeLessThanOrEqual(one.earliest + 1e-3);
        expect(back.latest).toBeGreaterThanOrEqual(one.latest - 1e-3);
        const both = common(one, other);
        if (both !== null)
          expect([one.earliest <= both.earliest, (both.latest ?? 0) <= other.latest]).toEqual([true, true]);
        else expect(one.latest < other.earliest || other.latest < one.earliest).toBe(true);
      }),
    );
  });
});
