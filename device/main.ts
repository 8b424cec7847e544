/** Reads arguments and environment, picks real, simulated or absent parts, starts the app. The only file that does. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startApp } from './app.ts';
import { Mistake, help, readArguments } from './arguments.ts';
import type { Start } from './arguments.ts';
import { checkChain } from './chain-check.ts';
import { check } from './check.ts';
import { Checkpoints } from './checkpoints.ts';
import {
  checkpointSeal,
  forgetCopies,
  keyPlaces,
  beforeRestore,
  exportsOf,
  knownBefore,
  mastersFor,
  openFiles,
  rosterHashKey,
  openRecords,
  staffDoorBefore,
  randomBytes,
  tableFaults,
} from './data-folder.ts';
import { endings, stopOnSignals } from './endings.ts';
import type { Endings } from './endings.ts';
import { startAnyhow } from './out-of-service.ts';
import type { Begin, Service } from './out-of-service.ts';
import { connectorOf, openParts } from './parts.ts';
import type { Outside } from './parts.ts';
import { ClockMistake, clockOffset, startDemo } from './demo/start.ts';
import type { Demo } from './demo/start.ts';
import { codesOf } from './domain/codes.ts';
import { localTime } from './domain/school-day.ts';
import type { Settings } from './domain/settings.ts';
import type { KeepRules } from './domain/retention.ts';
import type { DateHeard } from './domain/time-evidence.ts';
import { backupCommand } from './backup-command.ts';
import { takenAtConsole } from './copies/backup.ts';
import type { About } from './copies/backup.ts';
import { Restoring } from './copies/restoring.ts';
import { stickOf } from './copies/stick.ts';
import { Taking } from './copies/taking.ts';
import type { Host } from './host.ts';
import { misTokenOf } from './mis-token.ts';
import { degrees, memory } from './system/machine.ts';
import { finishRestore } from './copies/restore.ts';
import { goesOn } from './domain/retention.ts';
import { askMachine, debugCommand, takeDebugBundle } from './debug-command.ts';
import { exportCommand } from './export-command.ts';
import { firstBoot } from './first-boot-command.ts';
import { boxFolder } from './first-boot/machine-files.ts';
import { recoveryOf } from './first-boot/recovery.ts';
import { journalCommand } from './journal-command.ts';
import { keyCommand } from './key-command.ts';
import { updateCommand } from './update-command.ts';
import { foldsIn } from './update/folds.ts';
import { placesOf } from './update/places.ts';
import { daemonOf } from './update/vouching.ts';
import { openUpdates } from './updates.ts';
import type { Updates } from './updates.ts';
import { tellControl } from './web/control.ts';
import { checkpointFile } from './journal/checkpoint-file.ts';
import { FrameKeys } from './journal/frame-keys.ts';
import { readKeys } from './journal/key-folder.ts';
import type { KeyPlaces } from './journal/key-folder.ts';
import { openWith } from './journal/reading.ts';
import { readRecoveryKey } from './journal/written-keys.ts';
import { fileSeal } from './journal/sealed-file.ts';
import type { FileSeal } from './journal/sealed-file.ts';
import { TroubleError, troubleOf } from './journal/trouble.ts';
import { createRosterSync } from './mis/roster-sync.ts';
import { createLights } from './lights/create.ts';
import { SettingsBook } from './settings/book.ts';
import type { SettingsSource } from './settings/book.ts';
import { enteredOver } from './settings/entered-token.ts';
import { problemText } from './settings/problem.ts';
import { readSettings } from './settings/read.ts';
import { loadSettings, readSettingsFile } from './settings/store.ts';
import type { KeptSecrets, LoadedSettings } from './settings/store.ts';
import { readSecrets, readStoredRoster } from './settings/stored.ts';
import { SystemClock } from './system/clock.ts';
import { beginRun, failuresWithinMs } from './system/failures.ts';
import type { Run } from './system/failures.ts';
import { resetOn } from './staff-reset.ts';
import { machineStorage, roomIn } from './system/storage.ts';
import { keepBeating, systemdOf } from './system/systemd.ts';
import { machineLog, machineRandom, machineTimers, recentLog } from './system/outside.ts';

const version = typeof PORTER_BUILD === 'string' ? PORTER_BUILD : '0.1.0';
/** What scripts/build made lies beside the program. */
const built = import.meta.dirname;
const journalProgram = { threadFile: join(built, 'journal-thread.js'), build: version };
/** Of the last commit, from `0.1.0+20261123.1a2b3c4`: an earlier wall clock is wrong. Milliseconds since the epoch. */
const builtAt = Date.parse(version.replace(/^.*\+(\d{4})(\d{2})(\d{2}).*$/, '$1-$2-$3')) || 0;

async function main(): Promise<void> {
  const { asked, start, positionals, json, csv, recovery, replace, out } = readArguments(process.env);
  if (asked === 'help') {
    print(help);
    return;
  }
  if (asked === 'version') {
    print(`porter ${version}\n`);
    return;
  }
  const [command, ...more] = positionals;
  const places = keyPlaces(start, start.dataFolder, process.env);
  if (command === 'journal' && more.length === 1) {
    // Whoever reads it may have read enough.
    process.stdout.on('error', () => process.exit());
    const typed = recovery ? await lineTyped() : null;
    const masters = () => readKeys(places, typed === null ? null : readRecoveryKey(typed));
    const exit = journalCommand({
      action: more[0],
      dataFolder: start.dataFolder,
      json,
      csv,
      print,
      rules: keepRules(start.configPath),
      open: (disk) => openWith(disk, new FrameKeys(masters(), randomBytes)),
      masters,
      recoveryKey: typed,
    });
    if (exit === null) throw new Mistake('porter journal wants verify, export or stats');
    process.exitCode = exit;
  } else if (command === 'key' && more.length === 1) {
    const exit = await keyCommand({ action: more[0], places, random: randomBytes, print, ask: lineTyped });
    if (exit === null) throw new Mistake('porter key wants check, rotate, recover or new-recovery');
    process.exitCode = exit;
  } else if (command === 'export' && more.length === 2) {
    const exit = await exportCommand({
      ...{ action: more[0], file: more[1], masters: () => readKeys(places), print },
      recoveryKey: recovery ? await lineTyped() : null,
      complain: (text) => process.stderr.write(text),
    });
    if (exit === null) throw new Mistake('porter export wants open FILE');
    process.exitCode = exit;
  } else if (command === 'backup' && more.length === 2) {
    const exit = await backupCommand({
      ...{ action: more[0], file: more[1], dataFolder: start.dataFolder, replace, print, ask: lineTyped },
      ...{ random: randomBytes, now: Date.now(), about: () => aboutByFile(start.configPath) },
      erased: () => erasedIn(places),
    });
    if (exit === null) throw new Mistake('porter backup wants create, check or restore, and FILE');
    process.exitCode = exit;
  } else if (command === 'debug-bundle' && more.length === 0) {
    process.exitCode = await debugCommand({
      ...{ root: '/', version, made: new Date().toISOString(), out, print },
      ...{ dataDir: start.dataFolder, configPath: start.configPath },
      complain: (text) => process.stderr.write(text),
    });
  } else if (command === 'update') {
    const exit = await update(start, places, more, json);
    if (exit === null) throw new Mistake('porter update wants status or install FILE');
    process.exitCode = exit;
  } else if (command === 'first-boot' && more.length === 0) process.exitCode = bootFirst(start, places);
  else if (command === 'check' && more.length === 0) process.exitCode = await checkFile(start, places);
  else if (command === undefined) await run(start, places);
  else throw new Mistake(`porter has no command ${positionals.join(' ')}: see --help`);
}

function update(start: Start, places: KeyPlaces, more: readonly string[], json: boolean): Promise<0 | 1 | null> {
  const { configPath, dataFolder, root } = start;
  const journal = join(dataFolder, 'journal');
  const command = {
    places: placesOf(root, configPath, dataFolder),
    folds: (upTo: number) =>
      foldsIn(journal, (disk) => openWith(disk, new FrameKeys(readKeys(places), randomBytes)), upTo),
    daemon: daemonOf((name, maxMs) => tellControl(dataFolder, name, {}, maxMs)),
    proxy: proxyOf(process.env['HTTPS_PROXY']),
    now: () => Date.now(),
    mono: () => performance.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => void machineTimers.after(ms, resolve)),
  };
  const [action, ...words] = more;
  return updateCommand({ ...command, root, version, json, print }, action, words);
}

const updatesOf = ({ configPath, dataFolder, root }: Start): Updates | null =>
  openUpdates(placesOf(root, configPath, dataFolder), machineTimers);

/** As the technician file says, where one is given and good. */
function keepRules(configPath: string | null): KeepRules | undefined {
  const file = configPath === null ? null : readSettingsFile(configPath, { codes: codesToday });
  if (file?.state !== 'good') return undefined;
  const { keep, school } = file.read.settings;
  return { events: keep.events, timeZone: school.timeZone };
}

/** In memory, made by first boot: on a box only. */
const onBox = join('/', boxFolder);

/** systemd starts again what ends (systemd/porter.service); null: nothing would. */
const restart = process.env['INVOCATION_ID'] === undefined ? null : () => process.kill(process.pid, 'SIGTERM');
const unstarted = 'nothing would start it again here: it does not run under systemd, as on a box';

/** For a helper far away. */
const support = { log: recentLog, debugBundle: takeDebugBundle };

function hostOf(
  places: KeyPlaces,
  settings: Settings,
  outside: MachineOutside,
  updates: Updates | null,
  restoring: Restoring,
): Host {
  const { box, school, keep } = settings;
  const connectorTo = (mis: Settings['mis']) => connectorOf({ ...settings, mis }, outside, version);
  const { dataFolder } = places;
  const seal = fileSeal(() => readKeys(places), randomBytes);
  const { refused } = restoring; // a new token wants a restart as well
  const about = (): About => aboutBox({ box: box.name, school: school.name }, keep, outside.clock.now());
  return {
    memory,
    degrees: () => degrees(),
    versions: { Porter: version, 'Node.js': process.versions.node },
    ...support,
    restart,
    misToken: misTokenOf(settings.mis, connectorTo, { refused, dataDir: dataFolder, seal }),
    restoring,
    taking: new Taking({ ...outside, folder: dataFolder, about }),
    stick: stickOf(runFolder(), onBox, outside),
    takenAtConsole: () => takenAtConsole(dataFolder),
    recovery: recoveryOf(dataFolder, onBox),
    updates,
  };
}

/** What a backup says of itself to whoever has no password. */
function aboutBox(named: Pick<About, 'box' | 'school'>, rules: Pick<KeepRules, 'events'>, now: number): About {
  const made = new Date(now).toISOString();
  return { ...named, build: version, made, until: `${goesOn(made.slice(0, 10), rules)}T00:00:00Z` };
}
function aboutByFile(configPath: string | null): About {
  const file = configPath === null ? null : readSettingsFile(configPath, { codes: codesToday });
  const named = file?.state === 'good' ? file.read.settings : null;
  const names = { box: named?.box.name ?? 'a box', school: named?.school.name ?? 'a school' };
  return aboutBox(names, keepRules(configPath) ?? { events: 'school-year' }, Date.now());
}

async function erasedIn(places: KeyPlaces): Promise<readonly string[] | null> {
  try {
    return [...(await knownBefore(places)).ledger.erasedKeys];
  } catch {
    return null;
  }
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

async function lineTyped(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}

const print = (text: string): void => {
  process.stdout.write(text);
};
const printAddresses = (service: Service): void => {
  print(`Kiosk: ${service.kioskUrl}\nStaff: ${service.staffUrl}\n`);
  const first = service.firstUse?.() ?? null;
  // On a console only: under systemd it would stand in the log.
  if (first !== null && process.stderr.isTTY) {
    process.stderr.write(`First use: open ${first.address} and enter the code ${first.code}\n`);
  }
};
const codesToday = (nation: Settings['school']['nation']) =>
  codesOf(nation, localTime(Date.now(), 'Europe/London').date);

async function run(start: Start, places: KeyPlaces): Promise<void> {
  const seal = fileSeal(() => mastersFor(places, false), randomBytes);
  const cut: string[] = [];
  const load = () => {
    const said = finishRestore(start.dataFolder);
    if (said !== null) cut.push(`Restore: ${said}`);
    makeFolder(start.dataFolder);
    return loadSettings({
      ...{ configPath: start.configPath, dataDir: start.dataFolder, codes: codesToday, seal },
      ...keptSecrets(start.dataFolder, seal),
    });
  };
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
      const demoPlaces = keyPlaces(start, demo.dataFolder, process.env);
      const told = { faults: [], reset: null, source: demo.source, updates: updatesOf(start) };
      return runWith(demo.settings, demoPlaces, demo.clockOffsetMs, told, demo);
    }
    case 'ready': {
      const problems = loaded.problems.map((one) => `${problemText(one)}. The last good settings stay in force.`);
      const missing = loaded.missing.map((key) => `${key} is not to be had.`);
      const faults = [...cut, ...[...problems, ...missing].map((one) => `Settings: ${one}`)];
      for (const line of [...faults, ...loaded.warnings.map(problemText)]) process.stderr.write(`${line}\n`);
      const { settings, source } = loaded;
      const offsetMs = start.clock === null ? 0 : clockOffset(start.clock, settings, Date.now());
      const told = { faults, reset: resetOn(start.configPath), source, updates: updatesOf(start) };
      return runWith(settings, places, offsetMs, told, null, start.clock !== null);
    }
  }
}

/** The last good settings cannot be opened: the key is missing, or another's. Stays up until it is there. */
async function runLocked(places: KeyPlaces, load: () => LoadedSettings): Promise<void> {
  const text = '[school]\nname = "Porter"\n[mis]\nconnector = "none"\n';
  const standIn = readSettings(text, 'stand-in', { baseDir: places.dataFolder });
  if (!standIn.ok) throw new Error('the stand-in settings are wrong');
  const { settings } = standIn;
  const begin = (): Promise<Service> => {
    load();
    throw new Error('the settings can be read again: the next start takes them');
  };
  const outside = outsideOf(settings, 0, settings.clock.trust);
  await serve(settings, places, places.dataFolder, outside, null, () => async () => begin());
}

async function runWith(
  settings: Settings,
  places: KeyPlaces,
  offsetMs: number,
  told: Told,
  demo: Demo | null,
  clockGiven = demo !== null,
): Promise<void> {
  const outside = outsideOf(settings, offsetMs, clockGiven ? 'system' : settings.clock.trust);
  const controlFolder = demo === null ? places.dataFolder : demo.baseFolder;
  await serve(settings, places, controlFolder, outside, demo, (running, ends, restoring) =>
    beginning(settings, places, controlFolder, outside, told, demo, running, ends, restoring),
  );
}

/** Until it is told to stop: the box, or what stands in for it. */
async function serve(
  settings: Settings,
  places: KeyPlaces,
  controlFolder: string,
  outside: MachineOutside,
  demo: Demo | null,
  beginOf: (running: Run, ends: Endings, restoring: Restoring) => Begin,
): Promise<void> {
  const running = beginRun(runFolder(), outside.clock);
  const ends = endings(running);
  process.on('uncaughtException', ends.onBroken);
  process.on('unhandledRejection', ends.onBroken);
  makeFolder(places.dataFolder);
  const room = () => roomIn(places.dataFolder);
  const refusal = demo === null ? (restart === null ? unstarted : null) : 'this is a demo';
  const restoring = new Restoring({ ...outside, places, room, refusal, restart: restart ?? (() => undefined) });
  const starting = startAnyhow(beginOf(running, ends, restoring), {
    ...outside,
    settings,
    pages: join(built, 'ui'),
    controlFolder,
    demo: demo !== null,
    support,
    openLights: async () =>
      (await createLights(settings.hardware.lights, outside.clock, outside.timers, runFolder())).lights,
    lastKnown: () => knownBefore(places),
    staffDoor: () => staffDoorBefore(places, settings, Date.now),
    room,
    restoring,
    onServing: printAddresses,
    onBroken: ends.onBroken,
  });
  stopOnSignals(starting, running, () => {
    demo?.stop();
    process.exit(ends.status());
  });
  const service = await starting;
  printAddresses(service);
  const systemd = systemdOf(process.env, process.pid);
  if (systemd !== null) keepBeating(systemd, () => service.pulse(), { ...outside, onBroken: ends.onBroken });
  if (demo !== null) process.stderr.write(demo.words);
}

interface MachineOutside extends Outside {
  readonly clock: SystemClock;
}

/** What the technician file and its folder say beside the settings. */
interface Told {
  readonly faults: readonly string[];
  readonly reset: string | null;
  readonly source: SettingsSource;
  readonly updates: Updates | null;
}

/** The whole box, from its records up. */
function beginning(
  settings: Settings,
  places: KeyPlaces,
  controlFolder: string,
  outside: MachineOutside,
  { faults, reset, source, updates }: Told,
  demo: Demo | null,
  running: Run,
  ends: Endings,
  restoring: Restoring,
): Begin {
  const inData = (name: string): string => join(places.dataFolder, name);
  return async (handOver) => {
    const level = running.level();
    if (level === null) throw new TroubleError({ kind: 'restarts' });
    const isTrial = updates?.state().trial ?? false;
    const masters = mastersFor(places, demo !== null);
    const { journal, desk } = await openRecords(inData('journal'), masters, { ...outside, ...journalProgram });
    try {
      const { tables, certificate, badges, photos } = await openFiles(inData, masters, settings, Date.now, isTrial);
      if (demo !== null) await demo.fill(tables.accounts, outside.random);
      await handOver();
      const rosterSeal = fileSeal(() => masters, randomBytes);
      const made = {
        ...{ built, pictures: inData('badges'), scratch: inData('camera'), run: runFolder() },
        storedRoster: () => readStoredRoster(places.dataFolder, rosterSeal),
      };
      const { rosterSource, ...parts } = await openParts(settings, outside, made, version, level);
      const app = await startApp(
        {
          ...outside,
          settings,
          settingsBook: new SettingsBook(source, settings),
          controlFolder,
          pages: join(built, 'ui'),
          version,
          journal,
          verifyChain: () => checkChain(join(built, 'verify-thread.js'), inData('journal'), masters),
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
              hashKey: rosterHashKey(masters),
            }),
          photos,
          exports: exportsOf(places, inData, masters),
          ...beforeRestore(inData),
          forgetCopies: (badges) => forgetCopies(inData, badges),
          clockPupil: outside.clock,
          checkpoints: new Checkpoints({
            ...outside,
            file: checkpointFile(inData('checkpoint'), checkpointSeal(masters, journal.id)),
            build: version,
            journal,
            desk,
          }),
          people: tables.accounts,
          certificate,
          reset,
          memory: tables.memory,
          marks: tables.marks,
          demo: demo === null ? null : { misUrl: demo.misUrl },
          faults: [...faults, ...badges.faults, ...tableFaults(tables)],
          level,
          storage: machineStorage(places.dataFolder),
          ...ends,
          host: hostOf(places, settings, outside, updates, restoring),
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

const keptSecrets = (dataFolder: string, seal: FileSeal): KeptSecrets => ({
  secret: (key) => readSecrets(dataFolder, seal)[key] ?? null,
  enteredToken: (given) => enteredOver(given, dataFolder, seal),
});

function checkFile({ configPath, dataFolder }: Start, places: KeyPlaces): Promise<0 | 1 | 2> {
  if (configPath === null) throw new Mistake('porter check wants --config FILE');
  const outside = (settings: Settings) => {
    const world = outsideOf(settings, 0);
    world.clock.begin(); // there is no journal to read first
    return world;
  };
  const kept = keptSecrets(
    dataFolder,
    fileSeal(() => readKeys(places), randomBytes),
  );
  return check({ configPath, codes: codesToday, outside, kept, built, version, print });
}

function bootFirst(start: Start, places: KeyPlaces): 0 | 1 | 2 {
  const { configPath, root } = start;
  if (configPath === null) throw new Mistake('porter first-boot wants --config FILE, and it may be missing');
  const complain = (words: string) => void process.stderr.write(`${words}\n`);
  const machine = { root, version, now: new Date().toISOString(), ask: askMachine };
  return firstBoot({ ...machine, configPath, places, codes: codesToday, random: randomBytes, complain });
}

function outsideOf({ clock: { trust: wanted }, mis }: Settings, offsetMs: number, trust = wanted): MachineOutside {
  const hasMis = mis.connector === 'wonde' && mis.baseUrl.startsWith('https:');
  const clock = new SystemClock({ trust, offsetMs, builtAt, hasMis });
  return {
    clock,
    timers: machineTimers,
    random: machineRandom,
    log: machineLog,
    path: process.env['PATH'] ?? '/usr/bin:/bin',
    // As first boot hands it over (network.proxy).
    proxy: proxyOf(process.env['HTTPS_PROXY']),
    heard: (date: DateHeard) => {
      clock.heard(date);
    },
  };
}

/** What is no address of a proxy is none: a box must start. */
function proxyOf(given: string | undefined): string | null {
  return given !== undefined && URL.canParse(given) && new URL(given).protocol === 'http:' ? given : null;
}

const runFolder = (): string | null => process.env['RUNTIME_DIRECTORY']?.split(':')[0] ?? null;

function rosterSettings({ mis, roster, school }: Settings) {
  const origin = mis.connector === 'wonde' ? `${placeOf(mis.baseUrl)} ${mis.schoolId}` : 'none';
  return { origin, settings: { timeZone: school.timeZone, refresh: roster.refresh } };
}

/** http:// is this machine (`settings/kinds.ts`): a simulator, on another port at each start. */
function placeOf(baseUrl: string): string {
  const { protocol, hostname } = new URL(baseUrl);
  return protocol === 'http:' ? hostname : baseUrl;
}

main().catch((error: unknown) => {
  if (error instanceof Mistake || error instanceof ClockMistake) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`porter: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
