/** Where each line of the badge stands (look.md, "Badge"). All lengths in dots; 203 dots are an inch. */
import type { SlipText } from '../domain/badge.ts';
import type { Outline, Text } from './outline.ts';
import { Sheet, wordsOf } from './sheet.ts';
import type { Column } from './sheet.ts';

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
