import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOf } from '../../device/domain/codes.ts';
import { problemText } from '../../device/settings/problem.ts';
import { readSettings } from '../../device/settings/read.ts';
import { keys } from '../../device/settings/schema-walk.ts';
import { tries } from '../support/tries.ts';

const sample = readFileSync('test/fixtures/settings/porter.toml', 'utf8');
const codes = (nation: 'england' | 'wales') => codesOf(nation, '2026-11-23');
const read = (toml: string) => readSettings(toml, 'porter.toml', { baseDir: '/config', codes });

/** fast-check prints the seed and the shortest text that fails. */
function holds<T>(texts: fc.Arbitrary<T>, check: (text: T) => void): void {
  fc.assert(fc.property(texts, check), tries(150));
}

function answered(toml: string): void {
  const result = read(toml);
  if (result.ok) {
    expect(result.settings.school.name).not.toBe('');
    return;
  }
  expect(result.problems.length).toBeGreaterThan(0);
  expect(result.problems.length).toBeLessThanOrEqual(100);
  const lines = toml.split('\n').length;
  for (const problem of result.problems) {
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines);
    expect(problemText(problem)).not.toMatch(/[\n\r]/);
  }
}

describe('any text at all', () => {
  it('is read or told what is wrong, never a crash', () => {
    holds(fc.string({ unit: 'binary', maxLength: 300 }), answered);
  });

  it('made of pieces of TOML', () => {
    const piece = fc.constantFrom('[', ']', '[[', ']]', '{', '}', '=', '"', "'", '"""', '.', ',', '#', '\n', ' ', 'a', '__proto__', 'school', 'mis', 'reason', 'times', 'am', '1', '-', '08:40', '2026-02-30', 'true', 'nan', '\\u0000'); // prettier-ignore
    holds(fc.array(piece, { maxLength: 60 }), (pieces) => answered(pieces.join('')));
  });

  it('the sample with a piece cut out, put in or repeated', () => {
    const at = fc.nat({ max: sample.length });
    holds(fc.tuple(at, fc.nat({ max: 200 }), fc.string({ maxLength: 20 })), ([from, length, put]) => {
      answered(sample.slice(0, from) + put + sample.slice(from + length));
      answered(sample.slice(0, from + length) + sample.slice(from));
    });
  });

  it('nested without end', () => {
    for (const text of [
      `a = ${'['.repeat(50_000)}`,
      `a = ${'['.repeat(20_000)}1${']'.repeat(20_000)}`,
      'a.'.repeat(20_000),
    ]) {
      answered(text);
    }
  });
});

describe('any value in the place of any key', () => {
  const names = keys()
    .map(({ key }) => key)
    .filter((key) => !key.includes('[]'));
  const value = fc.oneof(
    fc.string({ maxLength: 30 }).map((text) => JSON.stringify(text).replaceAll('\\b', '')),
    fc.integer().map(String),
    fc.double().map((number) => (Number.isInteger(number) ? number.toFixed(1) : String(number))),
    fc.boolean().map(String),
    fc.constantFrom(
      '[]',
      '{}',
      '[1]',
      '["x", ["y"]]',
      '{ x = 1 }',
      '2026-11-23',
      '08:40:00',
      'nan',
      '-inf',
      '"(stored)"',
    ),
  );

  it('is taken, or told about by that very key', () => {
    holds(fc.tuple(fc.constantFrom(...names), value), ([name, written]) => {
      const needed = [
        ['school.name', 'school.name = "x"'],
        ['mis.connector', 'mis.connector = "none"'],
      ];
      const others = needed.filter(([key]) => key !== name).map(([, line]) => line);
      const result = read([`${name} = ${written}`, ...others].join('\n'));
      if (result.ok) return;
      // A value in order by itself may be out of order with the default of another key of its table.
      const section = name.split('.')[0] ?? '';
      const told = result.problems.map((problem) => problem.key);
      const about = told.filter(
        (key) => key === '' || key.startsWith(section) || key === 'mis.token' || key === 'mis.school_id',
      );
      expect(about).toEqual(told);
    });
  });
});
