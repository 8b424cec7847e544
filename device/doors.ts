/** The doors of the box: kiosk page, staff page, control socket, and what each shows. Part of `app.ts`. */
import { join } from 'node:path';
import type { AppParts } from './app-parts.ts';
import type { KioskSnapshot, PartReport } from './contract/kiosk.ts';
import type { StaffSnapshot } from './contract/staff.ts';
import type { Desk } from './desk/desk.ts';
import type { Ledger } from './domain/ledger.ts';
import type { House } from './house.ts';
import type { Stops } from './stops.ts';
import { commands } from './web/commands.ts';
import { serveControl } from './web/control.ts';
import { serveKiosk } from './web/kiosk.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { staffSnapshot } from './web/present-staff.ts';
import { StaffAtBox } from './web/staff-at-box.ts';
import { serveStaff } from './web/staff.ts';

export interface Doors {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  /** Makes what everybody would be shown, and shows it to nobody. */
  readonly look: () => void;
  /** Everybody who looks gets the present snapshot. */
  readonly push: () => void;
  /** The kiosk that shows this visit says: write the number down. */
  readonly printFailed: (visit: string) => void;
}

/** `revision`: of the present state; a page that has seen a later one ignores a snapshot. */
export async function openDoors(
  parts: AppParts,
  desk: Desk,
  house: House,
  revision: () => number,
  stops: Stops,
): Promise<Doors> {
  const { web } = parts.settings;
  const { school, health, flows, photos, printing } = house;
  const selfTest = (): Promise<readonly PartReport[]> => health.selfTest(school);
  const ledger = (): Ledger => desk.durable;
  const photo = (visit: string): Promise<Uint8Array | null> => photos.get(visit);
  const views = viewsOf(parts, desk, house, revision);
  const kiosk = await serveKiosk({
    ...flows,
    port: web.kioskPort,
    clock: parts.clock,
    pageFolder: join(parts.pages, 'kiosk'),
    snapshot: views.kiosk,
    staffAtBox: new StaffAtBox({ ...parts, ...flows, school, ledger, selfTest }),
    takePhoto: (visit) => photos.take(visit),
    dropPhoto: (visit) => photos.drop(visit),
    leaving: () => void parts.printer.status(), // a change is told in time
    photo,
    look: (visit, seen) => {
      parts.badgeReader.start(visit, seen);
    },
    lookAway: (visit) => parts.badgeReader.stop(visit),
    live: (signal) => (parts.camera.status().state === 'ready' ? parts.camera.live(signal) : null),
    onBroken: parts.onBroken,
  });
  stops.add('kiosk', () => kiosk.close());
  const staff = await serveStaff({
    port: web.staffPort,
    pageFolder: join(parts.pages, 'staff'),
    timers: parts.timers,
    snapshot: views.staff,
    photo,
  });
  stops.add('staff page', () => staff.close());
  const kioskUrl = `http://127.0.0.1:${String(kiosk.port)}/`;
  const staffUrl = `http://127.0.0.1:${String(staff.port)}/`;
  const given = commands({
    ...parts,
    ...flows,
    snapshot: views.staff,
    selfTest,
    reprint: (badge) => Promise.resolve(printing.reprint(badge)),
    testPrint: () => printing.testPrint(),
    roster: house.roster,
    about: () => ({ demo: parts.demo !== null, mis: parts.demo?.misUrl ?? null, kiosk: kioskUrl, staff: staffUrl }),
  });
  const control = await serveControl(parts.controlFolder, given, parts.onBroken);
  stops.add('control', () => control.close());
  return {
    kioskUrl,
    staffUrl,
    look: () => {
      views.kiosk();
      views.staff();
    },
    push: () => {
      kiosk.push();
      staff.push();
    },
    printFailed: (visit) => {
      kiosk.printFailed(visit);
    },
  };
}

function viewsOf(parts: AppParts, desk: Desk, house: House, revision: () => number) {
  const { camera, demo, faults, journal, lights } = parts;
  const { school, roster, sender, storage, health, flows } = house;
  const common = () => ({ runId: journal.run, revision: revision(), demo: demo !== null });
  return {
    kiosk: (): KioskSnapshot =>
      kioskSnapshot(school, desk.durable, {
        ...common(),
        accepting: flows.picker.accepting(),
        camera: camera.status().state === 'ready',
      }),
    staff: (): StaffSnapshot => {
      const { held, failure } = roster.status();
      return staffSnapshot(school, desk.durable, {
        ...common(),
        lights: lights.view(),
        mis: sender.view(),
        roster: { takenAt: roster.roster().takenAt, held },
        faults: [...faults, ...health.faults(), ...health.notices(), ...(failure === null ? [] : [failure])],
        storage: storage.view(),
      });
    },
  };
}
