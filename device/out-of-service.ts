/**
 * A box that cannot keep records stays up, writes nothing and takes nobody: "Please see reception", red fast, and the staff
 * page says what is wrong and what to do. It tries again by itself until that is mended (durability.md 28).
 */
import { join } from 'node:path';
import type { KioskSnapshot } from './contract/kiosk.ts';
import type { StaffSnapshot } from './contract/staff.ts';
import { Ledger } from './domain/ledger.ts';
import type { Settings } from './domain/settings.ts';
import type { School } from './desk/school.ts';
import { troubleOf } from './journal/trouble.ts';
import type { Trouble } from './journal/trouble.ts';
import type { Lights } from './lights/port.ts';
import type { Clock, Log, Random, Timers } from './system/ports.ts';
import type { Room } from './system/storage.ts';
import { serveClosedKiosk } from './web/closed-kiosk.ts';
import { serveControl } from './web/control.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { staffSnapshot } from './web/present-staff.ts';
import { serveStaff } from './web/staff.ts';

/** The first try again; doubled by each that was in vain. */
const tryAgainMs = 10_000;
const tryAgainMaxMs = 5 * 60_000;
/** Below this a full card is not tried: it would be full again with the first records. */
const roomToStart = 1024 * 1024;
/** What is under way at the stop is left behind after this long. */
const stopMaxMs = 2_000;

/** What runs: the app, or this in its place. */
export interface Service {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  stop(): Promise<void>;
  /** For the watchdog: proves that it works, writing nothing. One line: how it is. Throws where it does not. */
  pulse(): string;
  /** After this long it wants to be stopped and started anew: it runs with less than all; null: it does not. */
  readonly renewAfterMs?: number | null;
}

/**
 * Opens everything that the card may spoil, then calls `handOver`, which frees ports and lights, and starts the app. When it
 * rejects it has left nothing open.
 */
export type Begin = (handOver: () => Promise<void>) => Promise<Service>;

export interface OutOfServicePorts {
  readonly settings: Settings;
  readonly pages: string;
  readonly controlFolder: string;
  readonly demo: boolean;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly openLights: () => Promise<Lights>;
  /** Room on the card; may reject. */
  readonly room: () => Promise<Room>;
  /** The box serves anew; its addresses may be others. */
  readonly onServing: (service: Service) => void;
  /** A bug met while trying again. */
  readonly onBroken: (error: unknown) => void;
}

/** For staff: what is wrong and what to do. */
export function troubleWords(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'no-room':
      return 'The card is full: no records can be kept. Free some room on it, or put the box on a larger card. Porter goes on by itself once there is room.';
    case 'read-only':
      return 'The card is read-only: no records can be kept. Switch the box off and on; if that does not help, the card is worn out and must be replaced. What was recorded before is still on it.';
    case 'failing':
      return `The card fails (${trouble.code}): no records can be kept. Switch the box off and on; if that does not help, replace the card. Keep the old one: records may still be read from it.`;
    case 'newer':
      return 'The records were written by a newer version of Porter. Nothing was changed. Install that version again.';
    case 'key-missing':
      return 'The key to the records is missing. Nothing was changed. Put the key file back, or give the recovery key.';
    case 'key-wrong':
      return 'The key does not fit the records: they are from another box, or were altered. Nothing was changed. Put the right key file back, or give the recovery key.';
    case 'restarts':
      return 'Porter ended unexpectedly again and again. It tries again within the hour, or when the box is switched off and on. If that does not help, install Porter anew on another card, and keep this one.';
  }
}

/** Starts the app, or what stands in for it until it can be started. Rejects as `begin` does where that is no trouble. */
export async function startAnyhow(begin: Begin, ports: OutOfServicePorts): Promise<Service> {
  const service = new Standing(begin, ports);
  await service.start();
  return service;
}

class Standing implements Service {
  kioskUrl = '';
  staffUrl = '';
  private readonly begin: Begin;
  private readonly ports: OutOfServicePorts;
  private readonly school: School;
  private readonly runId: string;
  private trouble: Trouble = { kind: 'no-room' };
  private revision = 0;
  /** While it stands in for the app. */
  private lights: Lights | null = null;
  private closings: (() => void | Promise<void>)[] = [];
  private waitMs = tryAgainMs;
  private cancelTry: () => void = () => undefined;
  private trying: Promise<void> = Promise.resolve();
  private app: Service | null = null;
  private stopped = false;

  constructor(begin: Begin, ports: OutOfServicePorts) {
    const { settings, clock, random } = ports;
    this.begin = begin;
    this.ports = ports;
    this.runId = random.id();
    const roster = { pupils: [], byKey: () => undefined };
    this.school = { settings, clock, random, roster, badgeHash: () => new Uint8Array(), observed: () => null };
  }

  async start(): Promise<void> {
    try {
      this.takeOver(await this.begin(() => Promise.resolve()));
    } catch (error) {
      await this.standIn(error);
    }
  }

  /** Rejects with the error where it is no trouble of the card. */
  private async standIn(error: unknown): Promise<void> {
    const trouble = troubleOf(error);
    if (trouble === null) throw error;
    this.trouble = trouble;
    if (this.stopped) return;
    if (this.closings.length === 0) await this.serve();
    this.tryLater();
  }

  private async serve(): Promise<void> {
    const { ports, trouble } = this;
    const { kioskPort, staffPort } = ports.settings.web;
    ports.log.error('out-of-service', {
      trouble: trouble.kind,
      code: trouble.kind === 'failing' ? trouble.code : null,
    });
    const lights = await ports.openLights();
    lights.show({ green: 'off', amber: 'off', red: 'fast' });
    this.lights = lights;
    this.closings.push(() => {
      this.lights = null;
      lights.close();
    });
    const pageFolder = join(ports.pages, 'kiosk');
    const kiosk = await serveClosedKiosk({ port: kioskPort, pageFolder, snapshot: () => this.kioskView() });
    this.closings.push(() => kiosk.close());
    const staffView = (): StaffSnapshot => this.staffView(lights);
    const staff = await serveStaff({
      port: staffPort,
      pageFolder: join(ports.pages, 'staff'),
      timers: ports.timers,
      snapshot: staffView,
      photo: () => Promise.resolve(null),
    });
    this.closings.push(() => staff.close());
    this.kioskUrl = `http://127.0.0.1:${String(kiosk.port)}/`;
    this.staffUrl = `http://127.0.0.1:${String(staff.port)}/`;
    await this.serveControl(staffView);
  }

  private async serveControl(staffView: () => StaffSnapshot): Promise<void> {
    const { controlFolder, log, onBroken } = this.ports;
    const ok = (value: unknown) => Promise.resolve({ ok: true, value } as const);
    const commands = {
      about: () => ok({ demo: this.ports.demo, mis: null, kiosk: this.kioskUrl, staff: this.staffUrl }),
      state: () => ok(staffView()),
      'self-test': () => ok([{ part: 'storage', ok: false, words: troubleWords(this.trouble) }]),
    };
    try {
      const control = await serveControl(controlFolder, commands, onBroken);
      this.closings.push(() => control.close());
    } catch {
      log.warn('no-control-socket');
    }
  }

  private kioskView(): KioskSnapshot {
    return kioskSnapshot(this.school, new Ledger(), {
      runId: this.runId,
      revision: (this.revision += 1),
      accepting: { state: 'storage-failed' },
      demo: this.ports.demo,
      camera: false,
    });
  }

  private staffView(lights: Lights): StaffSnapshot {
    return staffSnapshot(this.school, new Ledger(), {
      runId: this.runId,
      revision: (this.revision += 1),
      demo: this.ports.demo,
      lights: lights.view(),
      mis: { state: 'none', words: 'Nothing is sent to the MIS while the box is out of service.', lastContact: null },
      roster: { takenAt: null, held: null },
      faults: [`Out of service. ${troubleWords(this.trouble)}`],
      storage: null,
    });
  }

  private tryLater(): void {
    this.later(this.waitMs, () => this.tryAgain());
  }

  private later(ms: number, run: () => Promise<void>): void {
    if (this.stopped) return;
    this.cancelTry = this.ports.timers.after(ms, () => {
      this.trying = run().catch(this.ports.onBroken);
    });
  }

  private async tryAgain(): Promise<void> {
    if (!(await this.isWorthTrying())) {
      this.tryLater();
      return;
    }
    this.waitMs = Math.min(2 * this.waitMs, tryAgainMaxMs);
    try {
      this.takeOver(await this.begin(() => this.close()));
      this.ports.log.info('in-service-again');
      this.ports.onServing(this);
    } catch (error) {
      const handedOver = this.closings.length === 0;
      await this.standIn(error);
      if (handedOver) this.ports.onServing(this);
    }
  }

  private takeOver(app: Service): void {
    this.app = app;
    this.waitMs = tryAgainMs;
    this.kioskUrl = app.kioskUrl;
    this.staffUrl = app.staffUrl;
    const renewAfterMs = app.renewAfterMs ?? null;
    if (renewAfterMs !== null) this.later(renewAfterMs, () => this.renew(app));
  }

  /** It runs with less than all because it failed often; that was an hour ago. */
  private async renew(app: Service): Promise<void> {
    this.ports.log.info('starts-anew');
    this.app = null;
    await app.stop();
    await this.start();
    this.ports.onServing(this);
  }

  /** A look that costs nothing, so that a card that stays full is not worn by trying. */
  private async isWorthTrying(): Promise<boolean> {
    const { kind } = this.trouble;
    if (kind !== 'no-room' && kind !== 'read-only') return true;
    const room = await this.ports.room().catch(() => null);
    if (room === null) return true;
    return !room.readOnly && room.freeBytes >= roomToStart;
  }

  /** Frees ports and lights. */
  private async close(): Promise<void> {
    const closings = this.closings.reverse();
    this.closings = [];
    for (const close of closings) await close();
  }

  pulse(): string {
    if (this.app !== null) return this.app.pulse();
    if (this.lights === null) return 'Starting';
    this.kioskView();
    this.staffView(this.lights);
    return `Out of service. ${troubleWords(this.trouble)}`;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTry();
    const { timers } = this.ports;
    await new Promise<void>((resolve) => {
      timers.after(stopMaxMs, resolve);
      void this.trying.then(resolve, resolve);
    });
    await (this.app === null ? this.close() : this.app.stop());
  }
}
