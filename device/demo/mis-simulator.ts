import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { savedMisSchema } from './mis-records.ts';
import type { SavedMis } from './mis-records.ts';
import { startMisSimulator } from './simulator.ts';

/** The MIS simulator as a program of its own. It says where it is on one line, and runs until it is told to stop. */

const usage = `mis-simulator: an MIS that speaks Wonde on loopback, with a made-up school and faults on command

  --port N              port on 127.0.0.1 (0: any free one, the default)
  --school ID           Wonde id of the school (A1930499544)
  --name NAME           name of the school (Hill View School)
  --token T             the token it accepts (demo-token)
  --seed N              which made-up school (2026)
  --delay-ms N          from a write to its mark, 0 to 900000 (2000)
  --closed DATES        dates that are no school days, by commas, beside Saturdays and Sundays
  --clock-offset-ms N   how far its clock is ahead of this machine's, negative for behind (0)
  --state FILE          keep pupils and marks there, and go on from there
  --die-with-parent     stop when standard input is closed
  --help

Prints \`MIS simulator: http://127.0.0.1:PORT/v1.0\`. Commands: /_sim on the same port.
`;

/** A mistake in the arguments. */
class BadArgument extends Error {}

function whole(name: string, text: string, least: number, most: number): number {
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) {
    throw new BadArgument(`--${name} wants a whole number from ${String(least)} to ${String(most)}, not "${text}"`);
  }
  return number;
}

/** `--clock-offset-ms -5` reads like two options to parseArgs: written as one, it does not. */
function joined(args: readonly string[]): string[] {
  const at = args.indexOf('--clock-offset-ms');
  const value = at === -1 ? undefined : args[at + 1];
  if (value === undefined) return [...args];
  return [...args.slice(0, at), `--clock-offset-ms=${value}`, ...args.slice(at + 2)];
}

function parsedArguments() {
  const { values } = parseArgs({
    args: joined(process.argv.slice(2)),
    options: {
      port: { type: 'string', default: '0' },
      school: { type: 'string', default: 'A1930499544' },
      name: { type: 'string', default: 'Hill View School' },
      token: { type: 'string', default: 'demo-token' },
      seed: { type: 'string', default: '2026' },
      'delay-ms': { type: 'string', default: '2000' },
      closed: { type: 'string', default: '' },
      'clock-offset-ms': { type: 'string', default: '0' },
      state: { type: 'string' },
      'die-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    dieWithParent: values['die-with-parent'],
    stateFile: values.state ?? null,
    clockOffsetMs: whole('clock-offset-ms', values['clock-offset-ms'], -1e14, 1e14),
    simulator: {
      port: whole('port', values.port, 0, 65_535),
      schoolId: values.school,
      schoolName: values.name,
      token: values.token,
      seed: whole('seed', values.seed, 0, 4_294_967_295),
      delayMs: whole('delay-ms', values['delay-ms'], 0, 900_000),
      closed: values.closed.split(',').filter((date) => date !== ''),
    },
  };
}

/** @returns null where there is no file yet, or none that can be read; the second is said */
function load(file: string): SavedMis | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    return v.parse(savedMisSchema, JSON.parse(text));
  } catch {
    process.stderr.write(`MIS simulator: ${file} cannot be read, starting afresh\n`);
    return null;
  }
}

/** A simulator whose card is full goes on from memory. */
function save(file: string, state: SavedMis): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch {
    process.stderr.write(`MIS simulator: ${file} cannot be written\n`);
  }
}

async function run(): Promise<void> {
  const { help, dieWithParent, stateFile, clockOffsetMs, simulator: settings } = parsedArguments();
  if (help) {
    process.stdout.write(usage);
    return;
  }
  const simulator = await startMisSimulator({
    ...settings,
    now: () => Date.now() + clockOffsetMs,
    ...(stateFile !== null && {
      saved: load(stateFile),
      save: (state: SavedMis) => {
        save(stateFile, state);
      },
    }),
  });
  const stop = (): void => {
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (dieWithParent) {
    process.stdin.resume();
    process.stdin.once('close', stop);
  }
  process.stdout.write(`MIS simulator: ${simulator.baseUrl}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`MIS simulator: ${error instanceof Error ? error.message : 'cannot start'}\n`);
  process.exit(error instanceof BadArgument || (error instanceof TypeError && 'code' in error) ? 2 : 1);
});
