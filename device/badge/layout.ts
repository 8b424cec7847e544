/** Where each line of the badge stands (look.md, "Badge"). All lengths in dots; 203 dots are an inch. */
import { encode } from 'uqr';
import type { SlipText } from '../domain/badge.ts';
import type { Outline, Text } from './outline.ts';

/** A photo's size on 58 mm paper. */
export const photoDots = { width: 180, height: 216 };

/** The drawing but for the photo, which is dots already: its place is left free. */
export interface Layout {
  readonly svg: string;
  readonly photo: { readonly x: number; readonly y: number };
}

/** Every text whose size the layout must know. */
export function textsOf(slip: SlipText): readonly Text[] {
  const bold = [slip.reprint, slip.name, slip.registrationGroup, slip.out?.time, slip.back?.text, slip.date, slip.id];
  const wrapped = [slip.school ?? '', slip.name, slip.bring].flatMap(wordsOf);
  const regular = [slip.out?.label, slip.back?.label, slip.number];
  return [
    ...[...bold, ...wrapped].map((text) => ({ text: text ?? '', weight: 700 as const })),
    ...regular.map((text) => ({ text: text ?? '', weight: 400 as const })),
  ].filter(({ text }, i, all) => text !== '' && all.findIndex((one) => one.text === text) === i);
}

const wordsOf = (text: string): readonly string[] => text.split(/\s+/u).filter((word) => word !== '');

/** `dots`: width of the paper's print area, 384 (58 mm) or 576 (80 mm). `outlines`: of `textsOf(slip)`. */
export function layOut(slip: SlipText, outlines: readonly Outline[], dots: number, withPhoto: boolean): Layout {
  const texts = new Map(textsOf(slip).map(({ text }, i) => [text, outlines[i]]));
  const sheet = new Sheet(texts, dots / 384);
  const full = { x: 8, width: 368 };
  let y = 8;
  if (slip.reprint !== null) y = sheet.band(slip.reprint, y);
  const photo = { x: sheet.dots(full.x), y: sheet.dots(y) };
  if (withPhoto) {
    y = Math.max(facts(slip, sheet, { x: 204, width: 172 }, y), y + photoDots.height) + 4;
    y = sheet.line(slip.name, full, y, 56, 34);
  } else {
    if (slip.school !== null) y = sheet.wrapped(slip.school, full, y, 24) + 4;
    y = sheet.line(slip.name, full, y, 56, 34);
    if (slip.registrationGroup !== null) y = sheet.line(slip.registrationGroup, full, y, 30);
    y = outAndBack(slip, sheet, full, y + 4);
    y = sheet.line(slip.date, full, y + 2, 28);
  }
  y = sheet.line(slip.id, full, y + 6, 80);
  y = codeAndWords(slip, sheet, y + 6);
  return { svg: sheet.svg(dots, y + 8), photo };
}

interface Column {
  readonly x: number;
  readonly width: number;
}

/** Beside the photo. */
function facts(slip: SlipText, sheet: Sheet, column: Column, top: number): number {
  let y = top;
  if (slip.school !== null) y = sheet.wrapped(slip.school, column, y, 22);
  if (slip.registrationGroup !== null) y = sheet.line(slip.registrationGroup, column, y, 34);
  for (const [label, value] of pairs(slip)) {
    y = sheet.line(label, column, y, 20);
    y = sheet.line(value, column, y, 36);
  }
  return sheet.line(slip.date, column, y, 26);
}

function pairs(slip: SlipText): readonly (readonly [label: string, value: string])[] {
  const out = slip.out === null ? [] : [[slip.out.label, slip.out.time] as const];
  return slip.back === null ? out : [...out, [slip.back.label, slip.back.text] as const];
}

/** On one line where both fit, else below each other. */
function outAndBack(slip: SlipText, sheet: Sheet, full: Column, top: number): number {
  const [label, value, gap] = [24, 42, 10];
  const rows = pairs(slip);
  const width = rows.map(([a, b]) => sheet.widthOf(a, label) + gap + sheet.widthOf(b, value));
  const together = width.reduce((sum, one) => sum + one, 2 * gap) <= full.width;
  let y = top;
  let x = full.x;
  for (const [i, [a, b]] of rows.entries()) {
    const after = x + sheet.widthOf(a, label) + gap;
    const bottom = sheet.line(b, { x: after, width: full.x + full.width - after }, y, value);
    sheet.onBaseline(a, x, label, y, b, value);
    if (together) x = full.x + full.width / 2;
    if (!together || i === rows.length - 1) y = bottom;
  }
  return y;
}

/** The QR code with its quiet zone, its words beside it, the journal number below. */
function codeAndWords(slip: SlipText, sheet: Sheet, top: number): number {
  const code = sheet.code(slip.qr, 8, top);
  const column = { x: 8 + code + 4, width: 384 - 8 - (8 + code + 4) };
  const height = sheet.wrapped(slip.bring, column, 0, 29, false);
  const words = sheet.wrapped(slip.bring, column, top + Math.max(0, (code - height) / 2), 29);
  return sheet.line(slip.number, { x: 32, width: 344 }, Math.max(top + code - 10, words), 24);
}

/** Collects what is drawn, in dots of 58 mm paper, and scales it to the paper there is. */
class Sheet {
  private readonly parts: string[] = [];
  private readonly outlines: ReadonlyMap<string, Outline | undefined>;
  private readonly scale: number;

  constructor(outlines: ReadonlyMap<string, Outline | undefined>, scale: number) {
    this.outlines = outlines;
    this.scale = scale;
  }

  dots(length: number): number {
    return Math.round(length * this.scale);
  }

  widthOf(text: string, size: number): number {
    return (this.outlines.get(text)?.width ?? 0) * size;
  }

  /**
   * One line, made smaller until it fits; with `wrapBelow`, broken at its spaces rather than made smaller than that.
   * Answers where the next line begins.
   */
  line(text: string, column: Column, top: number, size: number, wrapBelow?: number): number {
    const outline = this.outlines.get(text);
    if (outline === undefined || outline.paths === '') return top;
    const fits = Math.min(size, column.width / Math.max(outline.width, 0.01));
    if (wrapBelow !== undefined && fits < wrapBelow && wordsOf(text).length > 1) {
      return this.wrapped(text, column, top, wrapBelow);
    }
    const y = top + (outline.above + 0.12) * fits;
    this.text(outline, column.x, y, fits);
    return y + (outline.below + 0.16) * fits;
  }

  /** A smaller text on the baseline of a line that `line` set at the same `top`. */
  onBaseline(text: string, x: number, size: number, top: number, beside: string, besideSize: number): void {
    const [outline, other] = [this.outlines.get(text), this.outlines.get(beside)];
    if (outline !== undefined && other !== undefined)
      this.text(outline, x, top + (other.above + 0.12) * besideSize, size);
  }

  /** Broken between words; a word wider than the column is made smaller. `draw` false: only measures. */
  wrapped(text: string, column: Column, top: number, size: number, draw = true): number {
    const space = 0.28;
    const rows: Outline[][] = [];
    let width = Infinity;
    for (const word of wordsOf(text)) {
      const outline = this.outlines.get(word);
      if (outline === undefined || outline.paths === '') continue;
      width += space + outline.width;
      if (width * size <= column.width) rows.at(-1)?.push(outline);
      else {
        rows.push([outline]);
        width = outline.width;
      }
    }
    let y = top;
    for (const row of rows) {
      const widest = row.reduce((sum, one) => sum + one.width, space * (row.length - 1));
      const fits = Math.min(size, column.width / widest);
      y += Math.max(...row.map(({ above }) => above), 0.8) * fits;
      let x = column.x;
      for (const word of row) {
        if (draw) this.text(word, x, y, fits);
        x += (word.width + space) * fits;
      }
      y += Math.max(...row.map(({ below }) => below), 0.28) * fits;
    }
    return y + (rows.length > 0 ? 0.12 * size : 0);
  }

  /** White on black, over the whole width. */
  band(text: string, top: number): number {
    const [height, size] = [44, 32];
    this.parts.push(`<rect x="0" y="${this.dots(top)}" width="100%" height="${this.dots(height)}"/>`);
    const outline = this.outlines.get(text);
    if (outline !== undefined) this.text(outline, 192 - (outline.width * size) / 2, top + 33, size, '#fff');
    return top + height + 6;
  }

  /** Whole dots for every module and the quiet zone of four around them. Answers the side, quiet zone included. */
  code(text: string, left: number, top: number): number {
    const { data, size } = encode(text, { ecc: 'Q', border: 4 });
    const module = Math.floor(6 * this.scale);
    const [x, y] = [this.dots(left), this.dots(top)];
    const squares = data.flatMap((row, j) =>
      row.flatMap((black, i) =>
        black ? [`M${x + i * module} ${y + j * module}h${module}v${module}h-${module}z`] : [],
      ),
    );
    this.parts.push(`<path shape-rendering="crispEdges" d="${squares.join('')}"/>`);
    return (size * module) / this.scale;
  }

  svg(width: number, height: number): string {
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${this.dots(height)}">` +
      `<rect width="100%" height="100%" fill="#fff"/>${this.parts.join('')}</svg>`
    );
  }

  private text(outline: Outline, x: number, y: number, size: number, fill = '#000'): void {
    const place = `translate(${this.dots(x)} ${this.dots(y)}) scale(${size * this.scale})`;
    this.parts.push(`<g transform="${place}" fill="${fill}">${outline.paths}</g>`);
  }
}
