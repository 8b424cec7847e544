/**
 * The box: the real desk, journal, outbox, roster sync, printing and connector on the world's card, clock, printer and line. It
 * can be stopped, killed and cut off at any event and at any change of the card, and is started again as systemd would.
 */
import { crc32 } from 'node:zlib';
import type { Seeded } from '../../../device/demo/random.ts';
import type { Bitmap } from '../../../device/domain/badge.ts';
import { Photos } from '../../../device/desk/photos.ts';
import { eraseDesk } from '../../../device/desk/erasing.ts';
import type { EraseDesk } from '../../../device/desk/erasing.ts';
import { Printing } from '../../../device/desk/printing.ts';
import { Retention } from '../../../device/desk/retention.ts';
import { watch } from '../../../device/desk/watch.ts';
import { Ledger } from '../../../device/domain/ledger.ts';
import type { Recorded } from '../../../device/domain/record.ts';
import { localTime, sessionAt, withinKioskHours } from '../../../device/domain/school-day.ts';
import type { Settings } from '../../../device/domain/settings.ts';
import { Checkpoints } from '../../../device/checkpoints.ts';
import type { CheckpointHead } from '../../../device/journal/checkpoint-file.ts';
import { JournalError } from '../../../device/journal/error.ts';
import { FrameKeys } from '../../../device/journal/frame-keys.ts';
import { mastersOf } from '../../../device/journal/masters.ts';
import { openWith, recordsIn } from '../../../device/journal/reading.ts';
import { segmentsOf } from '../../../device/journal/segments.ts';
import type { Segment } from '../../../device/journal/segments.ts';
import { fileSeal } from '../../../device/journal/sealed-file.ts';
import { checked } from '../../../device/journal/whole-file.ts';
import { readIn } from '../../../device/read-in.ts';
import { nothingLearnt, readMemory } from '../../../device/mis/memory.ts';
import { createRosterSync } from '../../../device/mis/roster-sync.ts';
import type { RosterSync } from '../../../device/mis/roster-sync.ts';
import { emptyTable, readTable } from '../../../device/mis/roster-table.ts';
import { Sender } from '../../../device/mis/sender.ts';
import { createWondeConnector } from '../../../device/mis/wonde/connector.ts';
import { SystemClock } from '../../../device/system/clock.ts';
import type { Log } from '../../../device/system/ports.ts';
import { openParts, seededRandom } from '../../support/box.ts';
import { testKey, testRandom } from '../../support/keys.ts';
import type { MachineClock } from './clock.ts';
import type { WorldDisk } from './disk.ts';
import { Violation } from './history.ts';
import { baseUrl, token } from './mis.ts';
import type { MisWorld } from './mis.ts';
import type { Schedule } from './schedule.ts';
import { Store } from './store.ts';
import { RunTimers } from './timers.ts';
import type { Traits } from './traits.ts';
import type { CameraWorld, PrinterWorld } from './parts.ts';

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** One run of the daemon. Dead: nothing it still does reaches card, MIS or people. */
export interface Run {
  readonly number: number;
  readonly timers: RunTimers;
  alive: boolean;
  /** Open to pupils and staff. */
  house: House | null;
}
export interface House extends Parts {
  readonly sender: Sender;
  readonly roster: RosterSync;
  readonly printing: Printing;
  readonly photos: Photos;
  readonly erasing: EraseDesk;
  /** Writes a checkpoint. */
  readonly save: () => Promise<void> | undefined;
}

export interface Backup {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly tables: ReadonlyMap<string, string>;
  /** How many master keys there were. */
  readonly keys: number;
}

interface Today {
  readonly date: string;
  readonly session: 'AM' | 'PM' | null;
}

export interface Listener {
  /** The records that were read back, before anything else happens in this run. */
  started(run: Run, parts: Parts, records: readonly Recorded[]): void;
  durable(run: Run, records: readonly Recorded[]): void;
  booted(boot: string, began: number): void;
  ended(run: Run, how: 'stop' | 'kill' | 'cut'): void;
  log(line: string): void;
}

export interface MachinePorts {
  readonly schedule: Schedule;
  readonly chance: Seeded;
  readonly seed: number;
  readonly clock: MachineClock;
  readonly disk: WorldDisk;
  readonly mis: MisWorld;
  readonly printer: PrinterWorld;
  readonly camera: CameraWorld;
  readonly settings: Settings;
  readonly sizes: { readonly segment: number; readonly reserve: number };
  readonly listener: Listener;
  readonly traits: Traits;
}

/** The build's time: before the school year. */
export const builtAt = Date.UTC(2026, 8, 1);
const blank: Bitmap = { width: 8, height: 1, bits: new Uint8Array(1) };

export class Machine {
  run: Run | null = null;
  /** A turn of the card takes this long, ms at least and at most. */
  cardMs: readonly [number, number] = [1, 8];
  /** The highest number that stood on the card, in whatever state, before this run began. */
  stated = 0;
  /** A bug has ended the process: no fault of the world explains it. */
  broken: unknown = null;
  /** Master keys of the data folder, newest last: the next start has them all. */
  readonly keys: Uint8Array[] = [testKey()];
  /** What the card gives of a checkpoint at the next start. */
  checkpoint: 'last' | 'before' | 'damaged' = 'last';
  /** The machine has just been given power again. */
  onBoot = (): void => undefined;
  private minute: (Today & { readonly at: string }) | null = null;
  private readonly store: Store;
  private runs = 0;
  private boots = 0;
  private failedStarts = 0;
  private on = true;
  private readonly ports: MachinePorts;

  constructor(ports: MachinePorts) {
    this.ports = ports;
    this.store = new Store(ports.disk);
  }

  get boot(): string {
    return this.ports.clock.boot;
  }
  get house(): House | null {
    return this.run?.house ?? null;
  }

  photos(): readonly string[] {
    return this.store.photos();
  }

  /** First and last number of each of these segments whose file is there. */
  numbersIn(segments: readonly number[]): readonly (readonly [from: number, to: number])[] {
    // The one behind it may have gone before it, so the next on the card does not tell where it ends.
    return segmentsOf(this.ports.disk).flatMap((segment): readonly (readonly [number, number])[] =>
      segments.includes(segment.number)
        ? [[segment.first, this.recordsIn(segment).at(-1)?.n ?? segment.first - 1]]
        : [],
    );
  }

  private recordsIn(segment: Segment): readonly Recorded[] {
    const { disk } = this.ports;
    const payload = openWith(disk, new FrameKeys(mastersOf(this.keys), testRandom()));
    return [...recordsIn(disk.read(segment.name), segment, payload)];
  }

  /** What somebody reads who has the card and the master keys: records, the ids of pupils' keys, the checkpoint. */
  readable(): { readonly records: readonly Recorded[]; readonly keys: readonly string[]; readonly checkpoint: string } {
    const { disk } = this.ports;
    const records = segmentsOf(disk).flatMap((segment) => this.recordsIn(segment));
    const seal = fileSeal(() => mastersOf(this.keys), testRandom());
    const keys = disk.list().flatMap((name) => {
      const stored = name.startsWith('pupil-keys') ? checked(disk.read(name)) : null;
      const plain = stored === null ? null : seal.open('pupil-keys', stored);
      if (plain === null) return [];
      return (JSON.parse(plain.toString('utf8')) as { readonly pupils: string[][] }).pupils.map(([, id]) => id ?? '');
    });
    return { records, keys, checkpoint: this.store.lastCheckpoint() };
  }

  /** Something has happened: to people and parts, or on the line only. */
  stir(where: 'all' | 'line' = 'all'): void {
    this.run?.timers.stir(where === 'all' ? Infinity : 1_000);
  }

  // ---- Ends ----

  /** SIGKILL. */
  kill(): void {
    this.end('kill');
  }

  /** The power goes, and comes back after so long; the clock starts at `wall` then. */
  cut(offMs: number): void {
    this.end('cut', offMs);
  }

  /** A copy of the data folder, without what a backup leaves out (README). */
  backup(): Backup {
    const { disk } = this.ports;
    const files = new Map([...disk.copy()].filter(([name]) => name !== 'id' && !name.startsWith('spine-key.')));
    return { files, tables: this.store.copy(), keys: this.keys.length };
  }
  /** The card has died: another one, with that copy, is put in. */
  restore({ files, tables, keys }: Backup, offMs: number, then: () => void): void {
    this.cut(offMs);
    this.ports.schedule.after(1, () => {
      this.ports.disk.replace(files);
      this.store.replace(tables);
      this.keys.splice(keys);
      then();
    });
  }

  /** In the middle of the change of the card after `changes` more. */
  dieAtChange(changes: number, how: 'kill' | 'cut', offMs: number): void {
    this.ports.disk.dieAfter(changes, () => this.end(how, offMs));
  }

  private end(how: 'stop' | 'kill' | 'cut', offMs = 0): void {
    const { run } = this;
    const { schedule, disk, listener, chance } = this.ports;
    if (run === null) {
      if (how === 'cut' && this.on) this.powerOff(offMs);
      return;
    }
    run.alive = false;
    run.timers.end();
    this.run = null;
    listener.ended(run, how);
    if (how === 'cut') return this.powerOff(offMs);
    // Nothing more reaches the card: the process is gone before anything else happens.
    schedule.after(0, () => {
      if (!this.on) return;
      disk.kill();
      schedule.after(500 + chance.below(5_000), () => this.start());
    });
  }

  private powerOff(offMs: number): void {
    const { schedule, disk, chance, clock, listener } = this.ports;
    this.on = false;
    const stoodAt = clock.wall();
    schedule.after(0, () => {
      disk.cutPower(() => chance.next());
      schedule.after(offMs + 15_000 + chance.below(20_000), () => {
        this.on = true;
        this.boots += 1;
        const guess = [chance.below(60_000), builtAt, stoodAt][chance.below(3)] ?? 0;
        const wall = clock.battery?.shows() ?? guess;
        clock.start(`boot-${this.boots}`, wall, chance.below(200) - 100);
        listener.booted(clock.boot, schedule.now);
        this.onBoot();
        this.start();
      });
    });
  }

  /** systemd stops it: everything in its order, each with its deadline, as `device/app.ts` does. */
  stop(): void {
    const { run } = this;
    const house = run?.house;
    if (run === null || !house) return;
    run.house = null;
    this.ports.listener.log('stopping');
    const stopped = async (): Promise<void> => {
      await house.sender.stop();
      house.printing.stop();
      house.roster.stop();
      await house.save();
      await house.journal.close();
      if (run.alive) this.end('stop');
    };
    run.timers.after(5_000, () => this.kill());
    stopped().catch(() => run.alive && this.kill());
  }

  // ---- Start ----

  start(): void {
    if (!this.on || this.run !== null) return;
    const { schedule, chance, disk, listener } = this.ports;
    this.runs += 1;
    const run: Run = { number: this.runs, timers: new RunTimers(schedule, chance), alive: true, house: null };
    this.run = run;
    this.open(run).then(
      () => {
        this.failedStarts = 0;
      },
      (error: unknown) => {
        if (!run.alive) return;
        if (!(error instanceof JournalError)) this.broken ??= error;
        run.alive = false;
        run.timers.end();
        this.run = null;
        disk.kill();
        this.failedStarts += 1;
        listener.log(`start failed: ${error instanceof JournalError ? error.code : String(error)}`);
        schedule.after(Math.min(60_000, 5_000 * 2 ** this.failedStarts), () => this.start());
      },
    );
  }

  private async open(run: Run): Promise<void> {
    const { schedule, chance, seed, disk, sizes, listener, printer, traits } = this.ports;
    // As they are now: the school may change them, and the next start has the new ones.
    const settings = { ...this.ports.settings };
    const clock = new SystemClock({ trust: 'auto', offsetMs: 0, builtAt, hasMis: true }, this.ports.clock.machine());
    this.stated = statedOn(disk);
    const lane = schedule.lane();
    const later = (what: () => void): void =>
      lane(this.cardMs[0] + chance.below(this.cardMs[1] - this.cardMs[0] + 1), () => run.alive && what());
    const { timers } = run;
    const random = seededRandom(seed * 1_000 + run.number);
    const log = this.logOf(run);
    const outside = { clock, timers, random, log };
    const replayed: Recorded[] = [];
    const late: { roster: RosterSync | null; sender: Sender | null } = { roster: null, sender: null };
    const masters = mastersOf(this.keys);
    const kept: { checkpoints: Checkpoints | null; begun: CheckpointHead | null } = { checkpoints: null, begun: null };
    const parts = await openParts(disk, {
      ...outside,
      settings,
      sizes,
      later,
      masters,
      begin: async (journal, desk) => {
        const file = this.store.checkpoint(masters.newest.id, later, () => this.checkpoint);
        kept.checkpoints = new Checkpoints({ ...outside, file, build: 'test', journal, desk });
        kept.begun = await kept.checkpoints.restore();
        if (kept.begun !== null) clock.recorded(kept.begun.clock);
        return kept.begun;
      },
      replayed: (records) => {
        replayed.push(...records);
        kept.checkpoints?.saw(records);
        clock.recorded(records);
      },
      roster: () => late.roster?.roster() ?? { pupils: [], byKey: () => undefined },
      observed: (pupil, date, session) => late.sender?.registers.lastCode(pupil, date, session) ?? null,
      storageWorks: () => true,
      printerReady: () => printer.isReady(),
    });
    const { desk, journal, school } = parts;
    clock.begin();
    const { checkpoints, begun } = kept;
    const vault = this.store.vault(later);
    const isErased = desk.durable.erasedKeys.size > 0;
    if (isErased) {
      desk.restore(new Ledger());
      const erasedBefore = { keys: [], done: () => Promise.resolve() };
      await readIn(
        {
          checkpoints,
          clockPupil: deaf,
          erasedBefore,
          forgetCopies: () => Promise.resolve(),
          journal,
          log,
          photos: vault,
        },
        desk,
      );
    }
    const records = begun === null && !isErased ? replayed : await allOf(journal);
    if (begun !== null) listener.log(`from a checkpoint at ${begun.place.seen}`);
    listener.started(run, parts, records);
    desk.onDurable((records) => {
      checkpoints?.saw(records);
      clock.recorded(records);
      if (run.alive) listener.durable(run, records);
    });
    const connector = createWondeConnector(
      { baseUrl, schoolId: this.ports.mis.schoolId, token, version: '0.1.0' },
      {
        ...outside,
        heard: (date) => clock.heard(date),
        open: () => this.ports.mis.connection(() => run.alive, timers),
      },
    );
    const roster = createRosterSync({
      ...outside,
      source: { kind: 'mis', connector },
      origin: baseUrl,
      journalId: journal.id,
      hashKey: new Uint8Array(32),
      settings: { timeZone: settings.school.timeZone, refresh: settings.roster.refresh },
      table: this.store.table('roster', emptyTable, readTable, later),
      commit: (bodies) => desk.commit(bodies),
    });
    late.roster = roster;
    await roster.start();
    const onBroken = (error: unknown): void => this.isBroken(run, error);
    const sender = new Sender({
      ...outside,
      connector,
      journalId: journal.id,
      memory: this.store.table('memory', nothingLearnt, readMemory, later),
      ledger: () => desk.durable,
      commit: (bodies) => desk.commit(bodies),
      roster: () => roster.roster(),
      rules: () => ({ writeBack: true, holdMs: settings.late.holdSeconds * 1000, timeZone: settings.school.timeZone }),
      today: () => this.today(run, clock),
    });
    late.sender = sender;
    const photos = new Photos({
      ...outside,
      school,
      desk,
      camera: this.ports.camera.of(run),
      photos: vault,
    });
    const printing = new Printing({
      ...outside,
      school,
      desk,
      printer: printer.of(run),
      draw: () => Promise.resolve(blank),
      photo: (visit) => photos.get(visit),
      onFailed: () => undefined,
      onBroken,
    });
    await photos.destroyOld();
    desk.onDurable((records) => {
      photos.destroyUnwanted(records).catch(onBroken);
      this.stir('line');
    });
    timers.every(15_000, () => void watch(school, desk).catch(onBroken));
    timers.every(60 * 60_000, () => void photos.destroyOld().catch(onBroken));
    void watch(school, desk).catch(onBroken);
    sender.start(onBroken);
    printing.resume();
    checkpoints?.keep(replayed.length);
    const erasing = eraseDesk({
      school,
      desk,
      journal,
      photos: vault,
      roster,
      timers,
      checkpoints,
      forgetCopies: () => Promise.resolve(),
    });
    if (traits.retention) {
      const retention = new Retention({ ...outside, school, desk, journal });
      timers.every(60 * 60_000, () => void retention.look().catch(onBroken));
    }
    run.house = { ...parts, sender, roster, printing, photos, erasing, save: () => checkpoints?.save('at once') };
    listener.log(`open, run ${run.number}`);
  }

  /** As `device/app.ts`: a full card stops nobody, a failed journal ends the process, anything else is a bug. */
  private isBroken(run: Run, error: unknown): void {
    if (!run.alive) return;
    if (error instanceof JournalError) {
      if (error.code !== 'refused') this.die(run);
    } else if (!(error instanceof Error && error.message === 'not stored')) this.broken ??= error;
  }

  private die(run: Run): void {
    run.house = null;
    run.timers.after(1_000, () => this.kill());
  }

  private logOf(run: Run): Log {
    const line = (level: string) => (event: string, fields?: object) => {
      if (!run.alive) return;
      this.ports.listener.log(`${level} ${event}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`);
      // The daemon looks at the journal every second, and has a second for its last words.
      if (event === 'journal-failed') run.timers.after(1 + this.ports.chance.below(2_000), () => this.kill());
    };
    return { info: line('info'), warn: line('warn'), error: line('error') };
  }

  /** As `device/app.ts`; looked up once a minute, since every look asks. */
  private today(run: Run, clock: SystemClock): Today {
    const { settings, schedule } = this.ports;
    const at = `${run.number} ${Math.floor(schedule.now / 60_000)} ${clock.trusted()}`;
    if (this.minute?.at !== at) {
      const local = localTime(clock.reading().earliest, settings.school.timeZone);
      const here = clock.trusted() && withinKioskHours(local, settings);
      this.minute = { at, date: local.date, session: here ? sessionAt(local, null, settings).session : null };
    }
    return this.minute;
  }

  /** Throws what broke it. */
  check(): void {
    if (this.broken === null) return;
    if (this.broken instanceof Violation) throw this.broken;
    throw new Violation('no bug ends the process', textOf(this.broken));
  }
}

/** The clock has learnt already what the records tell. */
const deaf = { recorded: () => undefined, begin: () => undefined };

async function allOf(journal: Parts['journal']): Promise<readonly Recorded[]> {
  const all: Recorded[] = [];
  for await (const records of journal.replay()) all.push(...records);
  return all;
}

/** Of the frame headers in the last segments, good or torn: what was written of numbers is read here without the product. */
function statedOn(disk: WorldDisk): number {
  const names = disk.list().filter((name) => /^[0-9]{6}-[0-9]{12}[.]pj$/.test(name));
  let highest = 0;
  for (const name of names.sort().slice(-2)) {
    const bytes = disk.read(name);
    for (let at = bytes.indexOf(frameMagic); at !== -1; at = bytes.indexOf(frameMagic, at + 1)) {
      if (at + 48 > bytes.length || crc32(bytes.subarray(at, at + 44)) !== bytes.readUInt32LE(at + 44)) continue;
      highest = Math.max(highest, Number(bytes.readBigUInt64LE(at + 24)));
    }
  }
  return highest;
}
const frameMagic = Buffer.from('c5504a46', 'hex');

export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : 'something that is no error';
