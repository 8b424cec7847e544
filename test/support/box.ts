/** A reception box in this process: the real desk on the real journal over a disk in memory, with a clock that the test moves. */
import { createHmac } from 'node:crypto';
import { arrivals } from '../../device/desk/arrivals.ts';
import { departures } from '../../device/desk/departures.ts';
import { Desk } from '../../device/desk/desk.ts';
import type { DeskCommand } from '../../device/desk/desk.ts';
import { picker } from '../../device/desk/picker.ts';
import { returns } from '../../device/desk/returns.ts';
import { staffDesk } from '../../device/desk/staff.ts';
import type { RosterView, School } from '../../device/desk/school.ts';
import type { Pupil } from '../../device/domain/pupil.ts';
import type { Recorded } from '../../device/domain/record.ts';
import type { Settings } from '../../device/domain/settings.ts';
import type { Disk } from '../../device/journal/disk.ts';
import type { CheckpointHead } from '../../device/journal/checkpoint-file.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import type { Journal } from '../../device/journal/journal.ts';
import type { Masters } from '../../device/journal/masters.ts';
import type { Sizes } from '../../device/journal/writer.ts';
import type { Clock, Log, Random, Timers } from '../../device/system/ports.ts';
import { hashOfInput } from '../../device/web/input-hash.ts';
import { MemoryDisk } from './memory-disk.ts';
import type { SteeredTime } from './steered-time.ts';
import { testMasters } from './keys.ts';

export interface BoxOptions {
  readonly time: SteeredTime;
  readonly settings: Settings;
  readonly pupils: readonly Pupil[];
  /** Of an earlier box: the same records after a restart. */
  readonly disk?: MemoryDisk;
  readonly observed?: School['observed'];
  readonly observedAt?: School['observedAt'];
  readonly seed?: number;
  readonly sizes?: Sizes;
}

export type Box = Awaited<ReturnType<typeof openBox>>;

export async function openBox(options: BoxOptions) {
  const disk = options.disk ?? new MemoryDisk();
  const state = { pupils: options.pupils, storageWorks: true, printerReady: true };
  const replayed: Recorded[] = [];
  const parts = await openParts(disk, {
    ...options.time,
    replayed: (records) => replayed.push(...records),
    settings: options.settings,
    roster: () => rosterOf(state.pupils),
    random: seededRandom(options.seed ?? 1),
    log: silent,
    observed: options.observed ?? (() => null),
    observedAt: options.observedAt ?? (() => null),
    storageWorks: () => state.storageWorks,
    printerReady: () => state.printerReady,
    ...(options.sizes === undefined ? {} : { sizes: options.sizes }),
  });
  return {
    disk,
    /** What a test may change while the box runs. */
    state,
    /** What the journal held at the start. */
    replayed,
    ...parts,
  };
}

export interface PartsOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly settings: Settings;
  readonly roster: () => RosterView;
  readonly observed: School['observed'];
  readonly observedAt?: School['observedAt'];
  readonly storageWorks: () => boolean;
  readonly printerReady: () => boolean;
  /** Told of what is read back at the start. */
  readonly replayed?: (records: readonly Recorded[]) => void;
  /** Keys of the data folder; the same in every test where it is left out. */
  readonly masters?: Masters;
  /** Begins the desk from a checkpoint; null: from the first record. */
  readonly begin?: (journal: Journal, desk: Desk) => Promise<CheckpointHead | null>;
  /** See `openJournalOn`. */
  readonly sizes?: Sizes;
  readonly later?: (run: () => void) => void;
}

/** Journal, desk and flows over any disk, put together as `device/app.ts` does it. */
export async function openParts(disk: Disk, options: PartsOptions) {
  const { settings, clock, random } = options;
  let desk: Desk | null = null;
  const journal: Journal = await openJournalOn(disk, {
    ...options,
    build: 'test',
    masters: options.masters ?? testMasters,
    onRefused: () => desk?.refused(),
  });
  desk = new Desk(journal);
  const begun = (await options.begin?.(journal, desk)) ?? null;
  for await (const records of journal.replay(begun?.place)) {
    options.replayed?.(records);
    desk.replay(records);
  }
  const school: School = {
    settings,
    clock,
    random,
    get roster() {
      return options.roster();
    },
    badgeHash: (text) => createHmac('sha256', 'test key').update(text).digest(),
    observed: options.observed,
    observedAt: options.observedAt ?? (() => null),
    mayDecide: () => !journal.opened.faults.some(({ kind }) => kind === 'must-understand'),
  };
  let commands = 0;
  return {
    journal,
    desk,
    school,
    random,
    arrivals: arrivals(school, desk),
    departures: departures(school, desk, options.printerReady),
    returns: returns(school, desk),
    picker: picker(school, desk, options.storageWorks),
    staff: staffDesk(school, desk),
    /** A command as the page makes one. */
    command: (input: unknown, more: Partial<DeskCommand> = {}): DeskCommand => ({
      id: `${journal.run.slice(0, 8)}-${String((commands += 1))}`,
      hash: hashOfInput(input),
      ageMs: 0,
      ...more,
    }),
  };
}

export function rosterOf(pupils: readonly Pupil[]): RosterView {
  return { pupils, byKey: (key) => pupils.find((pupil) => pupil.key === key) };
}

/** Small, even enough, and the same for the same seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(uniform() * 256));
  return { uniform, bytes, id: () => Buffer.from(bytes(16)).toString('hex') };
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
