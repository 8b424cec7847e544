/** What happens often is recorded seldom, with a count: nobody fills the card by trying. Monotonic time. */
import type { Clock } from '../../system/ports.ts';

const everyMs = 10 * 60_000;
const keysMax = 1_000;

interface Count {
  since: number;
  recordedAt: number | null;
}

export class Tally {
  private readonly counts = new Map<string, Count>();
  private recorded: readonly number[] = [];
  private readonly clock: Clock;
  private readonly recordsMax: number;

  /** `recordsMax`: in ten minutes, whatever they are of. */
  constructor(clock: Clock, recordsMax: number) {
    this.clock = clock;
    this.recordsMax = recordsMax;
  }

  add(key: string): void {
    const count = this.counts.get(key) ?? { since: 0, recordedAt: null };
    count.since += 1;
    this.counts.set(key, count);
    for (const old of [...this.counts.keys()].slice(0, Math.max(0, this.counts.size - keysMax)))
      this.counts.delete(old);
  }

  /** How often since the last record, which is due now; null: it is not. */
  take(key: string): number | null {
    const now = this.clock.mono();
    const count = this.counts.get(key);
    if (count === undefined || count.since === 0) return null;
    if (count.recordedAt !== null && now - count.recordedAt < everyMs) return null;
    this.recorded = this.recorded.filter((at) => now - at < everyMs);
    if (this.recorded.length >= this.recordsMax) return null;
    this.recorded = [...this.recorded, now];
    const { since } = count;
    this.counts.set(key, { since: 0, recordedAt: now });
    return since;
  }
}
