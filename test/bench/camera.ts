/** `scripts/bench camera`: which worn badges are read, by picture size; and how soon the camera of this machine shows something. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { RealCamera } from '../../device/camera/real.ts';
import { parseQr, slip } from '../../device/domain/badge.ts';
import { machineTimers } from '../../device/system/outside.ts';
import { beforeTheLens, wears } from '../support/worn-badges.ts';

const help = `Usage: scripts/bench camera [--tries N] [--widths 640,1280] [--only TEXT]

  --tries N      badges of each kind, each with a seed of its own (5)
  --widths LIST  of the pictures, dots
  --only TEXT    kinds whose name has it

Badges read of those held up, and the median of milliseconds a picture takes to read. Then the camera, if there is one.
`;

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    tries: { type: 'string', default: '5' },
    widths: { type: 'string', default: '640,1280' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const dist = join(process.cwd(), 'dist');

async function main(): Promise<void> {
  if (values.help) return print(help);
  await badges();
  await firstPicture();
}

async function badges(): Promise<void> {
  const { slipInput } = await import('../support/slip-input.ts');
  const badge = await createBadgePainter(join(dist, 'fonts'), 58).paint(slip(slipInput()), null);
  const thread = new Worker(join(dist, 'qr-thread.js'));
  const read = (picture: Uint8Array): Promise<unknown> =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage(picture);
    });
  const widths = values.widths.split(',').map(Number);
  await read(Uint8Array.of()); // the first takes longer
  print(`| badge | ${widths.map((width) => `${String(width)} dots | ms`).join(' | ')} |\n`);
  for (const [name, wear] of Object.entries(wears).filter(([name]) => name.includes(values.only))) {
    const cells: string[] = [];
    for (const width of widths) {
      const times: number[] = [];
      let good = 0;
      for (let seed = 1; seed <= Number(values.tries); seed++) {
        const picture = beforeTheLens(badge, wear, width, seed);
        const begun = performance.now();
        const texts = await read(picture);
        times.push(performance.now() - begun);
        if (Array.isArray(texts) && texts.some((text) => typeof text === 'string' && parseQr(text) !== null)) good += 1;
      }
      cells.push(
        `${String(good)} of ${values.tries}`,
        (times.sort((a, b) => a - b)[times.length >> 1] ?? 0).toFixed(0),
      );
    }
    print(`| ${name} | ${cells.join(' | ')} |\n`);
  }
  await thread.terminate();
}

async function firstPicture(): Promise<void> {
  const camera = new RealCamera('auto', {
    clock: { mono: () => performance.now() },
    timers: machineTimers,
    path: process.env['PATH'] ?? '/usr/bin:/bin',
    videoFolder: '/sys/class/video4linux',
    scratch: join(dist, '.camera'),
    stillProgram: join(dist, 'camera-still.js'),
    shim: join(dist, 'camera-shim'),
  });
  try {
    await camera.take(new AbortController().signal);
    for (let i = 0; i < 3; i++) {
      const begun = performance.now();
      for await (const _ of camera.live(new AbortController().signal)) break;
      print(`${camera.status().words}: first live picture after ${(performance.now() - begun).toFixed(0)} ms\n`);
    }
  } catch {
    print(`${camera.status().words}\n`);
  } finally {
    camera.close();
  }
}

const print = (text: string): void => {
  process.stdout.write(text);
};

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
