/** What the views show that stands in no record: the parts, the line to the MIS, the roster's age. */
import type { PartReport } from '../../../contract/kiosk.ts';
import type { MisHealth, PersonRow, StorageView } from '../../../contract/staff.ts';
import type { LightState } from '../../../domain/lights.ts';

export interface StaffSituation {
  readonly runId: string;
  readonly revision: number;
  readonly demo: boolean;
  /** Version of the program. */
  readonly build: string;
  readonly lights: LightState;
  readonly mis: { readonly state: MisHealth['state']; readonly words: string; readonly lastContact: number | null };
  readonly roster: { readonly takenAt: number | null; readonly held: string | null };
  /** Each part as it was last known to be; nothing is tried for it. */
  readonly parts: readonly PartReport[];
  readonly faults: readonly string[];
  readonly storage: StorageView | null;
  readonly people: readonly PersonRow[];
}
