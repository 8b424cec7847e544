/** Counts wrong badge numbers that were typed: five in a minute pause typing, thirty a day are told to staff (product.md 3). */
import type { School } from './school.ts';
import { today } from './when.ts';

const wrongMax = 5;
const wrongWithinMs = 60_000;
export const wrongADayMax = 30;
const countedMax = 20;

/** In memory: a restart forgives. Monotonic time, but for the day. */
export class Guesses {
  private recent: readonly number[] = [];
  private pausedUntil = 0;
  /** Commands that were counted: a page may repeat one. */
  private counted: readonly string[] = [];
  private day = { date: '', count: 0, told: false };
  private readonly school: School;

  constructor(school: School) {
    this.school = school;
  }

  pausedForMs(): number {
    return Math.max(0, this.pausedUntil - this.school.clock.mono());
  }

  wrong(commandId: string): void {
    if (this.counted.includes(commandId)) return;
    this.counted = [...this.counted, commandId].slice(-countedMax);
    const now = this.school.clock.mono();
    this.recent = [...this.recent.filter((at) => now - at < wrongWithinMs), now];
    if (this.recent.length >= wrongMax) {
      this.pausedUntil = now + wrongWithinMs;
      this.recent = [];
    }
    const date = today(this.school);
    if (this.day.date !== date) this.day = { date, count: 0, told: false };
    this.day.count += 1;
  }

  /** Are staff to be told? True once a day, unless it is said that they were not. */
  tellStaff(): boolean {
    if (this.day.told || this.day.count < wrongADayMax) return false;
    this.day.told = true;
    return true;
  }

  /** The card did not take it. */
  notTold(): void {
    this.day.told = false;
  }
}
