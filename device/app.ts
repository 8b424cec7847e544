/** Puts the parts together: start order, and what time alone changes. */
import type { AppParts } from './app-parts.ts';
import { tellBackup } from './desk/backups-told.ts';
import { tellAsideDestroyed, tellRestore } from './desk/restores-told.ts';
import type { Desk } from './desk/desk.ts';
import { watch } from './desk/watch.ts';
import { lightsFor } from './domain/lights.ts';
import { openDoors } from './doors.ts';
import type { Doors } from './doors.ts';
import { buildHouse } from './house.ts';
import type { House } from './house.ts';
import { causeOf } from './journal/error.ts';
import { readIn } from './read-in.ts';
import { Stops } from './stops.ts';

/** Registers that open and clocks that become sure are looked for this often. */
const watchEveryMs = 15_000;
/** Health, lights and the clock on the screen. */
const beatEveryMs = 1_000;
/** What is kept no longer is looked for: photos, and segments of the journal. */
const overEveryMs = 60 * 60_000;

export interface App {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  /** For the console, which only who stands before the box sees; null: there is an administrator. */
  firstUse(): { readonly code: string; readonly address: string } | null;
  stop(): Promise<void>;
  /** For the watchdog: proves that it works, writing nothing. One line: how it is. Throws where it does not. */
  pulse(): string;
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

class Running implements App {
  kioskUrl = '';
  staffUrl = '';
  private readonly parts: AppParts;
  private readonly desk: Desk;
  private revision = 0;
  private started = false;
  private sends = false;
  /** Cancels what is to be shown next; null: nothing is. */
  private due: (() => void) | null = null;
  private doors: Doors | null = null;
  private house: House | null = null;
  private readonly stops: Stops;

  constructor(parts: AppParts, desk: Desk) {
    this.parts = parts;
    this.desk = desk;
    this.stops = new Stops(parts);
  }

  async start(): Promise<App> {
    const { parts, desk, stops } = this;
    stops.add('journal', () => parts.journal.close());
    stops.add('lights', () => {
      parts.lights.close();
    });
    stops.add('painter', () => parts.painter.close());
    stops.add('printer', () => parts.printer.close());
    stops.add('camera', () => {
      parts.badgeReader.stop();
      parts.camera.close();
    });
    const { checkpoints } = parts;
    stops.add('checkpoint', () => checkpoints?.save('at once'));
    const replayed = await readIn(parts, desk);
    const house = await buildHouse(parts, desk, stops, (visit) => this.doors?.printFailed(visit));
    this.house = house;
    const { health, roster, sender, printing } = house;
    stops.add(
      'printer status',
      await health.begin(() => {
        this.changed(house);
      }),
    );
    await house.photos.destroyOld().catch(parts.onBroken);
    const changed = (): void => {
      this.changed(house);
    };
    this.doors = await openDoors(parts, desk, house, () => this.revision, changed, stops);
    this.kioskUrl = this.doors.kioskUrl;
    this.staffUrl = this.doors.staffUrl;
    desk.onDurable((records) => {
      checkpoints?.saw(records);
      parts.clockPupil.recorded(records);
      house.photos.destroyUnwanted(records).catch(parts.onBroken);
      if (records.some(({ type }) => type.startsWith('setting'))) house.inForce.look();
      this.changed(house);
    });
    const keysAhead = (): void => {
      parts.journal.makeKeys(roster.roster().pupils.map(({ key }) => key)).catch((error: unknown) => {
        // Each pupil's first record makes it then.
        parts.log.warn('no-keys-ahead', { why: causeOf(error) });
      });
    };
    keysAhead();
    roster.changed(() => {
      keysAhead();
      this.changed(house);
    });
    this.keepTime(house);
    stops.add('sender', () => sender.stop());
    printing.resume();
    this.started = true;
    this.changed(house);
    if (checkpoints !== null) stops.add('checkpoints', checkpoints.keep(replayed));
    return this;
  }

  /** At the start, or once a person has said that it may. */
  private send({ health, sender }: House): void {
    if (this.sends || !this.started || !health.maySend()) return;
    this.sends = true;
    sender.start((error) => {
      void sender.stop(); // its journal has failed, or it has
      this.parts.onBroken(error);
    });
  }

  /** Shown in the loop's next turn: whoever waits at the kiosk is answered first, and what changes together is shown once. */
  private changed(house: House): void {
    this.send(house);
    this.revision += 1;
    this.due ??= this.parts.timers.after(0, () => {
      this.due = null;
      this.show(house);
    });
  }

  private show({ school, health }: House): void {
    this.doors?.push();
    this.parts.lights.show(lightsFor(health.lightHealth(school, this.desk.durable, !this.started)));
  }

  private keepTime(house: House): void {
    const { host, timers, onBroken } = this.parts;
    const every = (what: string, ms: number, run: () => void): void => {
      this.stops.add(what, timers.every(ms, run));
    };
    const look = (): void => {
      watch(house.school, this.desk).catch(onBroken);
      tellBackup(house.school, this.desk, host.takenAtConsole()).catch(onBroken);
      tellRestore(house.school, this.desk, this.parts.restoredBefore).catch(onBroken);
      host.updates?.byItself(house.school);
    };
    const { updates } = host;
    if (updates !== null) {
      const read = updates.begin(() => {
        this.changed(house);
      });
      this.stops.add('updates', read);
    }
    const exportDays = (): void => {
      house.dayExports
        .look()
        .then(() => {
          this.changed(house);
        })
        .catch(onBroken);
    };
    const lookAside = async (): Promise<void> => {
      if ((await host.restoring.look()) > 0) await tellAsideDestroyed(this.desk, 'Porter');
      this.changed(house);
    };
    const begun = house.storage.begin(() => {
      this.changed(house);
    });
    this.stops.add('storage', begun);
    every('beat', beatEveryMs, this.beat(house));
    every('watch', watchEveryMs, look);
    every('what is over', overEveryMs, () => {
      house.photos.destroyOld().catch(onBroken);
      house.retention.look().catch(onBroken);
      exportDays();
      lookAside().catch(onBroken);
    });
    look();
    exportDays();
    lookAside().catch(onBroken);
  }

  firstUse() {
    return this.doors?.firstUse() ?? null;
  }

  stop(): Promise<void> {
    this.due?.();
    this.due = () => undefined; // nothing more is shown
    return this.stops.stop();
  }

  /**
   * The loop turned, since this runs; both snapshots are made; and the journal's thread is asked where it stands. One that does not
   * answer makes the journal slow, then failed, within times of its own: a slow card never trips the watchdog (durability.md 27).
   */
  pulse(): string {
    this.doors?.look();
    this.parts.journal.place().catch(() => undefined); // its state tells
    const faults = this.house?.health.faults().length ?? 0;
    return faults === 0 ? 'In service' : `In service. Faults: ${String(faults)}, see the staff page`;
  }

  /** Once a second: what time alone changes (overdue, hours, the clock's trust), storage, the camera, and the line to the MIS. */
  private beat(house: House): () => void {
    const { camera, journal, onStorageFailed } = this.parts;
    const { inForce, school, health, sender, flows } = house;
    let before = '';
    return () => {
      inForce.look();
      const { kind } = journal.state();
      if (kind === 'failed') onStorageFailed();
      const lights = health.lightHealth(school, this.desk.durable, false);
      const minute = Math.floor(school.clock.now() / 60_000);
      const now = JSON.stringify([
        lights,
        kind,
        minute,
        flows.picker.accepting().state,
        sender.view(),
        camera.status(),
        inForce.settings.version,
      ]);
      if (now === before) return;
      before = now;
      this.changed(house);
    };
  }
}
