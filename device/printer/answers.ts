/**
 * What the bytes mean that a receipt printer sends (Epson, "ESC/POS Command Reference": DLE EOT, GS r; "Universal Serial Bus
 * Device Class Definition for Printing Devices" 4.2.2: the port's status).
 */
import type { PrinterState } from './port.ts';

/** DLE EOT n, n = 1 to 4: answered at once, also by a printer that has stopped. */
export const ask = (n: 1 | 2 | 3 | 4): Buffer => Buffer.of(0x10, 0x04, n);
/** GS r 1: answered in its turn, so when everything sent before it is done with. */
export const askInTurn: Buffer = Buffer.of(0x1d, 0x72, 0x01);

/** Is this byte an answer to DLE EOT, or to GS r? Their fixed bits differ. */
export const isToDleEot = (byte: number): boolean => (byte & 0x93) === 0x12;
export const isToGsR = (byte: number): boolean => (byte & 0x90) === 0;

/** Answers to DLE EOT 1, 2, 3 and 4. What hides the rest comes first: with its cover open a printer sees no paper either. */
export function stateByAnswers([printer, offline, error, paper]: readonly [
  number,
  number,
  number,
  number,
]): PrinterState {
  if (offline & 0x04) return 'cover-open';
  if (offline & 0x20 || (paper & 0x60) === 0x60) return 'paper-out';
  if (error & 0x28) return 'error'; // the cutter, or what only switching off mends
  if (error & 0x40) return 'hot'; // mends itself
  if (offline & 0x40 || printer & 0x08) return 'error';
  return (paper & 0x0c) === 0x0c ? 'paper-low' : 'ready';
}

/** GET_PORT_STATUS says less: paper empty, and no error. Null: it was not answered. */
export function stateByPort(status: number | null): PrinterState {
  if (status === null) return 'ready';
  if (status & 0x20) return 'paper-out';
  return status & 0x08 ? 'ready' : 'error';
}
