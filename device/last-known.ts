/**
 * What a box that is out of service knew before: its records, its roster and the MIS's marks of the day, as far as they can be
 * read, changing nothing. So reception still sees who is out, and who is in when the alarm goes (durability.md 28). Part of `main.ts`.
 */
import { takeIn } from './domain/take-in.ts';
import { Ledger } from './domain/ledger.ts';
import type { RosterView } from './desk/school.ts';
import type { DiskReader } from './journal/disk.ts';
import { recordsOf } from './journal/reading.ts';
import type { OpenPayload } from './journal/reading.ts';
import { noMarks } from './mis/kept-marks.ts';
import type { MarksData } from './mis/kept-marks.ts';
import type { RosterData } from './mis/roster-table.ts';

export interface LastKnown {
  readonly ledger: Ledger;
  readonly roster: RosterView;
  /** When the roster was taken, milliseconds since the epoch; null: there is none. */
  readonly rosterTakenAt: number | null;
  readonly marks: MarksData;
}

/** Records folded between two rests, so that the pages stay alive. */
const recordsAtOnce = 500;

/**
 * `rest` lets the loop turn. A record that cannot be taken in is passed over, and so is what is damaged. Rejects where nothing
 * can be read: the key is missing, the card does not answer, the records are a newer version's.
 */
export async function lastKnown(
  journal: DiskReader,
  open: (disk: DiskReader) => OpenPayload,
  tables: { readonly roster: () => RosterData | null; readonly marks: () => MarksData | null },
  rest: () => Promise<void>,
): Promise<LastKnown> {
  const ledger = new Ledger();
  let count = 0;
  for (const record of recordsOf(journal, open(journal))) {
    count += 1;
    if (count % recordsAtOnce === 0) await rest();
    takeIn(ledger, [record]);
  }
  const accepted = readOrNull(tables.roster)?.accepted ?? null;
  const pupils = accepted?.pupils ?? [];
  const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
  return {
    ledger,
    roster: { pupils, byKey: (key) => byKey.get(key) },
    rosterTakenAt: accepted?.takenAt ?? null,
    marks: readOrNull(tables.marks) ?? noMarks,
  };
}

/** Who is out matters more than what they are called, or how they were marked. */
function readOrNull<T>(table: () => T | null): T | null {
  try {
    return table();
  } catch {
    return null;
  }
}
