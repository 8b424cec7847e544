/** What a departure promises, whatever its parts do: recorded, an ID for the pupil, seen by staff; and its badge on paper. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bitmapToPng } from '../../../device/badge/bitmap.ts';
import type { EarlyAnswer } from '../../../device/contract/kiosk.ts';
import type { OutRow, StaffSnapshot } from '../../../device/contract/staff.ts';
import { readQrCodes } from '../../support/badges.ts';
import type { Bench } from './bench.ts';
import type { Leaver } from './pupils.ts';

/** Emulated, from the last touch to the paper. */
export const paperMaxMs = 180_000;

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
  const began = Date.now();
  for (let looked = before; Date.now() - began < paperMaxMs;) {
    const paper = bench.printer.papers[looked];
    if (paper === undefined) {
      await sleep(50);
      continue;
    }
    looked += 1;
    const seconds = (Date.now() - began) / 1000;
    const png = await bitmapToPng(paper);
    const code = (await readQrCodes(png)).find((one) => one.includes(badge));
    writeFileSync(join(bench.pictures, `${name.replaceAll(' ', '-')}.png`), png);
    if (code !== undefined) return { seconds, code, height: paper.height };
  }
  const out = bench.printer.papers.length - before;
  throw new Error(
    `${name}: badge ${badge} did not come out within ${String(paperMaxMs / 1000)} s; ${String(out)} others did`,
  );
}
