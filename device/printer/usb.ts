/**
 * The printer on the USB. What touches the hardware is a process of its own (child.ts); here is what is said to it. Written
 * is not printed: a badge counts once the printer has said so.
 */
import { Turns } from '../domain/turns.ts';
import { clearBuffer, encodeBadge, initialise } from './encode.ts';
import type { PrinterProfile } from './encode.ts';
import { ask, askInTurn, isToDleEot, isToGsR, stateByAnswers, stateByPort } from './answers.ts';
import { ChildGone, PrinterChild } from './child.ts';
import type { ChildParts } from './child.ts';
import { isPluggedIn } from './plugged.ts';
import { canPrint, statusOf, statusWords } from './port.ts';
import type { PrintJob, Printer, PrinterState, PrinterStatus, PrintResult } from './port.ts';
import { createPrintQueue, PrintProblem } from './queue.ts';
import type { PrintQueue, Sending } from './queue.ts';
import type { CallName, Calls, Opened, UsbIds } from './usb-wire.ts';

export interface UsbPrinterParts extends ChildParts {
  readonly ids: UsbIds;
  readonly profile: PrinterProfile;
  /** The kernel's list of what is on the USB (plugged.ts). */
  readonly devices: string;
}

/** Bytes in one transfer: a fifth of a second of printing. */
const chunkBytes = 4096;
/** How long each call may take before the process counts as hanging; a transfer gives up before, by itself. */
const maxMs: Readonly<Record<CallName, number>> = {
  open: 10_000,
  write: 5_000,
  read: 3_000,
  'port-status': 3_000,
  reset: 3_000,
};
/** For the answer to one question; a printer answers in a few milliseconds, a busy machine brings it late. */
const answerMs = 1_000;
/** For what it may say to its buffer being cleared. */
const clearedMs = 300;
/** For that to GS r, between two looks at paper and cover. */
const turnMs = 1_000;
/**
 * A printer that answers DLE EOT and not GS r: well for so many looks, it has printed what it took. The longest badge takes
 * three seconds.
 */
const wellLooks = 5;
/** Between two tries to ask it: longer than a process rests after its second failure. */
const againMs = 600;
/** The kernel's list is read, and a printer that has stopped asked again, so often. */
const watchMs = 2_000;

const unopened: Readonly<Record<Exclude<Opened, 'open' | 'none'>, string>> = {
  taken: 'Another program uses it: stop that one (CUPS, for instance)',
  denied: "Porter may not use it: Porter's user must be of the group lp",
  failed: 'It cannot be opened: pull its USB cable out, and put it in again',
};
const tooSlow = 'Its driver has not started in 30 seconds: wait a minute, then switch the box off and on';
const silent = 'It took the badge, but never says whether it is printed: look, and print it again if it is not';

export function createUsbPrinter(parts: UsbPrinterParts): UsbPrinter {
  return new UsbPrinter(parts);
}

export class UsbPrinter implements Printer {
  readonly kind = 'usb';
  readonly child: PrinterChild;
  private readonly parts: UsbPrinterParts;
  private readonly queue: PrintQueue;
  private readonly listeners = new Set<(status: PrinterStatus) => void>();
  private readonly endWatch: () => void;
  private seen: PrinterStatus = statusOf('offline');
  /** One talk at a time; a look that waits for its turn serves all who ask meanwhile. */
  private readonly turns = new Turns();
  private look: Promise<PrinterStatus> | null = null;
  /** Printing and waiting. */
  private jobs = 0;
  private closed = false;
  /** Something of an earlier job may be in its buffer. */
  private dirty = true;
  /** Bytes it sent that nobody has looked at. */
  private heard: number[] = [];

  constructor(parts: UsbPrinterParts) {
    this.parts = parts;
    this.child = new PrinterChild(parts);
    this.queue = createPrintQueue(parts.timers, (job, sending) => this.alone(() => this.send(job, sending)));
    this.endWatch = parts.timers.every(watchMs, () => void this.watch());
  }

  status(): Promise<PrinterStatus> {
    // A job says by itself how the printer is, and a look would wait for its end.
    if (this.jobs > 0 || this.closed) return Promise.resolve(this.seen);
    this.look ??= this.alone(() => {
      this.look = null;
      return this.lookNow();
    });
    return this.look;
  }

  print(job: PrintJob, signal: AbortSignal): Promise<PrintResult> {
    this.jobs += 1;
    return this.queue.add(job, signal).finally(() => (this.jobs -= 1));
  }

  onChange(listener: (status: PrinterStatus) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.endWatch();
    this.listeners.clear();
    const closing = this.queue.close();
    await this.turns.take(() => Promise.resolve()); // after what is under way
    await closing;
    this.child.close();
  }

  private alone<T>(talk: () => Promise<T>): Promise<T> {
    return this.turns.take(talk);
  }

  /** Coming and going by the kernel's list; how it is once it has stopped, by asking. Else it is asked when it matters. */
  private async watch(): Promise<void> {
    if (this.jobs > 0 || this.closed) return;
    const there = await isPluggedIn(this.parts.devices, this.parts.ids);
    if (there !== canPrint(this.seen.state)) await this.status();
  }

  private tell(status: PrinterStatus): PrinterStatus {
    const { state, words } = this.seen;
    this.seen = status;
    if (status.state !== state || status.words !== words) for (const listener of this.listeners) listener(status);
    return status;
  }

  /** Never rejects. One whose process ends under the question, or cannot open it, is asked again. */
  private async lookNow(tries = 3): Promise<PrinterStatus> {
    if (this.closed) return this.seen;
    if (!(await isPluggedIn(this.parts.devices, this.parts.ids))) return this.gone();
    try {
      const opened = await this.ask('open', this.parts.ids);
      if (opened === 'none') return this.gone();
      if (opened === 'failed') {
        this.child.end();
        throw new ChildGone('it could not open the printer');
      }
      if (opened !== 'open') return this.tell({ state: 'offline', words: unopened[opened] });
      const state = (await this.state()) ?? stateByPort(await this.ask('port-status', null));
      this.child.worked();
      return this.tell(statusOf(state));
    } catch (error) {
      if (error instanceof ChildGone) {
        if (error.tooSlow) return this.tell({ state: 'offline', words: tooSlow });
        if (tries === 1) return this.tell({ state: 'offline', words: unopened.failed });
        await new Promise<void>((resolve) => this.parts.timers.after(againMs, resolve));
        return this.lookNow(tries - 1);
      }
      if (error instanceof PrintProblem) return this.gone();
      throw error;
    }
  }

  /** Its process goes with it, and every handle: the next one begins anew. */
  private gone(): PrinterStatus {
    this.child.end();
    this.dirty = true;
    return this.tell(statusOf('offline'));
  }

  private async send(job: PrintJob, sending: Sending): Promise<void> {
    sending.signal.throwIfAborted();
    const { state, words } = await this.lookNow();
    if (!canPrint(state)) throw new PrintProblem(words);
    try {
      if (this.dirty) await this.clear();
      this.dirty = true;
      for (const part of encodeBadge(job.picture, this.parts.profile)) await this.transfer(part, sending);
      await this.transfer(askInTurn, sending);
      await this.untilPrinted(sending.signal);
      this.dirty = false;
    } catch (error) {
      if (sending.signal.aborted) await this.clear().catch(() => undefined); // before the paper is put in, not after
      if (!(error instanceof ChildGone)) throw error;
      throw new PrintProblem('Its driver ended in the middle of the badge', { cutOff: true });
    }
  }

  /** Rejects when the printer is gone or the job given up; waits for a printer that takes no bytes. */
  private async transfer(bytes: Buffer, { signal, took }: Sending): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      signal.throwIfAborted();
      const chunk = bytes.subarray(at, at + chunkBytes);
      took(chunk.length); // as long as nobody knows; the process may not live to tell
      const { taken, fault } = await this.ask('write', chunk);
      if (fault === 'gone') throw this.cutOff(); // how much of this one went is not known: kernels say none
      took(taken - chunk.length);
      at += taken;
      // Nothing else gets through to a printer whose buffer is full.
      if (fault === 'slow') this.tell(statusOf(stateByPort(await this.ask('port-status', null))));
    }
  }

  /** The bytes are with the printer: until it says that they are on paper, and that it is well. */
  private async untilPrinted(signal: AbortSignal): Promise<void> {
    let well = 0;
    for (;;) {
      signal.throwIfAborted();
      const inTurn = await this.next(isToGsR, turnMs);
      const state = await this.state();
      if (state === null) {
        if (inTurn !== null) return; // it has said so, and knows no other question
        throw new PrintProblem(silent);
      }
      this.tell(statusOf(state));
      well = canPrint(state) ? well + 1 : 0;
      if (inTurn !== null && well === 0) throw new PrintProblem(statusWords[state]);
      if (inTurn !== null || well === wellLooks) return;
    }
  }

  /** By DLE EOT. Null: this printer does not answer. */
  private async state(): Promise<PrinterState | null> {
    this.heard = this.heard.filter(isToGsR); // what else is there answers an older question
    const answers: number[] = [];
    for (const n of [1, 2, 3, 4] as const) {
      const { taken, fault } = await this.ask('write', ask(n));
      if (fault === 'gone') throw this.cutOff();
      const answer = taken < 3 ? null : await this.next(isToDleEot, answerMs);
      if (answer === null) return null;
      answers.push(answer);
    }
    const [printer = 0, offline = 0, error = 0, paper = 0] = answers;
    return stateByAnswers([printer, offline, error, paper]);
  }

  /** The next byte of its kind that the printer sends. */
  private async next(isIt: (byte: number) => boolean, ms: number): Promise<number | null> {
    for (let reads = 0; ; reads++) {
      const at = this.heard.findIndex(isIt);
      if (at >= 0) return this.heard.splice(at, 1)[0] ?? null;
      if (reads === 3) return null;
      const bytes = await this.ask('read', ms);
      if (bytes === null) throw this.cutOff();
      if (bytes.length === 0) return null;
      this.heard.push(...bytes);
    }
  }

  /** What a given-up job left is thrown away, by every way there is; what it answers to that, too. */
  private async clear(): Promise<void> {
    await this.ask('reset', null);
    for (const bytes of [clearBuffer, initialise]) await this.ask('write', bytes);
    await this.ask('read', clearedMs);
    this.heard = [];
  }

  private ask<Name extends CallName>(call: Name, what: Calls[Name]['ask']): Promise<Calls[Name]['answer']> {
    return this.child.call(call, what, maxMs[call]);
  }

  private cutOff(): PrintProblem {
    return new PrintProblem(this.gone().words, { cutOff: true });
  }
}
