/** The timers of one run of the daemon: they end with it. */
import type { Seeded } from '../../../device/demo/random.ts';
import type { Timers } from '../../../device/system/ports.ts';
import type { Schedule } from './schedule.ts';

/** While nothing happens, what looks round by itself looks ever more seldom, up to this: a late timer is a slow box, no wrong one. */
const lullMaxMs = 20 * 60_000;
/** The roster looks again after this, by timers that run once. */
const rosterLookMs = 60_000;

/** Who looks more seldom than this is in no hurry. */
const slowMs = 10_000;

interface Look {
  readonly everyMs: number;
  waitMs: number;
  nextAt: number;
  cancel: () => void;
  readonly run: () => void;
}

export class RunTimers implements Timers {
  private readonly schedule: Schedule;
  private readonly chance: Seeded;
  private readonly looks = new Set<Look>();
  private ended = false;
  /** Timers that wait, but for looks. */
  waiting = 0;

  constructor(schedule: Schedule, chance: Seeded) {
    this.schedule = schedule;
    this.chance = chance;
  }

  after(ms: number, run: () => void): () => void {
    if (ms === rosterLookMs) return this.lookOnce(ms, run);
    this.waiting += 1;
    let over = false;
    const end = (): void => {
      if (!over) this.waiting -= 1;
      over = true;
    };
    // As Node: whole milliseconds, one at least.
    const cancel = this.schedule.after(Math.max(1, Math.ceil(ms)), () => {
      end();
      if (!this.ended) run();
    });
    return () => {
      cancel();
      end();
    };
  }

  every(ms: number, run: () => void): () => void {
    const look: Look = { everyMs: ms, waitMs: ms, nextAt: 0, cancel: () => undefined, run };
    this.looks.add(look);
    this.plan(look, ms);
    return () => {
      look.cancel();
      this.looks.delete(look);
    };
  }

  /** Something has happened: whoever looks round by itself at least so often looks soon. */
  stir(everyMs: number): void {
    for (const look of this.looks) {
      if (look.everyMs > everyMs) continue;
      look.waitMs = look.everyMs;
      const soon = look.everyMs * (1 + this.chance.below(look.everyMs < slowMs ? 4 : 20));
      if (look.nextAt > this.schedule.now + soon) this.plan(look, soon);
    }
  }

  end(): void {
    this.ended = true;
    for (const look of this.looks) look.cancel();
    this.looks.clear();
  }

  private plan(look: Look, ms: number): void {
    look.cancel();
    look.nextAt = this.schedule.now + ms;
    const turn = (): void => {
      const longer = look.waitMs * (look.everyMs < slowMs ? 3 : 6);
      look.waitMs = Math.max(look.everyMs, Math.min(lullMaxMs, longer));
      this.plan(look, look.waitMs);
      if (!this.ended) look.run();
    };
    look.cancel = this.schedule.after(ms, turn, 'idle');
  }

  private lookOnce(ms: number, run: () => void): () => void {
    const later = ms * (1 + this.chance.below(60));
    return this.schedule.after(later, () => !this.ended && run(), 'idle');
  }
}
