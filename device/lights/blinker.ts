/** Keeps lamps in their rhythm: each change at its own time of the machine's clock, so that nothing drifts. */
import { daemonDead, lamps, phase, starting } from '../domain/lights.ts';
import type { Lamp } from '../domain/lights.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { testMs } from './port.ts';
import type { Lights, LightsStatus, Switches } from './port.ts';

/** After a switch that failed, or when a change is far away: every lamp is set anew this often. */
const refreshMs = 10_000;

export function createBlinker(clock: Pick<Clock, 'mono'>, timers: Timers, switches: Switches): Omit<Lights, 'kind'> {
  let state = starting;
  let closed = false;
  let testing: Promise<LightsStatus> | null = null;
  let cancel: () => void = () => undefined;
  const broken = new Set<Lamp>();

  const set = (lamp: Lamp, on: boolean): void => {
    try {
      switches.set(lamp, on);
      broken.delete(lamp);
    } catch {
      broken.add(lamp);
    }
  };
  const beat = (): void => {
    cancel();
    if (testing !== null || closed) return;
    const now = clock.mono();
    let next = now + refreshMs;
    for (const lamp of lamps) {
      const { on, untilMs } = phase(state[lamp], now);
      set(lamp, on);
      next = Math.min(next, untilMs ?? next);
    }
    cancel = timers.after(Math.max(1, next - now), beat);
  };
  const status = (): LightsStatus =>
    broken.size === 0
      ? { state: 'ready', words: 'Ready' }
      : { state: 'failed', words: 'The lights cannot be switched: switch the box off and on' };

  /** What is wrong with the wire of a lamp that should be alone; null: nothing. */
  const wrongAlone = (alone: Lamp): string | null => {
    const wrong = lamps.find((lamp) => !broken.has(lamp) && switches.isOn(lamp) !== (lamp === alone));
    return wrong === undefined ? null : `The ${wrong} light stays ${wrong === alone ? 'off' : 'on'}: look at its wires`;
  };
  const eachAlone = async (): Promise<LightsStatus> => {
    let wrong: string | null = null;
    cancel();
    for (const alone of closed ? [] : lamps) {
      for (const lamp of lamps) set(lamp, lamp === alone);
      await new Promise<void>((resolve) => timers.after(testMs, resolve));
      if (closed) break;
      try {
        wrong ??= wrongAlone(alone);
      } catch {
        broken.add(alone);
      }
    }
    testing = null;
    beat();
    return wrong === null ? status() : { state: 'failed', words: wrong };
  };
  beat();
  return {
    show: (wanted) => {
      state = wanted;
      beat();
    },
    view: () => state,
    status,
    // Two at a time would each find the other's lamp lit.
    test: () => (testing ??= eachAlone()),
    close: () => {
      cancel();
      closed = true;
      state = daemonDead;
      for (const lamp of lamps) set(lamp, state[lamp] === 'steady');
    },
  };
}
