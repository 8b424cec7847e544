/** Lamps that nobody sees, for tests and `scripts/sim lights`. */
import type { Lamp } from '../domain/lights.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { createBlinker } from './blinker.ts';
import type { Lights } from './port.ts';

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
  const blinker = createBlinker(clock, timers, (lamp, on) => {
    if (fault === 'broken') throw new Error('broken');
    if (on) lit.add(lamp);
    else lit.delete(lamp);
  });
  return {
    kind: 'simulated',
    show: blinker.show,
    view: blinker.view,
    close: blinker.close,
    status: () =>
      blinker.works()
        ? { state: 'ready', words: 'Ready (simulated)' }
        : { state: 'failed', words: 'The lights cannot be switched' },
    isOn: (lamp) => lit.has(lamp),
    fault: (next) => {
      fault = next;
      blinker.show(blinker.view());
    },
  };
}
