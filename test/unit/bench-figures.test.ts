/** What `scripts/bench` makes of its runs. */
import { expect, test } from 'vitest';
import { goalWords, median, quantile, shown, table, told, turnAbout } from '../bench/figures.ts';
import { withShort } from '../bench/results.ts';

const figure = (runs: readonly number[], more: object = {}) => told({ what: 'start', unit: 'ms', runs, ...more });
const bare = (...runs: readonly number[]) => ({ what: 'bare', runs });

test('the median is the middle one, of an even count the mean of both in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7]);
});

test('a quantile is the least run that so large a share does not exceed', () => {
  const hundred = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect([0.5, 0.95, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 95, 99, 100]);
  expect(quantile([5], 0.01)).toBe(5);
});

test('a figure tells median, least and most of its runs', () => {
  expect(figure([30, 10, 20])).toMatchObject({ median: 20, min: 10, max: 30, ratio: null, met: null });
});

test('the ratio is that of runs side by side: a machine that slows for a while slows both', () => {
  // The third pair met a machine three times as slow.
  const { ratio, against } = figure([20, 22, 66], { against: bare(10, 11, 33) });
  expect([ratio, against?.median]).toEqual([2, 11]);
});

test.each([
  [{ most: 20 }, [10, 20, 30], undefined, true],
  [{ most: 19 }, [10, 20, 30], undefined, false],
  [{ least: 200 }, [199, 200, 250], undefined, true],
  [{ least: 200 }, [199, 150, 250], undefined, false],
  [{ times: 1.5 }, [15, 15, 15], bare(10, 10, 10), true],
  [{ times: 1.5 }, [16, 16, 15], bare(10, 10, 10), false],
  [{ times: 1.5, plus: 2 }, [17, 17, 30], bare(10, 10, 10), true],
  [{ times: 1.5, plus: 2 }, [17, 18, 30], bare(10, 10, 10), false],
  [{ times: 2, most: 15 }, [16, 16, 16], bare(10, 10, 10), false],
])('goal %j of %j against %j', (goal, runs, against, met) => {
  expect(figure(runs, { goal, ...(against === undefined ? {} : { against }) }).met).toBe(met);
});

test('a goal against nothing is not met, and nothing measured is an error', () => {
  expect(figure([1], { goal: { times: 2 } }).met).toBe(false);
  expect(() => figure([])).toThrow('start: nothing was measured');
  expect(() => figure([1, NaN])).toThrow('nothing was measured');
  expect(() => figure([1, 2], { against: bare(1) })).toThrow('2 runs against 1');
});

test('numbers are told in three digits', () => {
  expect([0, 0.1234, 1.2345, 12.345, 123.45, 12_345.6].map(shown)).toEqual([
    '0',
    '0.123',
    '1.23',
    '12.3',
    '123',
    '12,346',
  ]);
});

test('goals are told as the table of issue 7 has them', () => {
  expect(goalWords({ times: 1.5, plus: 2 }, 'ms')).toBe('<= 1.5x + 2.00 ms');
  expect(goalWords({ times: 1.5, most: 0.5 }, '%')).toBe('<= 1.5x, <= 0.500 %');
  expect(goalWords({ least: 200 }, 'a second')).toBe('>= 200 a second');
});

test('the table has a line for each figure, and no column that nothing is in', () => {
  const lines = table([figure([10, 30, 20], { goal: { most: 15 } }), figure([5])]).split('\n');
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    '| figure | median | least to most | goal | met |',
    expect.stringMatching(/^\|-+\|-+\|-+\|-+\|-+\|$/),
    '| start | 20.0 ms | 10.0 to 30.0 | <= 15.0 ms | **no** |',
    '| start | 5.00 ms | | | |',
  ]);
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
});

test('works are run turn about', async () => {
  const order: string[] = [];
  const work = (name: string) => () => order.push(name);
  expect(await turnAbout(3, { a: work('a'), b: work('b') })).toEqual({ a: [1, 3, 5], b: [2, 4, 6] });
  expect(order.join('')).toBe('ababab');
});

test('the README gets the figures that have a goal, in the place that is theirs', () => {
  const place = 'before <!-- scripts/bench: begin -->old<!-- scripts/bench: end --> after';
  const figures = [
    figure([20], { against: bare(10), goal: { times: 1.3 } }),
    told({ what: 'extra', unit: 'ms', runs: [1] }),
  ];
  const all = [{ name: 'start', about: 'how soon', of: 'On a machine.', seconds: 1, figures }];
  const made = withShort(place, all);
  expect(made).toContain('| start | 20.0 ms | bare: 10.0, x2.00 | <= 1.3x | **no** |');
  expect(made).toMatch(/^before <!-- scripts\/bench: begin -->[^]*a machine[^]*<!-- scripts\/bench: end --> after$/);
  expect(made).not.toMatch(/old|extra/);
  expect(() => withShort('nothing', all)).toThrow('README.md has no place for figures');
});
