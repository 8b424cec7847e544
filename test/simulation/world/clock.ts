/**
 * The clocks of a Raspberry Pi, under the product's own `SystemClock`: no battery, so that after a power cut the wall clock begins
 * in 1970, at the build's time or where it stood when it was last looked at; it drifts until a time server sets it, if one ever
 * does in this boot.
 */
import type { Machine } from '../../../device/system/machine.ts';
import type { Schedule } from './schedule.ts';

const askedEveryMs = 30 * 60_000;

export class MachineClock {
  boot: string;
  bootedAt: number;
  private readonly schedule: Schedule;
  /** Wall clock minus true time when it was last set, and when that was. */
  private offset = 0;
  private setAt: number;
  private ppm = 0;
  private isSet = true;

  constructor(schedule: Schedule, boot: string) {
    this.schedule = schedule;
    this.boot = boot;
    this.bootedAt = schedule.now - 60_000;
    this.setAt = schedule.now;
  }

  /** The machine starts: nobody knows what time it is. */
  start(boot: string, wall: number, ppm: number): void {
    const { now } = this.schedule;
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

  /** As a process of this boot sees it. */
  machine(): Machine {
    return {
      boot: this.boot,
      wall: () => this.wall(),
      mono: () => this.schedule.now - this.bootedAt,
      // The time server is asked again every half hour.
      synchronised: () => (this.isSet ? this.wall() - ((this.schedule.now - this.setAt) % askedEveryMs) : 'not-yet'),
      rtc: () => null,
    };
  }
}
