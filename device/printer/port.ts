/** The badge printer, whatever it is. */
import type { Bitmap } from '../domain/badge.ts';

/** `error`: it has stopped and only says that something is wrong. `offline`: it is not there, or cannot be reached. */
export type PrinterState = 'ready' | 'paper-low' | 'paper-out' | 'cover-open' | 'hot' | 'error' | 'offline' | 'absent';
export interface PrinterStatus {
  readonly state: PrinterState;
  /** For staff, one short sentence. */
  readonly words: string;
}

export interface PrintJob {
  /** For the log and the picture's file name: a journal number, never a name. */
  readonly id: string;
  readonly picture: Bitmap;
}

/**
 * `not-printed`: not one byte of it has reached the printer, so it may be sent again as it is. `unknown`: some did, and
 * "written" is not "printed": whoever prints it again marks it a reprint (durability.md 26).
 */
export type PrintOutcome = 'printed' | 'not-printed' | 'unknown';
export interface PrintResult {
  readonly outcome: PrintOutcome;
  /** For staff; empty when printed. */
  readonly why: string;
  /** Cut off in the middle, by cable, power or driver: no use waiting for it, a new one is to be printed. */
  readonly cutOff?: boolean;
}

export interface Printer {
  readonly kind: 'usb' | 'simulated' | 'none';
  /** Asks the printer. Never rejects; a printer that does not answer is `offline`. */
  status(): Promise<PrinterStatus>;
  /** One job at a time, the others wait their turn, `queueMax` at most. Never rejects. `signal` gives the job up. */
  print(job: PrintJob, signal: AbortSignal): Promise<PrintResult>;
  /** Told of every change of the status; the answer ends it. */
  onChange(listener: (status: PrinterStatus) => void): () => void;
  /** Gives up what is printing and what waits. */
  close(): Promise<void>;
}

/** From its first byte or its first try on; then it is given up and the printer's buffer cleared (durability.md 26). */
export const jobDeadlineMs = 45_000;
/** Jobs that may wait; the next is answered `not-printed`. */
export const queueMax = 20;

export const statusWords: Readonly<Record<PrinterState, string>> = {
  ready: 'Ready',
  'paper-low': 'The paper is nearly used up: have a new roll ready',
  'paper-out': 'Out of paper: put in a new roll',
  'cover-open': 'The cover is open: press it shut until it clicks',
  hot: 'Too hot: it goes on by itself when it has cooled',
  error: 'It has stopped: shut its cover, look for jammed paper, else switch it off and on',
  offline: 'Not connected or switched off: look at its cables and its switch',
  absent: 'There is no printer',
};

export function statusOf(state: PrinterState): PrinterStatus {
  return { state, words: statusWords[state] };
}

/** May a badge be sent to a printer in this state? */
export function canPrint(state: PrinterState): boolean {
  return state === 'ready' || state === 'paper-low';
}

/** It prints, and will not for long. */
export const soonOf = ({ state }: Pick<PrinterStatus, 'state'>): { readonly soon?: true } =>
  state === 'paper-low' ? { soon: true } : {};
