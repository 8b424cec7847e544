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
import type { Settings } from '../../device/domain/settings.ts';
import { openJournalOn } from '../../device/journal/journal.ts';
import type { Journal } from '../../device/journal/journal.ts';
import type { Log, Random } from '../../device/system/ports.ts';
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
  readonly seed?: number;
}

export type Box = Awaited<ReturnType<typeof openBox>>;

export async function openBox(options: BoxOptions) {
  const { time, settings } = options;
  const disk = options.disk ?? new MemoryDisk();
  const random = seededRandom(options.seed ?? 1);
  let desk: Desk | null = null;
  const journal: Journal = await openJournalOn(disk, {
    clock: time.clock,
    timers: time.timers,
    random,
    build: 'test',
    log: silent,
    masters: testMasters,
    onRefused: () => desk?.refused(),
  });
  desk = new Desk(journal);
  for await (const records of journal.replay()) desk.replay(records);
  const state = { pupils: options.pupils, storageWorks: true, printerReady: true };
  const school: School = {
    settings,
    clock: time.clock,
    random,
    get roster() {
      return rosterOf(state.pupils);
    },
    badgeHash: (text) => createHmac('sha256', 'test key').update(text).digest(),
    observed: options.observed ?? (() => null),
  };
  let commands = 0;
  return {
    disk,
    journal,
    desk,
    school,
    random,
    /** What a test may change while the box runs. */
    state,
    arrivals: arrivals(school, desk),
    departures: departures(school, desk, () => state.printerReady),
    returns: returns(school, desk),
    picker: picker(school, desk, () => state.storageWorks),
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
