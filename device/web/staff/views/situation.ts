/** What the views show that stands in no record: the parts, the line to the MIS, the roster's age. */
import type { PartReport } from '../../../contract/kiosk.ts';
import type { PeopleView, StorageView } from '../../../contract/staff.ts';
import type { LineView } from '../../../mis/line.ts';
import type { RosterStatus, SeenChanges } from '../../../mis/roster-sync.ts';
import type { LightState } from '../../../domain/lights.ts';
import type { Ref } from '../../../domain/record.ts';
import type { Settings } from '../../../domain/settings.ts';
import type { Memory } from '../../../system/machine.ts';
import type { UpdateState } from '../../../updates.ts';

export interface StaffSituation {
  readonly runId: string;
  readonly revision: number;
  readonly demo: boolean;
  /** Version of the program. */
  readonly build: string;
  readonly lights: LightState;
  readonly mis: LineView;
  readonly roster: {
    readonly takenAt: number | null;
    readonly held: string | null;
    /** Null: the box does not serve. */
    readonly sync: RosterSyncView | null;
  };
  /** Each part as it was last known to be; nothing is tried for it. */
  readonly parts: readonly PartReport[];
  readonly faults: readonly string[];
  readonly storage: StorageView | null;
  readonly people: PeopleView;
  /** The settings without what staff changed since. */
  readonly asInFile: Settings;
  /** See `Restoring`; it looks into the data folder. */
  readonly restore: () => {
    readonly refused: string | null;
    readonly aside: readonly { readonly at: number; readonly bytes: number | null }[];
  };
  /** Null: out of service. */
  readonly host: {
    /** Asks the kernel: only for whoever is shown it. */
    readonly memory: () => Memory;
    readonly degrees: () => number | null;
    readonly versions: Readonly<Record<string, string>>;
    readonly canRestart: boolean;
    /** Null: no MIS is connected. */
    readonly newToken: { readonly refused: string | null } | null;
    readonly takesStick: boolean;
    /** When a backup was last taken at the console, milliseconds since the epoch; null: never. */
    readonly takenAtConsole: () => number | null;
    /** Null: a machine without two halves of a card. */
    readonly update: UpdateState | null;
  } | null;
  /** Is this badge still to come to its next try? */
  readonly waitsForPrinter: (badge: Ref) => boolean;
  /** Of the daily export of that date, bytes; null: there is none. */
  readonly exportSize: (date: string) => number | null;
}

/** How the roster came, for the view of the pupils. Times in milliseconds since the epoch. */
export interface RosterSyncView extends Omit<RosterStatus, 'held'>, SeenChanges {
  readonly source: 'mis' | 'csv' | null;
  /** When the MIS last gave its pupils; null: never. */
  readonly pulledAt: number | null;
  /** Of a roster file: how many of its pupils the MIS does not know. */
  readonly unmatched: number;
}
