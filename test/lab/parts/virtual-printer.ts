/**
 * A receipt printer on the machine's USB bus: class 7, a bulk endpoint each way, as an Epson TM of 58 mm. It prints what it is
 * sent onto paper (escpos-decoder.ts, strict), answers DLE EOT, and stops taking bytes when it must.
 */
import { EscPosDecoder } from '../../../device/printer/escpos-decoder.ts';
import type { Bitmap } from '../../../device/domain/badge.ts';
import { UsbRedirDevice } from './usbredir.ts';
import type { UsbStatus } from './usbredir.ts';

export interface VirtualPrinter {
  /** What came out and was torn off, oldest first. */
  readonly papers: readonly Bitmap[];
  /** Bytes taken, questions about its state left out. */
  readonly taken: () => number;
  /** What the decoder did not understand. */
  readonly complaints: readonly string[];
  plug(): void;
  unplug(): void;
  paper(state: 'ok' | 'near' | 'out'): void;
  cover(open: boolean): void;
  /** Its head is too hot: it stops until it has cooled. */
  hot(on: boolean): void;
  /** It takes nothing, and does not say why. */
  stuck(on: boolean): void;
  /** Bulk transfers are answered with a stall. */
  stall(on: boolean): void;
  /** Its own switch, off and on: all that it had in memory is gone, and what hung out of it torn off. */
  powerCut(): void;
  /** Runs once, when so many bytes have been taken from now on. */
  after(bytes: number, run: () => void): void;
  /** Runs once, when the next badge is cut off. */
  afterCut(run: () => void): void;
  close(): void;
}

const word = (value: number): readonly number[] => [value & 255, value >> 8];
const descriptors = {
  speed: 'full' as const,
  device: Buffer.from([
    18,
    1,
    ...word(0x0200),
    0,
    0,
    0,
    64,
    ...word(0x04b8),
    ...word(0x0202),
    ...word(0x0100),
    1,
    2,
    3,
    1,
  ]),
  configuration: Buffer.from([
    ...[9, 2, ...word(32), 1, 1, 0, 0xc0, 1],
    ...[9, 4, 0, 0, 2, 7, 1, 2, 0],
    ...[7, 5, 0x01, 2, ...word(64), 0],
    ...[7, 5, 0x82, 2, ...word(64), 0],
  ]),
  strings: ['LAB', 'Virtual receipt printer', 'LAB0001'],
};
const name = 'MFG:LAB;MDL:VIRTUAL-TM;CMD:ESC/POS;CLS:PRINTER;';
/** Dots across 58 mm paper. */
const width = 384;
const askInTurn = Buffer.from([0x1d, 0x72, 0x01]);
const isQuestion = (bytes: Buffer): boolean => bytes.length === 3 && (bytes[0] === 0x10 || bytes.equals(askInTurn));
/** A real printer's receive buffer: it takes these while it cannot print. */
const bufferBytes = 4096;

type Done = (how: UsbStatus) => void;

export function virtualPrinter(socket: string): VirtualPrinter {
  let [paper, open, hot, stuck, stalls, taken] = ['ok' as 'ok' | 'near' | 'out', false, false, false, false, 0];
  let due: { readonly at: number; readonly run: () => void } | null = null;
  let cutOff = (): void => undefined;
  const papers: Bitmap[] = [];
  const complaints: string[] = [];
  /**
   * Taken or waiting to be, in their order; `done` null: already answered. One that the machine gives up stays: QEMU tells it that
   * all of it was taken.
   */
  let held: { readonly bytes: Buffer; readonly done: Done | null }[] = [];
  let answers: Buffer = Buffer.alloc(0);
  const answer = (...bytes: number[]): void => {
    answers = Buffer.concat([answers, Buffer.from(bytes)]);
    usb.readable();
  };
  const stopped = (): boolean => paper === 'out' || open || hot || stuck;

  /** DLE EOT n, as in Epson's reference. */
  const realTime = (n: number): number => {
    const offline = stopped() ? 0x08 : 0;
    const why = (open ? 0x04 : 0) | (paper === 'out' ? 0x20 : 0) | (hot ? 0x40 : 0);
    const sensors = (paper === 'ok' ? 0 : 0x0c) | (paper === 'out' ? 0x60 : 0);
    return 0x12 | (n === 1 ? offline : n === 2 ? why : n === 3 ? (hot ? 0x40 : 0) : n === 4 ? sensors : 0);
  };
  const decoder = new EscPosDecoder({
    width,
    cut: (one) => {
      papers.push(one);
      setImmediate(cutOff);
      cutOff = () => undefined;
    },
    status: realTime,
    reply: (byte) => answer(byte),
  });
  const print = (bytes: Buffer): void => {
    // GS r 1, answered when everything before it is on paper.
    if (bytes.equals(askInTurn)) {
      answer(paper === 'ok' ? 0 : 0x0f);
      return;
    }
    try {
      decoder.write(bytes);
    } catch (error) {
      complaints.push(error instanceof Error ? error.message : String(error));
    }
  };
  const heldBytes = (): number => held.reduce((sum, { bytes }) => sum + bytes.length, 0);
  /** How many of these go in before something is to happen. */
  const until = (bytes: Buffer): number => Math.min(bytes.length, Math.max(0, (due?.at ?? Infinity) - taken));
  const count = (bytes: number): void => {
    taken += bytes;
    if (due === null || taken < due.at) return;
    const { run } = due;
    due = null;
    run();
  };
  /** While it cannot print, real-time requests are still answered, and the buffer is cleared by its command. */
  const whileStopped = (bytes: Buffer, done: Done): void => {
    const isRealTime = bytes[0] === 0x10 && !stuck;
    if (isRealTime && bytes[1] === 0x04) answer(realTime(bytes.readUInt8(2)));
    else if (isRealTime && bytes[1] === 0x14) held = [];
    else {
      const room = !stuck && heldBytes() + bytes.length <= bufferBytes;
      held.push({ bytes, done: room ? null : done });
      if (!room) return;
      count(bytes.length);
    }
    done('ok');
  };
  const take = (bytes: Buffer, done: Done): void => {
    if (stalls) return done('stall');
    if (stopped()) return whileStopped(bytes, done);
    const now = isQuestion(bytes) ? bytes.length : until(bytes);
    print(bytes.subarray(0, now));
    if (!isQuestion(bytes)) count(now);
    if (now === bytes.length) done('ok');
    else if (usb.attached) take(bytes.subarray(now), done);
  };
  const goOn = (): void => {
    for (let next = held[0]; next !== undefined && !stopped(); next = held[0]) {
      held.shift();
      const { bytes, done } = next;
      if (done === null) print(bytes);
      else take(bytes, done);
    }
  };
  const usb: UsbRedirDevice = new UsbRedirDevice(socket, descriptors, {
    out: take,
    read(length) {
      if (answers.length === 0) return null;
      const data = answers.subarray(0, length);
      answers = answers.subarray(data.length);
      return data;
    },
    control({ type, request }) {
      if (type === 0xa1 && request === 0)
        return Buffer.from(`\0${String.fromCharCode(name.length + 2)}${name}`, 'latin1');
      if (type === 0xa1 && request === 1)
        return Buffer.from([0x10 | (paper === 'out' ? 0x20 : 0) | (stopped() && !stuck ? 0 : 0x08)]);
      if (type !== 0x21 || request !== 2) return null;
      held = []; // SOFT_RESET
      decoder.powerOn();
      decoder.tearOff();
      return Buffer.alloc(0);
    },
    detached() {
      answers = Buffer.alloc(0);
      // What no host waits for any more stays in the buffer, as far as it fits.
      held = held.filter(({ done }) => done === null);
    },
  });
  return {
    papers,
    complaints,
    taken: () => taken,
    plug: () => usb.plug(),
    unplug: () => usb.unplug(),
    paper: (state) => {
      paper = state;
      goOn();
    },
    cover: (isOpen) => {
      open = isOpen;
      goOn();
    },
    hot: (on) => {
      hot = on;
      goOn();
    },
    stuck: (on) => {
      stuck = on;
      goOn();
    },
    powerCut() {
      held = [];
      answers = Buffer.alloc(0);
      decoder.powerOn();
      decoder.tearOff();
    },
    stall: (on) => {
      stalls = on;
    },
    after: (bytes, run) => {
      due = { at: taken + bytes, run };
    },
    afterCut: (run) => {
      cutOff = run;
    },
    close: () => usb.close(),
  };
}
