/** `scripts/lab`: one word for each thing that the lab can do. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { writeFigures } from './figures.ts';
import { buildImages, plainMachine } from './images.ts';
import { parts, scenarios } from './parts/command.ts';
import { replayCut } from './kept-cut.ts';
import { openCardRig } from './card-rig.ts';
import { powercuts } from './powercut.ts';
import { openRig } from './rig.ts';
import type { Rig, RigOptions } from './rig.ts';
import { figuresLine, isWell, summary, tableHead, tableRow } from './report.ts';
import type { Round } from './report.ts';
import { cutModes } from './volatile-disk.ts';
import type { CutMode } from './volatile-disk.ts';
import { savedState } from './saved-state.ts';

const say = (words: string): void => {
  process.stderr.write(`${words}\n`);
};

/** A mistake of whoever typed it: exit code 2. */
class Mistake extends Error {}

interface Command {
  readonly help: string;
  /** Resolves with the exit code. */
  readonly run: (args: readonly string[], nodeFlags: string) => Promise<number>;
}

const commands: Readonly<Record<string, Command>> = {
  build: {
    help: `usage: scripts/lab build [--force]

Makes the guest's Debian, the image with the daemon, and boots both once. --force: also what is there already.
`,
    async run(args, nodeFlags) {
      const { values } = parse({ args: [...args], options: { force: { type: 'boolean', default: false } } });
      const images = buildImages(plainMachine, { force: values.force, say });
      const { path } = await savedState(images, nodeFlags, say);
      say(`The machine is ready: ${path}`);
      return 0;
    },
  },
  powercut: {
    help: `usage: scripts/lab powercut [OPTION...]

Boots a box with the daemon as built, on a disk with a volatile write cache, lets pupils sign in and out through the kiosk's
socket with an MIS outside, and cuts the power at random instants: under load, at an answer, at a write or flush of the
disk, while the MIS is written to, during the daemon's start. After each cut it compares with what clients were told and
with what the MIS holds.

  --cuts N       how many (20)
  --seed N       of the run (1); the seed of each cut is printed, and decides instant and disk
  --mode MODE    what survives of writes that were not flushed: none, prefix, random, all (each cut another)
  --lie          a disk that says FLUSH is done and does nothing, mode none: must find records lost, and exit with 1
  --drain S      seconds at the end for the outbox (60); 1200 sees out writes that no MIS has answered
  --image FILE   instead of the plain machine a whole box from the image that scripts/image build has made (FILE.img.zst), its whole
                 card on that disk, but without its browser; one or two minutes a cut on an idle machine
  --json FILE    everything, also as JSON

Exit code 0: everything promised was kept. Disks of failed cuts are kept, see scripts/lab replay.
`,
    run: (args, nodeFlags) => powercut(args, nodeFlags),
  },
  parts: {
    help: `usage: scripts/lab parts [NAME...] [--json FILE]

Boots a box with the daemon as built, under systemd, on Debian's full kernel, and lets its adapters meet what is real in it:
a GPIO chip, a USB bus with a virtual printer and a virtual camera, and Chromium under cage. Parts fail and come back; each
row of the table says what pupil, staff and lights saw, and how long it took to be well again. \`contract\` is the contract
suite of test/parts, run inside. Two machines run at a time.

  NAME         only these: ${Object.keys(scenarios).join(', ')}
  --json FILE  the rows, also as JSON

PORTER_LAB_ONLY=PATTERN: of the contract only the tests whose name has it. The machine is made once, about 1 GB in the
cache. Exit code 0: every row as it should be.
`,
    run(args, nodeFlags) {
      const { values, positionals } = parse({
        args: [...args],
        allowPositionals: true,
        options: { json: { type: 'string' } },
      });
      const unknown = positionals.find((name) => !(name in scenarios));
      if (unknown !== undefined) throw new Mistake(`there is no ${unknown}; ${Object.keys(scenarios).join(', ')}`);
      return parts({ only: positionals, nodeFlags, json: values.json, say });
    },
  },
  all: {
    help: `usage: scripts/lab all

scripts/lab parts, then scripts/lab powercut --cuts 4; their figures go into test/README.md, those of the parts at once.
`,
    async run(args, nodeFlags) {
      if (args.length > 0) throw new Mistake('scripts/lab all wants nothing more');
      let [lines, table]: [readonly string[], string] = [[], ''];
      const figures = (more: readonly string[], faults = table): void => {
        [lines, table] = [[...lines, ...more], faults];
        writeFigures(lines, table);
      };
      const codes = [
        await parts({ only: [], nodeFlags, json: undefined, say, figures }),
        await powercut(['--cuts', '4'], nodeFlags, (line) => figures([line])),
      ];
      return Math.max(...codes);
    },
  },
  replay: {
    help: `usage: scripts/lab replay FOLDER [--seed N] [--mode MODE]

Makes FOLDER/after.img, the disk after a cut that was kept, with its own seed and mode or with others.
`,
    run: (args) => {
      const { values, positionals } = parse({
        args: [...args],
        allowPositionals: true,
        options: { seed: { type: 'string' }, mode: { type: 'string' } },
      });
      const [folder] = positionals;
      if (folder === undefined || positionals.length > 1) throw new Mistake('scripts/lab replay wants one FOLDER');
      const [mode] = values.mode === undefined ? [] : modesOf(values.mode);
      const { pending, pieces, kept } = replayCut(folder, {
        ...(values.seed === undefined ? {} : { seed: whole('seed', values.seed) }),
        ...(mode === undefined ? {} : { mode }),
      });
      say(`${String(pending)} writes in the cache; kept ${String(kept)} of ${String(pieces)} pieces`);
      return Promise.resolve(0);
    },
  },
};

/** @param figures gets the line for test/README.md */
async function powercut(
  args: readonly string[],
  nodeFlags: string,
  figures: (line: string) => void = () => undefined,
): Promise<number> {
  const { values } = parse({
    args: [...args],
    options: {
      cuts: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      mode: { type: 'string' },
      lie: { type: 'boolean', default: false },
      drain: { type: 'string', default: '60' },
      json: { type: 'string' },
      image: { type: 'string' },
    },
  });
  const { lie: lies, json } = values;
  const [cuts, seed, drain] = [whole('cuts', values.cuts), whole('seed', values.seed), whole('drain', values.drain)];
  const modes = values.mode === undefined ? (lies ? (['none'] as const) : cutModes) : modesOf(values.mode);
  const rig = await (values.image === undefined
    ? plainRig(nodeFlags, { seed, lies })
    : openCardRig(values.image, { seed, lies }));
  const rounds: Round[] = [];
  const told = (round: Round): void => {
    rounds.push(round);
    process.stdout.write(`${tableRow(round)}\n`);
    // After each cut: a run that is stopped has left something.
    if (json !== undefined) writeFileSync(json, JSON.stringify({ seed, lies, rounds }, null, 2));
  };
  process.stdout.write(`${tableHead()}\n`);
  await powercuts({ rig, cuts, seed, modes, drainMs: drain * 1000, told });
  process.stdout.write(`${summary(rounds)}\n`);
  figures(figuresLine(rounds, `scripts/lab powercut --cuts ${String(cuts)} --seed ${String(seed)}`));
  return rounds.every(isWell) ? 0 : 1;
}

async function plainRig(nodeFlags: string, options: RigOptions): Promise<Rig> {
  const images = buildImages(plainMachine, { force: false, say });
  return openRig(images, await savedState(images, nodeFlags, say), options);
}

function modesOf(text: string): readonly CutMode[] {
  const modes = cutModes.filter((mode) => mode === text);
  if (modes.length === 0) throw new Mistake(`--mode is one of ${cutModes.join(', ')}`);
  return modes;
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Mistake(`--${name} wants a whole number, not ${text}`);
  return Number(text);
}

const parse: typeof parseArgs = (config) => {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : 'the options are wrong');
  }
};

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const flagsAt = args.indexOf('--node-flags');
  const [name = '', ...options] = args.slice(0, flagsAt);
  const command = commands[name];
  if (command === undefined) throw new Mistake(`scripts/lab has no command ${name}: see --help`);
  if (options.includes('--help') || options.includes('-h')) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(options, args[flagsAt + 1] ?? '');
}

// Machines and folders that are left end with the process (machine.ts, rig.ts), but a signal alone would not say so.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? (error instanceof Mistake ? error.message : (error.stack ?? '')) : String(error));
    process.exit(error instanceof Mistake ? 2 : 1);
  },
);
