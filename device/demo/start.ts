/** Demo mode: a made-up school with simulated parts, against an MIS simulator in a process of its own. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { lastSchoolDay, localTime, sessionAt, wallToEpoch } from '../domain/school-day.ts';
import type { Settings } from '../domain/settings.ts';
import type { SettingsSource } from '../settings/book.ts';
import { readSettings } from '../settings/read.ts';
import type { Random, Timers } from '../system/ports.ts';
import type { AccountTable } from '../web/staff/account-table.ts';
import { demoPeopleWords, makeDemoPeople } from './people.ts';

/** The simulator prints where it is; longer than this it never takes. */
const startMaxMs = 20_000;
/** Where the demo's clock starts when no register is open, in minutes: 08:50. */
const startMinute = 8 * 60 + 50;
const demoMis = { schoolId: 'A1930499544', token: 'demo-token' } as const;

/** A `--clock` that is no time. */
export class ClockMistake extends Error {}

export interface Demo {
  readonly settings: Settings;
  readonly source: SettingsSource;
  /** Its own, inside the data folder: the demo never touches a school's records. */
  readonly dataFolder: string;
  readonly baseFolder: string;
  /** From the machine's wall clock to the demo's, milliseconds. */
  readonly clockOffsetMs: number;
  readonly misUrl: string;
  /** Makes the people of the demo, where they are not there yet. */
  readonly fill: (table: AccountTable, random: Random) => Promise<void>;
  readonly words: string;
  readonly stop: () => void;
}

/** `clock`: local time to start at, or null. Throws a ClockMistake when it is no time. */
export async function startDemo(options: {
  readonly clock: string | null;
  readonly now: number;
  readonly dataFolder: string;
  readonly program: string;
  readonly timers: Timers;
}): Promise<Demo> {
  const baseFolder = options.dataFolder;
  const dataFolder = join(baseFolder, 'demo');
  const asShipped = demoSettings('http://127.0.0.1:1/v1.0');
  const clockOffsetMs =
    options.clock === null ? usualOffset(asShipped, options.now) : clockOffset(options.clock, asShipped, options.now);
  const mis = await startMis(options.program, dataFolder, clockOffsetMs, options.timers);
  return {
    settings: demoSettings(mis.baseUrl),
    source: sourceOf(mis.baseUrl),
    dataFolder,
    baseFolder,
    clockOffsetMs,
    misUrl: mis.baseUrl,
    fill: makeDemoPeople,
    words: `Demo: a made-up school and a simulated MIS. ${demoPeopleWords} scripts/sim --help moves what is simulated.\n`,
    stop: mis.stop,
  };
}

const sourceOf = (misBaseUrl: string): SettingsSource => ({
  text: demoFile(misBaseUrl),
  file: 'the demo',
  baseDir: '/',
});

function demoSettings(misBaseUrl: string): Settings {
  const { text, file, baseDir } = sourceOf(misBaseUrl);
  const read = readSettings(text, file, { baseDir });
  if (!read.ok) throw new Error(`the demo's settings are wrong: ${JSON.stringify(read.problems)}`);
  return read.settings;
}

/** The technician file of the demo: everything else is as shipped. */
function demoFile(misBaseUrl: string): string {
  return `[school]
name = "Hill View School"
languages = ["en", "cy"]
[late]
where_next = { en = "Go to your form room.", cy = "Ewch i'ch ystafell ddosbarth." }
hold_seconds = 10
[badge]
photo = true
[mis]
connector = "wonde"
base_url = "${misBaseUrl}"
school_id = "${demoMis.schoolId}"
token = "${demoMis.token}"
[web]
staff_bind = "127.0.0.1"
[hardware]
printer = { kind = "simulated", paper_mm = 58 }
camera = { kind = "simulated" }
lights = { kind = "simulated" }
`;
}

/** The real time while a register is open, else 08:50 of the last school day. */
function usualOffset(settings: Settings, now: number): number {
  const local = localTime(now, settings.school.timeZone);
  const at = sessionAt(local, null, settings);
  if (at.session !== null && at.side === 'open') return 0;
  const date = lastSchoolDay(local.date, settings) ?? local.date;
  return wallToEpoch(date, startMinute, settings.school.timeZone) - now;
}

/** From `--clock 2026-11-23T08:50` or `…:50:07.250`, school local. Throws a ClockMistake that says what is expected. */
export function clockOffset(text: string, settings: Settings, now: number): number {
  const form = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?$/;
  const [, date, hour, minute, seconds = '0'] = form.exec(text) ?? [];
  if (date === undefined || hour === undefined || minute === undefined) {
    throw new ClockMistake(`--clock wants a local time such as 2026-11-23T08:50, not ${JSON.stringify(text)}`);
  }
  const at = wallToEpoch(date, Number(hour) * 60 + Number(minute), settings.school.timeZone);
  return at + Math.round(Number(seconds) * 1000) - now;
}

/** Starts the simulator; it ends with this process, also by SIGKILL, since its standard input closes then. */
async function startMis(
  program: string,
  dataFolder: string,
  clockOffsetMs: number,
  timers: Timers,
): Promise<{ readonly baseUrl: string; readonly stop: () => void }> {
  const options = {
    '--state': join(dataFolder, 'mis-simulator.json'),
    '--school': demoMis.schoolId,
    '--token': demoMis.token,
    '--clock-offset-ms': String(clockOffsetMs),
  };
  const child = spawn(process.execPath, [program, '--die-with-parent', ...Object.entries(options).flat()], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return {
    baseUrl: await firstAddress(child, timers),
    stop: () => {
      child.kill('SIGTERM');
    },
  };
}

function firstAddress(child: ChildProcess, timers: Timers): Promise<string> {
  return new Promise((resolve, reject) => {
    const cancel = timers.after(startMaxMs, () => {
      reject(new Error('the MIS simulator did not start'));
    });
    child.once('exit', (code) => {
      reject(new Error(`the MIS simulator ended with ${String(code)}`));
    });
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      const [, address] = /^MIS simulator: (\S+)$/.exec(line) ?? [];
      if (address === undefined) return;
      cancel();
      resolve(address);
    });
  });
}
