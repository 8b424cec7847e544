/** `scripts/bench`: runs the benchmarks that are named, or all, and tells what they measured. Nothing is asserted. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { badge } from './badge.ts';
import type { Bench } from './bench.ts';
import { camera } from './camera.ts';
import { day } from './day.ts';
import { told } from './figures.ts';
import { fleet } from './fleet.ts';
import { idle } from './idle.ts';
import { journal } from './journal.ts';
import { kiosk } from './kiosk.ts';
import { peers } from './peers.ts';
import { qr } from './qr.ts';
import { queue } from './queue.ts';
import { jsonOf, lastResults, machineWords, ofWords, resultsText, writeResults } from './results.ts';
import type { Measured } from './results.ts';
import { sizes } from './sizes.ts';
import { start } from './start.ts';
import { touch } from './touch.ts';

/** In the order in which a whole run takes them. */
const benches: Readonly<Record<string, Bench>> = {
  ...{ start, idle, touch, queue, kiosk, sizes },
  ...{ badge, qr, day, peers, fleet, journal, camera },
};

const help = `Usage: scripts/bench [NAME ...] [OPTION ...]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join('\n')}

  --runs N         how often each is measured (each has its own number)
  --folder FOLDER  on the disk that is measured (the system's folder for temporary files)
  --json FILE      the same figures as JSON; - for standard output, in place of the table
  --keep           with names: their figures take the place of those that were measured before
  --quick          only to see that each works: its figures say nothing

Without a name: all of them, and their figures go into test/bench/RESULTS.md, RESULTS.json and the README.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    /** Of scripts/bench alone: what Porter is started with, and which bench this process is a part of. */
    'node-flags': { type: 'string', default: '' },
    beside: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const say = (words: string): void => {
  process.stderr.write(`${words}\n`);
};

async function measured(name: string, bench: Bench, machine: string): Promise<Measured> {
  const { others = [], runs } = bench;
  const folder = mkdtempSync(join(values.folder, `porter-bench-${name}-`));
  try {
    const place = join(folder, 'others');
    if (others.length > 0) install(place, others);
    const began = performance.now();
    say(`${name}: ${bench.about}`);
    const figures = await bench.measure({
      runs: values.quick ? 1 : Number(values.runs ?? runs),
      quick: values.quick,
      folder,
      others: place,
      nodeFlags: values['node-flags'].split(' ').filter((flag) => flag !== ''),
      say: (words) => {
        say(`  ${words}`);
      },
    });
    const seconds = (performance.now() - began) / 1000;
    return { name, about: bench.about, of: ofWords(machine), seconds, figures: figures.map(told) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first of each name. */
const inOrder = (all: readonly Measured[]): readonly Measured[] =>
  Object.keys(benches).flatMap((name) => all.find((one) => one.name === name) ?? []);

/** No script of theirs runs: none is needed. */
function install(folder: string, packages: readonly string[]): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  say(`installing ${packages.join(', ')} for as long as they are measured ...`);
  const quiet = ['--silent', '--no-audit', '--no-fund', '--ignore-scripts'];
  execFileSync('npm', ['install', '--prefix', folder, ...quiet, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function main(): Promise<void> {
  if (values.help) return void process.stdout.write(help);
  if (values.beside !== undefined) {
    benches[values.beside]?.beside?.();
    return;
  }
  const unknown = positionals.find((name) => !(name in benches));
  if (unknown !== undefined) {
    process.stderr.write(`There is no ${unknown}.\n\n${help}`);
    process.exitCode = 2;
    return;
  }
  // What is started for it writes there too.
  process.env['TMPDIR'] = values.folder;
  const machine = machineWords(values.folder);
  const chosen = Object.entries(benches).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  const isWhole = positionals.length === 0;
  const isKept = (isWhole || values.keep) && !values.quick;
  const before = isWhole ? [] : lastResults();
  const all: Measured[] = [];
  const missing: string[] = [];
  for (const [n, [name, bench]] of chosen.entries()) {
    try {
      all.push(await measured(name, bench, machine));
    } catch (error) {
      missing.push(`${name} (${error instanceof Error ? error.message : String(error)})`);
      say(`not measured: ${missing.at(-1) ?? name}`);
      process.exitCode = 1;
    }
    // After each: a run of hours may be ended before its end.
    const left = chosen.slice(n + 1).map(([one]) => `${one} (not yet)`);
    if (isKept) writeResults(inOrder([...all, ...before]), [...missing, ...left]);
  }
  const json = jsonOf(all, missing);
  if (values.json === '-') process.stdout.write(json);
  else process.stdout.write(resultsText(all, missing));
  if (values.json !== undefined && values.json !== '-') writeFileSync(values.json, json);
}

await main();
