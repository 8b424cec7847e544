/** What leaves the page for spreadsheets: no cell is run as a formula, and what was typed is read back. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvOf, safeCell, tabbed } from '../../ui/staff/csv.ts';

const formulas = ['=1+1', '+441', '-2', '@SUM(A1)', '\t=1', '\r=1', ' =cmd|x', '\n@x', '=HYPERLINK("http://x","y")'];

describe('a cell', () => {
  test.each(formulas)('%j is text, not a formula', (text) => {
    expect(safeCell(text)).toBe(`'${text}`);
    const [, [cell] = []] = parse(csvOf(['a'], [[text]]), { bom: true });
    expect(cell?.charAt(0)).toBe("'");
    expect(
      tabbed(['a'], [[text]])
        .split('\n')[1]
        ?.charAt(0),
    ).toBe("'");
  });

  test('of a name, a group or a figure stays as it is', () => {
    for (const text of ['Amara O’Kafor', '9A', '12', "d'Arcy", 'محمد', '']) expect(safeCell(text)).toBe(text);
  });
});

test('commas, quotes and line breaks come back as they were; whatever the text, no cell begins a formula', () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
      const read = parse(csvOf(['a, "b"', 'c'], rows), { bom: true });
      expect(read[0]).toEqual(['a, "b"', 'c']);
      expect(read.slice(1)).toEqual(rows.map((row) => row.map(safeCell)));
      for (const one of read.slice(1).flat()) expect(one).not.toMatch(/^\s*[=+\-@]/);
    }),
  );
});
