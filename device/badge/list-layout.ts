/** Where each line of a list stands on badge paper. All lengths in dots of 58 mm paper. */
import type { ListPage, ListRow } from '../domain/list-page.ts';
import type { Outline, Text } from './outline.ts';
import { Sheet, wordsOf } from './sheet.ts';

const full = { x: 8, width: 368 };
const sizes: Readonly<Record<ListRow['kind'], number>> = { title: 40, words: 24, group: 32, pupil: 28 };
const box = 22;
const [nameAt, gap, endSize] = [full.x + box + 10, 10, 22];

/** Every text whose size the layout must know. */
export function textsOfList({ band, rows }: ListPage): readonly Text[] {
  const texts = [
    { text: band ?? '', weight: 700 as const },
    ...rows.flatMap(({ kind, text, end = '' }): readonly Text[] => {
      const weight = kind === 'words' ? 400 : 700;
      const whole = kind === 'words' ? wordsOf(text) : [text];
      return [...whole.map((one) => ({ text: one, weight }) as const), { text: end, weight: 400 }];
    }),
  ];
  return texts.filter(({ text }, i, all) => text !== '' && all.findIndex((one) => one.text === text) === i);
}

/** `dots`: width of the paper's print area. `outlines`: of `textsOfList(page)`. An SVG. */
export function layOutList(page: ListPage, outlines: readonly Outline[], dots: number): string {
  const texts = new Map(textsOfList(page).map(({ text }, i) => [text, outlines[i]]));
  const sheet = new Sheet(texts, dots / 384);
  let y = 8;
  if (page.band !== null) y = sheet.band(page.band, y);
  for (const row of page.rows) {
    if (row.kind === 'words') y = sheet.wrapped(row.text, full, y, sizes.words);
    else if (row.kind === 'pupil') y = pupilRow(row, sheet, y);
    else y = sheet.line(row.text, full, y + (row.kind === 'group' ? 10 : 0), sizes[row.kind]);
  }
  return sheet.svg(dots, y + 8);
}

/** A long name is made smaller before it meets what stands at the end. */
function pupilRow({ text, end = '' }: ListRow, sheet: Sheet, top: number): number {
  const endWidth = Math.min(sheet.widthOf(end, endSize), full.width / 2);
  const right = full.x + full.width;
  const bottom = sheet.line(text, { x: nameAt, width: right - endWidth - gap - nameAt }, top, sizes.pupil);
  const height = Math.max(bottom - top, box + 8);
  sheet.square(full.x, top + (height - box) / 2, box);
  sheet.line(end, { x: right - endWidth, width: endWidth }, top + (height - endSize * 1.4) / 2, endSize);
  return top + height;
}
