/** Which lights the technician file asks for. */
import type { Settings } from '../domain/settings.ts';
import type { Clock, Timers } from '../system/ports.ts';
import { createAbsentLights } from './absent.ts';
import { createGpioLights } from './gpio.ts';
import type { Lights } from './port.ts';
import { createSimulatedLights } from './simulated.ts';
import type { SimulatedLights } from './simulated.ts';

/** `simulated` is the lights themselves where their faults can be switched; `runFolder` as createGpioLights wants it. */
export async function createLights(
  settings: Settings['hardware']['lights'],
  clock: Pick<Clock, 'mono'>,
  timers: Timers,
  runFolder: string | null,
): Promise<{ readonly lights: Lights; readonly simulated: SimulatedLights | null }> {
  switch (settings.kind) {
    case 'simulated': {
      const simulated = createSimulatedLights(clock, timers);
      return { lights: simulated, simulated };
    }
    case 'gpio':
      return { lights: await createGpioLights(settings, clock, timers, runFolder), simulated: null };
    case 'none':
      return { lights: createAbsentLights(), simulated: null };
  }
}
