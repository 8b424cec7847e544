/** The doors of the box: kiosk page, staff page, control socket, and what each shows. Part of `app.ts`. */
import { join } from 'node:path';
import type { AppParts } from './app-parts.ts';
import { bitmapToPng } from './badge/bitmap.ts';
import type { KioskSnapshot, PartReport } from './contract/kiosk.ts';
import type { Role, StaffSnapshot, ViewName } from './contract/staff.ts';
import type { ChainAnswer } from './contract/staff-views.ts';
import type { School } from './desk/school.ts';
import type { Desk } from './desk/desk.ts';
import { tellAsideDestroyed } from './desk/restores-told.ts';
import { today } from './desk/when.ts';
import type { Ledger } from './domain/ledger.ts';
import type { Body } from './domain/record.ts';
import type { House } from './house.ts';
import { isStorageTrouble } from './journal/trouble.ts';
import type { Stops } from './stops.ts';
import { commands, fromTheShell } from './web/commands.ts';
import type { CommandPorts } from './web/commands.ts';
import { serveControl } from './web/control.ts';
import type { Commands } from './web/giver.ts';
import { serveKiosk } from './web/kiosk.ts';
import type { KioskPorts } from './web/kiosk.ts';
import { takeBackup } from './web/restore-commands.ts';
import { kioskSnapshot } from './web/present-kiosk.ts';
import { Pins } from './web/pins.ts';
import { StaffAtBox } from './web/staff-at-box.ts';
import { takeExport } from './web/staff/access-export.ts';
import { Access } from './web/staff/access.ts';
import { Accounts } from './web/staff/accounts.ts';
import { evacuationFile } from './web/staff/evacuation-file.ts';
import { evacuationPaper } from './web/staff/evacuation-paper.ts';
import { papers } from './web/staff/papers/papers.ts';
import { Files } from './web/staff/files.ts';
import { exportLog } from './web/staff/log-export.ts';
import { peopleView } from './web/staff/people.ts';
import { queries } from './web/staff/queries.ts';
import { serveStaff, staffAddress } from './web/staff/server.ts';
import type { StaffPorts, StaffServer } from './web/staff/server.ts';
import { presenters, staffSnapshot } from './web/staff/views/all.ts';
import { dated } from './web/staff/views/rows.ts';
import { topOf } from './web/staff/views/top.ts';
import type { StaffSituation } from './web/staff/views/situation.ts';

/** Is the certificate to be made anew? */
const certificateEveryMs = 6 * 60 * 60_000;

export interface Doors {
  readonly kioskUrl: string;
  readonly staffUrl: string;
  readonly firstUse: () => KioskSnapshot['firstUse'];
  /** Makes what everybody would be shown, and shows it to nobody. */
  readonly look: () => void;
  /** Everybody who looks gets the present snapshot. */
  readonly push: () => void;
  /** The kiosk that shows this visit says: write the number down. */
  readonly printFailed: (visit: string) => void;
}

/** What the doors are made of. */
interface Inside {
  readonly parts: AppParts;
  readonly desk: Desk;
  readonly house: House;
  readonly access: Access;
  readonly views: ReturnType<typeof viewsOf>;
  readonly firstUse: () => KioskSnapshot['firstUse'];
  readonly selfTest: () => Promise<readonly PartReport[]>;
}

/** `revision`: of the present state; a page that has seen it ignores a snapshot. `changed`: it is another, so everybody is pushed it. */
export async function openDoors(
  parts: AppParts,
  desk: Desk,
  house: House,
  revision: () => number,
  changed: () => void,
  stops: Stops,
): Promise<Doors> {
  const { web } = parts.settings;
  const access = accessOf(parts, desk);
  let staffPort: number | null = null;
  // A box has its address some time after it has started.
  const staffUrl = (): string => (staffPort === null ? '' : staffAddress(web.staffBind, staffPort));
  const firstUse = (): KioskSnapshot['firstUse'] => {
    const code = access.firstUseCode;
    return code === null || staffPort === null ? null : { code, address: staffUrl() };
  };
  const views = viewsOf(parts, desk, house, access, revision, firstUse);
  const selfTest = (): Promise<readonly PartReport[]> => house.health.selfTest(house.school);
  const inside = { parts, desk, house, access, views, firstUse, selfTest };
  const kiosk = await serveKiosk(kioskDoor(inside));
  stops.add('kiosk', () => kiosk.close());
  const kioskUrl = `http://127.0.0.1:${String(kiosk.port)}/`;
  const files = new Files(parts);
  const urls = () => ({ kiosk: kioskUrl, staff: staffUrl() });
  const given = commands({ ...commandPorts(inside, files, changed, urls), kioskConnected: () => kiosk.connected() });
  const staff = await serveStaff(staffDoor(inside, files, given));
  stops.add('staff page', () => staff.close());
  staffPort = staff.port;
  access.accounts.onChanged = changed;
  const control = await serveControl(parts.controlFolder, fromTheShell(given, parts.random), parts.onBroken);
  stops.add('control', () => control.close());
  renewCertificate(parts, staff, stops);
  return {
    kioskUrl,
    staffUrl: staffUrl(),
    firstUse,
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

function kioskDoor({ parts, desk, house, access, views, firstUse, selfTest }: Inside): KioskPorts {
  const { school, flows, photos } = house;
  const pins = new Pins({
    clock: parts.clock,
    ownerOf: (pin) => access.accounts.ownerOf(pin),
    onLocked: (count) => void access.pinsLocked(count).catch(parts.onBroken),
  });
  return {
    ...flows,
    port: parts.settings.web.kioskPort,
    clock: parts.clock,
    pageFolder: join(parts.pages, 'kiosk'),
    snapshot: views.kiosk,
    staffAtBox: new StaffAtBox({
      ...{ ...parts, ...flows, school, ledger: () => desk.durable, pins, selfTest },
      roleOf: (name) => access.accounts.person(name)?.role ?? null,
      refused: (what, by) => void access.refused(what, by, null).catch(parts.onBroken),
    }),
    takePhoto: (visit) => photos.take(visit),
    dropPhoto: (visit) => photos.drop(visit),
    leaving: () => void parts.printer.status(), // a change is told in time
    photo: (visit) => photos.get(visit),
    badge: (visit) => badgePng(house, visit),
    look: (visit, seen) => {
      parts.badgeReader.start(visit, seen);
    },
    lookAway: (visit) => parts.badgeReader.stop(visit),
    setUp: {
      title: `${parts.settings.school.name}: ${parts.settings.box.name}`,
      ...{ firstUse, selfTest, known: () => house.health.parts(house.school), recovery: parts.host.recovery },
    },
    live: (signal) => (parts.camera.status().state === 'ready' ? parts.camera.live(signal) : null),
    onBroken: parts.onBroken,
  };
}

function commandPorts(
  { parts, desk, house, access, views, firstUse, selfTest }: Inside,
  files: Files,
  changed: () => void,
  urls: () => { readonly kiosk: string; readonly staff: string },
): Omit<CommandPorts, 'kioskConnected'> {
  const { school, flows, health, photos, printing, pupilRecords, dayExports } = house;
  return {
    ...parts,
    ...flows,
    access,
    firstUse,
    logExport: (wish) => exportLog({ ...parts, school, files, record: (body) => desk.commit([body]) }, wish),
    accessExport: (command, wish) => takeExport({ school, desk, photos, files, pupilRecords }, command, wish),
    now: () => parts.clock.now(),
    snapshot: views.staff,
    selfTest,
    exportDays: () => dayExports.look().then(changed),
    exportDaysLater: () => void dayExports.look().then(changed, parts.onBroken),
    testPart: (part) => health.testPart(part, school, parts.connector),
    reprint: (badge, by) => Promise.resolve(printing.reprint(badge, by)),
    testPrint: () => printing.testPrint(),
    printEvacuation: (begins) => house.lists.print('evacuation', evacuationPaper(school, desk.durable), begins),
    roster: house.roster,
    restoring: parts.host.restoring,
    school: () => school,
    ledger: () => desk.durable,
    asideDestroyed: async (by) => {
      await tellAsideDestroyed(desk, by);
      changed();
    },
    about: () => ({ demo: parts.demo !== null, mis: parts.demo?.misUrl ?? null, ...urls() }),
  };
}

function staffDoor({ parts, desk, house, access, views }: Inside, files: Files, given: Commands): StaffPorts {
  const { school, flows, photos, printing, pupilRecords } = house;
  const ledger = (): Ledger => desk.durable;
  return {
    port: parts.settings.web.staffPort,
    bind: parts.settings.web.staffBind,
    certificate: parts.certificate.now,
    pageFolder: join(parts.pages, 'staff'),
    clock: parts.clock,
    timers: parts.timers,
    access,
    shown: views,
    files,
    commands: given,
    queries: queries({
      ...flows,
      school,
      ledger,
      photos,
      pupilRecords,
      waitsForPrinter: (badge) => printing.waits(badge),
      papers: () => papers(school.settings, today(school), parts.version),
      journal: parts.journal,
      chain: chainOf(parts, school),
    }),
    photo: (visit) => photos.get(visit),
    badge: (visit) => badgePng(house, visit),
    evacuation: (by) => evacuationFile(school, ledger(), by),
    host: parts.host,
    takeBackup: takeBackup({ restoring: parts.host.restoring, school: () => school, ledger }),
    debugBundle: parts.host.debugBundle,
    dayExport: (date) => parts.exports.read(date),
    trouble: () => null,
    onBroken: parts.onBroken,
  };
}

/** One check at a time: whoever asks meanwhile gets the same answer. */
function chainOf({ verifyChain, clock }: AppParts, { settings }: School): () => Promise<ChainAnswer> {
  let under: Promise<ChainAnswer> | null = null;
  return () => {
    under ??= verifyChain()
      .then((checked) => ({ ...checked, at: dated(clock.now(), settings.school.timeZone) }))
      .finally(() => {
        under = null;
      });
    return under;
  };
}

/** What is told of it waits for nobody: a card that takes nothing keeps nobody out who wants to see why. */
function accessOf(parts: AppParts, desk: Desk): Access {
  const record = async (body: Body): Promise<void> => {
    try {
      await desk.commit([body]);
    } catch (error) {
      if (!isStorageTrouble(error)) throw error;
    }
  };
  const accounts = new Accounts({ table: parts.people, random: parts.random, record: (body) => desk.commit([body]) });
  return new Access({ ...parts, accounts, record, takesFirstUse: true });
}

function renewCertificate({ certificate, clock, timers, onBroken, log }: AppParts, staff: StaffServer, stops: Stops) {
  const look = async (): Promise<void> => {
    const next = clock.trusted() ? await certificate.renewed() : null;
    if (next === null) return;
    staff.useCertificate(next);
    log.info('certificate-made-anew');
  };
  const every = timers.every(certificateEveryMs, () => {
    look().catch((error: unknown) => {
      if (!isStorageTrouble(error)) onBroken(error);
    });
  });
  stops.add('certificate', every);
}

function viewsOf(
  parts: AppParts,
  desk: Desk,
  house: House,
  access: Access,
  revision: () => number,
  firstUse: () => KioskSnapshot['firstUse'],
) {
  const { camera, certificate, demo, faults, journal, lights, version } = parts;
  const { school, roster, sender, storage, health, flows } = house;
  const common = () => ({ runId: journal.run, revision: revision(), demo: demo !== null });
  const situation = (): StaffSituation => {
    const { held, ...status } = roster.status();
    const { takenAt, source, pulledAt, unmatched } = roster.roster();
    const { failure } = status;
    const told = [...health.faults(), ...health.notices(), ...(failure === null ? [] : [failure])];
    return {
      ...common(),
      build: version,
      parts: health.parts(school),
      lights: lights.view(),
      mis: sender.view(),
      roster: { takenAt, held, sync: { ...status, ...roster.changes(), source, pulledAt, unmatched: unmatched.size } },
      faults: [...faults, ...certificate.faults, ...told],
      storage: storage.view(),
      people: peopleView(access),
      asInFile: parts.settings,
      restore: () => parts.host.restoring.view(),
      host: {
        memory: parts.host.memory,
        degrees: parts.host.degrees,
        versions: parts.host.versions,
        canRestart: parts.host.restart !== null,
        newToken: parts.host.misToken,
        takesStick: parts.host.stick !== null,
        takenAtConsole: parts.host.takenAtConsole,
        update: parts.host.updates?.state() ?? null,
      },
      waitsForPrinter: (badge) => house.printing.waits(badge),
      exportSize: (date) => house.dayExports.size(date),
    };
  };
  return {
    kiosk: (): KioskSnapshot =>
      kioskSnapshot(school, desk.durable, {
        ...common(),
        accepting: flows.picker.accepting(),
        camera: camera.status().state === 'ready',
        firstUse: firstUse(),
      }),
    staff: (): StaffSnapshot => staffSnapshot(school, desk.durable, situation()),
    top: (role: Role) => topOf(school, desk.durable, situation(), role),
    view: <N extends ViewName>(name: N, role: Role) => presenters[name](school, desk.durable, situation(), role),
    isAsked: () => desk.isAsked,
  };
}

async function badgePng({ printing }: House, visit: string): Promise<Uint8Array | null> {
  const picture = await printing.picture(visit);
  return picture === null ? null : bitmapToPng(picture);
}
