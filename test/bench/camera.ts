/** Which worn badges are read, by picture size; and how soon the camera of this machine shows something. */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { RealCamera } from '../../device/camera/real.ts';
import { parseQr, slip } from '../../device/domain/badge.ts';
import { machineTimers } from '../../device/system/outside.ts';
import { slipInput } from '../support/slip-input.ts';
import { beforeTheLens, wears } from '../support/worn-badges.ts';
import type { Bench, Given } from './bench.ts';
import type { Figure } from './figures.ts';

const dist = join(import.meta.dirname, '../../dist');
const widths = [1280, 640] as const;

/** Each kind of badge as often as there are runs, each with a seed of its own. */
async function badges({ runs, quick }: Given): Promise<readonly Figure[]> {
  const badge = await createBadgePainter(join(dist, 'fonts'), 58).paint(slip(slipInput()), null);
  const thread = new Worker(join(dist, 'qr-thread.js'));
  const read = (picture: Uint8Array): Promise<unknown> =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage(picture);
    });
  await read(Uint8Array.of()); // the first takes longer
  const figures: Figure[] = [];
  for (const [name, wear] of Object.entries(wears).slice(0, quick ? 1 : undefined)) {
    const times: number[][] = [];
    const good: number[] = [];
    for (const width of widths) {
      const taken: number[] = [];
      let count = 0;
      for (let seed = 1; seed <= runs; seed++) {
        const picture = beforeTheLens(badge, wear, width, seed);
        const begun = performance.now();
        const texts = await read(picture);
        taken.push(performance.now() - begun);
        if (Array.isArray(texts) && texts.some((text) => typeof text === 'string' && parseQr(text) !== null))
          count += 1;
      }
      times.push(taken);
      good.push(count);
    }
    const [large = [], small = []] = times;
    const note = `read ${String(good[0])} of ${String(runs)}; of 640 dots ${String(good[1])}`;
    figures.push({ what: `badge ${name}`, unit: 'ms', runs: large, against: { what: '640 dots', runs: small }, note });
  }
  await thread.terminate();
  return figures;
}

/** None where this machine has no camera. */
async function firstPicture({ runs, say }: Given): Promise<readonly Figure[]> {
  const camera = new RealCamera('auto', {
    clock: { mono: () => performance.now() },
    timers: machineTimers,
    path: process.env['PATH'] ?? '/usr/bin:/bin',
    videoFolder: '/sys/class/video4linux',
    scratch: join(dist, '.camera'),
    stillProgram: join(dist, 'camera-still.js'),
    shim: join(dist, 'camera-shim'),
  });
  const times: number[] = [];
  try {
    await camera.take(new AbortController().signal);
    for (let run = 0; run < runs; run++) {
      const begun = performance.now();
      for await (const _ of camera.live(new AbortController().signal)) break;
      times.push(performance.now() - begun);
    }
  } catch {
    say(camera.status().words);
  } finally {
    camera.close();
  }
  return times.length === 0 ? [] : [{ what: "first live picture of this machine's camera", unit: 'ms', runs: times }];
}

export const camera: Bench = {
  about:
    'which worn badges are read in pictures of 1280 and 640 dots, and how long a picture takes; the first picture of the camera',
  runs: 5,
  measure: async (given) => [...(await badges(given)), ...(await firstPicture(given))],
};
