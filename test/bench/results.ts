/** Where figures go: the terminal, JSON, `RESULTS.md` of the last whole run, and in short the README. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { goalWords, shown, table } from './figures.ts';
import type { Told } from './figures.ts';

export interface Measured {
  readonly name: string;
  readonly about: string;
  readonly seconds: number;
  readonly figures: readonly Told[];
}

const project = join(import.meta.dirname, '../..');
const [begin, end] = ['<!-- scripts/bench: begin -->', '<!-- scripts/bench: end -->'];

/** The machine in a sentence, before anything is measured. `folder` is on the disk that is. */
export function machineWords(folder: string): string {
  const [cpu] = cpus();
  const memory = `${String(Math.round(totalmem() / 2 ** 30))} GB`;
  const disk =
    statfsSync(folder).type === 0xef53 ? 'ext4' : `a file system of type 0x${statfsSync(folder).type.toString(16)}`;
  const load = loadavg()[0] ?? 0;
  return `${String(cpus().length)} x ${cpu?.model ?? 'unknown'}, ${memory}, ${disk}, Linux ${release()}, Node ${process.versions.node}, load ${load.toFixed(1)} at the start`;
}

/** `missing`: what could not be measured, and why. */
export function jsonOf(machine: string, all: readonly Measured[], missing: readonly string[]): string {
  return `${JSON.stringify({ date: today(), version: version(), machine, benches: all, missing }, null, 2)}\n`;
}

const missingText = (missing: readonly string[]): string => missing.map((one) => `\nNot measured: ${one}.\n`).join('');

export function resultsText(machine: string, all: readonly Measured[], missing: readonly string[]): string {
  const parts = all.map(({ name, about, figures }) => `## ${name}\n\n${about}\n\n${table(figures)}\n`);
  return `On ${today()}, ${version()}: ${machine}.\n\n${parts.join('\n')}${missingText(missing)}`;
}

export function writeResults(machine: string, all: readonly Measured[], missing: readonly string[]): void {
  const words = `# The last whole run of scripts/bench

Median of the runs, least and most of them; "against" is a floor or a peer that was measured in the same run, "ratio" the median
of the ratios run by run. Written by \`scripts/bench\`; \`RESULTS.json\` has every run.

`;
  writeFileSync(join(project, 'test/bench/RESULTS.md'), `${words}${resultsText(machine, all, missing)}`);
  writeFileSync(join(project, 'test/bench/RESULTS.json'), jsonOf(machine, all, missing));
  const readme = join(project, 'README.md');
  writeFileSync(readme, withShort(readFileSync(readme, 'utf8'), machine, all, missing));
}

/** The figures that have a goal, between the two marks of the README. */
export function withShort(
  readme: string,
  machine: string,
  all: readonly Measured[],
  missing: readonly string[] = [],
): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no place for figures: ${begin} and ${end}`);
  const rows = all.flatMap(({ figures }) =>
    figures.flatMap(({ what, median, unit, against, ratio, goal, met }) => {
      if (goal === undefined) return [];
      const base =
        against === undefined ? '' : `${against.what}: ${shown(against.median)}, x${(ratio ?? NaN).toFixed(2)}`;
      return [
        `| ${what} | ${shown(median)} ${unit} | ${base} | ${goalWords(goal, unit)} | ${met === true ? 'yes' : '**no**'} |`,
      ];
    }),
  );
  const made = `
On ${today()}, ${version()}: ${machine}.

| figure | median | against | goal | met |
|---|---|---|---|---|
${rows.join('\n')}
${missingText(missing)}`;
  return `${readme.slice(0, from + begin.length)}${made}${readme.slice(to)}`;
}

const today = (): string => new Date().toISOString().slice(0, 10);

function version(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', project, ...args], { encoding: 'utf8' }).trim();
  return `${git('log', '-1', '--format=%h')}${git('status', '--porcelain', '--', 'device', 'ui') === '' ? '' : ' and changes'}`;
}
