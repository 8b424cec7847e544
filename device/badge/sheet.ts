/** A drawing on badge paper, put together line by line. All lengths in dots of 58 mm paper; 203 dots are an inch. */
import { encode } from 'uqr';
import type { Outline } from './outline.ts';

export interface Column {
  readonly x: number;
  readonly width: number;
}

export const wordsOf = (text: string): readonly string[] => text.split(/\s+/u).filter((word) => word !== '');

/** Collects what is drawn, in dots of 58 mm paper, and scales it to the paper there is. */
export class Sheet {
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

  /** To tick with a pen. */
  square(left: number, top: number, side: number): void {
    const [x, y, width] = [left, top, side].map((length) => this.dots(length));
    const size = `width="${width ?? 0}" height="${width ?? 0}"`;
    this.parts.push(`<rect x="${x ?? 0}" y="${y ?? 0}" ${size} fill="none" stroke="#000" stroke-width="2"/>`);
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
