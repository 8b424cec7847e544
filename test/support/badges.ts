import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import type { BadgeWords, SlipInput } from '../../device/domain/badge.ts';

const root = join(import.meta.dirname, '../..');
/** What scripts/build made. */
export const fontFolder = join(root, 'dist/fonts');
export const frameFolder = join(root, 'dist/frames');

export const english: BadgeWords = {
  out: 'Out',
  back: 'Back',
  beforeLunch: 'Before lunch',
  afterLunch: 'After lunch',
  notToday: 'Not today',
  bring: 'Bring this back to sign back in.',
  timeToBeConfirmed: 'Time to be confirmed',
  reprint: 'REPRINT',
  number: 'no.',
  weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
};

/** The badge of look.md. */
export function slipInput(change: Partial<SlipInput> = {}): SlipInput {
  return {
    pupil: { forename: 'Amara', surname: 'Okafor', registrationGroup: '9A' },
    date: '2026-11-23',
    out: '10:42',
    back: { at: '13:30' },
    badgeId: '18391270',
    token: '0123456789abcdef',
    box: 1,
    n: 4217,
    attempt: 1,
    school: 'Hill View School',
    show: { photo: false, schoolName: false, registrationGroup: false },
    words: english,
    ...change,
  };
}

/** Somebody before the simulated camera. */
export function aPhoto(): Uint8Array {
  return readFileSync(join(frameFolder, 'frame-03.jpg'));
}

let prepared = false;

/** What the QR codes in a picture file say. */
export async function readQrCodes(file: Uint8Array): Promise<readonly string[]> {
  if (!prepared) {
    const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    // By hand: else it is fetched from the internet.
    const wasmBinary = Uint8Array.from(readFileSync(wasm)).buffer;
    prepareZXingModule({ overrides: { wasmBinary } });
    prepared = true;
  }
  const found = await readBarcodes(Uint8Array.from(file), { formats: ['QRCode'], tryHarder: true });
  return found.map(({ text }) => text);
}
