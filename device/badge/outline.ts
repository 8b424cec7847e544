/**
 * Texts to outlines. HarfBuzz shapes them, because the renderer's own text layout (resvg-js 2.6.2) sets the parts of a
 * letter on top of each other in Bengali, Tamil, Malayalam and their relatives; here it only fills paths.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Font } from 'harfbuzzjs';
import { piecesOf, readFontList, tidy } from './fonts.ts';
import type { FontList, Piece, Weight } from './fonts.ts';

type HarfBuzz = typeof import('harfbuzzjs');

export interface Text {
  readonly text: string;
  readonly weight: Weight;
}

/** A text as paths, at a font size of 1, its baseline beginning at 0, 0. */
export interface Outline {
  /** SVG; empty if nothing of it can be drawn. */
  readonly paths: string;
  readonly width: number;
  /** Above and below the baseline; never less than a capital letter needs. */
  readonly above: number;
  readonly below: number;
}

export interface TypeCase {
  /** In the order given. */
  outlines(texts: readonly Text[]): Promise<readonly Outline[]>;
}

/** Fonts kept open; one takes up to 0.3 MB. */
const openFonts = 16;
const capital = 0.72;
/** Where a font has no space of its own. */
const space = 0.26;

/** Opens the folder that `buildFonts` made. Rejects when it is not there. */
export async function openTypeCase(folder: string): Promise<TypeCase> {
  const [list, harfbuzz] = await Promise.all([readFontList(folder), import('harfbuzzjs')]);
  const open = new Map<string, Font>();
  const load = async (file: string): Promise<void> => {
    const { Blob, Face, Font } = harfbuzz;
    open.set(file, new Font(new Face(new Blob(await readFile(join(folder, file))))));
  };
  return {
    outlines: async (texts) => {
      const split = texts.map(({ text, weight }) => visualOrder(list, tidy(text), weight));
      const needed = new Set(split.flatMap((runs) => runs.map(({ file }) => file)));
      if (open.size + needed.size > openFonts) open.clear();
      for (const file of needed) if (!open.has(file)) await load(file);
      return split.map((runs) => outline(harfbuzz, runs, open));
    },
  };
}

interface Run extends Piece {
  readonly rightToLeft: boolean;
}

const rightToLeft = String.raw`[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]`;
/** From a right-to-left letter to the last one before a letter or digit of the other direction. */
const rightToLeftRun = new RegExp(String.raw`${rightToLeft}(?:[^\p{L}\p{N}]*(?:${rightToLeft}|\p{M}))*`, 'gu');
const firstLetter = /\p{L}/u;

/** The runs of a line from left to right: those of each direction, then each cut by font (Unicode's UAX 9, without nesting). */
function visualOrder(list: FontList, text: string, weight: Weight): readonly Run[] {
  const spans: { text: string; rightToLeft: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(rightToLeftRun)) {
    if (match.index > end) spans.push({ text: text.slice(end, match.index), rightToLeft: false });
    spans.push({ text: match[0], rightToLeft: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) spans.push({ text: text.slice(end), rightToLeft: false });

  const lineIsRightToLeft = new RegExp(rightToLeft, 'u').test(firstLetter.exec(text)?.[0] ?? '');
  if (lineIsRightToLeft) spans.reverse();
  return spans.flatMap((span) => {
    // What stands before a turned run stands after it on paper: so do its spaces.
    const line = lineIsRightToLeft && !span.rightToLeft ? span.text.replace(/^(\s*)(.*?)(\s*)$/u, '$3$2$1') : span.text;
    const pieces = piecesOf(list, line, weight).map((piece) => ({ ...piece, rightToLeft: span.rightToLeft }));
    return span.rightToLeft ? pieces.reverse() : pieces;
  });
}

function outline(harfbuzz: HarfBuzz, runs: readonly Run[], fonts: ReadonlyMap<string, Font>): Outline {
  const paths: string[] = [];
  const ink = { width: 0, above: capital, below: 0 };
  for (const run of runs) {
    const font = fonts.get(run.file);
    if (font === undefined) continue;
    const em = 1 / font.face.upem;
    for (const glyph of shape(harfbuzz, font, run)) {
      const x = ink.width + (glyph.xOffset ?? 0) * em;
      const y = (glyph.yOffset ?? 0) * em;
      const path = glyph.codepoint === 0 ? '' : font.glyphToPath(glyph.codepoint);
      const extents = font.glyphExtents(glyph.codepoint);
      if (path !== '' && extents !== undefined) {
        paths.push(`<path transform="translate(${x.toFixed(4)} ${(-y).toFixed(4)}) scale(${em} ${-em})" d="${path}"/>`);
        ink.above = Math.max(ink.above, y + extents.yBearing * em);
        ink.below = Math.max(ink.below, -y - (extents.yBearing + extents.height) * em);
      }
      ink.width += glyph.codepoint === 0 ? space : (glyph.xAdvance ?? 0) * em;
    }
  }
  return { ...ink, paths: paths.join('') };
}

function shape(
  { Buffer, Direction, shape }: HarfBuzz,
  font: Font,
  run: Run,
): ReturnType<InstanceType<HarfBuzz['Buffer']>['getGlyphInfosAndPositions']> {
  const buffer = new Buffer();
  buffer.addText(run.text);
  buffer.setDirection(run.rightToLeft ? Direction.RTL : Direction.LTR);
  buffer.guessSegmentProperties(); // the script; the direction stays
  shape(font, buffer);
  return buffer.getGlyphInfosAndPositions();
}
