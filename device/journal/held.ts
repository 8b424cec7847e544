/** What the records of a segment were, in figures without a person: for the spine (durability.md 12). */
import type { Recorded } from '../domain/record.ts';
import type { Held } from './spine.ts';

export function heldOf(records: Iterable<Recorded>): Held {
  const kinds: Record<string, number> = {};
  let [from, to, serial]: [number | null, number | null, number] = [null, null, 0];
  for (const record of records) {
    kinds[record.type] = (kinds[record.type] ?? 0) + 1;
    if (record.type === 'badge') serial = Math.max(serial, record.serial);
    const { earliest, latest } = record.at;
    if (latest === null || typeof earliest !== 'number') continue;
    from = Math.min(from ?? earliest, earliest);
    to = Math.max(to ?? earliest, earliest);
  }
  return { from, to, serial, kinds };
}
