/** Printer and camera with their faults, small and quick: the queue and its deadlines are the real ones. */
import type { Camera } from '../../../device/camera/port.ts';
import { CameraProblem } from '../../../device/camera/port.ts';
import { canPrint, statusOf, statusWords } from '../../../device/printer/port.ts';
import type { Printer, PrinterState, PrintJob } from '../../../device/printer/port.ts';
import { createPrintQueue, PrintProblem } from '../../../device/printer/queue.ts';
import type { RunTimers } from './timers.ts';

interface Living {
  readonly alive: boolean;
  readonly timers: RunTimers;
}

export class PrinterWorld {
  state: PrinterState = 'ready';
  /** Takes bytes and then nothing more. */
  hangs = false;
  /** Told when the first byte of a job leaves. */
  onByte = (_job: PrintJob): void => undefined;

  isReady(): boolean {
    return canPrint(this.state);
  }

  of(run: Living): Printer {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => run.timers.after(ms, resolve));
    const queue = createPrintQueue(run.timers, async (job, { signal, took }) => {
      if (!this.isReady()) throw new PrintProblem(statusWords[this.state]);
      this.onByte(job);
      took(100);
      await wait(800);
      while (this.hangs && !signal.aborted) await wait(10_000);
      signal.throwIfAborted();
      if (!this.isReady()) throw new PrintProblem(statusWords[this.state]);
    });
    return {
      kind: 'simulated',
      status: () => Promise.resolve(statusOf(this.state)),
      print: (job, signal) => queue.add(job, signal),
      onChange: () => () => undefined,
      close: () => queue.close(),
    };
  }
}

export class CameraWorld {
  fault: 'none' | 'missing' | 'hang' = 'none';

  of(run: Living): Camera {
    return {
      kind: 'simulated',
      status: () => ({ state: 'ready', words: 'Ready' }),
      take: (signal) =>
        new Promise((resolve, reject) => {
          if (this.fault === 'missing') return reject(new CameraProblem('not connected'));
          signal.addEventListener('abort', () => reject(new CameraProblem('given up')), { once: true });
          if (this.fault === 'none') run.timers.after(150, () => resolve(Uint8Array.of(0xff, 0xd8)));
        }),
      live: async function* () {},
      close: () => undefined,
    };
  }
}
