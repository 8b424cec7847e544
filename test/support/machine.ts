/** A machine without a clock battery, with the box's own clock on it: its wall clock is what the test sets, time passes by itself. */
import { SystemClock } from '../../device/system/clock.ts';
import { steeredTime } from './steered-time.ts';
import type { SteeredTime } from './steered-time.ts';

export interface MachineTime extends SteeredTime {
  readonly machine: {
    /** What the wall clock shows minus the true time, ms. */
    wallOffMs: number;
    synchronised: 'cannot-tell' | 'not-yet' | 'now';
    /** What the battery clock shows minus the true time, ms; null: there is none. */
    rtcOffMs: number | null;
  };
  /** The clock of the daemon that runs now. */
  readonly systemClock: () => SystemClock;
  /** The daemon starts anew; with a name, the machine does, after so long a pause. */
  boot(name?: string, offMs?: number): void;
}

/** `start`: the true time, ms since the epoch, a minute after the machine was switched on. */
export function machineTime(
  start: number,
  options: { readonly builtAt: number; readonly hasMis?: boolean },
): MachineTime {
  const time = steeredTime(start);
  const machine: MachineTime['machine'] = { wallOffMs: 0, synchronised: 'not-yet', rtcOffMs: null };
  let name = 'first-boot';
  let bootedAt = time.clock.mono() - 60_000;
  const mono = (): number => time.clock.mono() - bootedAt;
  const wall = (): number => time.clock.now() + machine.wallOffMs;
  const started = (): SystemClock =>
    new SystemClock(
      { trust: 'auto', offsetMs: 0, builtAt: options.builtAt, hasMis: options.hasMis ?? true },
      {
        wall,
        mono,
        boot: name,
        synchronised: () => (machine.synchronised === 'now' ? wall() : machine.synchronised),
        rtc: () => (machine.rtcOffMs === null ? null : Math.floor((time.clock.now() + machine.rtcOffMs) / 1000) * 1000),
      },
    );
  let clock = started();
  return {
    ...time,
    machine,
    systemClock: () => clock,
    boot: (next, offMs = 60_000) => {
      if (next !== undefined) {
        time.pass(offMs);
        name = next;
        bootedAt = time.clock.mono();
        machine.synchronised = 'not-yet';
      }
      clock = started();
    },
    clock: {
      get boot() {
        return clock.boot;
      },
      now: () => clock.now(),
      mono: () => clock.mono(),
      trusted: () => clock.trusted(),
      sources: () => clock.sources(),
      rtcOffMs: () => clock.rtcOffMs(),
      reading: (agoMs) => clock.reading(agoMs),
    },
  };
}
