/** A printer without hardware: takes the very bytes that a real one would get and makes a PNG of what they print. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bitmapToPng } from '../badge/bitmap.ts';
import type { Bitmap } from '../domain/badge.ts';
import type { Log, Timers } from '../system/ports.ts';
import { encodeBadge } from './encode.ts';
import type { PrinterProfile } from './encode.ts';
import { EscPosDecoder, EscPosError } from './escpos-decoder.ts';
import { canPrint, statusOf, statusWords } from './port.ts';
import type { PrintJob, Printer, PrinterState, PrinterStatus } from './port.ts';
import { createPrintQueue, PrintProblem } from './queue.ts';
import type { Sending } from './queue.ts';

/** `slow`: 2 kB a second. `busy`: takes no more bytes, and does not say why. */
export const printerFaults = [
  'none',
  'paper-low',
  'paper-out',
  'cover-open',
  'hot',
  'unplugged',
  'slow',
  'busy',
] as const;
export type PrinterFault = (typeof printerFaults)[number];

export interface SimulatedPrinter extends Printer {
  /** From now on, or once the job under way (else the next) has sent that many bytes. `none` mends everything. */
  fault(fault: PrinterFault, afterBytes?: number): void;
}

export interface SimulatedPrinterParts {
  readonly paperMm: 58 | 80;
  readonly profile: PrinterProfile;
  /** Gets the pictures: `000001-1-004217.png`; with `-torn` what came out of a job that was not finished. */
  readonly folder: string;
  readonly timers: Timers;
  readonly log: Log;
}

/** Pictures kept in the folder; the oldest go. */
const picturesMax = 50;
/** Bytes in one write to the device, as on the USB. */
const chunkBytes = 1024;
const slowChunkMs = 500;

export function createSimulatedPrinter(parts: SimulatedPrinterParts): SimulatedPrinter {
  return new Simulation(parts);
}

class Simulation implements SimulatedPrinter {
  readonly kind = 'simulated';
  private readonly parts: SimulatedPrinterParts;
  private readonly queue: ReturnType<typeof createPrintQueue>;
  private readonly decoder: EscPosDecoder;
  private readonly listeners = new Set<(status: PrinterStatus) => void>();
  private present: PrinterFault = 'none';
  private coming: { readonly fault: PrinterFault; bytes: number } | null = null;
  private pieces: Bitmap[] = [];
  private mended: (() => void)[] = [];
  /** The job before has let go of the paper. */
  private free: Promise<void> = Promise.resolve();

  constructor(parts: SimulatedPrinterParts) {
    this.parts = parts;
    this.queue = createPrintQueue(parts.timers, async (job, sending) => {
      const sent = this.free.then(() => this.send(job, sending));
      this.free = sent.catch(() => undefined);
      await sent;
    });
    this.decoder = new EscPosDecoder({
      width: parts.paperMm === 58 ? 384 : 576,
      cut: (paper) => this.pieces.push(paper),
      status: () => 0x12, // the fixed bits; nobody listens
      reply: () => undefined,
    });
  }

  status(): Promise<PrinterStatus> {
    return Promise.resolve(statusOf(this.state()));
  }

  print: Printer['print'] = (job, signal) => this.queue.add(job, signal);

  onChange(listener: (status: PrinterStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.listeners.clear();
  }

  fault(fault: PrinterFault, afterBytes = 0): void {
    if (afterBytes > 0) {
      this.coming = { fault, bytes: afterBytes };
      return;
    }
    const before = this.state();
    this.present = fault;
    this.coming = null;
    for (const look of this.mended.splice(0)) look();
    const status = statusOf(this.state());
    if (status.state !== before) for (const listener of this.listeners) listener(status);
  }

  private state(): PrinterState {
    if (this.present === 'none' || this.present === 'slow' || this.present === 'busy') return 'ready';
    return this.present === 'unplugged' ? 'offline' : this.present;
  }

  private async send(job: PrintJob, sending: Sending): Promise<void> {
    if (!canPrint(this.state())) throw new PrintProblem(statusWords[this.state()]);
    try {
      for (const part of encodeBadge(job.picture, this.parts.profile)) await this.transfer(part, sending);
      if (!canPrint(this.state())) throw new PrintProblem(statusWords[this.state()]);
      if (this.decoder.midCommand) throw new EscPosError('the job ends in the middle of a command');
      await this.keep(job.id, this.takePaper(), '');
    } catch (error) {
      this.decoder.powerOn(); // also what clearing the buffer comes to
      await this.keep(job.id, this.takePaper(), '-torn');
      if (error instanceof EscPosError) this.parts.log.error('printer.bad-bytes', { what: error.message });
      throw error;
    }
  }

  private takePaper(): readonly Bitmap[] {
    const last = this.decoder.tearOff();
    return [...this.pieces.splice(0), ...(last === null ? [] : [last])];
  }

  private async transfer(bytes: Buffer, { signal, took }: Sending): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      await this.willing(signal);
      const until = Math.min(chunkBytes, bytes.length - at, this.coming?.bytes ?? Infinity);
      const chunk = bytes.subarray(at, at + until);
      took(chunk.length);
      this.decoder.write(chunk);
      at += chunk.length;
      this.countDown(chunk.length);
    }
  }

  private countDown(bytes: number): void {
    if (this.coming === null) return;
    this.coming.bytes -= bytes;
    if (this.coming.bytes <= 0) this.fault(this.coming.fault);
  }

  /** Waits until the printer takes bytes. Rejects when it is gone or the job is given up. */
  private async willing(signal: AbortSignal): Promise<void> {
    if (this.present === 'slow') await this.pause(signal, slowChunkMs);
    while (!['none', 'paper-low', 'slow'].includes(this.present)) {
      if (this.present === 'unplugged') throw new PrintProblem(statusWords.offline, { cutOff: true });
      await this.pause(signal, null);
    }
    signal.throwIfAborted();
  }

  /** For a time, or until a fault changes. */
  private async pause(signal: AbortSignal, ms: number | null): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      const cancel = ms === null ? () => undefined : this.parts.timers.after(ms, done);
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
      if (ms === null) this.mended.push(done);
    });
    signal.throwIfAborted();
  }

  private async keep(id: string, papers: readonly Bitmap[], suffix: string): Promise<void> {
    const { folder, log } = this.parts;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const paper of papers) {
        const pictures = (await readdir(folder)).filter((name) => /^\d{6}-.*\.png$/.test(name)).sort();
        const number = Number(pictures.at(-1)?.slice(0, 6) ?? 0) + 1;
        const name = `${String(number).padStart(6, '0')}-${id.replace(/[^\w.-]/g, '_')}${suffix}.png`;
        await writeFile(join(folder, name), await bitmapToPng(paper), { mode: 0o600 });
        for (const old of pictures.slice(0, Math.max(0, pictures.length + 1 - picturesMax)))
          await rm(join(folder, old));
      }
    } catch {
      log.warn('printer.picture-not-kept'); // the badge counts as printed all the same
    }
  }
}
