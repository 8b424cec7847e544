/** Which printer the technician file asks for. */
import { join } from 'node:path';
import type { Settings } from '../domain/settings.ts';
import type { Log, Timers } from '../system/ports.ts';
import { createAbsentPrinter } from './absent.ts';
import { usbDevices } from './plugged.ts';
import type { Printer } from './port.ts';
import { createSimulatedPrinter } from './simulated.ts';
import type { SimulatedPrinter } from './simulated.ts';
import { createUsbPrinter } from './usb.ts';

export interface PrinterParts {
  /** Of the data folder, for the simulated printer's pictures. */
  readonly pictures: string;
  /** What scripts/build made. */
  readonly built: string;
  readonly timers: Timers;
  readonly log: Log;
}

/** `simulated` is the printer itself where its faults can be switched. */
export function createPrinter(
  settings: Settings['hardware']['printer'],
  parts: PrinterParts,
): { readonly printer: Printer; readonly simulated: SimulatedPrinter | null } {
  const { kind, paperMm, cut, density } = settings;
  const { built, pictures: folder, timers, log } = parts;
  const profile = { cut, density };
  switch (kind) {
    case 'simulated': {
      const simulated = createSimulatedPrinter({ paperMm, profile, folder, timers, log });
      return { printer: simulated, simulated };
    }
    case 'usb': {
      const program = join(built, 'printer-child.js');
      const ids = { vendor: settings.vendor, product: settings.product };
      const printer = createUsbPrinter({ ids, profile, program, devices: usbDevices, timers, log });
      return { printer, simulated: null };
    }
    case 'none':
      return { printer: createAbsentPrinter(), simulated: null };
  }
}
