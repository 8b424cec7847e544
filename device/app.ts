/** Puts the parts together: start order, stop order (the reverse, each with a deadline), health. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import type { PartReport } from './contract/kiosk.ts';
import type { Result } from './contract/result.ts';
import type { Bitmap, SlipText } from './domain/badge.ts';
import type { Body, Recorded } from './domain/record.ts';
import type { LightHealth } from './domain/lights.ts';
import { lightsFor } from './domain/lights.ts';
import { localTime, sessionAt, withinKioskHours } from './domain/school-day.ts';
import type { Settings } from './domain/settings.ts';
import type { Camera } from './camera/port.ts';
import { arrivals } from './desk/arrivals.ts';
import { departures } from './desk/departures.ts';
import { Desk } from './desk/desk.ts';
import { photosToDestroy } from './desk/photos.ts';
import { picker } from './desk/picker.ts';
import { dueBack } from './desk/presence.ts';
import { Printing } from './desk/printing.ts';
import { returns } from './desk/returns.ts';
import { staffDesk } from './desk/staff.ts';
import { watch } from './desk/watch.ts';
import type { School } from './desk/school.ts';
import type { Journal } from './journal/journal.ts';
import type { PhotoVault } from './journal/photo-vault.ts';
import type { Lights } from './lights/port.ts';
import type { MisConnector } from './mis/connector.ts';
import type { RosterSync } from './mis/roster-sync.ts';
import { Sender } from './mis/sender.ts';
import type { Printer, PrinterStatus } from './printer/port.ts';
import { canPrint, statusOf } from './printer/port.ts';
import type { Clock, Log, Random, Timers } from './system/ports.ts';
import { commands } from './web/commands.ts';
import { serveControl } from './web/control.ts';
import { serveKiosk } from './web/kiosk.ts';
import type { Pins } from './web/pins.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { photoUrl, staffSnapshot } from './web/present-staff.ts';
import { StaffAtBox } from './web/staff-at-box.ts';
import { serveStaff } from './web/staff.ts';

/** Registers that open and clocks that become sure are looked for this often. */
const watchEveryMs = 15_000;
/** Health, lights and the clock on the screen. */
const beatEveryMs = 1_000;
/** A part that hangs at the stop is left behind after this long; SIGTERM promises five seconds. */
const stopStepMaxMs = 1_000;
const photoMaxMs = 6_000;
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
  /** Told of the newest trusted time in the journal: a wall clock before it is wrong. */
  readonly newest: (epochMs: number) => void;
  readonly pins: Pins;
  readonly draw: (slip: SlipText, photo: Uint8Array | null) => Promise<Bitmap>;
  readonly demo: { readonly misUrl: string } | null;
  /** Sentences about settings, tables and the journal that staff must know. */
  readonly faults: readonly string[];
  /** Fault switches of the simulated parts. */
  readonly simulated: Readonly<Record<string, (fault: string | null) => Result<unknown>>>;
  /** The process must end: a bug, or storage that failed. systemd starts it again. */
  readonly onBroken: (error: unknown) => void;
  /** Staff asked to switch the box off. */
  readonly switchOff: () => void;
}

export interface App {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  stop(): Promise<void>;
}

export async function startApp(parts: AppParts, desk: Desk): Promise<App> {
  return new Running(parts, desk).start();
}

class Running implements App {
  kioskUrl = '';
  staffUrl = '';
  private readonly parts: AppParts;
  private readonly desk: Desk;
  private readonly runId: string;
  private revision = 0;
  private printerStatus: PrinterStatus = statusOf('offline');
  private storage: ReturnType<Journal['state']>['kind'] = 'ok';
  private started = false;
  /** In start order; stopped from the end. */
  private readonly stops: { readonly what: string; readonly stop: () => void | Promise<void> }[] = [];
  private stopping: Promise<void> | null = null;

  constructor(parts: AppParts, desk: Desk) {
    this.parts = parts;
    this.desk = desk;
    this.runId = parts.journal.run;
  }

  async start(): Promise<App> {
    const { parts, desk } = this;
    const { settings, clock, timers, random, log, journal } = parts;
    this.stops.push({ what: 'journal', stop: () => journal.close() });
    this.stops.push({
      what: 'lights',
      stop: () => {
        parts.lights.close();
      },
    });
    for await (const records of journal.replay()) {
      desk.replay(records);
      parts.newest(Math.max(...records.map(({ at }) => (at.latest === null ? 0 : at.earliest))));
    }
    const roster = parts.roster((bodies) => desk.commit(bodies));
    await roster.start();
    this.stops.push({ what: 'roster', stop: () => roster.stop() });
    const sender = new Sender({
      connector: parts.connector,
      clock,
      timers,
      random,
      log,
      ledger: () => desk.durable,
      commit: (bodies) => desk.commit(bodies),
      roster: () => roster.roster(),
      rules: () => ({
        writeBack: settings.mis.connector === 'wonde' && settings.mis.writeBack,
        holdMs: settings.late.holdSeconds * 1000,
        replacePresent: settings.late.replacePresent,
      }),
      today: () => this.today(),
    });
    const school: School = {
      settings,
      clock,
      random,
      get roster() {
        return roster.roster();
      },
      badgeHash: (text) => createHmac('sha256', parts.badgeKey).update(text).digest(),
      observed: (pupil, date, session) => sender.registers.lastCode(pupil, date, session),
    };
    const flows = {
      arrivals: arrivals(school, desk),
      departures: departures(school, desk, () => canPrint(this.printerStatus.state)),
      returns: returns(school, desk),
      picker: picker(school, desk, () => this.storageWorks()),
      staffDesk: staffDesk(school, desk),
    };
    const printing = new Printing({
      school,
      desk,
      printer: parts.printer,
      log,
      draw: parts.draw,
      photo: (visit) => parts.photos.get(visit),
      onFailed: (visit) => {
        kiosk.printFailed(visit);
      },
      onBroken: parts.onBroken,
    });
    this.stops.push({ what: 'printer', stop: () => parts.printer.close() });
    this.stops.push({
      what: 'camera',
      stop: () => {
        parts.camera.close();
      },
    });
    this.printerStatus = await parts.printer.status();
    const unlisten = parts.printer.onChange((status) => {
      this.printerStatus = status;
      changed();
    });
    this.stops.push({ what: 'printer status', stop: unlisten });

    const selfTest = (): Promise<readonly PartReport[]> => this.selfTest(sender);
    const staffAtBox = new StaffAtBox({
      school,
      ledger: () => desk.durable,
      departures: flows.departures,
      pins: parts.pins,
      selfTest,
      switchOff: parts.switchOff,
    });
    const kioskView = () =>
      kioskSnapshot(school, desk.durable, {
        runId: this.runId,
        revision: this.revision,
        accepting: flows.picker.accepting(),
        demo: parts.demo !== null,
        camera: parts.camera.status().state === 'ready',
      });
    const staffView = () => {
      const { held, problems, failure } = roster.status();
      return staffSnapshot(school, desk.durable, {
        runId: this.runId,
        revision: this.revision,
        demo: parts.demo !== null,
        lights: parts.lights.view(),
        mis: sender.view(),
        roster: { takenAt: roster.roster().takenAt, held },
        faults: [...parts.faults, ...this.partFaults(), ...problems, ...(failure === null ? [] : [failure])],
      });
    };
    const kiosk = await serveKiosk({
      port: settings.web.kioskPort,
      pageFolder: join(parts.pages, 'kiosk'),
      log,
      snapshot: kioskView,
      ...flows,
      staffAtBox,
      takePhoto: (visit) => this.takePhoto(visit),
      dropPhoto: async (visit) => {
        if (!desk.durable.visits.has(visit) && !desk.durable.requests.has(visit)) await parts.photos.destroy(visit);
      },
      photo: (visit) => parts.photos.get(visit),
      live: (signal) => (parts.camera.status().state === 'ready' ? parts.camera.live(signal) : null),
      onBroken: parts.onBroken,
    });
    this.stops.push({ what: 'kiosk', stop: () => kiosk.close() });
    const staff = await serveStaff({
      port: settings.web.staffPort,
      pageFolder: join(parts.pages, 'staff'),
      timers,
      snapshot: staffView,
      photo: (visit) => parts.photos.get(visit),
    });
    this.stops.push({ what: 'staff page', stop: () => staff.close() });
    const control = await serveControl(
      parts.controlFolder,
      commands({
        random,
        snapshot: staffView,
        departures: flows.departures,
        staffDesk: flows.staffDesk,
        pins: parts.pins,
        selfTest,
        reprint: (badge) => Promise.resolve(printing.reprint(badge)),
        roster,
        simulated: parts.simulated,
        about: () => ({
          demo: parts.demo !== null,
          mis: parts.demo?.misUrl ?? null,
          kiosk: this.kioskUrl,
          staff: this.staffUrl,
        }),
      }),
      parts.onBroken,
    );
    this.stops.push({ what: 'control', stop: () => control.close() });

    const changed = (): void => {
      this.revision += 1;
      kiosk.push();
      staff.push();
      parts.lights.show(lightsFor(this.lightHealth(school)));
    };
    desk.onDurable((records) => {
      this.destroyRefusedPhotos(records);
      changed();
    });
    roster.changed(changed);
    this.stops.push({ what: 'beat', stop: timers.every(beatEveryMs, this.beat(school, changed)) });
    const look = (): void => {
      watch(school, desk).catch(parts.onBroken);
    };
    this.stops.push({ what: 'watch', stop: timers.every(watchEveryMs, look) });
    look();
    sender.start(parts.onBroken);
    this.stops.push({ what: 'sender', stop: () => sender.stop() });
    await this.destroyOldPhotos(school, true);
    const tidy = (): void => {
      this.destroyOldPhotos(school, false).catch(parts.onBroken);
    };
    this.stops.push({ what: 'old photos', stop: timers.every(photosEveryMs, tidy) });
    printing.resume();
    this.kioskUrl = `http://127.0.0.1:${String(kiosk.port)}/`;
    this.staffUrl = `http://127.0.0.1:${String(staff.port)}/`;
    this.started = true;
    changed();
    return this;
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
      run().then(
        () => {
          cancel();
          resolve(true);
        },
        () => {
          cancel();
          resolve(false);
        },
      );
    });
  }

  /** Once a second: what time alone changes (overdue, hours, the clock's trust), and storage. */
  private beat(school: School, changed: () => void): () => void {
    let before = '';
    return () => {
      const { kind } = this.parts.journal.state();
      if (kind === 'failed') this.parts.onBroken(new Error('the journal has failed'));
      this.storage = kind;
      const health = this.lightHealth(school);
      const local = localTime(school.clock.now(), school.settings.school.timeZone);
      const now = JSON.stringify([
        health,
        kind,
        local.date,
        Math.floor(local.msOfDay / 60_000),
        withinKioskHours(local, school.settings),
      ]);
      if (now === before) return;
      before = now;
      changed();
    };
  }

  private today(): { readonly date: string; readonly session: 'AM' | 'PM' | null } {
    const { clock, settings } = this.parts;
    const local = localTime(clock.now(), settings.school.timeZone);
    const at = sessionAt(local, null, settings);
    const session = withinKioskHours(local, settings) ? at.session : null;
    return { date: local.date, session };
  }

  private storageWorks(): boolean {
    return this.storage !== 'refusing' && this.storage !== 'failed';
  }

  private lightHealth(school: School): LightHealth {
    const ledger = this.desk.durable;
    const sum = ledger.sum();
    const now = school.clock.now();
    const overdue = [...ledger.out].some((ref) => {
      const departure = ledger.movements.get(ref);
      const due = departure === undefined ? null : dueBack(school, departure);
      return due !== null && now > due;
    });
    const waiting = [...ledger.requests.values()].some((request) => request.answer === null);
    return {
      marksWaiting: sum.waiting > 0,
      clockTrusted: school.clock.trusted(),
      personNeeded: sum.needsPerson > 0 || this.printerStatus.state === 'paper-low',
      urgent: overdue || waiting || [...ledger.notes.values()].some((note) => note.urgent),
      partFailed: this.partFaults().length > 0,
      starting: !this.started,
      acceptsSignIns: this.storageWorks() && school.roster.pupils.length > 0,
    };
  }

  private partFaults(): readonly string[] {
    const { camera, lights, printer } = this.parts;
    const faults: string[] = [];
    if (printer.kind !== 'none' && !canPrint(this.printerStatus.state))
      faults.push(`Printer: ${this.printerStatus.words}.`);
    if (camera.status().state === 'failed') faults.push(`Camera: ${camera.status().words}.`);
    if (lights.status().state === 'failed') faults.push(`Lights: ${lights.status().words}.`);
    if (this.storage !== 'ok') faults.push(`Storage: ${storageWords[this.storage]}.`);
    return faults;
  }

  private async selfTest(sender: Sender): Promise<readonly PartReport[]> {
    const { camera, lights, printer, clock } = this.parts;
    const status = await printer.status();
    const mis = sender.view();
    return [
      { part: 'printer', ok: canPrint(status.state), words: status.words },
      { part: 'camera', ok: camera.status().state === 'ready', words: camera.status().words },
      { part: 'lights', ok: lights.status().state === 'ready', words: lights.status().words },
      { part: 'mis', ok: mis.state === 'online' || mis.state === 'none', words: mis.words },
      { part: 'storage', ok: this.storage === 'ok', words: storageWords[this.storage] },
      {
        part: 'clock',
        ok: clock.trusted(),
        words: clock.trusted() ? 'The time is known' : 'The time is not known yet',
      },
    ];
  }

  private async takePhoto(visit: string): Promise<Result<{ readonly url: string }>> {
    const { camera, photos, log } = this.parts;
    const deadline = new AbortController();
    const cancel = this.parts.timers.after(photoMaxMs, () => {
      deadline.abort();
    });
    try {
      await photos.put(visit, await camera.take(deadline.signal));
      return { ok: true, value: { url: photoUrl(visit) } };
    } catch (error) {
      log.warn('photo-failed', { why: error instanceof Error ? error.name : 'unknown' });
      return { ok: false, error: { code: 'camera_failed' } };
    } finally {
      cancel();
    }
  }

  private async destroyOldPhotos(school: School, atStart: boolean): Promise<void> {
    const { photos } = this.parts;
    for (const visit of photosToDestroy(school, this.desk.durable, await photos.list(), atStart))
      await photos.destroy(visit);
  }

  /** "No" destroys the photo (product.md 3). */
  private destroyRefusedPhotos(records: readonly Recorded[]): void {
    for (const record of records) {
      if (record.type !== 'answer' || record.answer !== 'no') continue;
      for (const [visit, request] of this.desk.durable.requests) {
        if (request.record.ref !== record.request) continue;
        this.parts.photos.destroy(visit).catch(this.parts.onBroken);
      }
    }
  }
}

const storageWords = {
  ok: 'Records are kept',
  slow: 'The card is slow',
  refusing: 'The card takes no more records',
  failed: 'The card has failed',
} as const;
