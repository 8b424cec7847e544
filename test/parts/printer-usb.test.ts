/** The real adapter, its process, escpos-usb and libusb, with a printer emulated below them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { seeded } from '../../device/demo/random.ts';
import { Printing } from '../../device/desk/printing.ts';
import { idleMs } from '../../device/printer/child.ts';
import type { PrinterState, PrintResult } from '../../device/printer/port.ts';
import { createUsbPrinter } from '../../device/printer/usb.ts';
import type { UsbPrinter, UsbPrinterParts } from '../../device/printer/usb.ts';
import type { Log } from '../../device/system/ports.ts';
import { badgeOf, openDay } from '../support/desk-day.ts';
import { steeredTime } from '../support/steered-time.ts';
import { onPaper, usbPrinterFake } from '../support/usb-printer.ts';
import type { PrinterWays, UsbPrinterFake } from '../support/usb-printer.ts';
import { everyPrinter, mixed, patient, square } from './printer-contract.ts';
import type { Bench, BenchFault } from './printer-contract.ts';

const program = join(import.meta.dirname, '../../dist/printer-child.js');
const soon = { timeout: 30_000, interval: 20 };
const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let usb: UsbPrinterFake;
beforeAll(async () => (usb = await usbPrinterFake()));
afterAll(() => usb.end());

const allWell: PrinterWays = { paper: 'ok', cover: 'closed', hot: false, error: false, stuck: false, eio: false };
const asBuilt: PrinterWays = { ...allWell, busy: false, mute: false, no_gs_r: false, bytes_a_second: 1e9 };
const faults: Readonly<Record<Exclude<BenchFault, 'none' | 'unplugged'>, PrinterWays>> = {
  'paper-low': { paper: 'near' },
  'paper-out': { paper: 'out' },
  'cover-open': { cover: 'open' },
  hot: { hot: true },
  busy: { stuck: true },
};

interface UsbBench extends Bench {
  readonly printer: UsbPrinter;
}

async function bench(parts: Partial<UsbPrinterParts> = {}): Promise<UsbBench> {
  await usb.unplug();
  await usb.powerCut();
  await usb.set(asBuilt);
  await usb.plug();
  for (const list of [usb.papers, usb.torn, usb.told]) list.splice(0);
  const time = steeredTime(0);
  const printer = createUsbPrinter({
    ids: { vendor: null, product: null },
    profile: { cut: false, density: null },
    program,
    environment: usb.environment,
    devices: usb.devices,
    timers: mixed(time),
    log: quiet,
    ...parts,
  });
  return {
    printer,
    time,
    fault: async (fault, bytes) => {
      if (fault === 'none') {
        await usb.set(allWell);
        if (!usb.isPlugged()) await usb.plug({ port: 3 });
      } else if (fault === 'unplugged') {
        if (bytes === undefined) await usb.unplug();
        else await usb.set({ after: { bytes, unplug: true } });
      } else if (bytes === undefined) await usb.set(faults[fault]);
      else await usb.set({ after: { bytes, ...faults[fault] } });
    },
    struck: () => Promise.resolve(usb.told.some(({ told }) => told === 'after')),
    papers: () => Promise.resolve(usb.papers.map(onPaper)),
    end: () => printer.close(),
  };
}

describe('every printer: usb', { timeout: 120_000 }, () => everyPrinter(bench));

describe('the USB printer', { timeout: 120_000 }, () => {
  let on: UsbBench | null = null;
  afterEach(() => on?.printer.close());
  const opened = async (parts: Partial<UsbPrinterParts> = {}): Promise<UsbPrinter> => {
    on = await bench(parts);
    return on.printer;
  };
  const isSeen = (printer: UsbPrinter, state: PrinterState): Promise<void> =>
    expect.poll(async () => (await printer.status()).state, soon).toBe(state);
  const print = (printer: UsbPrinter): Promise<PrintResult> => printer.print({ id: 'x', picture: square() }, patient);
  const printed: PrintResult = { outcome: 'printed', why: '' };

  it('is found when it comes, missed when it goes, and whoever listens hears of it unasked', async () => {
    const printer = await opened();
    await usb.unplug();
    const heard: PrinterState[] = [];
    printer.onChange(({ state }) => heard.push(state));
    expect((await printer.status()).state).toBe('offline');
    await usb.plug({ port: 4 });
    await expect.poll(() => heard, soon).toEqual(['ready']);
    await usb.unplug();
    await expect.poll(() => heard, soon).toEqual(['ready', 'offline']);
  });

  it('one without a printer on the bus starts no process', async () => {
    const printer = await opened();
    await usb.unplug();
    expect((await printer.status()).state).toBe('offline');
    expect((await print(printer)).outcome).toBe('not-printed');
    expect(printer.child.pid).toBeNull();
  });

  it('within a device with other parts it alone is claimed', async () => {
    const printer = await opened();
    await usb.unplug();
    await usb.plug({ composite: true });
    expect(await print(printer)).toEqual(printed);
    expect(usb.told.filter(({ told }) => told === 'claimed' || told === 'wrong endpoint')).toEqual([
      { told: 'claimed', interface: 1 },
    ]);
  });

  it('of no class it is found by its numbers, and another is left alone', async () => {
    const printer = await opened({ ids: { vendor: 0x0fe6, product: 0x811e } });
    expect((await printer.status()).state).toBe('offline');
    await usb.unplug();
    await usb.plug({ vendor: 0x0fe6, product: 0x811e, klass: 0xff });
    expect(await print(printer)).toEqual(printed);
  });

  it('used by another program it says so, and is there once that has let go', async () => {
    const printer = await opened();
    await usb.set({ busy: true });
    expect(await printer.status()).toMatchObject({
      state: 'offline',
      words: expect.stringContaining('Another program') as string,
    });
    expect((await print(printer)).outcome).toBe('not-printed');
    await usb.set({ busy: false });
    await isSeen(printer, 'ready');
  });

  it('that refuses bytes (EIO) in the middle is cut off, and prints when it is well again', async () => {
    const printer = await opened();
    await usb.set({ after: { bytes: 2000, eio: true } });
    const result = await printer.print({ id: 'x', picture: square(320) }, patient);
    expect(result).toMatchObject({ outcome: 'unknown', cutOff: true });
    await usb.set({ eio: false });
    expect(await print(printer)).toEqual(printed);
  });

  it('that answers nothing prints, but no badge counts as printed', async () => {
    const printer = await opened();
    await usb.set({ mute: true });
    expect((await printer.status()).state).toBe('ready');
    expect(await print(printer)).toMatchObject({
      outcome: 'unknown',
      why: expect.stringContaining('never says') as string,
    });
    expect(usb.papers).toHaveLength(1);
  });

  it('that does not know GS r counts as done when it has been well for a while', async () => {
    const printer = await opened();
    await usb.set({ no_gs_r: true });
    expect(await print(printer)).toEqual(printed);
  });

  it('its process leaves after a minute without work, and comes again', async () => {
    const printer = await opened();
    await printer.status();
    const { pid } = printer.child;
    expect(pid).not.toBeNull();
    on?.time.pass(idleMs);
    expect(printer.child.pid).toBeNull();
    expect((await printer.status()).state).toBe('ready');
    expect(printer.child.pid).not.toBe(pid);
  });

  it('its process hanging in the middle of a badge, it is killed, and the next does the work', async () => {
    const printer = await opened();
    await usb.set({ after: { bytes: 2000, paper: 'out' } });
    const printing = printer.print({ id: 'x', picture: square(160) }, patient);
    await expect.poll(() => on?.struck(), soon).toBe(true);
    const pid = printer.child.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    expect(await printing).toMatchObject({ outcome: 'unknown', cutOff: true });
    const lives = (): boolean => existsSync(`/proc/${pid}`);
    await expect.poll(lives, soon).toBe(false);
    await usb.set(allWell);
    expect(await print(printer)).toEqual(printed);
  });
});

describe('its process killed again and again while it prints', () => {
  const kills = Number(process.env['PORTER_PRINTER_KILLS'] ?? 6);
  it(
    'the daemon goes on, no badge is lost, and none comes out twice without REPRINT',
    { timeout: 180_000 + kills * 20_000 },
    async () => {
      const seed = Number(process.env['SEED'] ?? 20_261_129);
      const random = seeded(seed);
      console.info(`seed ${seed}`);
      const { printer } = await bench();
      await usb.set({ bytes_a_second: 10_000 });
      const daemon = process.pid;
      const day = await openDay({ at: '10:40' });
      const attempts = new Map<string, number>();
      const printing = new Printing({
        school: day.box.school,
        desk: day.box.desk,
        printer,
        log: quiet,
        // The badge's number in the first row, whether it says REPRINT in the second.
        draw: (slip) => {
          const picture = square(60);
          picture.bits.set(Buffer.from(slip.id.replace(' ', '')), 0);
          picture.bits[48] = slip.reprint === null ? 1 : 2;
          attempts.set(slip.id, (attempts.get(slip.id) ?? 0) + 1);
          return Promise.resolve(picture);
        },
        photo: () => Promise.resolve(null),
        onFailed: () => undefined,
        onBroken: (error) => {
          throw error;
        },
      });
      const badges: string[] = [];
      for (let i = 0; i < kills; i++) {
        const badge = badgeOf(await day.early('amara'));
        badges.push(badge);
        await expect.poll(() => attempts.size, soon).toBe(i + 1);
        await new Promise((resolve) => setTimeout(resolve, random.below(400)));
        const { pid } = printer.child;
        if (pid !== null) process.kill(pid, 'SIGKILL');
        const came = (): string => {
          const print = [...day.ledger.badges.values()].at(-1)?.print;
          return `${print?.state ?? 'waiting'} ${String(print?.attempt)} ${print?.why ?? ''}`;
        };
        await expect.poll(came, soon).toMatch(/^printed/);
        await day.type(badge);
      }
      const papers = usb.papers.map(onPaper).map(({ bits }) => ({
        badge: Buffer.from(bits.subarray(0, 8)).toString(),
        reprint: bits[48] === 2,
      }));
      for (const badge of badges) {
        const own = papers.filter((paper) => paper.badge === badge);
        expect(own.length, badge).toBeGreaterThan(0);
        expect(
          own.slice(1).every(({ reprint }) => reprint),
          badge,
        ).toBe(true);
      }
      expect(process.pid).toBe(daemon);
      expect([...attempts.values()].some((count) => count > 1)).toBe(true); // else no kill met a job
      printing.stop();
      await printer.close();
    },
  );
});
