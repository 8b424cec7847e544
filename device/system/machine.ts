/** The machine's own clocks and what it says of them. Nothing here needs native code. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';

/** Bytes: of this process, and of the whole machine. */
export interface Memory {
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
}
export const memory = (): Memory => ({
  usedBytes: process.memoryUsage.rss(),
  freeBytes: freemem(),
  totalBytes: totalmem(),
});

/** Of the hottest place that is measured, whole degrees Celsius; null: nothing is. */
export function degrees(zones = '/sys/class/thermal'): number | null {
  const read = (zone: string): readonly number[] => {
    try {
      return [Number(readFileSync(join(zones, zone, 'temp'), 'utf8'))];
    } catch {
      return []; // one that is off
    }
  };
  const found = existsSync(zones) ? readdirSync(zones).filter((name) => name.startsWith('thermal_zone')) : [];
  const each = found.flatMap(read);
  return each.length === 0 ? null : Math.round(Math.max(...each) / 1000);
}

export interface Machine {
  /** Wall clock, milliseconds since the epoch. */
  wall(): number;
  /** `CLOCK_MONOTONIC`, milliseconds: on Linux it counts from boot, so readings compare across restarts of the daemon. */
  mono(): number;
  /** Random id of this boot. */
  readonly boot: string;
  /** Is the wall clock kept right, and when was it last set so, by itself? */
  synchronised(): 'cannot-tell' | 'not-yet' | number;
  /** The battery clock, milliseconds since the epoch, a whole second; null where there is none. */
  rtc(): number | null;
}

/** systemd-timesyncd's; in it a file that is touched at every synchronisation of this boot, and never removed. */
const timesyncFolder = '/run/systemd/timesync';
const timesyncDone = `${timesyncFolder}/synchronized`;
const rtcNow = '/sys/class/rtc/rtc0/since_epoch';

export const thisMachine: Machine = {
  wall: () => Date.now(),
  mono: () => Number(process.hrtime.bigint() / 1_000_000n),
  boot: readBootId(),
  // Where time synchronisation runs, wait for it; a laptop or a container without it cannot tell.
  synchronised() {
    const done = statSync(timesyncDone, { throwIfNoEntry: false });
    if (done !== undefined) return done.mtimeMs;
    return existsSync(timesyncFolder) ? 'not-yet' : 'cannot-tell';
  },
  rtc() {
    try {
      return Number(readFileSync(rtcNow, 'utf8')) * 1000 || null;
    } catch {
      return null;
    }
  },
};

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Elsewhere the monotonic clock need not go on over a restart: each run is a boot of its own.
    return `boot-${String(process.hrtime.bigint())}-${String(process.pid)}`;
  }
}
