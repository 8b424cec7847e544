/** Which printer the technician file asks for. */
import type { Settings } from '../domain/settings.ts';
import type { Log, Timers } from '../system/ports.ts';
import { createAbsentPrinter } from './absent.ts';
import type { Printer } from './port.ts';
import { createSimulatedPrinter } from './simulated.ts';
import type { SimulatedPrinter } from './simulated.ts';

export interface PrinterParts {
  /** Of the data folder, for the simulated printer's pictures. */
  readonly pictures: string;
  readonly timers: Timers;
  readonly log: Log;
}

/** `simulated` is the printer itself where its faults can be switched. */
export function createPrinter(
  settings: Settings['hardware']['printer'],
  parts: PrinterParts,
): { readonly printer: Printer; readonly simulated: SimulatedPrinter | null } {
  const { kind, paperMm, cut, density } = settings;
  switch (kind) {
    case 'simulated': {
      const { pictures: folder, timers, log } = parts;
      const simulated = createSimulatedPrinter({ paperMm, profile: { cut, density }, folder, timers, log });
      return { printer: simulated, simulated };
    }
    case 'usb':
      return {
        printer: createAbsentPrinter('usb', 'offline', 'The USB printer is not supported by this build yet'),
        simulated: null,
      };
    case 'none':
      return { printer: createAbsentPrinter('none'), simulated: null };
  }
}
