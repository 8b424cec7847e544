/** Which of the shipped fonts draws which part of a text: only their files are read for a badge. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Weight = 400 | 700;
export interface FontFile {
  readonly file: string;
  readonly weight: Weight;
  /** First and last code point of each run of characters that have a glyph, rising. */
  readonly covers: readonly number[];
}
export interface FontFamily {
  readonly family: string;
  readonly files: readonly FontFile[];
}
/** `fonts.json`, in the order in which the families are asked. */
export interface FontList {
  readonly families: readonly FontFamily[];
}

/** A piece of text that one font file draws. */
export interface Piece {
  readonly text: string;
  readonly file: string;
}

/** Reads the list that `buildFonts` wrote. Rejects when it is not there. */
export async function readFontList(folder: string): Promise<FontList> {
  // Written by our own build and shipped with the program.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion
  return JSON.parse(await readFile(join(folder, 'fonts.json'), 'utf8')) as FontList;
}

/** Composed, one line, without control characters and marks that turn the writing direction round. */
export function tidy(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const needsNoGlyph = /\p{White_Space}|\p{Default_Ignorable_Code_Point}/u;

/**
 * Cuts a tidy text into pieces, in reading order. One family draws as much as it can, the others help out; a letter and
 * its marks are never parted. What no font has is left out: nothing prints as an empty box.
 */
export function piecesOf(list: FontList, text: string, weight: Weight): readonly Piece[] {
  const shelf = inOrderFor(text, list).map((family) => filesOf(family, weight));
  const wanted = codePoints(text);
  const reach = (files: readonly FontFile[]): number => wanted.filter((c) => files.some(has(c))).length;
  const whole = shelf.find((files) => wanted.every((c) => files.some(has(c))));
  const most = (one: readonly FontFile[], other: readonly FontFile[]): readonly FontFile[] =>
    reach(other) > reach(one) ? other : one;
  const candidates = whole ?? [...shelf.reduce(most, []), ...shelf.flat()];

  const pieces: { text: string; file: string }[] = [];
  for (const { segment } of graphemes.segment(text)) {
    const needs = codePoints(segment);
    const last = pieces.at(-1);
    const file =
      needs.length === 0
        ? (last?.file ?? candidates[0]?.file)
        : candidates.find((one) => needs.every((c) => has(c)(one)))?.file;
    if (last !== undefined && file === last.file) last.text += segment;
    else if (file !== undefined) pieces.push({ text: segment, file });
    else pieces.push(...withoutMarks(needs, candidates));
  }
  return pieces;
}

/** A letter whose marks no one font can set on it: the letter alone rather than nothing. */
function withoutMarks(
  needs: readonly number[],
  candidates: readonly FontFile[],
): readonly { text: string; file: string }[] {
  const [letter] = needs;
  const file = letter === undefined ? undefined : candidates.find(has(letter))?.file;
  return letter === undefined || file === undefined ? [] : [{ text: String.fromCodePoint(letter), file }];
}

/** Those that a glyph must be drawn for. */
function codePoints(text: string): readonly number[] {
  return [...text].filter((c) => !needsNoGlyph.test(c)).map((c) => c.codePointAt(0) ?? 0);
}

/** Chinese, Japanese and Korean share characters but not their shapes: kana and hangul say which it is. */
function inOrderFor(text: string, list: FontList): readonly FontFamily[] {
  const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text);
  const first = kana ? 'Noto Sans JP' : /\p{Script=Hangul}/u.test(text) ? 'Noto Sans KR' : null;
  const rank = (family: FontFamily): number => Number(family.family !== first);
  return [...list.families].sort((a, b) => rank(a) - rank(b));
}

/** In the weight wanted, or in the only one there is. */
function filesOf(family: FontFamily, weight: Weight): readonly FontFile[] {
  const exact = family.files.filter((one) => one.weight === weight);
  return exact.length > 0 ? exact : family.files;
}

/** Does a font file have this character? */
const has = (c: number) => (one: FontFile) => {
  let low = 0;
  let high = one.covers.length / 2 - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (c < (one.covers[middle * 2] ?? Infinity)) high = middle - 1;
    else if (c > (one.covers[middle * 2 + 1] ?? -Infinity)) low = middle + 1;
    else return true;
  }
  return false;
};
