import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { createPaintingThread, idleMs, paintDeadlineMs, paintingMax } from '../../device/badge/painter-thread.ts';
import type { PaintingThread } from '../../device/badge/painter-thread.ts';
import { slip } from '../../device/domain/badge.ts';
import { aPhoto, fontFolder, slipInput } from '../support/badges.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';

const root = join(import.meta.dirname, '../..');
const show = { photo: true, schoolName: true, registrationGroup: true };
const text = slip(slipInput({ show }));

let scratch: string;
let built: string;
beforeAll(async () => {
  const cache = join(root, 'node_modules/.cache'); // where the packages that stay outside are found
  mkdirSync(cache, { recursive: true });
  scratch = mkdtempSync(join(cache, 'badge-thread-'));
  built = join(scratch, 'thread.cjs');
  await build({
    entryPoints: [join(root, 'device/badge/thread.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: built,
    external: ['@resvg/resvg-js', 'harfbuzzjs'],
  });
});
afterAll(() => rmSync(scratch, { recursive: true }));

let time: SteeredTime;
let painter: PaintingThread;
beforeEach(() => (time = steeredTime(0)));
afterEach(() => painter.close());

function open(threadFile: string, fonts = fontFolder): PaintingThread {
  painter = createPaintingThread({ threadFile, fonts, paperMm: 58, timers: time.timers });
  return painter;
}
/** A thread that does this with every request. */
function thread(body: string): string {
  const file = join(scratch, `${Buffer.from(body).toString('hex').slice(0, 60)}.cjs`);
  writeFileSync(
    file,
    `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => { ${body} });`,
  );
  return file;
}

describe('badges drawn on a thread', () => {
  it('look as they do without one, also when several are drawn at once', async () => {
    const here = await createBadgePainter(fontFolder, 58).paint(text, aPhoto());
    const there = open(built);
    const all = await Promise.all([1, 2, 3].map(() => there.paint(text, aPhoto())));
    for (const picture of all) expect(picture).toEqual(here);
  });

  it('the photo stays with whoever sent it', async () => {
    const photo = aPhoto();
    const before = photo.length;
    await open(built).paint(text, photo);
    expect(photo).toHaveLength(before);
  });

  it('what cannot be drawn is said, without a name, and the next badge is drawn', async () => {
    await expect(open(built, '/nowhere').paint(text, null)).rejects.toThrow('the badge could not be drawn: Error');
    await painter.close();
    expect((await open(built).paint(text, null)).width).toBe(384);
  });

  it('a thread that dies takes nothing with it but its badge', async () => {
    const dying = thread('process.exit(1)');
    await expect(open(dying).paint(text, null)).rejects.toThrow('the thread that draws badges ended');
    await expect(painter.paint(text, null)).rejects.toThrow('the thread that draws badges ended');
    expect(time.waiting()).toBe(0);
  });

  it('a thread that throws is an error, not the end of the daemon', async () => {
    await expect(open(thread("throw new Error('Amara')")).paint(text, null)).rejects.toThrow(
      'the thread that draws badges failed',
    );
  });

  it('a thread that hangs is ended at the deadline', async () => {
    const painting = expect(open(thread('for (;;);')).paint(text, null)).rejects.toThrow('took too long');
    time.pass(paintDeadlineMs);
    await painting;
  });

  it('goes when there has been nothing to draw for a minute, and comes back', async () => {
    const counting = thread(
      'globalThis.n = (globalThis.n ?? 0) + 1; parentPort.postMessage({ n: m.n, picture: globalThis.n })',
    );
    const there = open(counting);
    expect(await there.paint(text, null)).toBe(1);
    time.pass(idleMs - 1);
    expect(await there.paint(text, null)).toBe(2);
    time.pass(idleMs);
    expect(await there.paint(text, null)).toBe(1);
  });

  it(`takes no more than ${paintingMax} at a time`, async () => {
    const there = open(thread(''));
    const waiting = Array.from({ length: paintingMax }, () =>
      expect(there.paint(text, null)).rejects.toThrow('no more'),
    );
    await expect(there.paint(text, null)).rejects.toThrow('20 badges are being drawn already');
    await there.close();
    await Promise.all(waiting);
    await expect(there.paint(text, null)).rejects.toThrow('no more badges are drawn');
    expect(time.waiting()).toBe(0);
  });
});
