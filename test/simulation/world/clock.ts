/**
 * The clocks of a Raspberry Pi, under the product's own `SystemClock`. In most lives there is no battery, so that after a power cut
 * the wall clock begins in 1970, at the build's time or where it stood when it was last looked at; it drifts until a time server
 * sets it, if one ever does in this boot.
 */
import type { Seeded } from '../../../device/demo/random.ts';
import type { Machine } from '../../../device/system/machine.ts';
import type { Schedule } from './schedule.ts';

const askedEveryMs = 30 * 60_000;
/** The kernel sets a battery clock when the wall clock has been kept right for so long. */
const kernelSetsMs = 11 * 60_000;

/** A clock that goes on without power: it drifts by a few seconds a day, and now and then its battery has died. */
class Battery {
  private readonly schedule: Schedule;
  private readonly chance: Seeded;
  private readonly ppm: number;
  private setAt: number;
  private offset = 0;

  constructor(schedule: Schedule, chance: Seeded) {
    this.schedule = schedule;
    this.chance = chance;
    this.ppm = chance.below(80) - 40;
    this.setAt = schedule.now;
  }

  set(errorMs: number): void {
    this.setAt = this.schedule.now;
    this.offset = errorMs;
  }
  /** The power was off: it begins anew at a time long ago. */
  mayDie(): void {
    if (this.chance.below(8) === 0) this.offset = Date.UTC(2000, 0, 1) - this.schedule.now;
  }
  /** Whole seconds. */
  shows(): number {
    const { now } = this.schedule;
    return Math.floor((now + this.offset + ((now - this.setAt) * this.ppm) / 1e6) / 1_000) * 1_000;
  }
}

export class MachineClock {
  boot: string;
  bootedAt: number;
  private readonly schedule: Schedule;
  /** Wall clock minus true time when it was last set, and when that was. */
  private offset = 0;
  private setAt: number;
  private ppm = 0;
  private isSet = true;
  readonly battery: Battery | null;

  /** `battery`: chance for one; null: there is none. */
  constructor(schedule: Schedule, boot: string, battery: Seeded | null = null) {
    this.battery = battery === null ? null : new Battery(schedule, battery);
    this.schedule = schedule;
    this.boot = boot;
    this.bootedAt = schedule.now - 60_000;
    this.setAt = schedule.now;
  }

  /** The machine starts: nobody knows what time it is. */
  start(boot: string, wall: number, ppm: number): void {
    const { now } = this.schedule;
    this.battery?.mayDie();
    this.boot = boot;
    this.bootedAt = now;
    this.offset = wall - now;
    this.setAt = now;
    this.ppm = ppm;
    this.isSet = false;
  }

  /** A time server sets it, `errorMs` off. */
  synchronise(errorMs: number): void {
    this.offset = errorMs;
    this.setAt = this.schedule.now;
    this.ppm = 0;
    this.isSet = true;
  }

  get isSynchronised(): boolean {
    return this.isSet;
  }

  wall(): number {
    const { now } = this.schedule;
    return Math.round(now + this.offset + ((now - this.setAt) * this.ppm) / 1e6);
  }

  private rtc(): number | null {
    if (this.isSet && this.schedule.now - this.setAt >= kernelSetsMs) this.battery?.set(this.offset);
    return this.battery?.shows() ?? null;
  }

  /** As a process of this boot sees it. */
  machine(): Machine {
    return {
      boot: this.boot,
      wall: () => this.wall(),
      mono: () => this.schedule.now - this.bootedAt,
      // The time server is asked again every half hour.
      synchronised: () => (this.isSet ? this.wall() - ((this.schedule.now - this.setAt) % askedEveryMs) : 'not-yet'),
      rtc: () => this.rtc(),
    };
  }
}
