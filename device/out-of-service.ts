/**
 * A box that cannot keep records stays up, writes nothing and takes nobody: "Please see reception", red fast, and the staff
 * page says what is wrong and what to do. It tries again by itself until that is mended (durability.md 28).
 */
import { join } from 'node:path';
import type { KioskSnapshot } from './contract/kiosk.ts';
import type { Role, ViewName } from './contract/staff.ts';
import { Ledger } from './domain/ledger.ts';
import type { Settings } from './domain/settings.ts';
import type { LastKnown } from './last-known.ts';
import type { Restoring } from './copies/restoring.ts';
import type { StaffCertificate } from './staff-certificate.ts';
import type { School } from './desk/school.ts';
import { troubleOf } from './journal/trouble.ts';
import type { Trouble } from './journal/trouble.ts';
import { causeOf } from './journal/error.ts';
import type { Lights } from './lights/port.ts';
import type { Host } from './host.ts';
import { keptMark } from './mis/kept-marks.ts';
import type { Clock, Log, Random, Timers } from './system/ports.ts';
import type { Room } from './system/storage.ts';
import { knownWords, mayRead, troubleWords } from './trouble-words.ts';
import { serveClosedKiosk } from './web/closed-kiosk.ts';
import { serveControl } from './web/control.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { fromTheShell, on } from './web/commands.ts';
import { restoreCommands, takeBackup } from './web/restore-commands.ts';
import type { AccountTable } from './web/staff/account-table.ts';
import { Access } from './web/staff/access.ts';
import { Accounts } from './web/staff/accounts.ts';
import { evacuationFile } from './web/staff/evacuation-file.ts';
import { askEvacuees } from './web/staff/queries.ts';
import { serveStaff, staffAddress } from './web/staff/server.ts';
import type { StaffServer } from './web/staff/server.ts';
import { presenters, staffSnapshot } from './web/staff/views/all.ts';
import { topOf } from './web/staff/views/top.ts';
import type { StaffSituation } from './web/staff/views/situation.ts';

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
  /** The code that makes the first administrator, and where to enter it; null: there is one. */
  firstUse?(): { readonly code: string; readonly address: string } | null;
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
  /** For a helper: a box that is out of service needs one. */
  readonly support: Pick<Host, 'log' | 'debugBundle'>;
  readonly openLights: () => Promise<Lights>;
  /** What was recorded before, read without changing anything; rejects where it cannot be read. */
  readonly lastKnown: () => Promise<LastKnown>;
  /** What the staff page needs, read without changing anything; `people` null: they cannot be read. */
  readonly staffDoor: () => Promise<{ readonly people: AccountTable | null; readonly certificate: StaffCertificate }>;
  /** Room on the card; may reject. */
  readonly room: () => Promise<Room>;
  /** The very moment for it: where somebody's password can be read, a backup can be restored. */
  readonly restoring: Restoring;
  /** The box serves anew; its addresses may be others. */
  readonly onServing: (service: Service) => void;
  /** A bug met while trying again. */
  readonly onBroken: (error: unknown) => void;
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
  private readonly emptySchool: School;
  private readonly runId: string;
  private trouble: Trouble = { kind: 'no-room' };
  private revision = 0;
  /** As far as `knows` says. */
  private known: LastKnown | null = null;
  private knows: keyof typeof knownWords = 'not yet';
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
    const unread = { observed: () => null, observedAt: () => null };
    const none = { badgeHash: () => new Uint8Array(), ...unread, mayDecide: () => false };
    this.emptySchool = { settings, clock, random, roster, ...none, isOutOfService: true };
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
    this.known = null;
    this.knows = mayRead(trouble) ? 'not yet' : trouble.kind === 'newer' ? 'unreadable' : 'locked';
    const staff = await this.serveStaff(staffPort, lights);
    this.closings.push(() => staff.close());
    this.kioskUrl = `http://127.0.0.1:${String(kiosk.port)}/`;
    this.staffUrl = staffAddress(ports.settings.web.staffBind, staff.port);
    await this.serveControl(lights);
    if (mayRead(trouble)) void this.readKnown(staff);
  }

  /** Whoever has an account sees what is known; nothing is recorded, and nobody is made an administrator. */
  private async serveStaff(port: number, lights: Lights): Promise<StaffServer> {
    const { clock, onBroken, pages, random, settings, staffDoor, timers } = this.ports;
    const { people, certificate } = await staffDoor();
    const record = (): Promise<void> => Promise.resolve();
    const known = (): Ledger | null => this.known?.ledger ?? null;
    const restore = { restoring: this.ports.restoring, timers, school: () => this.school, ledger: known };
    const accounts = new Accounts({ table: people, random, record });
    const ledger = (): Ledger => this.known?.ledger ?? new Ledger();
    return serveStaff({
      port,
      bind: settings.web.staffBind,
      certificate: certificate.now,
      pageFolder: join(pages, 'staff'),
      clock,
      timers,
      access: new Access({ accounts, clock, random, record, reset: null, takesFirstUse: false }),
      shown: {
        top: (role: Role) => topOf(this.school, ledger(), this.situation(lights), role),
        view: <N extends ViewName>(name: N, role: Role) =>
          presenters[name](this.school, ledger(), this.situation(lights), role),
        isAsked: () => false,
      },
      files: { find: () => null },
      commands: restoreCommands(restore, on),
      takeBackup: takeBackup(restore),
      queries: { evacuees: askEvacuees(() => this.school, ledger) },
      evacuation: (by) => evacuationFile(this.school, ledger(), by),
      photo: () => Promise.resolve(null),
      badge: () => Promise.resolve(null),
      dayExport: () => Promise.resolve(null),
      debugBundle: this.ports.support.debugBundle,
      host: null,
      trouble: () => `Out of service. ${troubleWords(this.trouble)}`,
      onBroken,
    });
  }

  /** Behind the open doors: the pages do not wait for it. */
  private async readKnown(staff: StaffServer): Promise<void> {
    const { lastKnown, log } = this.ports;
    try {
      this.known = await lastKnown();
      this.knows = 'shown';
    } catch (error) {
      const kind = troubleOf(error)?.kind;
      this.knows = kind === 'key-missing' || kind === 'key-wrong' ? 'locked' : 'unreadable';
      log.warn('nothing-known', { why: causeOf(error) });
    }
    staff.push();
  }

  private get school(): School {
    const { known, emptySchool } = this;
    if (known === null) return emptySchool;
    const { roster, marks } = known;
    return {
      ...emptySchool,
      roster,
      observed: (...mark) => keptMark(marks, ...mark)?.code ?? null,
      observedAt: (...mark) => keptMark(marks, ...mark)?.at ?? null,
    };
  }

  private async serveControl(lights: Lights): Promise<void> {
    const { controlFolder, log, onBroken, random } = this.ports;
    const state = () => staffSnapshot(this.school, this.known?.ledger ?? new Ledger(), this.situation(lights));
    const ok = (value: unknown) => Promise.resolve({ ok: true, value } as const);
    const commands = {
      about: () => ok({ demo: this.ports.demo, mis: null, kiosk: this.kioskUrl, staff: this.staffUrl }),
      state: () => ok(state()),
      log: () => ok(this.ports.support.log()),
      'self-test': () => ok([{ part: 'storage', ok: false, words: troubleWords(this.trouble) }]),
    };
    try {
      const control = await serveControl(controlFolder, fromTheShell(commands, random), onBroken);
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
      firstUse: null,
    });
  }

  private situation(lights: Lights): StaffSituation {
    return {
      runId: this.runId,
      revision: (this.revision += 1),
      demo: this.ports.demo,
      build: '',
      parts: [],
      lights: lights.view(),
      mis: {
        state: 'none',
        words: 'Nothing is sent to the MIS while the box is out of service.',
        lastContact: null,
        since: null,
      },
      roster: { takenAt: this.known?.rosterTakenAt ?? null, held: null, sync: null },
      faults: [`Out of service. ${troubleWords(this.trouble)}`, knownWords[this.knows]],
      storage: null,
      people: { people: [], computers: [] },
      asInFile: this.ports.settings,
      waitsForPrinter: () => false,
      exportSize: () => null,
      restore: () => this.ports.restoring.view(),
      host: null,
    };
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
    staffSnapshot(this.school, this.known?.ledger ?? new Ledger(), this.situation(this.lights));
    return `Out of service. ${troubleWords(this.trouble)}`;
  }

  firstUse() {
    return this.app?.firstUse?.() ?? null;
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
