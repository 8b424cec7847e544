/** Jobs take turns; each has a deadline; what became of one depends on whether a byte of it has left. */
import type { Timers } from '../system/ports.ts';
import { jobDeadlineMs, queueMax } from './port.ts';
import type { PrintJob, PrintResult } from './port.ts';

/** Why a job did not end well, in words for staff. */
export class PrintProblem extends Error {
  override readonly name = 'PrintProblem';
  /** By cable, power or driver (`PrintResult`). */
  readonly cutOff: boolean;

  constructor(words: string, how: { readonly cutOff: boolean } = { cutOff: false }) {
    super(words);
    this.cutOff = how.cutOff;
  }
}

/** What an adapter is given along with a job. */
export interface Sending {
  /** Aborted at the deadline, when the job is given up and when the printer is closed: stop, and settle soon. */
  readonly signal: AbortSignal;
  /** To be called for every byte that the printer took, or may have; with a negative number for those that it did not. */
  readonly took: (bytes: number) => void;
}

export interface PrintQueue {
  /** Never rejects. */
  add(job: PrintJob, signal: AbortSignal): Promise<PrintResult>;
  close(): Promise<void>;
}

/**
 * `send` resolves when the printer says that the job is on paper, and rejects with a PrintProblem otherwise. One that
 * does not settle holds up nobody: at the deadline the job is answered all the same.
 */
export function createPrintQueue(timers: Timers, send: (job: PrintJob, sending: Sending) => Promise<void>): PrintQueue {
  const closing = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const run = async (job: PrintJob, signal: AbortSignal): Promise<PrintResult> => {
    const stop = AbortSignal.any([signal, closing.signal]);
    if (stop.aborted) return { outcome: 'not-printed', why: 'Given up before it began' };
    const late = new AbortController();
    const endDeadline = timers.after(jobDeadlineMs, () =>
      late.abort(new PrintProblem(`Given up after ${jobDeadlineMs / 1000} seconds`)),
    );
    let bytes = 0;
    const any = AbortSignal.any([stop, late.signal]);
    try {
      await untilAborted(send(job, { signal: any, took: (n) => (bytes += n) }), any);
      return { outcome: 'printed', why: '' };
    } catch (error) {
      const why = error instanceof PrintProblem ? error.message : any.aborted ? 'Given up' : 'The printer failed';
      const cutOff = error instanceof PrintProblem && error.cutOff;
      return { outcome: bytes > 0 ? 'unknown' : 'not-printed', why, ...(cutOff && { cutOff }) };
    } finally {
      endDeadline();
    }
  };

  return {
    add: async (job, signal) => {
      if (waiting >= queueMax) return { outcome: 'not-printed', why: `${queueMax} badges are waiting already` };
      waiting += 1;
      const mine = turn.then(() => run(job, signal)).finally(() => (waiting -= 1));
      turn = mine;
      return await mine;
    },
    close: async () => {
      closing.abort();
      await turn;
    },
  };
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
