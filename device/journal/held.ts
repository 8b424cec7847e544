/** What the records of a segment were, in figures without a person: for the spine (durability.md 12). */
import type { Recorded } from '../domain/record.ts';
import type { Held } from './spine.ts';

export function heldOf(records: Iterable<Recorded>): Held {
  const kinds: Record<string, number> = {};
  const days: Record<string, Record<string, number>> = {};
  let [from, to, serial, unsure]: [number | null, number | null, number, number] = [null, null, 0, 0];
  for (const record of records) {
    kinds[record.type] = (kinds[record.type] ?? 0) + 1;
    if (record.type === 'badge' || record.type === 'erased') serial = Math.max(serial, record.serial ?? 0);
    if (record.type === 'decided') {
      const day = (days[record.date] ??= {});
      day[record.outcome] = (day[record.outcome] ?? 0) + 1;
    }
    const { earliest, latest } = record.at;
    if (latest === null || typeof earliest !== 'number') {
      unsure += 1;
      continue;
    }
    from = Math.min(from ?? earliest, earliest);
    to = Math.max(to ?? earliest, earliest);
  }
  return { from, to, unsure, serial, kinds, days };
}
