/** How the process ends when it must. Part of `main.ts`. */
import { isStorageTrouble } from './journal/trouble.ts';
import type { Failure, Run } from './system/failures.ts';
import { machineLog, machineTimers } from './system/outside.ts';

/** After a bug or a failed journal: time for the log, then the end that nothing can hold up (durability.md 7). */
const lastWordsMs = 1_000;
/** A start that is under way at the stop is left behind after this long. */
const startMaxMs = 2_000;

/** With this status a run ends whose staff have switched the box off: systemd/switch-off.sh does the rest, as root. */
export const switchOffStatus = 100;

export interface Endings {
  readonly onBroken: (error: unknown) => void;
  readonly onStorageFailed: () => void;
  /** Staff asked to switch the box off: a clean stop, whose status says so. */
  readonly switchOff: () => void;
  /** Of a run that ends as it should. */
  readonly status: () => number;
}

/** Nothing holds it up, not even a thread that hangs in the kernel. */
const killSelf = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

/** Unknown failure ends the process and systemd starts it again (architecture.md 4.6); a card that fails does so once an hour. */
export function endings(running: Run, kill = killSelf): Endings {
  let ending = false;
  const end = (failure: Failure, why: string): void => {
    if (ending) return;
    ending = true;
    running.fails(failure);
    machineLog.error('broken', { failure, why });
    machineTimers.after(lastWordsMs, kill);
  };
  let stays = false;
  let status = 0;
  return {
    onBroken(error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      if (isStorageTrouble(error)) machineLog.warn('not-stored', { why });
      else end('process', why);
    },
    onStorageFailed() {
      if (stays) return;
      stays = running.storageFailed();
      if (stays) machineLog.error('storage-failed-again');
      else end('storage', 'the journal has failed');
    },
    switchOff() {
      status = switchOffStatus;
      process.kill(process.pid, 'SIGTERM');
    },
    status: () => status,
  };
}

/** SIGTERM and SIGINT end it cleanly, during the start too. `stopped` ends the process. */
export function stopOnSignals(
  starting: Promise<{ stop(): Promise<void> }>,
  running: Run,
  stopped: () => void,
  signals: Pick<NodeJS.EventEmitter, 'once'> = process,
): void {
  const stop = async (): Promise<void> => {
    const leaves = new Promise<null>((resolve) => {
      machineTimers.after(startMaxMs, () => {
        resolve(null);
      });
    });
    const service = await Promise.race([starting.catch(() => null), leaves]);
    await service?.stop();
    stopped();
  };
  for (const signal of ['SIGTERM', 'SIGINT']) {
    signals.once(signal, () => {
      running.ends();
      void stop();
    });
  }
}
