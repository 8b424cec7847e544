/** Reads arguments and environment, picks real, simulated or absent parts, starts the app. The only file that does. */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { startApp } from './app.ts';
import { createBadgePainter } from './badge/painter.ts';
import { createCamera } from './camera/create.ts';
import { cameraFaults } from './camera/simulated.ts';
import type { Result } from './contract/result.ts';
import { clockOffset, startDemo } from './demo/start.ts';
import type { Demo } from './demo/start.ts';
import { Desk } from './desk/desk.ts';
import { codesOf } from './domain/codes.ts';
import { localTime } from './domain/school-day.ts';
import type { Settings } from './domain/settings.ts';
import { openJournal } from './journal/journal.ts';
import { openPhotoVault } from './journal/photo-vault.ts';
import { openTable } from './journal/table.ts';
import { readWhole, writeWhole } from './journal/whole-file.ts';
import { createLights } from './lights/create.ts';
import { lightsFaults } from './lights/simulated.ts';
import type { MisConnector } from './mis/connector.ts';
import { noMis } from './mis/none.ts';
import { createRosterSync } from './mis/roster-sync.ts';
import { emptyTable, readTable } from './mis/roster-table.ts';
import type { RosterSource } from './mis/roster-sync.ts';
import { createWondeConnector } from './mis/wonde/connector.ts';
import { createPrinter } from './printer/create.ts';
import { canPrint } from './printer/port.ts';
import { printerFaults } from './printer/simulated.ts';
import { readRosterCsv } from './roster/csv.ts';
import { problemText } from './settings/problem.ts';
import { withSecrets } from './settings/read.ts';
import { loadSettings, readSettingsFile } from './settings/store.ts';
import { SystemClock } from './system/clock.ts';
import { machineLog, machineRandom, machineTimers } from './system/outside.ts';
import type { Timers } from './system/ports.ts';
import { Pins, noPins, parsePins } from './web/pins.ts';

const build = typeof PORTER_BUILD === 'string' ? PORTER_BUILD : '0.1.0';
/** Of the last commit, from `0.1.0+20261123.1a2b3c4`: an earlier wall clock is wrong. Milliseconds since the epoch. */
const builtAt = Date.parse(build.replace(/^.*\+(\d{4})(\d{2})(\d{2}).*$/, '$1-$2-$3')) || 0;
const checkMaxMs = 20_000;
/** After a bug or a failed journal: time for the log, then the end that nothing can hold up (durability.md 7). */
const lastWordsMs = 1_000;

const help = `Usage: porter [--config FILE] [--data FOLDER] [--clock TIME]
       porter check --config FILE

  --config FILE    the technician file, porter.toml (or PORTER_CONFIG)
  --data FOLDER    where records are kept (or PORTER_DATA; .porter)
  --clock TIME     demo and tests only: start at this local time, 2026-11-23T08:50
  --help, --version

Without a file and without settings that were once good, Porter runs a demo: a made-up school and a simulated MIS.
porter check says what is wrong with a file and tries every part: 0 all well, 1 a part failed, 2 the file is wrong.
`;

/** A mistake of whoever started it: said on standard error, exit code 2. */
class Mistake extends Error {}

interface Start {
  readonly configPath: string | null;
  readonly dataFolder: string;
  readonly clock: string | null;
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) return print(help);
  if (values.version) return print(`porter ${build}\n`);
  const start: Start = {
    configPath: values.config ?? process.env['PORTER_CONFIG'] ?? null,
    dataFolder: resolve(values.data ?? process.env['PORTER_DATA'] ?? '.porter'),
    clock: values.clock ?? null,
  };
  const [command, ...more] = positionals;
  if (command === 'check' && more.length === 0) process.exitCode = await check(start);
  else if (command === undefined) await run(start);
  else throw new Mistake(`porter has no command ${positionals.join(' ')}: see --help`);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: 'string' },
        data: { type: 'string' },
        clock: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : 'the arguments are wrong');
  }
}

const print = (text: string): void => {
  process.stdout.write(text);
};
const codesToday = (nation: Settings['school']['nation']) =>
  codesOf(nation, localTime(Date.now(), 'Europe/London').date);

async function run(start: Start): Promise<void> {
  mkdirSync(start.dataFolder, { recursive: true, mode: 0o700 });
  const loaded = loadSettings({ configPath: start.configPath, dataDir: start.dataFolder, codes: codesToday });
  switch (loaded.state) {
    case 'missing':
    case 'wrong':
      throw new Mistake(loaded.problems.map(problemText).join('\n'));
    case 'demo': {
      const program = join(import.meta.dirname, 'mis-simulator.js');
      const demo = await startDemo({ ...start, now: Date.now(), timers: machineTimers, program });
      return runWith(demo.settings, demo.dataFolder, demo.clockOffsetMs, [], demo);
    }
    case 'ready': {
      const problems = loaded.problems.map((one) => `${problemText(one)}. The last good settings stay in force.`);
      const missing = loaded.missing.map((key) => `${key} is not to be had.`);
      const told = [...problems, ...missing].map((one) => `Settings: ${one}`);
      for (const line of [...told, ...loaded.warnings.map(problemText)]) process.stderr.write(`${line}\n`);
      const { settings } = loaded;
      const offsetMs = start.clock === null ? 0 : clockOffset(start.clock, settings, Date.now());
      return runWith(settings, start.dataFolder, offsetMs, told, null, start.clock !== null);
    }
  }
}

async function runWith(
  settings: Settings,
  dataFolder: string,
  offsetMs: number,
  faults: readonly string[],
  demo: Demo | null,
  clockGiven = demo !== null,
): Promise<void> {
  const clock = new SystemClock({ trust: clockGiven ? 'system' : settings.clock.trust, offsetMs, builtAt });
  const outside = { clock, timers: machineTimers, random: machineRandom, log: machineLog };
  const onBroken = (error: unknown): void => {
    machineLog.error('broken', { why: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    machineTimers.after(lastWordsMs, () => process.kill(process.pid, 'SIGKILL'));
  };
  process.on('uncaughtException', onBroken);
  process.on('unhandledRejection', onBroken);

  const inData = (...path: string[]): string => join(dataFolder, ...path);
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  // The journal refuses before the desk's own code can hear of it, so the desk is told from here.
  let desk: Desk | null = null;
  const journal = await openJournal({
    ...outside,
    folder: inData('journal'),
    threadFile: join(import.meta.dirname, 'journal-thread.js'),
    build,
    onRefused: () => desk?.refused(),
  });
  desk = new Desk(journal);
  const { lights, simulated: simulatedLights } = await createLights(settings.hardware.lights, clock, machineTimers);
  const { printer, simulated: simulatedPrinter } = createPrinter(settings.hardware.printer, {
    ...outside,
    pictures: inData('badges'),
  });
  const { camera, simulated: simulatedCamera } = createCamera(settings.hardware.camera.kind, {
    ...outside,
    frames: join(import.meta.dirname, 'frames'),
  });
  const painter = createBadgePainter(join(import.meta.dirname, 'fonts'), settings.hardware.printer.paperMm);
  const connector = connectorOf(settings, outside);
  const rosterTable = await openTable(inData('roster.json'), { empty: emptyTable, parse: readTable });
  const pinTable = await openTable(inData('staff-pins.json'), { empty: noPins, parse: parsePins });
  const pins = new Pins(pinTable, clock);
  if (demo !== null) await pins.set(demo.pin.name, demo.pin.pin);
  const app = await startApp(
    {
      ...outside,
      settings,
      controlFolder: demo === null ? dataFolder : demo.baseFolder,
      pages: join(import.meta.dirname, 'ui'),
      journal,
      badgeKey: badgeKey(inData('badge-key'), settings),
      connector,
      roster: (commit) =>
        createRosterSync({
          ...outside,
          source: rosterSource(settings, connector),
          origin: settings.mis.connector === 'wonde' ? `${settings.mis.baseUrl} ${settings.mis.schoolId}` : 'none',
          table: rosterTable,
          commit,
          journalId: journal.id,
          settings: { timeZone: settings.school.timeZone, refresh: settings.roster.refresh },
        }),
      printer,
      camera,
      lights,
      photos: openPhotoVault(inData('photos')),
      newest: (epochMs) => {
        clock.notBefore(epochMs);
      },
      pins,
      draw: (slip, photo) => painter.paint(slip, photo),
      demo: demo === null ? null : { misUrl: demo.misUrl },
      faults: [...faults, ...tableFaults({ roster: rosterTable.opened, 'staff PINs': pinTable.opened })],
      simulated: {
        ...(simulatedPrinter === null
          ? {}
          : {
              printer: switchOf(printerFaults, (fault) => {
                simulatedPrinter.fault(fault);
              }),
            }),
        ...(simulatedCamera === null
          ? {}
          : {
              camera: switchOf(cameraFaults, (fault) => {
                simulatedCamera.fault(fault);
              }),
            }),
        ...(simulatedLights === null
          ? {}
          : {
              lights: switchOf(lightsFaults, (fault) => {
                simulatedLights.fault(fault);
              }),
            }),
      },
      onBroken,
      switchOff: () => process.kill(process.pid, 'SIGTERM'),
    },
    desk,
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void app.stop().then(() => {
        demo?.stop();
        process.exit(0);
      });
    });
  }
  print(`Kiosk: ${app.kioskUrl}\nStaff: ${app.staffUrl}\n`);
  if (demo !== null) process.stderr.write(demo.words);
}

function connectorOf(
  settings: Settings,
  outside: { readonly clock: SystemClock; readonly timers: Timers },
): MisConnector {
  const { mis } = settings;
  if (mis.connector === 'none') return noMis;
  return createWondeConnector(
    { baseUrl: mis.baseUrl, schoolId: mis.schoolId, token: mis.token, version: build },
    outside,
  );
}

function rosterSource(settings: Settings, connector: MisConnector): RosterSource {
  const { csv, source } = settings.roster;
  if (source === 'mis') return { kind: 'mis', connector };
  return { kind: 'csv', connector, read: () => (csv === null ? Promise.resolve(null) : readCsv(csv)) };
}

async function readCsv(path: string) {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    return { pupils: [], problems: [`${path} cannot be read.`] };
  }
  const { pupils, problems, warnings } = readRosterCsv(bytes);
  return {
    pupils,
    problems: [...problems, ...warnings].map(
      ({ line, column, found, expected }) =>
        `${[path, `line ${String(line)}`, column].filter((part) => part !== '').join(', ')}: found ${found}, expected ${expected}.`,
    ),
  };
}

/** The school's badge key: from the technician file, or made here once and kept. */
function badgeKey(path: string, settings: Settings): Uint8Array {
  const given = settings.school.badgeKey;
  if (given !== null) return new TextEncoder().encode(given);
  const kept = readWhole(path);
  if (kept.state === 'ok' || kept.state === 'restored') return kept.bytes;
  const made = machineRandom.bytes(32);
  writeWhole(path, made);
  return made;
}

const tableFaults = (tables: Readonly<Record<string, 'ok' | 'new' | 'restored' | 'damaged'>>): readonly string[] =>
  Object.entries(tables).flatMap(([what, opened]) => {
    if (opened === 'restored') return [`The file of the ${what} was damaged: the copy before it is in use.`];
    if (opened === 'damaged') return [`The file of the ${what} was damaged and set aside: it starts anew.`];
    return [];
  });

/** A fault switch as the control socket turns it; null: mended. */
function switchOf<F extends string>(faults: readonly F[], set: (fault: F | 'none') => void) {
  return (wanted: string | null): Result<unknown> => {
    const fault = wanted === null ? 'none' : faults.find((one) => one === wanted);
    if (fault === undefined)
      return { ok: false, error: { code: 'invalid_input', detail: `faults: ${faults.join(' ')}` } };
    set(fault);
    return { ok: true, value: { fault } };
  };
}

/** `porter check`: the file, then every part; nothing is changed. */
async function check(start: Start): Promise<number> {
  if (start.configPath === null) throw new Mistake('porter check wants --config FILE');
  const file = readSettingsFile(start.configPath, { codes: codesToday });
  if (file.state !== 'good') {
    for (const problem of file.problems) print(`${problemText(problem)}\n`);
    return 2;
  }
  const { read } = file;
  for (const warning of read.warnings) print(`warning: ${problemText(warning)}\n`);
  print(`${start.configPath}: good\n`);
  const token = read.tokenFile === null ? null : (await readFile(read.tokenFile, 'utf8')).trim();
  const settings = token === null ? read.settings : withSecrets(read.settings, { 'mis.token': token });
  const reports = await tryParts(settings);
  for (const { part, ok, words } of reports) print(`${ok ? 'ok    ' : 'FAILED'} ${part}: ${words}\n`);
  return reports.every(({ ok }) => ok) ? 0 : 1;
}

async function tryParts(settings: Settings): Promise<readonly { part: string; ok: boolean; words: string }[]> {
  const clock = new SystemClock({ trust: settings.clock.trust, offsetMs: 0, builtAt });
  const outside = { clock, timers: machineTimers, random: machineRandom, log: machineLog };
  const { hardware } = settings;
  const { printer } = createPrinter(hardware.printer, { ...outside, pictures: join(tmpdir(), 'porter-check') });
  const { camera } = createCamera(hardware.camera.kind, { ...outside, frames: join(import.meta.dirname, 'frames') });
  const { lights } = await createLights(hardware.lights, clock, machineTimers);
  const paper = await printer.status();
  const reports = [
    { part: 'printer', ok: hardware.printer.kind === 'none' || canPrint(paper.state), words: paper.words },
    {
      part: 'camera',
      ok: hardware.camera.kind === 'none' || camera.status().state === 'ready',
      words: camera.status().words,
    },
    {
      part: 'lights',
      ok: hardware.lights.kind === 'none' || lights.status().state === 'ready',
      words: lights.status().words,
    },
    { part: 'clock', ok: clock.trusted(), words: clock.trusted() ? 'the time is known' : 'the time is not known' },
    ...(settings.mis.connector === 'none' ? [] : [await tryMis(connectorOf(settings, outside))]),
    ...(settings.roster.csv === null ? [] : [await tryCsv(settings.roster.csv)]),
  ];
  lights.close();
  camera.close();
  await printer.close();
  return reports;
}

async function tryMis(connector: MisConnector) {
  const health = await connector.health(AbortSignal.timeout(checkMaxMs));
  if (!health.ok) return { part: 'MIS', ok: false, words: health.failure.words };
  const { online, allowsWriteback, mis } = health.value;
  const words = `${mis ?? 'it'} answers${online ? '' : ', but cannot reach the school'}${allowsWriteback ? '' : ', but takes no marks'}`;
  return { part: 'MIS', ok: online && allowsWriteback, words };
}

async function tryCsv(path: string) {
  const { pupils, problems } = await readCsv(path);
  const words = [`${String(pupils.length)} pupils`, ...problems].join('\n         ');
  return { part: 'roster', ok: pupils.length > 0, words };
}

main().catch((error: unknown) => {
  if (error instanceof Mistake) {
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
  process.stderr.write(`porter: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
