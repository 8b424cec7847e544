/** What a badge costs: the drawing, and its bytes beside those of two other packages from the same picture. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bitmapToPng, isBlack } from '../../device/badge/bitmap.ts';
import { createPaintingThread } from '../../device/badge/painter-thread.ts';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { slip } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { encodeBadge } from '../../device/printer/encode.ts';
import { machineTimers } from '../../device/system/outside.ts';
import { slipInput } from '../support/slip-input.ts';
import type { Bench } from './bench.ts';
import { turnAbout } from './figures.ts';
import type { Figure } from './figures.ts';

/** CPU time of all threads, ms. */
async function cpu(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
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

/** Eight dots at a time: what the others want. */
function inEights({ width, height: exact, bits }: Bitmap): Bitmap {
  const height = Math.ceil(exact / 8) * 8;
  return { width, height, bits: Uint8Array.from({ length: (width / 8) * height }, (_, i) => bits[i] ?? 0) };
}

function encoders(folder: string, picture: Bitmap, png: Buffer) {
  const other = createRequire(join(folder, 'package.json'));
  const receipt = other('@point-of-sale/receipt-printer-encoder') as
    { readonly default: new (options: object) => ReceiptEncoder } | (new (options: object) => ReceiptEncoder);
  const Encoder = typeof receipt === 'function' ? receipt : receipt.default;
  const { ThermalPrinter: Thermal } = other('node-thermal-printer') as {
    readonly ThermalPrinter: new (options: object) => ThermalPrinter;
  };
  const { width, height } = picture;
  const pixels = rgba(picture);
  const thermal = new Thermal({ type: 'epson', interface: 'tcp://127.0.0.1', width: width / 8 });
  return {
    ours: () => Promise.resolve(Buffer.concat(encodeBadge(picture, { cut: true, density: null })).length),
    receipt: () => {
      const encoder = new Encoder({ language: 'esc-pos', columns: 32, imageMode: 'raster' });
      const drawn = encoder.initialize().image({ width, height, data: pixels }, width, height, 'threshold');
      return Promise.resolve(drawn.cut('partial').encode().length);
    },
    thermal: async () => {
      thermal.clear();
      await thermal.printImageBuffer(png);
      thermal.cut();
      return thermal.getBuffer().length;
    },
  };
}

/** A process that draws badges, on a thread as the daemon does, and says by how much that took it beyond the memory that it began with, MB. */
async function drawAndTell(): Promise<void> {
  const begunKib = memoryKib('VmRSS');
  const built = join(import.meta.dirname, '../../dist');
  const painter = createPaintingThread({
    ...{ threadFile: join(built, 'badge-thread.js'), timers: machineTimers, fonts: join(built, 'fonts'), paperMm: 80 },
  });
  const photo = readFileSync(join(built, 'frames/frame-03.jpg'));
  const shown = slip(slipInput({ show: { photo: true, schoolName: true, registrationGroup: true } }));
  for (let badge = 0; badge < 5; badge += 1) {
    encodeBadge(inEights(await painter.paint(shown, photo)), { cut: true, density: null });
  }
  process.send?.(((memoryKib('VmHWM') - begunKib) * 1024) / 1e6);
}

/** Of this process: that of `resourceUsage` counts what it was before it became this program. */
function memoryKib(what: 'VmRSS' | 'VmHWM'): number {
  return Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

async function peaks(runs: number, nodeFlags: readonly string[]): Promise<readonly number[]> {
  const all: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const child = fork(process.argv[1] ?? '', ['--beside', 'badge'], { execArgv: [...nodeFlags] });
    const [mb] = (await once(child, 'message')) as readonly unknown[];
    child.kill();
    all.push(Number(mb));
  }
  return all;
}

async function ofPaper(paperMm: 58 | 80, runs: number, others: string): Promise<readonly Figure[]> {
  const photo = readFileSync(join(import.meta.dirname, '../../dist/frames/frame-03.jpg'));
  const painter = createBadgePainter(join(import.meta.dirname, '../../dist/fonts'), paperMm);
  const plain = slip(slipInput());
  const shown = slip(slipInput({ show: { photo: true, schoolName: true, registrationGroup: true } }));
  const picture = inEights(await painter.paint(shown, photo));
  await painter.paint(plain, null);
  const { ours, receipt, thermal } = encoders(others, picture, await bitmapToPng(picture));
  const bytes = [await ours(), await receipt(), await thermal()] as const;
  const times = await turnAbout(runs, {
    plain: () => cpu(() => painter.paint(plain, null)),
    photo: () => cpu(() => painter.paint(shown, photo)),
    ours: () => cpu(ours),
    receipt: () => cpu(receipt),
    thermal: () => cpu(thermal),
  });
  const paper = `${String(paperMm)} mm`;
  const to = (what: string, runs: readonly number[], goal = { times: 1 }) => ({ against: { what, runs }, goal });
  const whole = times.photo.map((ms, at) => ms + (times.ours[at] ?? 0));
  return [
    { what: `badge, ${paper}: CPU to picture and bytes, with a photo`, unit: 'ms', runs: whole, goal: { most: 150 } },
    { what: `badge, ${paper}: CPU to the picture, without a photo`, unit: 'ms', runs: times.plain },
    {
      what: `badge, ${paper}: CPU, picture to bytes`,
      unit: 'ms',
      runs: times.ours,
      ...to('receipt-printer-encoder', times.receipt),
    },
    {
      what: `badge, ${paper}: CPU, picture to bytes`,
      unit: 'ms',
      runs: times.ours,
      ...to('node-thermal-printer', times.thermal),
    },
    {
      what: `badge, ${paper}: bytes sent`,
      unit: 'bytes',
      runs: [bytes[0]],
      ...to('receipt-printer-encoder', [bytes[1]]),
    },
    { what: `badge, ${paper}: bytes sent`, unit: 'bytes', runs: [bytes[0]], ...to('node-thermal-printer', [bytes[2]]) },
  ];
}

export const badge: Bench = {
  about: 'drawing a badge and its bytes, against two other packages with the same picture',
  runs: 21,
  others: ['@point-of-sale/receipt-printer-encoder@4.0.1', 'node-thermal-printer@4.6.1'],
  measure: async ({ runs, others, nodeFlags }) => [
    ...(await ofPaper(58, runs, others)),
    ...(await ofPaper(80, runs, others)),
    {
      ...{ what: 'badges, 80 mm: memory at the most, over that before', unit: 'MB', goal: { most: 20 } },
      runs: await peaks(Math.min(runs, 5), nodeFlags),
    },
  ],
  beside: () => void drawAndTell(),
};
