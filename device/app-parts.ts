/** What main hands to the app: settings, ports and files, each real, simulated or absent. */
import type { PaintingThread } from './badge/painter-thread.ts';
import type { BadgeReader } from './camera/badge-reader.ts';
import type { Camera } from './camera/port.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { ExportFolder } from './copies/export-folder.ts';
import type { Untold } from './desk/restores-told.ts';
import type { Body, Recorded } from './domain/record.ts';
import type { Settings } from './domain/settings.ts';
import type { ChainChecked } from './chain-check.ts';
import type { Host } from './host.ts';
import type { Journal } from './journal/journal.ts';
import type { OpenedVault } from './journal/photo-vault.ts';
import type { Lights } from './lights/port.ts';
import type { MisConnector } from './mis/connector.ts';
import type { KeptMarksPorts } from './mis/kept-marks.ts';
import type { MemoryTable } from './mis/memory.ts';
import type { RosterSync } from './mis/roster-sync.ts';
import type { Printer } from './printer/port.ts';
import type { SettingsBook } from './settings/book.ts';
import type { Level } from './system/failures.ts';
import type { Clock, ClockPupil, Log, Random, Timers } from './system/ports.ts';
import type { Storage } from './system/storage.ts';
import type { FaultSwitch } from './web/commands.ts';
import type { StaffCertificate } from './staff-certificate.ts';
import type { AccountTable } from './web/staff/account-table.ts';

export interface AppParts {
  /** As the technician file has them: what staff changed since lies over them (`House.inForce`). */
  readonly settings: Settings;
  readonly settingsBook: SettingsBook;
  /** Where the control socket is. */
  readonly controlFolder: string;
  readonly pages: string;
  /** Of the program. */
  readonly version: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Opened, not yet replayed. `refused` is called when it refuses (see `Desk.refused`). */
  readonly journal: Journal;
  /** Holds all of it against its chain; it takes a while, and holds nobody up. */
  readonly verifyChain: () => Promise<ChainChecked>;
  readonly badgeKey: Uint8Array;
  readonly connector: MisConnector;
  readonly roster: (commit: (bodies: readonly Body[]) => Promise<readonly Recorded[]>) => RosterSync;
  readonly printer: Printer;
  readonly camera: Camera;
  readonly lights: Lights;
  readonly photos: OpenedVault;
  /** Where the exports of the days lie. */
  readonly exports: ExportFolder;
  /**
   * Removes rosters kept beside the one in force, what a restore has put aside, and what a simulated printer keeps of these badges (by
   * journal number).
   */
  readonly forgetCopies: (badges: readonly string[]) => Promise<void>;
  /** Keys that a restored folder does not know to be destroyed; `done`: it does now. */
  readonly erasedBefore: { readonly keys: readonly string[]; readonly done: () => Promise<void> };
  /** A restore that the records do not tell of yet. */
  readonly restoredBefore: Untold;
  /** Null: every start reads all records. */
  readonly checkpoints: Checkpoints | null;
  /** The clock, as it learns from the journal. */
  readonly clockPupil: ClockPupil;
  /** The people who may use the staff page, and whose PINs open the box. */
  readonly people: AccountTable;
  readonly certificate: StaffCertificate;
  /** Which reset of the administrator lies on the card; null: none (product.md 8). */
  readonly reset: string | null;
  /** What the outbox has learnt of its MIS. */
  readonly memory: MemoryTable;
  readonly marks: KeptMarksPorts['marks'];
  readonly painter: PaintingThread;
  readonly badgeReader: BadgeReader;
  readonly demo: { readonly misUrl: string } | null;
  /** Sentences about settings, tables and the journal that staff must know. */
  readonly faults: readonly string[];
  /** How much is switched on: main has left out the parts that go with it (durability.md 28). */
  readonly level: Level;
  readonly storage: Storage;
  /** Fault switches of the simulated parts. */
  readonly simulated: Readonly<Record<string, FaultSwitch>>;
  /** The process must end: a bug. systemd starts it again. What the card does not take is none, and may come here all the same. */
  readonly onBroken: (error: unknown) => void;
  /** Nobody knows any more what is on the card. Told once a second from then on. */
  readonly onStorageFailed: () => void;
  readonly host: Host;
  /** Staff asked to switch the box off. */
  readonly switchOff: () => void;
}
