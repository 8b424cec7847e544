/** Reads arguments and environment, picks real, simulated or absent parts, starts the app. The only file that does. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startApp } from './app.ts';
import { check } from './check.ts';
import { Checkpoints } from './checkpoints.ts';
import { endings } from './endings.ts';
import type { Endings } from './endings.ts';
import { startAnyhow } from './out-of-service.ts';
import type { Begin, Service } from './out-of-service.ts';
import { openParts } from './parts.ts';
import type { Outside } from './parts.ts';
import { ClockMistake, clockOffset, startDemo } from './demo/start.ts';
import type { Demo } from './demo/start.ts';
import { Desk } from './desk/desk.ts';
import { codesOf } from './domain/codes.ts';
import { localTime } from './domain/school-day.ts';
import type { Settings } from './domain/settings.ts';
import type { DateHeard } from './domain/time-evidence.ts';
import { journalCommand } from './journal-command.ts';
import { keyCommand, recoveryWords } from './key-command.ts';
import { openJournal } from './journal/journal.ts';
import { FrameKeys } from './journal/frame-keys.ts';
import type { CheckpointSeal } from './journal/checkpoint-file.ts';
import { openKeys, readKeys, realDisks } from './journal/key-folder.ts';
import type { KeyPlaces } from './journal/key-folder.ts';
import type { Masters } from './journal/masters.ts';
import { openPhotoVault } from './journal/photo-vault.ts';
import { openWith } from './journal/reading.ts';
import { deriveKey, openBytes, sealBytes } from './journal/seal.ts';
import { fileSeal } from './journal/sealed-file.ts';
import type { FileSeal } from './journal/sealed-file.ts';
import { openTable } from './journal/table.ts';
import { TroubleError, troubleOf } from './journal/trouble.ts';
import { readWhole, sealNow, writeWhole } from './journal/whole-file.ts';
import { createRosterSync } from './mis/roster-sync.ts';
import { nothingLearnt, readMemory } from './mis/memory.ts';
import { emptyTable, readTable } from './mis/roster-table.ts';
import { createLights } from './lights/create.ts';
import { problemText } from './settings/problem.ts';
import { readSettings } from './settings/read.ts';
import { lastGoodName, loadSettings } from './settings/store.ts';
import type { LoadedSettings } from './settings/store.ts';
import { SystemClock } from './system/clock.ts';
import { beginRun, failuresWithinMs } from './system/failures.ts';
import type { Run } from './system/failures.ts';
import { machineStorage, roomIn } from './system/storage.ts';
import { machineLog, machineRandom, machineTimers } from './system/outside.ts';
import { Pins, noPins, parsePins } from './web/pins.ts';

const version = typeof PORTER_BUILD === 'string' ? PORTER_BUILD : '0.1.0';
/** What scripts/build made lies beside the program. */
const built = import.meta.dirname;
/** Of the last commit, from `0.1.0+20261123.1a2b3c4`: an earlier wall clock is wrong. Milliseconds since the epoch. */
const builtAt = Date.parse(version.replace(/^.*\+(\d{4})(\d{2})(\d{2}).*$/, '$1-$2-$3')) || 0;

const help = `Usage: porter [--config FILE] [--data FOLDER] [--key FILE] [--clock TIME]
       porter check --config FILE
       porter journal verify|export|stats [--data FOLDER] [--json] [--csv]
       porter key check|rotate|recover|new-recovery [--data FOLDER] [--key FILE]

  --config FILE    the technician file, porter.toml (or PORTER_CONFIG)
  --data FOLDER    where records are kept (or PORTER_DATA; .porter)
  --key FILE       the key of the data folder (or PORTER_KEY; porter.key among systemd's credentials, FOLDER.key)
  --clock TIME     demo and tests only: start at this local time, 2026-11-23T08:50
  --json, --csv    porter journal only: for programs; export as rows for a spreadsheet
  --help, --version

Without a file and without settings that were once good, Porter runs a demo: a made-up school and a simulated MIS.
porter check says what is wrong with a file and tries every part: 0 all well, 1 a part failed, 2 the file is wrong.
porter journal reads a data folder, also another box's or a copy, and changes nothing. verify needs no key: 0 all there and
unaltered, 1 something is missing or altered, 2 it cannot be read. export writes every record but no photo.
porter key works while no Porter runs: check says whether the key fits; rotate makes new keys, what was written before stays
readable; recover takes the recovery key on standard input where the key file is lost; new-recovery makes another one.
`;

/** A mistake of whoever started it: said on standard error, exit code 2. */
class Mistake extends Error {}

interface Start {
  readonly configPath: string | null;
  readonly dataFolder: string;
  readonly keyFile: string | null;
  readonly clock: string | null;
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) {
    print(help);
    return;
  }
  if (values.version) {
    print(`porter ${version}\n`);
    return;
  }
  const start: Start = {
    configPath: given('config', values.config, 'PORTER_CONFIG'),
    dataFolder: resolve(given('data', values.data, 'PORTER_DATA') ?? '.porter'),
    keyFile: given('key', values.key, 'PORTER_KEY'),
    clock: values.clock ?? null,
  };
  const [command, ...more] = positionals;
  if (command === 'journal' && more.length === 1) {
    const { json, csv } = values;
    // Whoever reads it may have read enough.
    process.stdout.on('error', () => process.exit());
    const exit = journalCommand({
      action: more[0],
      dataFolder: start.dataFolder,
      json,
      csv,
      print,
      open: (disk) => openWith(disk, new FrameKeys(readKeys(keyPlaces(start, start.dataFolder)), randomBytes)),
    });
    if (exit === null) throw new Mistake('porter journal wants verify, export or stats');
    process.exitCode = exit;
  } else if (command === 'key' && more.length === 1) {
    const places = keyPlaces(start, start.dataFolder);
    const exit = await keyCommand({ action: more[0], places, random: randomBytes, print, ask: lineTyped });
    if (exit === null) throw new Mistake('porter key wants check, rotate, recover or new-recovery');
    process.exitCode = exit;
  } else if (command === 'check' && more.length === 0) process.exitCode = await checkFile(start);
  else if (command === undefined) await run(start);
  else throw new Mistake(`porter has no command ${positionals.join(' ')}: see --help`);
}

/** The option, or the environment's; an empty variable is none, an empty option is a mistake. */
function given(option: string, value: string | undefined, variable: string): string | null {
  if (value === '') throw new Mistake(`--${option} wants a name`);
  return value ?? (process.env[variable] || null);
}

/** A card that takes no folder is no mistake of whoever started it: that is met again, and said, when the records are opened. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (troubleOf(error) !== null) return;
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new Mistake(`--data: ${path} cannot be made a folder (${why})`);
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        key: { type: 'string' },
        clock: { type: 'string' },
        json: { type: 'boolean', default: false },
        csv: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : 'the arguments are wrong');
  }
}

async function lineTyped(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

const print = (text: string): void => {
  process.stdout.write(text);
};
const printAddresses = ({ kioskUrl, staffUrl }: Service): void => {
  print(`Kiosk: ${kioskUrl}\nStaff: ${staffUrl}\n`);
};
const codesToday = (nation: Settings['school']['nation']) =>
  codesOf(nation, localTime(Date.now(), 'Europe/London').date);

async function run(start: Start): Promise<void> {
  makeFolder(start.dataFolder);
  const places = keyPlaces(start, start.dataFolder);
  const seal = fileSeal(() => mastersFor(places, false), randomBytes);
  const load = () => loadSettings({ configPath: start.configPath, dataDir: start.dataFolder, codes: codesToday, seal });
  let loaded: LoadedSettings;
  try {
    loaded = load();
  } catch (error) {
    if (troubleOf(error) === null) throw error;
    return runLocked(places, load);
  }
  switch (loaded.state) {
    case 'missing':
    case 'wrong':
      throw new Mistake(loaded.problems.map(problemText).join('\n'));
    case 'demo': {
      const program = join(built, 'mis-simulator.js');
      const demo = await startDemo({ ...start, now: Date.now(), timers: machineTimers, program });
      return runWith(demo.settings, keyPlaces(start, demo.dataFolder), demo.clockOffsetMs, [], demo);
    }
    case 'ready': {
      const problems = loaded.problems.map((one) => `${problemText(one)}. The last good settings stay in force.`);
      const missing = loaded.missing.map((key) => `${key} is not to be had.`);
      const told = [...problems, ...missing].map((one) => `Settings: ${one}`);
      for (const line of [...told, ...loaded.warnings.map(problemText)]) process.stderr.write(`${line}\n`);
      const { settings } = loaded;
      const offsetMs = start.clock === null ? 0 : clockOffset(start.clock, settings, Date.now());
      return runWith(settings, places, offsetMs, told, null, start.clock !== null);
    }
  }
}

/** The last good settings cannot be opened: the key is missing, or another's. Stays up until it is there. */
async function runLocked({ dataFolder }: KeyPlaces, load: () => LoadedSettings): Promise<void> {
  const text = '[school]\nname = "Porter"\n[mis]\nconnector = "none"\n';
  const standIn = readSettings(text, 'stand-in', { baseDir: dataFolder });
  if (!standIn.ok) throw new Error('the stand-in settings are wrong');
  const { settings } = standIn;
  const begin = (): Promise<Service> => {
    load();
    throw new Error('the settings can be read again: the next start takes them');
  };
  const outside = outsideOf(settings, 0, settings.clock.trust);
  await serve(settings, { data: dataFolder, control: dataFolder }, outside, null, () => async () => begin());
}

async function runWith(
  settings: Settings,
  places: KeyPlaces,
  offsetMs: number,
  faults: readonly string[],
  demo: Demo | null,
  clockGiven = demo !== null,
): Promise<void> {
  const outside = outsideOf(settings, offsetMs, clockGiven ? 'system' : settings.clock.trust);
  const controlFolder = demo === null ? places.dataFolder : demo.baseFolder;
  await serve(settings, { data: places.dataFolder, control: controlFolder }, outside, demo, (running, ends) =>
    beginning(settings, places, controlFolder, outside, faults, demo, running, ends),
  );
}

/** Until it is told to stop: the box, or what stands in for it. */
async function serve(
  settings: Settings,
  folders: { readonly data: string; readonly control: string },
  outside: MachineOutside,
  demo: Demo | null,
  beginOf: (running: Run, ends: Endings) => Begin,
): Promise<void> {
  const running = beginRun(runFolder(), outside.clock);
  const ends = endings(running);
  process.on('uncaughtException', ends.onBroken);
  process.on('unhandledRejection', ends.onBroken);
  makeFolder(folders.data);
  const service = await startAnyhow(beginOf(running, ends), {
    ...outside,
    settings,
    pages: join(built, 'ui'),
    controlFolder: folders.control,
    demo: demo !== null,
    openLights: async () => (await createLights(settings.hardware.lights, outside.clock, outside.timers)).lights,
    room: () => roomIn(folders.data),
    onServing: printAddresses,
    onBroken: ends.onBroken,
  });
  stopOnSignals(service, running, demo);
  printAddresses(service);
  if (demo !== null) process.stderr.write(demo.words);
}

interface MachineOutside extends Outside {
  readonly clock: SystemClock;
}

/** The whole box, from its records up. */
function beginning(
  settings: Settings,
  places: KeyPlaces,
  controlFolder: string,
  outside: MachineOutside,
  faults: readonly string[],
  demo: Demo | null,
  running: Run,
  ends: Endings,
): Begin {
  const inData = (name: string): string => join(places.dataFolder, name);
  return async (handOver) => {
    const level = running.level();
    if (level === null) throw new TroubleError({ kind: 'restarts' });
    const masters = mastersFor(places, demo !== null);
    const { journal, desk } = await openRecords(inData('journal'), masters, outside);
    try {
      const { tables, pins, badges, photos } = await openFiles(inData, masters, settings, outside.clock, demo);
      await handOver();
      const made = { built, pictures: inData('badges') };
      const { rosterSource, ...parts } = await openParts(settings, outside, made, version, level);
      const app = await startApp(
        {
          ...outside,
          settings,
          controlFolder,
          pages: join(built, 'ui'),
          journal,
          badgeKey: badges.key,
          ...parts,
          roster: (commit) =>
            createRosterSync({
              ...outside,
              ...rosterSettings(settings),
              source: rosterSource,
              table: tables.roster,
              commit,
              journalId: journal.id,
            }),
          photos,
          clockPupil: outside.clock,
          checkpoints: new Checkpoints({
            ...outside,
            path: inData('checkpoint'),
            build: version,
            seal: checkpointSeal(masters, journal.id),
            journal,
            desk,
          }),
          pins,
          memory: tables.memory,
          demo: demo === null ? null : { misUrl: demo.misUrl },
          faults: [...faults, ...badges.faults, ...tableFaults(tables)],
          level,
          storage: machineStorage(places.dataFolder),
          ...ends,
          switchOff: () => process.kill(process.pid, 'SIGTERM'),
        },
        desk,
      );
      return Object.assign(app, { renewAfterMs: level === 'normal' ? null : failuresWithinMs });
    } catch (error) {
      await journal.close().catch(() => undefined);
      // At the least level nothing that can be met at the start ends the process.
      throw level === 'minimal' ? new TroubleError(troubleOf(error) ?? { kind: 'restarts' }) : error;
    }
  };
}

async function openRecords(folder: string, masters: Masters, outside: Outside) {
  // The journal refuses before the desk's own code can hear of it, so the desk is told from here.
  let desk: Desk | null = null;
  const journal = await openJournal({
    ...outside,
    masters,
    folder,
    threadFile: join(built, 'journal-thread.js'),
    build: version,
    onRefused: () => desk?.refused(),
  });
  desk = new Desk(journal);
  return { journal, desk };
}

/** Where the host key may be: as told, else among systemd's credentials, else beside the data folder. */
function keyPlaces({ keyFile }: Start, dataFolder: string): KeyPlaces {
  const beside = `${dataFolder}.key`;
  const disks = realDisks;
  if (keyFile !== null) return { dataFolder, keyFiles: [resolve(keyFile)], newKeyFile: resolve(keyFile), disks };
  const credentials = process.env['CREDENTIALS_DIRECTORY'];
  const given = credentials === undefined ? [] : [join(credentials, 'porter.key')];
  return { dataFolder, keyFiles: [...given, beside], newKeyFile: beside, disks };
}

/** Under the newest master key: after its rotation the next start reads everything once. */
function checkpointSeal({ newest }: Masters, journal: string): CheckpointSeal {
  const key = deriveKey(newest.key, 'checkpoint', Buffer.from(journal, 'hex'));
  const about = Buffer.from('checkpoint');
  return {
    seal: (plain) => sealBytes(randomBytes, key, plain, about),
    open: (sealed) => openBytes(key, sealed, about),
  };
}

const randomBytes = (count: number): Uint8Array => machineRandom.bytes(count);

function mastersFor(places: KeyPlaces, isDemo: boolean): Masters {
  const { masters, recoveryKey } = openKeys(places, randomBytes);
  // Nobody needs to recover a demo.
  if (recoveryKey !== null && !isDemo) process.stderr.write(recoveryWords(recoveryKey));
  return masters;
}

function checkFile({ configPath }: Start): Promise<0 | 1 | 2> {
  if (configPath === null) throw new Mistake('porter check wants --config FILE');
  const outside = (settings: Settings) => {
    const world = outsideOf(settings, 0);
    world.clock.begin(); // there is no journal to read first
    return world;
  };
  return check({ configPath, codes: codesToday, outside, built, version, print });
}

function outsideOf({ clock: { trust: wanted }, mis }: Settings, offsetMs: number, trust = wanted): MachineOutside {
  const hasMis = mis.connector === 'wonde' && mis.baseUrl.startsWith('https:');
  const clock = new SystemClock({ trust, offsetMs, builtAt, hasMis });
  return {
    clock,
    timers: machineTimers,
    random: machineRandom,
    log: machineLog,
    heard: (date: DateHeard) => {
      clock.heard(date);
    },
  };
}

/** The school's badge key: from the technician file, or made here once and kept. */
function badgeKey(
  path: string,
  settings: Settings,
  seal: FileSeal,
): { readonly key: Uint8Array; readonly faults: readonly string[] } {
  const given = settings.school.badgeKey;
  if (given !== null) return { key: new TextEncoder().encode(given), faults: [] };
  const kept = readWhole(path, seal);
  if (kept.state === 'ok' || kept.state === 'restored') return { key: kept.bytes, faults: [] };
  const key = machineRandom.bytes(32);
  writeWhole(path, key, seal);
  const lost =
    'The badge key was damaged and made anew: badges printed before do not let anybody back in by another box.';
  return { key, faults: kept.state === 'damaged' ? [lost] : [] };
}

/** systemd's folder in `/run` for this service; null: failures are not counted. */
const runFolder = (): string | null => process.env['RUNTIME_DIRECTORY']?.split(':')[0] ?? null;

function stopOnSignals(service: Service, running: Run, demo: Demo | null): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      running.ends();
      void service.stop().then(() => {
        demo?.stop();
        process.exit(0);
      });
    });
  }
}

function rosterSettings({ mis, roster, school }: Settings) {
  const origin = mis.connector === 'wonde' ? `${placeOf(mis.baseUrl)} ${mis.schoolId}` : 'none';
  return { origin, settings: { timeZone: school.timeZone, refresh: roster.refresh } };
}

/** http:// is this machine (`settings/kinds.ts`): a simulator, on another port at each start. */
function placeOf(baseUrl: string): string {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' ? hostname : baseUrl;
}

/** Everything beside the records: kept whole, under a master key. */
async function openFiles(
  inData: (name: string) => string,
  masters: Masters,
  settings: Settings,
  clock: SystemClock,
  demo: Demo | null,
) {
  const seal = fileSeal(() => masters, randomBytes);
  if (masters.plainBefore) sealPlain(inData, seal);
  const tables = await openTables(inData, seal);
  const pins = new Pins(tables.pins, clock);
  const badges = badgeKey(inData('badge-key'), settings, seal);
  if (demo !== null) await pins.set(demo.pin.name, demo.pin.pin);
  const photos = openPhotoVault(inData('photos'), { masters, random: randomBytes });
  return { tables, pins, badges, photos };
}

const wholeFiles = { roster: 'roster.json', memory: 'mis.json', pins: 'staff-pins.json' };

async function openTables(inData: (name: string) => string, seal: FileSeal) {
  return {
    roster: await openTable(inData(wholeFiles.roster), { empty: emptyTable, parse: readTable, seal }),
    memory: await openTable(inData(wholeFiles.memory), { empty: nothingLearnt, parse: readMemory, seal }),
    pins: await openTable(inData(wholeFiles.pins), { empty: noPins, parse: parsePins, seal }),
  };
}

/** What a version before this one left plain; what a full card does not take stays as it is until the next start. */
function sealPlain(inData: (name: string) => string, seal: FileSeal): void {
  try {
    for (const name of [...Object.values(wholeFiles), 'badge-key', lastGoodName]) sealNow(inData(name), seal);
  } catch (error) {
    if (troubleOf(error) === null) throw error;
  }
}

const tableFaults = ({ roster, pins }: Awaited<ReturnType<typeof openTables>>): readonly string[] =>
  Object.entries({ roster: roster.opened, 'staff PINs': pins.opened }).flatMap(([what, opened]) => {
    if (opened === 'restored') return [`The file of the ${what} was damaged: the copy before it is in use.`];
    if (opened === 'damaged') return [`The file of the ${what} was damaged and set aside: it starts anew.`];
    return [];
  });

main().catch((error: unknown) => {
  if (error instanceof Mistake || error instanceof ClockMistake) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`porter: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
