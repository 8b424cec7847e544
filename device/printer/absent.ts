/** No printer: pupils write their number down. */
import { statusOf } from './port.ts';
import type { Printer, PrinterState, PrinterStatus } from './port.ts';

/** `words`: in place of the usual ones, where there is more to say. */
export function createAbsentPrinter(kind: Printer['kind'], state: PrinterState = 'absent', words?: string): Printer {
  const status: PrinterStatus = words === undefined ? statusOf(state) : { state, words };
  return {
    kind,
    status: () => Promise.resolve(status),
    print: () => Promise.resolve({ outcome: 'not-printed', why: status.words }),
    onChange: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
