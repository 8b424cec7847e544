/**
 * Tells systemd how the box is (`man 3 sd_notify`). Node opens no datagram sockets of the kernel's own, and every package that
 * does wants a compiler, so systemd's own program says it: a child that lives for a few milliseconds at every beat.
 */
import { execFile } from 'node:child_process';
import type { Log, Timers } from './ports.ts';

/** Longer than this for one message: systemd does not listen. The next beat tries again. */
const sayMaxMs = 5_000;

export interface Systemd {
  /** Half of what the unit's WatchdogSec allows, milliseconds; null: it has no watchdog. */
  readonly beatEveryMs: number | null;
  /** `READY=1`, `WATCHDOG=1`, `STATUS=...`. Resolves to false where it was not heard; never rejects. */
  say(...words: readonly string[]): Promise<boolean>;
}

/** Null: not started by a unit that wants to be told. */
export function systemdOf(environment: Readonly<Record<string, string | undefined>>, pid: number): Systemd | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = environment;
  if (!socket) return null;
  const isForUs = watched === undefined || Number(watched) === pid;
  const beatEveryMs = isForUs && Number(usec) > 0 ? Number(usec) / 2_000 : null;
  return {
    beatEveryMs,
    say: (...words) =>
      new Promise((resolve) => {
        // The process does not wait for it at the end.
        const child = execFile('systemd-notify', words, { timeout: sayMaxMs, killSignal: 'SIGKILL' }, (error) => {
          resolve(error === null);
        });
        child.unref();
      }),
  };
}

/**
 * Says `READY=1`, then beats until the answer is called. A loop that is held beats late or not at all; `pulse` proves the rest,
 * writing nothing, and says in one line how the box is. A beat for which it throws is left out (durability.md 27).
 */
export function keepBeating(
  systemd: Systemd,
  pulse: () => string,
  ports: { readonly timers: Timers; readonly log: Log; readonly onBroken: (error: unknown) => void },
): () => void {
  let [saying, deaf] = [false, false];
  const beat = (...words: readonly string[]): void => {
    if (saying) return; // the last one is still on its way
    let status: string;
    try {
      status = pulse();
    } catch (error) {
      ports.onBroken(error);
      return;
    }
    saying = true;
    void systemd.say(...words, `STATUS=${status}`).then((heard) => {
      saying = false;
      if (!heard && !deaf) ports.log.warn('systemd-does-not-listen');
      deaf = !heard;
    });
  };
  beat('READY=1', 'WATCHDOG=1');
  return systemd.beatEveryMs === null
    ? () => undefined
    : ports.timers.every(systemd.beatEveryMs, () => beat('WATCHDOG=1'));
}
