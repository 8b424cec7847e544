/** Real, simulated or absent: which parts and which connector the settings ask for. Part of `main.ts`. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createPaintingThread } from './badge/painter-thread.ts';
import type { PaintingThread } from './badge/painter-thread.ts';
import { BadgeReader } from './camera/badge-reader.ts';
import { createCamera } from './camera/create.ts';
import { heldUp } from './camera/held-up.ts';
import type { Camera } from './camera/port.ts';
import { cameraFaults } from './camera/simulated.ts';
import type { SimulatedCamera } from './camera/simulated.ts';
import type { Settings } from './domain/settings.ts';
import type { DateHeard } from './domain/time-evidence.ts';
import { createLights } from './lights/create.ts';
import type { Lights } from './lights/port.ts';
import { lightsFaults } from './lights/simulated.ts';
import type { MisConnector } from './mis/connector.ts';
import { noMis } from './mis/none.ts';
import type { CsvRoster, RosterSource } from './mis/roster-sync.ts';
import { createWondeConnector } from './mis/wonde/connector.ts';
import { createPrinter } from './printer/create.ts';
import type { Printer } from './printer/port.ts';
import { printerFaults } from './printer/simulated.ts';
import { readRosterCsv } from './roster/csv.ts';
import { isMovedFile } from './settings/stored.ts';
import type { Level } from './system/failures.ts';
import type { Clock, Log, Random, Timers } from './system/ports.ts';
import type { FaultSwitch } from './web/commands.ts';

/** What the machine gives, for whoever needs it. */
export interface Outside {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** The school's, for what leaves it; null: none. */
  readonly proxy: string | null;
  /** Where programs are looked for: the PATH. */
  readonly path: string;
  /** What time the MIS says it is. */
  readonly heard: (date: DateHeard) => void;
}

export interface Parts {
  readonly printer: Printer;
  readonly camera: Camera;
  readonly lights: Lights;
  readonly painter: PaintingThread;
  readonly connector: MisConnector;
  readonly rosterSource: RosterSource;
  readonly badgeReader: BadgeReader;
  /** Fault switches of those that are simulated. */
  readonly simulated: Readonly<Record<string, FaultSwitch>>;
}

export interface Folders {
  /** What scripts/build made. */
  readonly built: string;
  /** Where the simulated printer puts its badges. */
  readonly pictures: string;
  /** For a photo on its way, where nothing is in memory. */
  readonly scratch: string;
  /** systemd's RuntimeDirectory, if any. */
  readonly run: string | null;
  /** The roster that first boot has moved off the card; null: none. */
  readonly storedRoster: () => Uint8Array | null;
}

/**
 * Below the normal level printer and camera are left out, and no roster is fetched; the lights stay, for they are how staff hear
 * of it. `version`: for the MIS.
 */
export async function openParts(
  settings: Settings,
  outside: Outside,
  folders: Folders,
  version: string,
  level: Level,
): Promise<Parts> {
  const hardware = level === 'normal' ? settings.hardware : withoutParts(settings.hardware);
  const { printer, simulated: papers } = createPrinter(hardware.printer, { ...outside, ...folders });
  const { camera, simulated: scene } = createCamera(hardware.camera.kind, {
    ...outside,
    frames: join(folders.built, 'frames'),
    stillProgram: join(folders.built, 'camera-still.js'),
    shim: join(folders.built, 'camera-shim'),
    videoFolder: '/sys/class/video4linux',
    scratch: folders.scratch,
  });
  const { lights, simulated: lamps } = await createLights(hardware.lights, outside.clock, outside.timers, folders.run);
  const connector = connectorOf(settings, outside, version);
  return {
    printer,
    camera,
    lights,
    painter: createPaintingThread({
      threadFile: join(folders.built, 'badge-thread.js'),
      fonts: join(folders.built, 'fonts'),
      paperMm: hardware.printer.paperMm,
      timers: outside.timers,
    }),
    badgeReader: new BadgeReader({ ...outside, camera, threadFile: join(folders.built, 'qr-thread.js') }),
    connector,
    rosterSource: rosterSource(settings, level === 'normal' ? connector : noMis, level, folders.storedRoster),
    simulated: {
      ...(papers && { printer: faultSwitch(printerFaults, papers) }),
      ...(scene && { camera: cameraSwitch(scene, folders.pictures) }),
      ...(lamps && { lights: faultSwitch(lightsFaults, lamps) }),
    },
  };
}

export function connectorOf(settings: Settings, outside: Outside, version: string): MisConnector {
  const { mis } = settings;
  if (mis.connector === 'none') return noMis;
  return createWondeConnector({ baseUrl: mis.baseUrl, schoolId: mis.schoolId, token: mis.token, version }, outside);
}

function withoutParts(hardware: Settings['hardware']): Settings['hardware'] {
  const { printer, camera, lights } = hardware;
  return { printer: { ...printer, kind: 'none' }, camera: { ...camera, kind: 'none' }, lights };
}

function rosterSource(
  settings: Settings,
  connector: MisConnector,
  level: Level,
  stored: Folders['storedRoster'],
): RosterSource {
  const { csv, source } = settings.roster;
  if (source === 'mis') return { kind: 'mis', connector };
  return {
    kind: 'csv',
    connector,
    read: () => (level === 'minimal' ? Promise.resolve(null) : readRoster(csv, stored)),
  };
}

/** As it lies on the card, or as first boot has moved it off. Null: neither. */
async function readRoster(path: string | null, stored: Folders['storedRoster']): Promise<CsvRoster | null> {
  const onCard = path === null ? null : await readFile(path).catch(() => null);
  const kept = onCard === null || isMovedFile(onCard) ? stored() : null;
  if (kept !== null) return csvRoster(kept, 'The roster in encrypted storage');
  return path === null ? null : readCsv(path);
}

/** A CSV roster with its problems in sentences: file, line, column, what was found and what is expected. */
export async function readCsv(path: string): Promise<CsvRoster> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    return { pupils: [], problems: [`${path} cannot be read.`] };
  }
  return csvRoster(bytes, path);
}

function csvRoster(bytes: Uint8Array, path: string): CsvRoster {
  const { pupils, problems, warnings } = readRosterCsv(bytes);
  const told = [...problems, ...warnings].map(({ line, column, found, expected }) => {
    const where = [path, `line ${String(line)}`, column].filter((part) => part !== '').join(', ');
    return `${where}: found ${found}, expected ${expected}.`;
  });
  return { pupils, problems: told };
}

/** As the others, and `badge`: the last printed badge is held before the lens. */
function cameraSwitch(camera: SimulatedCamera, pictures: string): FaultSwitch {
  const faults = faultSwitch(cameraFaults, camera);
  return async (wanted) => {
    camera.hold(null);
    if (wanted !== 'badge') return faults(wanted);
    const last = (await readdir(pictures).catch(() => []))
      .filter((name) => name.endsWith('.png'))
      .sort()
      .at(-1);
    if (last === undefined) return { ok: false, error: { code: 'not_found', detail: 'no badge was printed yet' } };
    camera.hold(await heldUp(await readFile(join(pictures, last))));
    return { ok: true, value: { held: last } };
  };
}

/** A fault switch as the control socket turns it; null: mended. */
function faultSwitch<F extends string>(faults: readonly F[], part: { fault(fault: F | 'none'): void }): FaultSwitch {
  return (wanted) => {
    const fault = wanted === null ? 'none' : faults.find((one) => one === wanted);
    if (fault === undefined) {
      return { ok: false, error: { code: 'invalid_input', detail: `faults: ${faults.join(' ')}` } };
    }
    part.fault(fault);
    return { ok: true, value: { fault } };
  };
}
