/**
 * What a box that is out of service knew before: its records and its roster, as far as they can be read, changing nothing. So
 * reception still sees who is out (durability.md 28). Part of `main.ts`.
 */
import { takeIn } from './domain/take-in.ts';
import { Ledger } from './domain/ledger.ts';
import type { RosterView } from './desk/school.ts';
import type { DiskReader } from './journal/disk.ts';
import { recordsIn } from './journal/reading.ts';
import type { OpenPayload } from './journal/reading.ts';
import { segmentsOf } from './journal/segments.ts';
import type { RosterData } from './mis/roster-table.ts';

export interface LastKnown {
  readonly ledger: Ledger;
  readonly roster: RosterView;
  /** When the roster was taken, milliseconds since the epoch; null: there is none. */
  readonly rosterTakenAt: number | null;
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
  roster: () => RosterData | null,
  rest: () => Promise<void>,
): Promise<LastKnown> {
  const ledger = new Ledger();
  const payload = open(journal);
  let count = 0;
  for (const segment of segmentsOf(journal)) {
    for (const record of recordsIn(journal.read(segment.name), segment, payload)) {
      count += 1;
      if (count % recordsAtOnce === 0) await rest();
      takeIn(ledger, [record]);
    }
  }
  const accepted = readOrNull(roster)?.accepted ?? null;
  const pupils = accepted?.pupils ?? [];
  const byKey = new Map(pupils.map((pupil) => [pupil.key, pupil]));
  return {
    ledger,
    roster: { pupils, byKey: (key) => byKey.get(key) },
    rosterTakenAt: accepted?.takenAt ?? null,
  };
}

/** Who is out matters more than what they are called. */
function readOrNull(roster: () => RosterData | null): RosterData | null {
  try {
    return roster();
  } catch {
    return null;
  }
}
