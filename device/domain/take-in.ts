import { isKnown } from './known-records.ts';
import type { Ledger } from './ledger.ts';
import type { Recorded } from './record.ts';

/** Records as they were read back, in order. One that cannot be taken in is set aside by number (durability.md 28). */
export function takeIn(ledger: Ledger, records: Iterable<Recorded>): void {
  for (const record of records) {
    try {
      if (isKnown(record)) ledger.apply(record);
    } catch {
      ledger.setAside.add(record.n);
    }
  }
}
