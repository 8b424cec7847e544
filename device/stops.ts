/** The stop order: the reverse of the start, each step with a deadline, so that SIGTERM ends within five seconds. */
import type { Log, Timers } from './system/ports.ts';

/** A part that hangs at the stop is left behind after this long. */
const stepMaxMs = 1_000;

export class Stops {
  /** In start order. */
  private readonly steps: { readonly what: string; readonly stop: () => void | Promise<void> }[] = [];
  private readonly ports: { readonly timers: Timers; readonly log: Log };
  private stopping: Promise<void> | null = null;

  constructor(ports: { readonly timers: Timers; readonly log: Log }) {
    this.ports = ports;
  }

  add(what: string, stop: () => void | Promise<void>): void {
    this.steps.push({ what, stop });
  }

  /** Never rejects; asked twice, it stops once. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const { what, stop } of this.steps.reverse()) {
      const done = await this.withinDeadline(async () => stop());
      if (!done) this.ports.log.warn('stop-left-behind', { what });
    }
  }

  private withinDeadline(run: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.ports.timers.after(stepMaxMs, () => {
        resolve(false);
      });
      const done = (well: boolean) => () => {
        cancel();
        resolve(well);
      };
      run().then(done(true), done(false));
    });
  }
}
