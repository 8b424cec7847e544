/**
 * A receipt printer's own view of the bytes it gets, for the simulated printer. Written from the commands' definitions
 * (Epson, "ESC/POS Command Reference"), not from our encoder, and strict: what it does not know is an error, so that a
 * wrong byte is seen at once rather than on paper.
 */
import type { Bitmap } from '../domain/badge.ts';

export class EscPosError extends Error {
  override readonly name = 'EscPosError';
}

export interface PrinterHead {
  /** Dots across. */
  readonly width: number;
  /** The paper from the last cut to this one. */
  cut(paper: Bitmap): void;
  /** Answers DLE EOT `n`, 1 to 4. */
  status(n: number): number;
  reply(byte: number): void;
}

/** Half a metre of paper without a cut: something is wrong. */
const longestPaper = 4000;
/** Dots in a line until ESC 3 says otherwise. */
const lineSpacing = 30;

const [LF, DLE, EOT, DC4, ESC, GS] = [0x0a, 0x10, 0x04, 0x14, 0x1b, 0x1d];

export class EscPosDecoder {
  private readonly head: PrinterHead;
  private readonly stride: number;
  private rows: Uint8Array[] = [];
  private spacing = lineSpacing;
  private commands: Generator<undefined, never, number>;

  constructor(head: PrinterHead) {
    this.head = head;
    this.stride = Math.ceil(head.width / 8);
    this.commands = this.start();
  }

  /** Takes bytes as they come, commands cut anywhere. Throws an EscPosError; the decoder is then where it was at power-on. */
  write(bytes: Uint8Array): void {
    try {
      for (const byte of bytes) this.commands.next(byte);
    } catch (error) {
      this.powerOn();
      throw error;
    }
  }

  /** Is it in the middle of a command? */
  get midCommand(): boolean {
    return this.inCommand;
  }
  private inCommand = false;

  /** As after switching off and on: half a command is forgotten. The paper stays where it is. */
  powerOn(): void {
    this.spacing = lineSpacing;
    this.commands = this.start();
  }

  /** The paper since the last cut, torn off by hand; null if nothing came out. */
  tearOff(): Bitmap | null {
    if (this.rows.length === 0) return null;
    const bits = new Uint8Array(this.rows.length * this.stride);
    this.rows.forEach((row, y) => bits.set(row, y * this.stride));
    const paper = { width: this.head.width, height: this.rows.length, bits };
    this.rows = [];
    return paper;
  }

  private start(): Generator<undefined, never, number> {
    const commands = this.read();
    commands.next(); // up to the first byte
    return commands;
  }

  private *read(): Generator<undefined, never, number> {
    for (;;) {
      this.inCommand = false;
      const first = yield;
      this.inCommand = true;
      if (first === LF) this.feed(this.spacing);
      else if (first === DLE) yield* this.realTime();
      else if (first === ESC) yield* this.escape();
      else if (first === GS) yield* this.group();
      else throw new EscPosError(`${hex(first)} begins no command; no badge has text of its own`);
    }
  }

  private *realTime(): Generator<undefined, void, number> {
    const second = yield;
    if (second === EOT) {
      const n = yield;
      if (n < 1 || n > 4) throw new EscPosError(`DLE EOT ${n}`);
      this.head.reply(this.head.status(n));
    } else if (second === DC4) {
      for (const wanted of [8, 1, 3, 20, 1, 6, 2, 8]) {
        const byte = yield;
        if (byte !== wanted) throw new EscPosError(`DLE DC4 with ${hex(byte)}: not the one that clears the buffer`);
      }
    } else throw new EscPosError(`DLE ${hex(second)}`);
  }

  private *escape(): Generator<undefined, void, number> {
    const second = yield;
    switch (second) {
      case 0x40: // @
        this.spacing = lineSpacing;
        return;
      case 0x4a: // J
        this.feed(yield);
        return;
      case 0x64: // d
        this.feed((yield) * this.spacing);
        return;
      case 0x32: // 2
        this.spacing = lineSpacing;
        return;
      case 0x33: // 3
        this.spacing = yield;
        return;
      default:
        throw new EscPosError(`ESC ${hex(second)}`);
    }
  }

  private *group(): Generator<undefined, void, number> {
    const second = yield;
    if (second === 0x76) yield* this.raster();
    else if (second === 0x56) yield* this.cut();
    else if (second === 0x28) yield* this.density();
    else throw new EscPosError(`GS ${hex(second)}`);
  }

  /** GS v 0 m xL xH yL yH, then the rows. */
  private *raster(): Generator<undefined, void, number> {
    const zero = yield;
    const mode = yield;
    if (zero !== 0x30 || (mode !== 0 && mode !== 0x30)) throw new EscPosError(`GS v ${hex(zero)} ${hex(mode)}`);
    const across = (yield) + 256 * (yield);
    const rows = (yield) + 256 * (yield);
    if (across < 1 || across > this.stride)
      throw new EscPosError(`a raster of ${across * 8} dots on ${this.head.width}`);
    if (rows < 1 || rows > 0x1fff) throw new EscPosError(`a raster of ${rows} rows`);
    for (let y = 0; y < rows; y++) {
      const row = new Uint8Array(this.stride);
      for (let x = 0; x < across; x++) row[x] = yield;
      this.push(row);
    }
  }

  /** GS V m, GS V m n. */
  private *cut(): Generator<undefined, void, number> {
    const mode = yield;
    if (mode === 0x41 || mode === 0x42) this.feed(yield);
    else if (![0, 1, 0x30, 0x31].includes(mode)) throw new EscPosError(`GS V ${hex(mode)}`);
    const paper = this.tearOff();
    if (paper !== null) this.head.cut(paper);
  }

  /** GS ( K pL pH 49 n: darkness. */
  private *density(): Generator<undefined, void, number> {
    const name = yield;
    const length = (yield) + 256 * (yield);
    const fn = yield;
    const n = yield;
    const known = name === 0x4b && length === 2 && fn === 49 && (n <= 6 || n >= 250);
    if (!known) throw new EscPosError(`GS ( ${hex(name)} of ${length} bytes, ${fn} ${n}`);
  }

  private feed(dots: number): void {
    for (let i = 0; i < dots; i++) this.push(new Uint8Array(this.stride));
  }

  private push(row: Uint8Array): void {
    if (this.rows.length >= longestPaper) throw new EscPosError(`${longestPaper} rows without a cut`);
    this.rows.push(row);
  }
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
