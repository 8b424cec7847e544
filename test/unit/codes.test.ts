import { describe, expect, test } from 'vitest';
import { codesOf, lateCodes, mayOverwrite, seeReceptionOnLeave } from '../../device/domain/codes.ts';
import type { OverwriteAnswer, OverwriteQuestion } from '../../device/domain/codes.ts';

const england = codesOf('england', '2026-11-23');
const wales = codesOf('wales', '2026-11-23');

describe('the codes of a nation on a date', () => {
  test('England since 19 August 2024: all of mis.md 7.2 and none of the withdrawn', () => {
    const all = '/ \\ L U N O G B K P V W C C1 C2 E I J1 M R S T D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7 Z # -'.split(' ');
    expect([...england.keys()].sort()).toEqual(all.sort());
    expect(codesOf('england', '2024-08-19').size).toBe(all.length);
  });

  test('no table, no codes: England before', () => {
    expect(codesOf('england', '2024-08-18').size).toBe(0);
    expect(lateCodes('england', '2024-08-18')).toBeNull();
  });

  test('Wales keeps the codes of 2010: none of the new English ones', () => {
    for (const code of ['C1', 'C2', 'K', 'Q', 'J1', 'Y1', 'Y2', 'Y3', 'Y4', 'Y5', 'Y6', 'Y7'])
      expect(wales.has(code)).toBe(false);
    for (const code of ['H', 'J', 'Y', 'L', 'U', 'M']) expect(wales.has(code)).toBe(true);
  });

  test('a letter has one category in all tables', () => {
    for (const [code, entry] of england) expect(wales.get(code)?.category ?? entry.category).toBe(entry.category);
  });

  test('a kiosk writes lateness only, and never names suspension, detention or presence', () => {
    const kiosk = (wanted: string): string[] =>
      [...england].filter(([, { kiosk }]) => kiosk === wanted).map(([code]) => code);
    expect(kiosk('write').sort()).toEqual(['L', 'U']);
    expect(kiosk('never')).toEqual(
      expect.arrayContaining(['E', 'Y5', '/', '\\', 'N', 'X', 'C2', 'D', 'B', 'V', '#', 'Z', '-']),
    );
  });
});

describe('what may be written over what', () => {
  const late: OverwriteQuestion = {
    standing: null,
    wanted: 'L',
    ours: false,
    mayReplacePresent: true,
    afterClose: false,
  };
  const afterClose: OverwriteQuestion = {
    standing: null,
    wanted: 'U',
    ours: false,
    mayReplacePresent: false,
    afterClose: true,
  };

  const table: readonly (readonly [
    standing: string | null,
    whileOpen: OverwriteAnswer,
    afterClose: OverwriteAnswer,
  ])[] = [
    [null, 'write', 'write'],
    ['', 'write', 'write'],
    ['-', 'write', 'write'],
    ['N', 'write', 'write'],
    ['/', 'write', 'conflict'],
    ['\\', 'write', 'conflict'],
    ['L', 'theirs', 'theirs'],
    ['U', 'conflict', 'theirs'],
    ['M', 'conflict', 'keep-theirs'],
    ['I', 'conflict', 'keep-theirs'],
    ['O', 'conflict', 'keep-theirs'],
    ['G', 'conflict', 'keep-theirs'],
    ['R', 'conflict', 'keep-theirs'],
    ['C1', 'conflict', 'keep-theirs'],
    ['Y1', 'conflict', 'keep-theirs'],
    ['H', 'conflict', 'keep-theirs'],
    ['E', 'conflict-urgent', 'conflict-urgent'],
    ['X', 'conflict', 'conflict'],
    ['C2', 'conflict', 'conflict'],
    ['C', 'conflict', 'conflict'],
    ['D', 'conflict', 'conflict'],
    ['B', 'conflict', 'conflict'],
    ['V', 'conflict', 'conflict'],
    ['P', 'conflict', 'conflict'],
    ['W', 'conflict', 'conflict'],
    ['K', 'conflict', 'conflict'],
    ['#', 'conflict', 'conflict'],
    ['Z', 'conflict', 'conflict'],
    ['L1', 'conflict', 'conflict'],
  ];
  test.each(table)('%s stands: L while open %s, arrival after close %s', (standing, open, closed) => {
    expect(mayOverwrite({ ...late, standing })).toBe(open);
    expect(mayOverwrite({ ...afterClose, standing })).toBe(closed);
  });

  test('a present mark stays where the school says so', () => {
    expect(mayOverwrite({ ...late, standing: '/', mayReplacePresent: false })).toBe('conflict');
  });

  test('our own earlier mark may be corrected, and yet never the always-conflict codes', () => {
    expect(mayOverwrite({ ...afterClose, standing: 'L', ours: true })).toBe('write');
    expect(mayOverwrite({ ...late, standing: 'U', ours: true })).toBe('write');
    expect(mayOverwrite({ ...late, standing: 'E', ours: true })).toBe('conflict-urgent');
    expect(mayOverwrite({ ...late, standing: 'C', wanted: 'C' })).toBe('theirs'); // as wanted already: nothing is touched
  });

  test('already as wanted is theirs; a proposal without a code is moot where an absence stands', () => {
    expect(mayOverwrite({ ...late, wanted: 'M', standing: 'M' })).toBe('theirs');
    expect(mayOverwrite({ ...afterClose, wanted: null, standing: 'I' })).toBe('keep-theirs');
    expect(mayOverwrite({ ...afterClose, wanted: null, standing: null })).toBe('write');
  });
});

describe('signing out', () => {
  test.each([null, '/', '\\', 'L', 'U', '-', '#', 'Z', 'L1'])('%s: the pupil may sign out', (code) => {
    expect(seeReceptionOnLeave(code)).toBe(false);
  });
  test.each(['N', 'I', 'M', 'O', 'E', 'V', 'P', 'W', 'B', 'K', 'C2', 'X', 'D', 'Y7', 'H'])(
    '%s: see reception',
    (code) => {
      expect(seeReceptionOnLeave(code)).toBe(true);
    },
  );
});
