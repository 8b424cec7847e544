/** No printer: pupils write their number down. */
import { statusOf } from './port.ts';
import type { Printer } from './port.ts';

export function createAbsentPrinter(): Printer {
  const status = statusOf('absent');
  return {
    kind: 'none',
    status: () => Promise.resolve(status),
    print: () => Promise.resolve({ outcome: 'not-printed', why: status.words }),
    onChange: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
