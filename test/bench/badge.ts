/**
 * `scripts/bench badge`: what a badge costs here: the drawing, and its bytes beside those of two other packages from the same
 * picture. Figures only; nothing is asserted.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bitmapToPng, isBlack } from '../../device/badge/bitmap.ts';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { slip } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { encodeBadge } from '../../device/printer/encode.ts';
import { slipInput } from '../support/slip-input.ts';

const help = `Usage: scripts/bench badge [--times N]

  --times N   how often each is done (20)

Bytes of a badge with a photo; CPU time in ms, median and longest. Bytes are made in one go: the event loop stands still so long.
`;
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '20' },
    others: { type: 'string', default: '.' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

interface Cost {
  readonly what: string;
  readonly bytes: number;
  readonly medianMs: string;
  readonly longestMs: string;
}

async function cost(what: string, run: () => number | Promise<number>): Promise<Cost> {
  await run(); // warm
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < Number(values.times); i++) {
    const before = process.cpuUsage();
    bytes = await run();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  times.sort((a, b) => a - b);
  const at = (index: number): string => (times[index] ?? 0).toFixed(2);
  return { what, bytes, medianMs: at(times.length >> 1), longestMs: at(times.length - 1) };
}

function rgba(picture: Bitmap): Uint8ClampedArray {
  const { width, height } = picture;
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++)
    if (isBlack(picture, i % width, Math.floor(i / width))) pixels.fill(0, i * 4, i * 4 + 3);
  return pixels;
}

/** The two packages, as far as they are used here. */
interface ReceiptEncoder {
  initialize(): ReceiptEncoder;
  image(image: object, width: number, height: number, how: string): ReceiptEncoder;
  cut(how: string): ReceiptEncoder;
  encode(): Uint8Array;
}
interface ThermalPrinter {
  clear(): void;
  printImageBuffer(png: Buffer): Promise<unknown>;
  cut(): void;
  getBuffer(): Buffer;
}

async function main(): Promise<void> {
  const other = createRequire(join(values.others, 'package.json'));
  const encoders = other('@point-of-sale/receipt-printer-encoder') as
    { readonly default: new (options: object) => ReceiptEncoder } | (new (options: object) => ReceiptEncoder);
  const Encoder = typeof encoders === 'function' ? encoders : encoders.default;
  const { ThermalPrinter: Thermal } = other('node-thermal-printer') as {
    readonly ThermalPrinter: new (options: object) => ThermalPrinter;
  };
  const photo = readFileSync('dist/frames/frame-03.jpg');
  for (const paperMm of [58, 80] as const) {
    const painter = createBadgePainter('dist/fonts', paperMm);
    const plain = slip(slipInput());
    const shown = slip(slipInput({ show: { photo: true, schoolName: true, registrationGroup: true } }));
    const picture = await painter.paint(shown, photo);
    const { width } = picture;
    // Eight dots at a time: what the others want.
    const height = Math.ceil(picture.height / 8) * 8;
    const whole = {
      width,
      height,
      bits: Uint8Array.from({ length: (width / 8) * height }, (_, i) => picture.bits[i] ?? 0),
    };
    const [pixels, png] = [rgba(whole), await bitmapToPng(whole)];
    const thermal = new Thermal({ type: 'epson', interface: 'tcp://127.0.0.1', width: width / 8 });
    const rows = [
      await cost('drawing, without a photo', async () => (await painter.paint(plain, null)).bits.length),
      await cost('drawing, with a photo', async () => (await painter.paint(shown, photo)).bits.length),
      await cost('bytes: ours', () => Buffer.concat(encodeBadge(whole, { cut: true, density: null })).length),
      await cost('bytes: receipt-printer-encoder', () => {
        const encoder = new Encoder({ language: 'esc-pos', columns: 32, imageMode: 'raster' });
        return encoder
          .initialize()
          .image({ width, height, data: pixels }, width, height, 'threshold')
          .cut('partial')
          .encode().length;
      }),
      await cost('bytes: node-thermal-printer', async () => {
        thermal.clear();
        await thermal.printImageBuffer(png);
        thermal.cut();
        return thermal.getBuffer().length;
      }),
    ];
    console.log(`${paperMm} mm, ${width} by ${height} dots`);
    console.table(rows);
  }
}

if (values.help) console.log(help);
else void main();
