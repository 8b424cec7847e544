/**
 * The clock of a Raspberry Pi: no battery, so that after a power cut it begins in 1970, at the build's time or where it stood
 * when it was last looked at; it drifts until it is set, if it is set at all in this boot.
 */
import type { TimeSource } from '../../../device/domain/time-evidence.ts';
import type { Clock, TimeReading } from '../../../device/system/ports.ts';
import type { Schedule } from './schedule.ts';

export class MachineClock implements Clock {
  boot: string;
  private readonly schedule: Schedule;
  bootedAt: number;
  /** Wall clock minus true time when it was last set, and when that was. */
  private offset: number;
  private setAt: number;
  private ppm: number;
  private synchronised: boolean;
  /** The newest trusted record of the journal, and the build: a wall clock before them is wrong. */
  private floor: number;

  constructor(schedule: Schedule, boot: string, builtAt: number) {
    this.schedule = schedule;
    this.boot = boot;
    this.bootedAt = schedule.now - 60_000;
    this.offset = 0;
    this.setAt = schedule.now;
    this.ppm = 0;
    this.synchronised = true;
    this.floor = builtAt;
  }

  /** The machine starts: nobody knows what time it is. */
  start(boot: string, wall: number, ppm: number): void {
    const { now } = this.schedule;
    this.boot = boot;
    this.bootedAt = now;
    this.offset = wall - now;
    this.setAt = now;
    this.ppm = ppm;
    this.synchronised = false;
  }

  /** The daemon starts: what it knows of the newest record it has yet to read. */
  begin(builtAt: number): void {
    this.floor = builtAt;
  }

  /** A time server sets it, `errorMs` off. */
  synchronise(errorMs: number): void {
    this.offset = errorMs;
    this.setAt = this.schedule.now;
    this.ppm = 0;
    this.synchronised = true;
  }

  get isSynchronised(): boolean {
    return this.synchronised;
  }

  now(): number {
    const { now } = this.schedule;
    return Math.round(now + this.offset + ((now - this.setAt) * this.ppm) / 1e6);
  }
  mono(): number {
    return this.schedule.now - this.bootedAt;
  }
  notBefore(epochMs: number): void {
    this.floor = Math.max(this.floor, epochMs);
  }
  trusted(): boolean {
    return this.synchronised && this.now() >= this.floor;
  }
  sources(): readonly TimeSource[] {
    return this.trusted() ? ['kernel'] : [];
  }
  reading(agoMs = 0): TimeReading {
    const earliest = this.now() - agoMs;
    return { earliest, latest: this.trusted() ? earliest : null, mono: this.mono() - agoMs, boot: this.boot };
  }
}
