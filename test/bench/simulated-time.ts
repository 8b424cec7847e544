/** A clock and timers for a great many at once: nothing waits, time goes to the next millisecond at which something is due. */
import type { Timers } from '../../device/system/ports.ts';

interface Timer {
  run: (() => void) | null;
}

export class SimulatedTime {
  readonly horizonMs: number;
  private now = 0;
  private readonly due = new Map<number, Timer[]>();

  /** Ends at `horizonMs`. */
  constructor(horizonMs: number) {
    this.horizonMs = horizonMs;
  }

  mono(): number {
    return this.now;
  }

  /** Until then, in whole milliseconds, at least one. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timers.after(ms, resolve);
    });
  }

  readonly timers: Timers = {
    after: (ms, run) => {
      const timer: Timer = { run };
      const at = this.now + Math.max(1, Math.ceil(ms));
      const others = this.due.get(at);
      if (others === undefined) this.due.set(at, [timer]);
      else others.push(timer);
      return () => {
        timer.run = null;
      };
    },
    every: () => {
      throw new Error('nobody here does anything again and again');
    },
  };

  /** Until `isDone`, which is asked once a simulated second, or the horizon. What a timer began has come to its next wait before time goes on. */
  async run(isDone: () => boolean): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (; this.now < this.horizonMs; this.now += 1) {
      if (this.now % 1_000 === 0 && isDone()) return;
      const timers = this.due.get(this.now);
      if (timers === undefined) continue;
      this.due.delete(this.now);
      let ran = false;
      for (const { run } of timers) {
        run?.();
        ran ||= run !== null;
      }
      if (ran) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
