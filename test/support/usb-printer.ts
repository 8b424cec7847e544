/** A printer on an emulated USB: Debian's umockdev below libusb, and usb-printer.py for what is behind the cable. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bitmap } from '../../device/domain/badge.ts';
import { EscPosDecoder } from '../../device/printer/escpos-decoder.ts';

/** `after`: what is to change once so many bytes of a badge are printed. */
export interface PrinterWays {
  readonly paper?: 'ok' | 'near' | 'out';
  readonly cover?: 'closed' | 'open';
  readonly hot?: boolean;
  readonly error?: boolean;
  /** Another program has it. */
  readonly busy?: boolean;
  readonly eio?: boolean;
  /** Takes no bytes, and does not say why. */
  readonly stuck?: boolean;
  /** Answers nothing. */
  readonly mute?: boolean;
  readonly no_gs_r?: boolean;
  readonly bytes_a_second?: number;
  readonly after?: PrinterWays & { readonly bytes: number; readonly unplug?: boolean };
}

export interface Plug {
  readonly port?: number;
  /** A memory stick and a printer in one device. */
  readonly composite?: boolean;
  readonly vendor?: number;
  readonly product?: number;
  /** Of its interface; 7 is a printer. */
  readonly klass?: number;
}

export interface UsbPrinterFake {
  /** For whatever is to see this USB. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What of it makes the difference. */
  readonly preload: Readonly<Record<string, string>>;
  /** In place of /sys/bus/usb/devices. */
  readonly devices: string;
  /** Whole badges that came out, and torn ones: the bytes. */
  readonly papers: Buffer[];
  readonly torn: Buffer[];
  /** The rest of what it told: `claimed`, `cleared`, `after`, and what must not be. */
  readonly told: Readonly<Record<string, unknown>>[];
  isPlugged(): boolean;
  plug(how?: Plug): Promise<void>;
  unplug(): Promise<void>;
  powerCut(): Promise<void>;
  set(ways: PrinterWays): Promise<void>;
  end(): Promise<void>;
}

/** An order is done at once: one that is not hangs. */
const orderMs = 30_000;

export async function usbPrinterFake(): Promise<UsbPrinterFake> {
  const program = ['/usr/bin/python3', join(import.meta.dirname, 'usb-printer.py')];
  const process_ = spawn('umockdev-wrapper', program, { stdio: ['pipe', 'pipe', 'pipe'] });
  // umockdev complains of each process that is killed; the last words are wanted only where it ends itself.
  let words = '';
  process_.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-2000)));
  const papers: Buffer[] = [];
  const torn: Buffer[] = [];
  const told: Record<string, unknown>[] = [];
  const waiting = new Map<number, () => void>();
  let count = 0;
  let bedReady: (folder: string) => void = () => undefined;
  const bed = new Promise<string>((resolve, reject) => {
    bedReady = resolve;
    process_.once('error', () => reject(new Error('umockdev is not installed (scripts/test installs it)')));
    process_.once('exit', () =>
      reject(new Error(`usb-printer.py ended: are umockdev and gir1.2-umockdev-1.0 installed? ${words}`)),
    );
  });
  createInterface(process_.stdout).on('line', (line) => {
    const what = JSON.parse(line) as Record<string, unknown>;
    const bytes = (): Buffer => Buffer.from(String(what['bytes']), 'base64');
    if (what['told'] === 'ready') bedReady(String(what['folder']));
    else if (what['told'] === 'done') waiting.get(Number(what['n']))?.();
    else if (what['told'] === 'paper') papers.push(bytes());
    else if (what['told'] === 'torn') torn.push(bytes());
    else told.push(what);
  });
  const order = (what: string, details: object = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      if (process_.exitCode !== null || process_.signalCode !== null)
        return reject(new Error(`usb-printer.py has ended: ${words}`));
      const n = (count += 1);
      const limit = setTimeout(() => reject(new Error(`usb-printer.py does not answer to ${what}: ${words}`)), orderMs);
      waiting.set(n, () => {
        clearTimeout(limit);
        resolve();
      });
      process_.stdin.write(`${JSON.stringify({ n, do: what, ...details })}\n`);
    });
  const folder = await bed;
  const preload = { LD_PRELOAD: 'libumockdev-preload.so.0', UMOCKDEV_DIR: folder };
  return {
    environment: { ...process.env, ...preload },
    preload,
    devices: join(folder, 'sys/bus/usb/devices'),
    papers,
    torn,
    told,
    isPlugged: () =>
      existsSync(join(folder, 'sys/bus/usb/devices')) && readdirSync(join(folder, 'sys/bus/usb/devices')).length > 0,
    plug: (how) => order('plug', how),
    unplug: () => order('unplug'),
    powerCut: () => order('power-off'),
    set: (ways) => order('set', ways),
    end: async () => {
      if (process_.exitCode !== null) return;
      process_.stdin.end();
      await once(process_, 'exit');
    },
  };
}

/** What stands on a whole badge, 58 mm wide. */
export function onPaper(bytes: Buffer): Bitmap {
  const nothing = (): void => undefined;
  const decoder = new EscPosDecoder({ width: 384, cut: nothing, status: () => 0, reply: nothing });
  decoder.write(bytes);
  return decoder.tearOff() ?? { width: 384, height: 0, bits: new Uint8Array() };
}
