/** How storage is, in figures and in sentences: what the kernel tells, and how quick the journal is (product.md 6, "Box"). */
import type { StorageView } from './contract/staff.ts';
import type { JournalState } from './journal/journal.ts';
import type { Clock, Timers } from './system/ports.ts';
import type { Storage, StorageReading, Wear } from './system/storage.ts';

const readEveryMs = 15_000;
const day = 86_400_000;
const mebibyte = 1024 * 1024;
/** Less is said to staff; the reserve of the journal is a tenth of it. */
const nearlyFullBytes = 80 * mebibyte;
/** With so much room the journal's reserve is taken again. */
const reserveFromBytes = 32 * mebibyte;

/** A school's day takes some megabytes (test/README.md): where it is so much, something goes round. */
const muchWrittenBytes = 1_000_000_000;

export interface StorageWatchPorts {
  readonly storage: Storage;
  readonly journal: { readonly state: () => JournalState; readonly holdReserve: () => void };
  readonly clock: Clock;
  readonly timers: Timers;
}

const nothingRead: StorageReading = {
  room: null,
  fileSystemErrors: null,
  wear: null,
  writtenBytes: null,
  concerns: [],
};

export class StorageWatch {
  private reading: StorageReading = nothingRead;
  private wasRead = false;
  /** Where the count of today's bytes began, and the slowest record since. */
  private today = { mono: 0, bytes: 0, slowestMs: 0 };
  private readonly ports: StorageWatchPorts;

  constructor(ports: StorageWatchPorts) {
    this.ports = ports;
    this.today.mono = ports.clock.mono();
  }

  /** Reads now and every quarter of a minute; `changed` is called when a sentence changed. The answer ends that. */
  begin(changed: () => void): () => void {
    const look = (): void => {
      const said = (): string => [...this.faults(), ...this.machineFaults()].join();
      const before = said();
      void this.look().then(() => {
        if (said() !== before) changed();
      });
    };
    look();
    return this.ports.timers.every(readEveryMs, look);
  }

  private async look(): Promise<void> {
    const { storage, journal, clock } = this.ports;
    this.reading = await storage.read();
    const { room, writtenBytes } = this.reading;
    // The kernel counts in what ended under this process before it became Porter: an installation, where scripts/run did one.
    const isFirst = !this.wasRead;
    this.wasRead = true;
    if (isFirst || clock.mono() - this.today.mono >= day) {
      this.today = { mono: clock.mono(), bytes: writtenBytes ?? 0, slowestMs: 0 };
    }
    if (room !== null && !room.readOnly && room.freeBytes >= reserveFromBytes) journal.holdReserve();
  }

  /** What is wrong, and what to do, for staff. */
  faults(): readonly string[] {
    const { journal } = this.ports;
    const { room, fileSystemErrors, wear } = this.reading;
    const free = room === null ? '' : megabytes(room.freeBytes);
    return [
      ...journalWords(journal.state()),
      ...(this.wasRead && room === null
        ? ['The card does not answer. Switch the box off and on, or replace the card']
        : []),
      ...(room?.readOnly === true ? ['The card has become read-only. Replace it soon'] : []),
      ...(room !== null && room.freeBytes < nearlyFullBytes && journal.state().kind !== 'refusing'
        ? [`The card is nearly full: ${free} left. Free some room on it`]
        : []),
      ...((fileSystemErrors?.count ?? 0) > 0
        ? [`The card's file system has found ${String(fileSystemErrors?.count)} errors. Replace the card soon`]
        : []),
      ...wornWords(wear),
    ].map((words) => `Storage: ${words}.`);
  }

  /** What else is wrong with the machine, for staff. */
  machineFaults(): readonly string[] {
    const written = this.writtenToday() ?? 0;
    const much = `Porter has written ${megabytes(written)} to the card within a day, far more than a busy day takes. Take "For a helper" under Box, and restart Porter.`;
    return [...this.reading.concerns, ...(written > muchWrittenBytes ? [much] : [])];
  }

  private writtenToday(): number | null {
    const { writtenBytes } = this.reading;
    return writtenBytes === null ? null : writtenBytes - this.today.bytes;
  }

  /** One sentence for the self-test. */
  words(): string {
    const [fault] = this.faults();
    if (fault !== undefined) return fault.replace(/^Storage: (.*)\.$/, '$1');
    const { room } = this.reading;
    return room === null ? 'Records are kept' : `Records are kept, ${megabytes(room.freeBytes)} free`;
  }

  view(): StorageView {
    const { room, fileSystemErrors, wear } = this.reading;
    const { kind, lastSyncMs } = this.ports.journal.state();
    this.today.slowestMs = Math.max(this.today.slowestMs, lastSyncMs);
    return {
      state: kind,
      words: this.words(),
      freeBytes: room?.freeBytes ?? null,
      totalBytes: room?.totalBytes ?? null,
      readOnly: room?.readOnly ?? null,
      lastSyncMs,
      slowestSyncMs: this.today.slowestMs,
      fileSystemErrors: fileSystemErrors?.count ?? null,
      usedLifePercent: wear?.usedPercent ?? null,
      writtenTodayBytes: this.writtenToday(),
    };
  }
}

function wornWords(wear: Wear | null): readonly string[] {
  const used = wear?.usedPercent ?? 0;
  if (used > 90) return [`The card is worn: ${String(used)} % of its life is used. Replace it soon`];
  return wear?.spareBlocks === 'urgent'
    ? ['The card is worn: its spare blocks are nearly used up. Replace it soon']
    : [];
}

function journalWords({ kind, lastSyncMs, oldestWaitMs }: JournalState): readonly string[] {
  switch (kind) {
    case 'ok':
      return [];
    case 'slow':
      return [`The card is slow: ${(Math.max(lastSyncMs, oldestWaitMs) / 1000).toFixed(1)} s for one record`];
    case 'refusing':
      return ['The card takes no more records. Free some room on it'];
    case 'failed':
      return ['The card has failed. Switch the box off and on, or replace the card'];
  }
}

const megabytes = (bytes: number): string =>
  bytes < 10_000_000_000 ? `${String(Math.floor(bytes / 1_000_000))} MB` : `${String(Math.floor(bytes / 1e9))} GB`;
