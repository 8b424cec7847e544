/** What every printer does, whatever it is: run on the simulated one and on the real one over an emulated USB. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bitmap } from '../../device/domain/badge.ts';
import { canPrint, jobDeadlineMs } from '../../device/printer/port.ts';
import type { Printer, PrinterState } from '../../device/printer/port.ts';
import type { Timers } from '../../device/system/ports.ts';
import type { SteeredTime } from '../support/steered-time.ts';

export const patient = new AbortController().signal;
export const square = (rows = 64): Bitmap => ({ width: 384, height: rows, bits: new Uint8Array(48 * rows).fill(0x0f) });

export type BenchFault = 'none' | 'paper-low' | 'paper-out' | 'cover-open' | 'hot' | 'unplugged' | 'busy';

/** A printer on the bench, with its paper. */
export interface Bench {
  readonly printer: Printer;
  /** Long times (the 45 s of a job, and more) pass when it says so. */
  readonly time: SteeredTime;
  /** From now on, or once so many bytes of a job have left. */
  fault(fault: BenchFault, afterBytes?: number): Promise<void>;
  /** Has the fault come that was to come after some bytes? */
  struck(): Promise<boolean>;
  /** Whole badges that came out, as pictures without the paper fed after them, oldest first. */
  papers(): Promise<readonly Bitmap[]>;
  end(): Promise<void>;
}

/** What hangs is given up in real time; the long times, of a job and of idleness, stand until the test lets them pass. */
export function mixed(time: SteeredTime): Timers {
  const set =
    <T>(start: T, stop: (it: T) => void) =>
    () =>
      stop(start);
  return {
    after: (ms, run) => (ms < jobDeadlineMs ? set(setTimeout(run, ms), clearTimeout) : time.timers.after(ms, run)),
    every: (ms, run) => set(setInterval(run, ms), clearInterval),
  };
}

/** Real transfers take their time. */
const soon = { timeout: 30_000, interval: 20 };

export function everyPrinter(open: () => Promise<Bench>): void {
  let bench: Bench;
  let printer: Printer;
  beforeEach(async () => {
    bench = await open();
    ({ printer } = bench);
  });
  afterEach(() => bench.end());

  const printed = async (id: string): Promise<void> =>
    expect(await printer.print({ id, picture: square() }, patient)).toEqual({ outcome: 'printed', why: '' });
  const isSeen = (state: PrinterState): Promise<void> =>
    expect.poll(async () => (await printer.status()).state, soon).toBe(state);
  const pass = (ms: number): void => bench.time.pass(ms);

  it('says how it is, in a word and in a sentence', async () => {
    expect(await printer.status()).toEqual({ state: 'ready', words: 'Ready' });
  });

  it('prints a badge dot for dot, and says so', async () => {
    const picture = { width: 384, height: 200, bits: Uint8Array.from({ length: 48 * 200 }, (_, i) => (i * 37) & 0xff) };
    expect(await printer.print({ id: '1-000001', picture }, patient)).toEqual({ outcome: 'printed', why: '' });
    const [paper] = await bench.papers();
    expect(Buffer.from(paper?.bits.subarray(0, picture.bits.length) ?? []).equals(picture.bits)).toBe(true);
  });

  it('prints jobs one after the other, in their order', async () => {
    const jobs = [40, 80, 120].map((rows) => printer.print({ id: String(rows), picture: square(rows) }, patient));
    expect((await Promise.all(jobs)).map(({ outcome }) => outcome)).toEqual(['printed', 'printed', 'printed']);
    const black = (await bench.papers()).map(({ bits }) => bits.filter((byte) => byte === 0x0f).length / 48);
    expect(black).toEqual([40, 80, 120]);
  });

  it.each(['paper-out', 'cover-open', 'hot', 'unplugged'] as const)(
    '%s before a job: seen and said in words, not printed, not one byte; mended, the next is printed',
    async (fault) => {
      await bench.fault(fault);
      const status = await printer.status();
      expect(status.state).toBe(fault === 'unplugged' ? 'offline' : fault);
      expect(status.words).toMatch(/^[A-Z].*: /); // what to do
      expect(await printer.print({ id: 'x', picture: square() }, patient)).toEqual({
        outcome: 'not-printed',
        why: status.words,
      });
      expect(await bench.papers()).toEqual([]);
      await bench.fault('none');
      await isSeen('ready');
      await printed('y');
      expect(await bench.papers()).toHaveLength(1);
    },
  );

  it('with little paper left it still prints', async () => {
    await bench.fault('paper-low');
    expect((await printer.status()).state).toBe('paper-low');
    await printed('x');
  });

  it('whoever listens hears of a change once, and no longer than wanted', async () => {
    await printer.status();
    const heard: string[] = [];
    const stop = printer.onChange(({ state }) => heard.push(state));
    await bench.fault('paper-low');
    await printer.status();
    await printer.status();
    stop();
    stop();
    await bench.fault('none');
    await printer.status();
    expect(heard).toEqual(['paper-low']);
  });

  it.each(['paper-out', 'cover-open', 'hot'] as const)(
    '%s in the middle, mended in time: the badge comes out whole, once',
    async (fault) => {
      await bench.fault(fault, 2000);
      const printing = printer.print({ id: 'x', picture: square(160) }, patient);
      await expect.poll(() => bench.struck(), soon).toBe(true);
      // With a full buffer a printer on the USB says no more than that it has stopped.
      await expect.poll(async () => canPrint((await printer.status()).state), soon).toBe(false);
      pass(30_000);
      await bench.fault('none');
      expect(await printing).toEqual({ outcome: 'printed', why: '' });
      const papers = await bench.papers();
      expect(papers.map(({ bits }) => bits.filter((byte) => byte === 0x0f).length)).toEqual([48 * 160]);
    },
  );

  it.each(['paper-out', 'busy'] as const)(
    '%s in the middle, for ever: given up after 45 seconds; mended, nothing of it is left, and the next is printed',
    async (fault) => {
      await bench.fault(fault, 2000);
      const printing = printer.print({ id: 'x', picture: square(160) }, patient);
      await expect.poll(() => bench.struck(), soon).toBe(true);
      if (fault === 'paper-out') await isSeen(fault);
      pass(jobDeadlineMs - 1);
      pass(1);
      expect(await printing).toEqual({ outcome: 'unknown', why: 'Given up after 45 seconds' });
      await bench.fault('none');
      await isSeen('ready');
      await printed('y');
      expect((await bench.papers()).map(({ bits }) => bits.filter((byte) => byte === 0x0f).length)).toEqual([48 * 64]);
    },
  );

  it('unplugged in the middle: cut off, nobody knows; plugged in, the next is whole', async () => {
    await bench.fault('unplugged', 2000);
    const result = await printer.print({ id: 'x', picture: square(160) }, patient);
    expect(result).toMatchObject({ outcome: 'unknown', cutOff: true });
    expect(result.why).toMatch(/^Not connected or switched off/);
    await isSeen('offline');
    await bench.fault('none');
    await isSeen('ready');
    await printed('y');
    expect((await bench.papers()).at(-1)?.bits.filter((byte) => byte === 0x0f)).toHaveLength(48 * 64);
  });

  it('prints nothing of a job given up before it began', async () => {
    const { outcome } = await printer.print({ id: 'x', picture: square() }, AbortSignal.abort());
    expect(outcome).toBe('not-printed');
    expect(await bench.papers()).toEqual([]);
  });

  it('prints nothing after it was closed, and may be closed twice', async () => {
    await printer.close();
    await printer.close();
    expect((await printer.print({ id: 'x', picture: square() }, patient)).outcome).toBe('not-printed');
    expect(await bench.papers()).toEqual([]);
    expect(bench.time.waiting()).toBe(0);
  });
}
