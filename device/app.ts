/** Puts the parts together: start order, stop order (the reverse, each with a deadline), health. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { KioskSnapshot, PartReport } from './contract/kiosk.ts';
import type { StaffSnapshot } from './contract/staff.ts';
import type { PaintingThread } from './badge/painter-thread.ts';
import type { Body, Recorded } from './domain/record.ts';
import { lightsFor } from './domain/lights.ts';
import { localTime, sessionAt, withinKioskHours } from './domain/school-day.ts';
import type { Settings } from './domain/settings.ts';
import type { BadgeReader } from './camera/badge-reader.ts';
import type { Camera } from './camera/port.ts';
import type { Checkpoints } from './checkpoints.ts';
import { Health } from './health.ts';
import { arrivals } from './desk/arrivals.ts';
import type { Arrivals } from './desk/arrivals.ts';
import { departures } from './desk/departures.ts';
import type { Departures } from './desk/departures.ts';
import { Desk } from './desk/desk.ts';
import { Photos } from './desk/photos.ts';
import { picker } from './desk/picker.ts';
import type { Picker } from './desk/picker.ts';
import { Printing } from './desk/printing.ts';
import { returns } from './desk/returns.ts';
import type { Returns } from './desk/returns.ts';
import { staffDesk } from './desk/staff.ts';
import type { StaffDesk } from './desk/staff.ts';
import { watch } from './desk/watch.ts';
import type { School } from './desk/school.ts';
import type { Ledger } from './domain/ledger.ts';
import type { Journal } from './journal/journal.ts';
import type { PhotoVault } from './journal/photo-vault.ts';
import type { Lights } from './lights/port.ts';
import type { MisConnector } from './mis/connector.ts';
import type { MemoryTable } from './mis/memory.ts';
import type { RosterSync } from './mis/roster-sync.ts';
import { Sender } from './mis/sender.ts';
import type { Printer } from './printer/port.ts';
import { StorageWatch } from './storage-watch.ts';
import type { Level } from './system/failures.ts';
import type { Clock, ClockPupil, Log, Random, Timers } from './system/ports.ts';
import type { Storage } from './system/storage.ts';
import { commands } from './web/commands.ts';
import type { FaultSwitch } from './web/commands.ts';
import { serveControl } from './web/control.ts';
import { serveKiosk } from './web/kiosk.ts';
import type { KioskServer } from './web/kiosk.ts';
import type { Pins } from './web/pins.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { staffSnapshot } from './web/present-staff.ts';
import { StaffAtBox } from './web/staff-at-box.ts';
import { serveStaff } from './web/staff.ts';
import type { StaffServer } from './web/staff.ts';

/** Registers that open and clocks that become sure are looked for this often. */
const watchEveryMs = 15_000;
/** Health, lights and the clock on the screen. */
const beatEveryMs = 1_000;
/** A part that hangs at the stop is left behind after this long; SIGTERM promises five seconds. */
const stopStepMaxMs = 1_000;
const photosEveryMs = 60 * 60_000;

export interface AppParts {
  readonly settings: Settings;
  /** Where the control socket is. */
  readonly controlFolder: string;
  readonly pages: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Opened, not yet replayed. `refused` is called when it refuses (see `Desk.refused`). */
  readonly journal: Journal;
  readonly badgeKey: Uint8Array;
  readonly connector: MisConnector;
  readonly roster: (commit: (bodies: readonly Body[]) => Promise<readonly Recorded[]>) => RosterSync;
  readonly printer: Printer;
  readonly camera: Camera;
  readonly lights: Lights;
  readonly photos: PhotoVault;
  /** Null: every start reads all records. */
  readonly checkpoints: Checkpoints | null;
  /** The clock, as it learns from the journal. */
  readonly clockPupil: ClockPupil;
  readonly pins: Pins;
  /** What the outbox has learnt of its MIS. */
  readonly memory: MemoryTable;
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
  /** Staff asked to switch the box off. */
  readonly switchOff: () => void;
}

export interface App {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  stop(): Promise<void>;
}

/** When it rejects, everything in `parts` is closed. */
export async function startApp(parts: AppParts, desk: Desk): Promise<App> {
  const running = new Running(parts, desk);
  try {
    return await running.start();
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** What is made of the parts, in the order in which each needs the one before. */
interface House {
  readonly school: School;
  readonly roster: RosterSync;
  readonly sender: Sender;
  readonly storage: StorageWatch;
  readonly health: Health;
  readonly photos: Photos;
  readonly printing: Printing;
  readonly flows: {
    readonly arrivals: Arrivals;
    readonly departures: Departures;
    readonly returns: Returns;
    readonly picker: Picker;
    readonly staffDesk: StaffDesk;
  };
}

class Running implements App {
  kioskUrl = '';
  staffUrl = '';
  private readonly parts: AppParts;
  private readonly desk: Desk;
  private revision = 0;
  private started = false;
  private kiosk: KioskServer | null = null;
  private staff: StaffServer | null = null;
  /** In start order; stopped from the end. */
  private readonly stops: { readonly what: string; readonly stop: () => void | Promise<void> }[] = [];
  private stopping: Promise<void> | null = null;

  constructor(parts: AppParts, desk: Desk) {
    this.parts = parts;
    this.desk = desk;
  }

  async start(): Promise<App> {
    const { parts, desk } = this;
    this.onStop('journal', () => parts.journal.close());
    this.onStop('lights', () => {
      parts.lights.close();
    });
    this.onStop('painter', () => parts.painter.close());
    this.onStop('printer', () => parts.printer.close());
    this.onStop('camera', () => {
      parts.badgeReader.stop();
      parts.camera.close();
    });
    const { checkpoints } = parts;
    this.onStop('checkpoint', () => checkpoints?.save('at once'));
    const replayed = await this.replay();
    const house = await this.build();
    const { health, roster, sender, printing } = house;
    this.onStop(
      'printer status',
      await health.begin(() => {
        this.changed(house);
      }),
    );
    await house.photos.destroyOld(true).catch(parts.onBroken);
    await this.serve(house);
    desk.onDurable((records) => {
      checkpoints?.saw(records);
      parts.clockPupil.recorded(records);
      house.photos.destroyRefused(records).catch(parts.onBroken);
      this.changed(house);
    });
    roster.changed(() => {
      this.changed(house);
    });
    this.keepTime(house);
    if (health.maySend())
      sender.start((error) => {
        void sender.stop(); // its journal has failed, or it has
        parts.onBroken(error);
      });
    this.onStop('sender', () => sender.stop());
    printing.resume();
    this.started = true;
    this.changed(house);
    if (checkpoints !== null) this.onStop('checkpoints', checkpoints.keep(replayed));
    return this;
  }

  private onStop(what: string, stop: () => void | Promise<void>): void {
    this.stops.push({ what, stop });
  }

  /** How many records it read: those behind the checkpoint. */
  private async replay(): Promise<number> {
    const { checkpoints, clockPupil, journal } = this.parts;
    let count = 0;
    const begun = (await checkpoints?.restore()) ?? null;
    if (begun !== null) clockPupil.recorded(begun.clock);
    for await (const records of journal.replay(begun?.place)) {
      count += records.length;
      checkpoints?.saw(records);
      this.desk.replay(records);
      clockPupil.recorded(records);
    }
    clockPupil.begin();
    return count;
  }

  private async build(): Promise<House> {
    const { parts, desk } = this;
    const roster = parts.roster((bodies) => desk.commit(bodies));
    await roster.start();
    this.onStop('roster', () => {
      roster.stop();
    });
    const sender = this.sender(roster);
    const school: School = {
      settings: parts.settings,
      clock: parts.clock,
      random: parts.random,
      get roster() {
        return roster.roster();
      },
      badgeHash: (text) => createHmac('sha256', parts.badgeKey).update(text).digest(),
      observed: (pupil, date, session) => sender.registers.lastCode(pupil, date, session),
    };
    const storage = new StorageWatch(parts);
    const health = new Health({ ...parts, storage, mis: () => sender.view(), setAside: () => desk.setAside });
    const photos = new Photos({ ...parts, school, ledger: () => desk.durable });
    const printing = new Printing({
      ...parts,
      school,
      desk,
      draw: (slip, photo) => parts.painter.paint(slip, photo),
      photo: (visit) => photos.get(visit),
      onFailed: (visit) => {
        this.kiosk?.printFailed(visit);
      },
    });
    this.onStop('badges', () => {
      printing.stop();
    });
    const flows = {
      arrivals: arrivals(school, desk),
      departures: departures(school, desk, () => health.mayPrint()),
      returns: returns(school, desk),
      picker: picker(school, desk, () => health.storageWorks()),
      staffDesk: staffDesk(school, desk),
    };
    return { school, roster, sender, storage, health, photos, printing, flows };
  }

  private sender(roster: RosterSync): Sender {
    const { parts, desk } = this;
    const { late, mis } = parts.settings;
    return new Sender({
      ...parts,
      ledger: () => desk.durable,
      commit: (bodies) => desk.commit(bodies),
      roster: () => roster.roster(),
      rules: () => ({
        writeBack: mis.connector === 'wonde' && mis.writeBack,
        holdMs: late.holdSeconds * 1000,
        timeZone: parts.settings.school.timeZone,
      }),
      today: () => this.today(),
    });
  }

  private async serve(house: House): Promise<void> {
    const { parts, desk } = this;
    const { web } = parts.settings;
    const { school, health, flows, photos, printing } = house;
    const selfTest = (): Promise<readonly PartReport[]> => health.selfTest(school);
    const ledger = (): Ledger => desk.durable;
    const photo = (visit: string): Promise<Uint8Array | null> => photos.get(visit);
    this.kiosk = await serveKiosk({
      ...flows,
      port: web.kioskPort,
      clock: parts.clock,
      pageFolder: join(parts.pages, 'kiosk'),
      snapshot: () => this.kioskView(house),
      staffAtBox: new StaffAtBox({ ...parts, ...flows, school, ledger, selfTest }),
      takePhoto: (visit) => photos.take(visit),
      dropPhoto: (visit) => photos.drop(visit),
      photo,
      look: (visit, seen) => {
        parts.badgeReader.start(visit, seen);
      },
      lookAway: (visit) => {
        parts.badgeReader.stop(visit);
      },
      live: (signal) => (parts.camera.status().state === 'ready' ? parts.camera.live(signal) : null),
      onBroken: parts.onBroken,
    });
    this.onStop('kiosk', () => this.kiosk?.close());
    this.staff = await serveStaff({
      port: web.staffPort,
      pageFolder: join(parts.pages, 'staff'),
      timers: parts.timers,
      snapshot: () => this.staffView(house),
      photo,
    });
    this.onStop('staff page', () => this.staff?.close());
    this.kioskUrl = `http://127.0.0.1:${String(this.kiosk.port)}/`;
    this.staffUrl = `http://127.0.0.1:${String(this.staff.port)}/`;
    const control = await serveControl(
      parts.controlFolder,
      commands({
        ...parts,
        ...flows,
        snapshot: () => this.staffView(house),
        selfTest,
        reprint: (badge) => Promise.resolve(printing.reprint(badge)),
        roster: house.roster,
        about: () => ({
          demo: parts.demo !== null,
          mis: parts.demo?.misUrl ?? null,
          kiosk: this.kioskUrl,
          staff: this.staffUrl,
        }),
      }),
      parts.onBroken,
    );
    this.onStop('control', () => control.close());
  }

  private kioskView({ school, flows }: House): KioskSnapshot {
    const { camera, demo, journal } = this.parts;
    return kioskSnapshot(school, this.desk.durable, {
      runId: journal.run,
      revision: this.revision,
      accepting: flows.picker.accepting(),
      demo: demo !== null,
      camera: camera.status().state === 'ready',
    });
  }

  private staffView({ school, roster, sender, storage, health }: House): StaffSnapshot {
    const { demo, faults, journal, lights } = this.parts;
    const { held, failure } = roster.status();
    return staffSnapshot(school, this.desk.durable, {
      runId: journal.run,
      revision: this.revision,
      demo: demo !== null,
      lights: lights.view(),
      mis: sender.view(),
      roster: { takenAt: roster.roster().takenAt, held },
      faults: [...faults, ...health.faults(), ...(failure === null ? [] : [failure])],
      storage: storage.view(),
    });
  }

  private changed({ school, health }: House): void {
    this.revision += 1;
    this.kiosk?.push();
    this.staff?.push();
    this.parts.lights.show(lightsFor(health.lightHealth(school, this.desk.durable, !this.started)));
  }

  private keepTime(house: House): void {
    const { timers, onBroken } = this.parts;
    const every = (what: string, ms: number, run: () => void): void => {
      this.onStop(what, timers.every(ms, run));
    };
    const look = (): void => {
      watch(house.school, this.desk).catch(onBroken);
    };
    const begun = house.storage.begin(() => {
      this.changed(house);
    });
    this.onStop('storage', begun);
    every('beat', beatEveryMs, this.beat(house));
    every('watch', watchEveryMs, look);
    every('old photos', photosEveryMs, () => {
      house.photos.destroyOld(false).catch(onBroken);
    });
    look();
  }

  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    for (const { what, stop } of this.stops.reverse()) {
      const done = await this.withinDeadline(async () => stop());
      if (!done) this.parts.log.warn('stop-left-behind', { what });
    }
  }

  private withinDeadline(run: () => Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.parts.timers.after(stopStepMaxMs, () => {
        resolve(false);
      });
      const done = (well: boolean) => () => {
        cancel();
        resolve(well);
      };
      run().then(done(true), done(false));
    });
  }

  /** Once a second: what time alone changes (overdue, hours, the clock's trust), storage, and the line to the MIS. */
  private beat(house: House): () => void {
    const { journal, onStorageFailed } = this.parts;
    const { school, health, sender, flows } = house;
    let before = '';
    return () => {
      const { kind } = journal.state();
      if (kind === 'failed') onStorageFailed();
      const lights = health.lightHealth(school, this.desk.durable, false);
      const minute = Math.floor(school.clock.now() / 60_000);
      const now = JSON.stringify([lights, kind, minute, flows.picker.accepting().state, sender.view()]);
      if (now === before) return;
      before = now;
      this.changed(house);
    };
  }

  /** The date that has surely come: nothing of a later one is sent. No session while the time is not known. */
  private today(): { readonly date: string; readonly session: 'AM' | 'PM' | null } {
    const { clock, settings } = this.parts;
    const local = localTime(clock.reading().earliest, settings.school.timeZone);
    const at = sessionAt(local, null, settings);
    const session = clock.trusted() && withinKioskHours(local, settings) ? at.session : null;
    return { date: local.date, session };
  }
}
