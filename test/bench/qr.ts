/** From a camera frame to what its QR says: the box's thread, against zxing-wasm alone; and what the daemon's loop feels of it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { qrReading } from '../../device/camera/qr-reading.ts';
import { slip } from '../../device/domain/badge.ts';
import { slipInput } from '../support/slip-input.ts';
import { beforeTheLens, wears } from '../support/worn-badges.ts';
import type { Bench } from './bench.ts';
import { median, turnAbout } from './figures.ts';

const dist = join(import.meta.dirname, '../../dist');
/** Of one run. */
const frames = 10;
const width = 1280;

async function frame(): Promise<Uint8Array> {
  const badge = await createBadgePainter(join(dist, 'fonts'), 58).paint(slip(slipInput()), null);
  const [wear] = Object.values(wears);
  if (wear === undefined) throw new Error('there is no badge to read');
  return beforeTheLens(badge, wear, width, 1);
}

async function took(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  const texts = await work();
  if (!Array.isArray(texts) || texts.length !== 1) throw new Error('the badge was not read');
  return performance.now() - began;
}

async function several(count: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await took(work));
  return median(times);
}

export const qr: Bench = {
  about: "a camera frame to the words of its QR: the box's thread, against zxing-wasm alone",
  runs: 7,
  async measure({ runs, quick }) {
    const jpeg = await frame();
    const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
    prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer } });
    const thread = new Worker(join(dist, 'qr-thread.js'));
    const byThread = (): Promise<unknown> =>
      new Promise((resolve) => {
        thread.once('message', resolve);
        thread.postMessage(jpeg);
      });
    const alone = (): Promise<unknown> => readBarcodes(jpeg, qrReading);
    await Promise.all([byThread(), alone()]); // the first takes longer
    const count = quick ? 1 : frames;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    const delays: number[] = [];
    const times = await turnAbout(runs, {
      thread: async () => {
        delay.reset();
        delay.enable();
        const ms = await several(count, byThread);
        delay.disable();
        delays.push(delay.max / 1e6);
        return ms;
      },
      alone: () => several(count, alone),
    });
    await thread.terminate();
    const what = `frame of ${String(width)} dots to the words of its QR`;
    return [
      {
        what,
        unit: 'ms',
        runs: times.thread,
        against: { what: 'zxing-wasm alone', runs: times.alone },
        goal: { times: 1.2 },
      },
      { what: 'longest delay of the loop meanwhile', unit: 'ms', runs: delays, goal: { most: 10 } },
    ];
  },
};
