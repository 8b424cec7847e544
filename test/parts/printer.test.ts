import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PNG } from 'pngjs';
import { blacken, blank } from '../../device/badge/bitmap.ts';
import { createBadgePainter } from '../../device/badge/painter.ts';
import { parseQr, slip } from '../../device/domain/badge.ts';
import type { Bitmap } from '../../device/domain/badge.ts';
import { createPrinter } from '../../device/printer/create.ts';
import { jobDeadlineMs, queueMax, statusWords } from '../../device/printer/port.ts';
import type { PrinterStatus } from '../../device/printer/port.ts';
import { printerFaults } from '../../device/printer/simulated.ts';
import type { SimulatedPrinter } from '../../device/printer/simulated.ts';
import type { Log } from '../../device/system/ports.ts';
import { fontFolder, readQrCodes, slipInput } from '../support/badges.ts';
import { steeredTime } from '../support/steered-time.ts';
import type { SteeredTime } from '../support/steered-time.ts';
import { everyPrinter, patient, square } from './printer-contract.ts';

const quietLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const badge = async (id = '18391270'): Promise<Bitmap> =>
  await createBadgePainter(fontFolder, 58).paint(slip(slipInput({ badgeId: id })), null);

let scratch: string;
let folder: string;
let time: SteeredTime;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'porter-printer-'));
  folder = join(scratch, 'badges');
  time = steeredTime(0);
});
// A picture may still be on its way to the folder: the loop turns between two tries.
afterEach(() => rm(scratch, { recursive: true, maxRetries: 5, retryDelay: 50 }));

function made(kind: 'simulated' | 'none', cut = false): ReturnType<typeof createPrinter> {
  const settings = { kind, paperMm: 58, vendor: null, product: null, density: 2, cut } as const;
  return createPrinter(settings, { built: '', pictures: folder, timers: time.timers, log: quietLog });
}
function simulated(cut = false): SimulatedPrinter {
  const { simulated: printer } = made('simulated', cut);
  if (printer === null) throw new Error('no simulated printer');
  return printer;
}
const pictures = (): readonly string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};
/** A picture from the folder, dots as the printer had them. */
function onPaper(name: string): Bitmap {
  const { width, height, data } = PNG.sync.read(readFileSync(join(folder, name)));
  const picture = blank(width, height);
  for (let i = 0; i < width * height; i++) if (data[i * 4] === 0) blacken(picture, i % width, Math.floor(i / width));
  return picture;
}
/** Until the printer has done what it can without time passing. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('every printer: simulated', () => {
  everyPrinter(() => {
    const printer = simulated();
    return Promise.resolve({
      printer,
      time,
      fault: (fault, bytes) => Promise.resolve(printer.fault(fault, bytes)),
      struck: () => settle().then(() => true),
      papers: () => Promise.resolve(pictures().flatMap((name) => (name.includes('-torn') ? [] : [onPaper(name)]))),
      end: () => printer.close(),
    });
  });
});

describe('no printer', () => {
  it('says so, and answers every job', async () => {
    const { printer } = made('none');
    expect(await printer.status()).toEqual({ state: 'absent', words: 'There is no printer' });
    expect(await printer.print({ id: 'x', picture: square() }, patient)).toEqual({
      outcome: 'not-printed',
      why: 'There is no printer',
    });
    printer.onChange(() => undefined)();
    await printer.close();
  });
});

describe('the simulated printer', () => {
  it.each([false, true])('makes a picture of the bytes in which the QR code can be read (cutter: %s)', async (cut) => {
    const printer = simulated(cut);
    expect(await printer.print({ id: '1-004217', picture: await badge() }, patient)).toEqual({
      outcome: 'printed',
      why: '',
    });
    expect(pictures()).toEqual(['000001-1-004217.png']);
    const [text] = await readQrCodes(readFileSync(join(folder, '000001-1-004217.png')));
    expect(parseQr(text ?? '')).toEqual({ badgeId: '18391270', token: '0123456789abcdef' });
  });

  it('keeps the last 50 pictures, and counts on after a restart', async () => {
    const first = simulated();
    for (let i = 0; i < 51; i++) await first.print({ id: 'x', picture: square(8) }, patient);
    await first.close();
    const second = simulated();
    await second.print({ id: 'y', picture: square(8) }, patient);
    expect(pictures()).toHaveLength(50);
    expect(pictures().at(0)).toBe('000003-x.png');
    expect(pictures().at(-1)).toBe('000052-y.png');
  });

  it('a job id cannot leave the folder', async () => {
    await simulated().print({ id: '../../etc/x', picture: square(8) }, patient);
    expect(pictures()).toEqual(['000001-.._.._etc_x.png']);
  });

  it('counts a badge as printed though its picture cannot be kept', async () => {
    writeFileSync(join(scratch, 'no-folder'), '');
    folder = join(scratch, 'no-folder', 'badges');
    expect((await simulated().print({ id: 'x', picture: square(8) }, patient)).outcome).toBe('printed');
  });

  it('a picture wider than the paper is not printed as if nothing were', async () => {
    const wide = { width: 576, height: 8, bits: new Uint8Array(72 * 8) };
    expect((await simulated().print({ id: 'x', picture: wide }, patient)).outcome).toBe('unknown');
  });
});

describe('faults of the printer', () => {
  it.each([
    ['none', 'ready'],
    ['paper-low', 'paper-low'],
    ['paper-out', 'paper-out'],
    ['cover-open', 'cover-open'],
    ['hot', 'hot'],
    ['unplugged', 'offline'],
    ['slow', 'ready'],
    ['busy', 'ready'],
  ] as const)('%s is seen as %s', async (fault, state) => {
    const printer = simulated();
    printer.fault(fault);
    expect((await printer.status()).state).toBe(state);
    expect(printerFaults).toContain(fault);
  });

  it('whoever listens hears of each change once', () => {
    const printer = simulated();
    const heard: PrinterStatus['state'][] = [];
    const stop = printer.onChange(({ state }) => heard.push(state));
    for (const fault of ['paper-low', 'paper-low', 'unplugged', 'none', 'slow', 'none'] as const) printer.fault(fault);
    stop();
    printer.fault('hot');
    expect(heard).toEqual(['paper-low', 'offline', 'ready']);
  });

  it.each([1, 100, 1000, 2000, 3000])(
    'unplugged after %i bytes: nobody knows, and half a badge may hang out',
    async (bytes) => {
      const printer = simulated();
      printer.fault('unplugged', bytes);
      const result = await printer.print({ id: 'x', picture: square() }, patient);
      expect(result).toEqual({ outcome: 'unknown', why: statusWords.offline, cutOff: true });
      expect(pictures()).toEqual(bytes < 100 ? [] : ['000001-x-torn.png']);
      printer.fault('none');
      expect((await printer.print({ id: 'y', picture: await badge() }, patient)).outcome).toBe('printed');
      expect(await readQrCodes(readFileSync(join(folder, pictures().at(-1) ?? '')))).toHaveLength(1);
    },
  );

  it('busy from the start: after 45 seconds it is sure that nothing was printed', async () => {
    const printer = simulated();
    printer.fault('busy');
    const printing = printer.print({ id: 'x', picture: square() }, patient);
    await settle();
    time.pass(jobDeadlineMs);
    expect(await printing).toEqual({ outcome: 'not-printed', why: 'Given up after 45 seconds' });
  });

  it('slow, it takes its time, and more than 45 seconds are too many', async () => {
    const printer = simulated();
    printer.fault('slow');
    const printing = printer.print({ id: 'x', picture: square() }, patient);
    await time.passSlowly(10_000, 250);
    expect((await printing).outcome).toBe('printed');
    const long = printer.print({ id: 'y', picture: square(3000) }, patient);
    await time.passSlowly(jobDeadlineMs + 1000, 250);
    expect((await long).outcome).toBe('unknown');
  });

  it('a job can be given up while it waits for paper', async () => {
    const printer = simulated();
    printer.fault('paper-out', 1000);
    const giveUp = new AbortController();
    const printing = printer.print({ id: 'x', picture: square() }, giveUp.signal);
    await settle();
    giveUp.abort();
    expect((await printing).outcome).toBe('unknown');
  });

  it('closing gives up what is printing and what waits', async () => {
    const printer = simulated();
    printer.fault('busy', 1000);
    const jobs = [1, 2, 3].map((n) => printer.print({ id: String(n), picture: square() }, patient));
    await settle();
    await printer.close();
    expect((await Promise.all(jobs)).map(({ outcome }) => outcome)).toEqual(['unknown', 'not-printed', 'not-printed']);
  });

  it(`takes no more than ${queueMax} jobs`, async () => {
    const printer = simulated();
    printer.fault('busy');
    const jobs = Array.from({ length: queueMax }, () => printer.print({ id: 'x', picture: square() }, patient));
    const { outcome, why } = await printer.print({ id: 'one too many', picture: square() }, patient);
    expect([outcome, why]).toEqual(['not-printed', '20 badges are waiting already']);
    await printer.close();
    await Promise.all(jobs);
  });

  it('leaves no timer behind', async () => {
    const printer = simulated();
    await printer.print({ id: 'x', picture: square() }, patient);
    expect(time.waiting()).toBe(0);
  });
});
