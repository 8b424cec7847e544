import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { bitmapToPng } from '../../device/badge/bitmap.ts';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { slip } from '../../device/domain/badge.ts';
import { slipInput } from './slip-input.ts';

const root = join(import.meta.dirname, '../..');
/** What scripts/build made. */
export const fontFolder = join(root, 'dist/fonts');
export const frameFolder = join(root, 'dist/frames');

export { english, slipInput } from './slip-input.ts';

/** Somebody before the simulated camera. */
export function aPhoto(): Uint8Array {
  return readFileSync(join(frameFolder, 'frame-03.jpg'));
}

/** A badge with the photo of `aPhoto`, as a screen shows it. */
export async function badgePicture(): Promise<Buffer> {
  const show = { photo: true, schoolName: false, registrationGroup: false };
  return bitmapToPng(await createBadgePainter(fontFolder, 58).paint(slip(slipInput({ show })), aPhoto()));
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
