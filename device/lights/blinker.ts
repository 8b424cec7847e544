/** Keeps lamps in their rhythm: each change at its own time of the machine's clock, so that nothing drifts. */
import { daemonDead, lamps, phase, starting } from '../domain/lights.ts';
import type { Lamp, LightState } from '../domain/lights.ts';
import type { Clock, Timers } from '../system/ports.ts';
import type { Switch } from './port.ts';

export interface Blinker {
  readonly show: (state: LightState) => void;
  readonly view: () => LightState;
  /** Did the last switching of every lamp work? */
  readonly works: () => boolean;
  readonly close: () => void;
}

/** After a switch that failed, or when a change is far away: every lamp is set anew this often. */
const refreshMs = 10_000;

export function createBlinker(clock: Pick<Clock, 'mono'>, timers: Timers, setLamp: Switch): Blinker {
  let state = starting;
  let cancel: () => void = () => undefined;
  const broken = new Set<Lamp>();

  const set = (lamp: Lamp, on: boolean): void => {
    try {
      setLamp(lamp, on);
      broken.delete(lamp);
    } catch {
      broken.add(lamp);
    }
  };
  const beat = (): void => {
    cancel();
    const now = clock.mono();
    let next = now + refreshMs;
    for (const lamp of lamps) {
      const { on, untilMs } = phase(state[lamp], now);
      set(lamp, on);
      next = Math.min(next, untilMs ?? next);
    }
    cancel = timers.after(Math.max(1, next - now), beat);
  };
  beat();
  return {
    show: (wanted) => {
      state = wanted;
      beat();
    },
    view: () => state,
    works: () => broken.size === 0,
    close: () => {
      cancel();
      state = daemonDead;
      for (const lamp of lamps) set(lamp, state[lamp] === 'steady');
    },
  };
}
