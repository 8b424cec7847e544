/** Lamps that nobody sees, for tests and `scripts/sim lights`. */
import type { Lamp } from '../domain/lights.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { createBlinker } from './blinker.ts';
import type { Lights, LightsStatus } from './port.ts';

export interface SimulatedLights extends Lights {
  /** Is the lamp on at this moment? */
  isOn(lamp: Lamp): boolean;
  /** `broken`: no lamp can be switched. */
  fault(fault: LightsFault): void;
}
export const lightsFaults = ['none', 'broken'] as const;
export type LightsFault = (typeof lightsFaults)[number];

export function createSimulatedLights(clock: Pick<Clock, 'mono'>, timers: Timers): SimulatedLights {
  const lit = new Set<Lamp>();
  let fault: LightsFault = 'none';
  const blinker = createBlinker(clock, timers, {
    set: (lamp, on) => {
      if (fault === 'broken') throw new Error('broken');
      if (on) lit.add(lamp);
      else lit.delete(lamp);
    },
    isOn: (lamp) => lit.has(lamp),
  });
  const simulatedWords = (status: LightsStatus): LightsStatus =>
    status.state === 'ready' ? { ...status, words: `${status.words} (simulated)` } : status;
  return {
    ...blinker,
    kind: 'simulated',
    status: () => simulatedWords(blinker.status()),
    test: async () => simulatedWords(await blinker.test()),
    isOn: (lamp) => lit.has(lamp),
    fault: (next) => {
      fault = next;
      blinker.show(blinker.view());
    },
  };
}
