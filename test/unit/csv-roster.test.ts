import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RosterRead, readRosterCsv } from '../../device/roster/csv.ts';
import { tries } from '../support/tries.ts';

const file = (name: string) => readRosterCsv(readFileSync(`test/fixtures/roster/${name}`));
const csv = (text: string) => readRosterCsv(new TextEncoder().encode(text));
const head = 'mis_id,forename,surname,year_group,registration_group,birth_month,flags\n';
const row = (cells: string) => csv(head + cells);

function told({ problems }: RosterRead): readonly string[] {
  return problems.map(
    ({ line, column, found, expected }) => `line ${line}, ${column}: found ${found}, expected ${expected}`,
  );
}
function names({ pupils }: RosterRead): readonly string[] {
  return pupils.map(({ misId, forename, surname }) => `${misId} ${forename} ${surname}`.trim());
}

describe('a roster as spreadsheets write it', () => {
  it('plain UTF-8 with commas', () => {
    const read = file('plain.csv');
    expect(read.problems).toEqual([]);
    expect(read.warnings).toEqual([]);
    expect(read.pupils).toEqual([
      {
        key: '1001',
        misId: '1001',
        forename: 'Amara',
        surname: 'Okafor',
        yearGroup: 'Year 7',
        registrationGroup: '7A',
        birthMonth: 3,
        flags: [],
      },
      {
        key: '1002',
        misId: '1002',
        forename: 'Siân',
        surname: "O'Brien, Rhys",
        yearGroup: 'Year 8',
        registrationGroup: '8B',
        birthMonth: 3,
        flags: ['no-photo'],
      },
      {
        key: '1003',
        misId: '1003',
        forename: 'Jo "JJ"',
        surname: 'Novák',
        yearGroup: 'Year 9',
        registrationGroup: '9C',
        birthMonth: 12,
        flags: ['no-photo', 'see-reception'],
      },
      {
        key: '1004',
        misId: '1004',
        forename: 'أمينة',
        surname: 'الحسن',
        yearGroup: 'Reception',
        registrationGroup: 'RW',
        birthMonth: 12,
        flags: [],
      },
      {
        key: '1005',
        misId: '1005',
        forename: 'Madonna',
        surname: '',
        yearGroup: 'Year 10',
        registrationGroup: null,
        birthMonth: 7,
        flags: ['do-not-display'],
      },
    ]);
  });

  it('UTF-16 with tabs, as Excel saves "Unicode text"', () => {
    expect(file('excel-unicode-text.txt').pupils).toEqual(file('plain.csv').pupils);
  });

  it('semicolons, a byte order mark, CRLF, columns in another order, headings with spaces', () => {
    const read = file('excel-semicolon.csv');
    expect(read.problems).toEqual([]);
    expect(read.pupils.map(({ misId, surname, birthMonth }) => [misId, surname, birthMonth])).toEqual([
      ['1001', 'Okafor', 3],
      ['1002', "O'Brien; Rhys", 3],
    ]);
    expect(read.warnings.map(({ column }) => column)).toEqual(['date_of_birth']);
  });

  it('Windows-1252, with a warning', () => {
    const read = file('windows-1252.csv');
    expect(names(read)).toEqual(['1 Zoë O’Neill', '2 Lukasz X']);
    expect(read.warnings.map(({ found }) => found)).toEqual(['text that is no UTF-8, read as Windows-1252']);
  });

  it("after Excel's own line about the separator, and after blank lines", () => {
    expect(names(csv('sep=;\n\nmis_id;forename;surname;year_group;birth_month\n1;A;B;7;1\n'))).toEqual(['1 A B']);
  });

  it('with old line ends, and without one at the end', () => {
    expect(names(csv(`${head}1,A,B,7,,1,\r2,C,D,7,,1,`.replace('\n', '\r')))).toEqual(['1 A B', '2 C D']);
  });
});

describe('bad rows', () => {
  it('are listed by line, and the good ones are used', () => {
    const read = file('bad-rows.csv');
    expect(names(read)).toEqual(['1 Amara Okafor', '7 Grace May Brown', '8 Hanna Sato']);
    expect(told(read)).toEqual([
      'line 4, birth_month: found 13, expected a month from 1 to 12 or its name',
      "line 5, mis_id: found nothing, expected the pupil's id in the MIS",
      'line 6, forename: found no name at all, expected a forename, a surname or both',
      'line 7, flags: found a flag that is not known, expected no-photo see-reception do-not-display',
      'line 8, : found 8 columns, expected 7 columns, as in the headings',
      'line 9, : found quotes that do not fit together, expected 7 columns, as in the headings',
      'line 10, mis_id: found the id of line 2 again, expected one row a pupil: the first one stands',
    ]);
  });

  it('never repeat a name, an id or a date in what is said', () => {
    const text = 'Zebedee,Zebedee,Zebedee,Zebedee,Zebedee,Zebedee,Zebedee,Zebedee\n';
    const others = [
      'Zebedee,A,B,7,,Zebedee,Zebedee\n',
      'Zebedee,A,B,7,,1,\nZebedee,A,B,7,,1,\n',
      `1,Zebe\u0007dee,B,7,,1,\n`,
    ];
    for (const rows of [text, ...others]) {
      const read = row(rows);
      expect(read.problems.length).toBeGreaterThan(0);
      expect(JSON.stringify(read.problems).toLowerCase()).not.toContain('zebedee');
    }
    const birth = csv('mis_id,forename,surname,year_group,date_of_birth\n1,A,B,7,31/02/2014\n');
    expect(birth.problems).toHaveLength(1);
    expect(JSON.stringify(birth)).not.toContain('2014');
    // No headings: the first line is a pupil.
    expect(JSON.stringify(csv('77,Zebedee,B,7,1\n')).toLowerCase()).not.toContain('zebedee');
  });

  it.each([
    ['1.23E+09,A,B,7,,1,', 'mis_id'],
    [`${'9'.repeat(65)},A,B,7,,1,`, 'mis_id'],
    [`1,${'A'.repeat(101)},B,7,,1,`, 'forename'],
    ['1,A,B\u0000,7,,1,', 'surname'],
    ['1,A,B,7,,0,', 'birth_month'],
    ['1,A,B,7,,ma,', 'birth_month'],
    ['1,A,B,7,,Smarch,', 'birth_month'],
  ])('%j is one', (cells, column) => {
    const read = row(`${cells}\n2,Good,Row,7,,1,\n`);
    expect(read.problems.map((problem) => [problem.line, problem.column])).toEqual([[2, column]]);
    expect(names(read)).toEqual(['2 Good Row']);
  });

  it('are those with a column too many or too few, but not those that Excel cut short', () => {
    const read = row('1,Cut,Short,7,7A,1\n2,Cut,Too,7,7A\n3,One,More,7,7A,1,,\n4,Good,Row,7,7A,1,\n');
    expect(names(read)).toEqual(['1 Cut Short', '4 Good Row']);
    expect(read.problems.map(({ line, found }) => `${line}: ${found}`)).toEqual(['3: 5 columns', '4: 8 columns']);
  });

  it('one stray quote costs one row, not the rest of the file', () => {
    const good = Array.from({ length: 30 }, (_, i) => `${i},A,B,7,,1,\n`);
    const read = row([...good.slice(0, 10), 'x,"A,B,7,,1,\n', ...good.slice(10)].join(''));
    expect(read.pupils).toHaveLength(30);
    expect(read.problems.map(({ line }) => line)).toEqual([12]);
  });
});

describe('headings', () => {
  it('that lack a column are told by its name, once', () => {
    const read = csv('mis_id,forename,year_group,birth_month\n1,A,7,1\n');
    expect(read.pupils).toEqual([]);
    expect(told(read)).toEqual(['line 1, surname: found no such column, expected a column surname']);
  });

  it('that are misspelled are told where they may be', () => {
    expect(told(csv('mis_id,fornames,surname,year_group,birth_month\n'))).toEqual([
      'line 1, forename: found no such column, expected a column forename (column 2 may be meant)',
    ]);
  });

  it('may name the month or the date of birth', () => {
    expect(told(csv('mis_id,forename,surname,year_group\n'))).toEqual([
      'line 1, birth_month: found no such column, expected a column birth_month (or date_of_birth)',
    ]);
  });

  it('may name more than is used: with a warning, and nothing of it is kept', () => {
    const read = csv('mis_id,forename,surname,year_group,birth_month,postcode\n1,A,B,7,1,SW1A\n');
    expect(names(read)).toEqual(['1 A B']);
    expect(read.warnings.map(({ found }) => found)).toEqual(['columns that are not used (number 6)']);
    expect(JSON.stringify(read)).not.toContain('SW1A');
  });

  it('that are not there at all are one problem', () => {
    for (const text of ['', '\n\n', '1,Amara,Okafor,7,3\n', '<html><body>Log in</body></html>']) {
      expect(csv(text).problems, text).toHaveLength(1);
    }
  });
});

describe('birth months', () => {
  const month = (words: string) => row(`1,A,B,7,,${words},\n`).pupils[0]?.birthMonth;
  it.each([
    ['January Jan jan. JANUARY 1 01 Ionawr Ion', 1],
    ['February feb 2 Chwefror chwe', 2],
    ['March mar Mawrth maw', 3],
    ['April apr Ebrill ebr', 4],
    ['May Mai 5', 5],
    ['June jun Mehefin meh', 6],
    ['July jul Gorffennaf gorff', 7],
    ['August aug Awst', 8],
    ['September sept sep Medi', 9],
    ['October oct Hydref hyd 10', 10],
    ['November nov Tachwedd tach', 11],
    ['December dec Rhagfyr rhag 12', 12],
  ])('%s', (words, expected) => {
    for (const word of words.split(' ')) expect(month(word), word).toBe(expected);
  });

  const fromDate = (date: string) =>
    csv(`mis_id,forename,surname,year_group,date_of_birth\n1,A,B,7,${date}\n`).pupils[0]?.birthMonth;
  it.each([
    ['2014-03-09', 3],
    ['09/03/2014', 3],
    ['9/3/2014', 3],
    ['29/02/2016', 2],
    ['2014-03-09T00:00:00', 3],
    ['09/03/2014 00:00', 3],
    ['', null],
    ['29/02/2015', undefined],
    ['03/13/2014', undefined],
    ['9 March 2014', undefined],
    ['2014', undefined],
  ])('of the date of birth %j is %j', (date, expected) => {
    expect(fromDate(date)).toBe(expected);
  });

  it('stand before a date of birth beside them', () => {
    const read = csv('mis_id,forename,surname,year_group,birth_month,date_of_birth\n1,A,B,7,May,2014-03-09\n');
    expect(read.pupils[0]?.birthMonth).toBe(5);
  });
});

it('pupils without a year group or month are kept, and counted in a warning', () => {
  const read = row('1,A,B,,,,\n2,C,D,7,,,\n3,E,F,7,,1,\n');
  expect(read.pupils.map(({ yearGroup, birthMonth }) => [yearGroup, birthMonth])).toEqual([
    [null, null],
    ['Year 7', null],
    ['Year 7', 1],
  ]);
  expect(read.warnings.map(({ column, found }) => `${column}: ${found}`)).toEqual([
    'year_group: 1 pupil without one',
    'birth_month: 2 pupils without one',
  ]);
});

it('names keep their script, lose marks that turn the direction of other text, and are in one form', () => {
  const read = row('1,Zoe\u0308,\u202eנועה\u202c  בן,7,,1,\n');
  expect(names(read)).toEqual(['1 Zoë נועה בן']);
});

it('a file beyond all bounds is refused, not read', () => {
  const read = readRosterCsv(new Uint8Array(9 * 1024 * 1024));
  expect(read.pupils).toEqual([]);
  expect(read.problems).toHaveLength(1);
  const many = csv(`${head}${'a,A,B,7,,1,\n'.repeat(20_001)}`);
  expect(many.problems.at(-1)).toMatchObject({ line: 20_002, expected: 'at most 20000 pupils' });
});

// fast-check prints the seed and the shortest file that fails.
describe('any bytes at all', () => {
  const sound = (bytes: Uint8Array) => {
    const { pupils, problems, warnings } = readRosterCsv(bytes);
    expect(new Set(pupils.map(({ key }) => key)).size).toBe(pupils.length);
    for (const pupil of pupils) {
      expect(pupil.forename + pupil.surname).not.toBe('');
      expect(pupil.birthMonth === null || (pupil.birthMonth >= 1 && pupil.birthMonth <= 12)).toBe(true);
    }
    for (const { line } of [...problems, ...warnings]) expect(line).toBeGreaterThanOrEqual(1);
  };

  it('are read or told about, never a crash', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), sound), tries(300));
  });

  it('after good headings', () => {
    const piece = fc.constantFrom('"', '""', ',', ';', '\t', '\r', '\n', '\r\n', ' ', '1', 'Amara', '7', 'March', 'no-photo', '\u0000', '\ufeff', 'é'); // prettier-ignore
    const body = fc.array(piece, { maxLength: 80 }).map((pieces) => new TextEncoder().encode(head + pieces.join('')));
    fc.assert(fc.property(body, sound), tries(300));
  });

  it('whatever the cells hold, a row that is quoted as it should be is the pupil it says', () => {
    const cell = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .map((text) => `x${text.replace(/[\p{Cc}]/gu, ' ')}x`);
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), (people) => {
        const rows = people.map(([forename, surname], i) => `${i},${quoted(forename)},${quoted(surname)},7,,1,\n`);
        const read = row(rows.join(''));
        const expected = people.map(([forename, surname], i) => `${i} ${forename} ${surname}`);
        const plain = (text: string) =>
          text.normalize('NFC').replace(/[\s\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]+/g, '');
        expect(names(read).map(plain)).toEqual(expected.map(plain));
      }),
      tries(200),
    );
  });
});
