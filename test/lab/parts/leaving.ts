/** What a departure promises, whatever its parts do: recorded, an ID for the pupil, seen by staff; and its badge on paper. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bitmapToPng } from '../../../device/badge/bitmap.ts';
import type { Bitmap } from '../../../device/domain/badge.ts';
import type { EarlyAnswer } from '../../../device/contract/kiosk.ts';
import type { OutRow, StaffSnapshot } from '../../../device/contract/staff.ts';
import { readQrCodes } from '../../support/badges.ts';
import type { Bench } from './bench.ts';
import type { Leaver } from './pupils.ts';

export const rowOf = (state: StaffSnapshot, badge: string): OutRow | undefined =>
  state.out.find((one) => one.badge === badge);

export const pupilWords = (answer: EarlyAnswer): string =>
  answer.state === 'departed'
    ? `${answer.printing ? 'badge is printing' : 'write the number down'}, ID shown`
    : 'asked to wait';

export function badgeOf({ answer, name }: Leaver): string {
  if (answer.state !== 'departed') throw new Error(`${name} should not need approval`);
  return answer.badge;
}

/** What is wrong with that. */
export function stands(state: StaffSnapshot, badge: string): readonly string[] {
  return [
    ...(rowOf(state, badge) === undefined ? ['the departure is not among those who are out'] : []),
    ...(/^\d{8}$/.test(badge) ? [] : [`no badge ID: ${badge}`]),
  ];
}

export interface Paper {
  /** From the call until it was out. */
  readonly seconds: number;
  /** What its QR code says. */
  readonly code: string;
  /** Dots. */
  readonly height: number;
}

/** The badge with this ID comes out, its picture kept under this name. @param before how many papers there were */
export async function paperOf(bench: Bench, badge: string, before: number, name: string): Promise<Paper> {
  let looked = before;
  const { value, seconds } = await bench.wait(`${name}: badge ${badge} on paper`, async () => {
    const paper = bench.printer.papers[looked];
    if (paper === undefined) return null;
    looked += 1;
    const png = await bitmapToPng(paper);
    writeFileSync(join(bench.pictures, `${name.replaceAll(' ', '-')}.png`), png);
    const code = (await readQrCodes(png)).find((one) => one.includes(badge));
    return code === undefined ? null : { code, height: paper.height };
  });
  return { ...value, seconds };
}

/** The papers with this badge's QR code since then, oldest first: is each marked as a reprint? */
export async function copiesOf(bench: Bench, badge: string, before: number): Promise<readonly ('plain' | 'REPRINT')[]> {
  const copies: ('plain' | 'REPRINT')[] = [];
  for (const paper of bench.printer.papers.slice(before)) {
    const codes = await readQrCodes(await bitmapToPng(paper));
    if (codes.some((one) => one.includes(badge))) copies.push(hasBand(paper) ? 'REPRINT' : 'plain');
  }
  return copies;
}

/** The band with REPRINT is black from side to side (layout.ts); nothing else on a badge is. */
function hasBand({ width, height, bits }: Bitmap): boolean {
  const rowBytes = Math.ceil(width / 8);
  for (let y = 0; y < height; y += 1) {
    const row = bits.subarray(y * rowBytes, (y + 1) * rowBytes);
    const white = row.reduce((sum, byte) => sum + (byte === 0xff ? 0 : 1), 0);
    if (white <= 4) return true;
  }
  return false;
}
