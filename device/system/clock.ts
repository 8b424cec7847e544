/** The machine's clocks (durability.md 17). The wall clock may be wrong; the monotonic one never jumps. */
import { existsSync, readFileSync } from 'node:fs';
import type { Clock, TimeReading } from './ports.ts';

export interface ClockOptions {
  /** `system` trusts the wall clock always. */
  readonly trust: 'auto' | 'system';
  /** Milliseconds added to the wall clock; demo and tests only. */
  readonly offsetMs: number;
  /** The build's time, milliseconds since the epoch: an earlier wall clock is wrong. */
  readonly builtAt: number;
}

/** Written by systemd-timesyncd once it has set the clock in this boot. */
const timesyncDone = '/run/systemd/timesync/synchronized';
const timesyncFolder = '/run/systemd/timesync';

export class SystemClock implements Clock {
  readonly boot = readBootId();
  private floor: number;
  private readonly options: ClockOptions;

  constructor(options: ClockOptions) {
    this.options = options;
    this.floor = options.builtAt;
  }

  now(): number {
    return Date.now() + this.options.offsetMs;
  }

  /** `CLOCK_MONOTONIC`: on Linux it counts from boot, so readings compare across restarts of the daemon. */
  mono(): number {
    return Number(process.hrtime.bigint() / 1_000_000n);
  }

  /** The newest record in the journal: a wall clock that is earlier is wrong. */
  notBefore(epochMs: number): void {
    this.floor = Math.max(this.floor, epochMs);
  }

  trusted(): boolean {
    if (this.options.trust === 'system') return true;
    if (this.now() < this.floor) return false;
    // Where time synchronisation runs, wait for it; where nothing can tell (a laptop, a container), believe the system.
    return !existsSync(timesyncFolder) || existsSync(timesyncDone);
  }

  reading(agoMs = 0): TimeReading {
    const earliest = this.now() - agoMs;
    return { earliest, latest: this.trusted() ? earliest : null, mono: this.mono() - agoMs, boot: this.boot };
  }
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown-boot';
  }
}
