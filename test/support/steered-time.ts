import type { Clock, Timers } from '../../device/system/ports.ts';

/** A clock and timers that a test moves: nothing really waits. */
export interface SteeredTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Lets so much time pass; timers run in their order. */
  readonly pass: (ms: number) => void;
  /** Lets time pass in steps, so that what timers start can go on in between. */
  readonly passSlowly: (ms: number, stepMs: number) => Promise<void>;
  readonly set: (change: { readonly now?: number; readonly trusted?: boolean }) => void;
  /** How many timers are waiting. */
  readonly waiting: () => number;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/**
 * @param hurryMs timers this short do not wait for `pass`: they run on the next turn of the loop, and the time jumps to theirs.
 * So a pace of half a second costs nothing while a deadline of 20 s stands until the test lets it come.
 */
export function steeredTime(start: number, hurryMs = 0): SteeredTime {
  let now = start;
  let mono = 1_000_000;
  let trusted = true;
  const timers = new Set<Timer>();

  const due = (until: number): Timer | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
  const jump = (to: number): void => {
    now += Math.max(0, to - mono);
    mono = Math.max(mono, to);
  };
  const pass = (ms: number): void => {
    const until = mono + ms;
    for (let next = due(until); next !== undefined; next = due(until)) {
      timers.delete(next);
      jump(next.at);
      next.run();
    }
    jump(until);
  };
  const after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: mono + ms, run };
    timers.add(timer);
    if (ms <= hurryMs) {
      setImmediate(() => {
        if (!timers.delete(timer)) return;
        jump(timer.at);
        run();
      });
    }
    return () => timers.delete(timer);
  };
  const every = (ms: number, run: () => void): (() => void) => {
    let cancel = (): unknown => undefined;
    const again = (): void => {
      cancel = after(ms, () => {
        again();
        run();
      });
    };
    again();
    return () => cancel();
  };
  return {
    clock: {
      now: () => now,
      mono: () => mono,
      boot: 'steered-boot',
      trusted: () => trusted,
      sources: () => (trusted ? ['system'] : []),
      rtcOffMs: () => null,
      reading: (agoMs = 0) => ({
        earliest: now - agoMs,
        latest: now - agoMs,
        mono: mono - agoMs,
        boot: 'steered-boot',
      }),
    },
    timers: { after, every },
    pass,
    passSlowly: async (ms, stepMs) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        pass(Math.min(stepMs, ms - passed));
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    set: (change) => {
      now = change.now ?? now;
      trusted = change.trusted ?? trusted;
    },
    waiting: () => timers.size,
  };
}
