/** Where figures go: the terminal, JSON, `RESULTS.md`, and in short the README. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { goalWords, shown, table } from './figures.ts';
import type { Told } from './figures.ts';

export interface Measured {
  readonly name: string;
  readonly about: string;
  /** As `ofWords` has it. */
  readonly of: string;
  readonly seconds: number;
  readonly figures: readonly Told[];
}

const project = join(import.meta.dirname, '../..');
const resultsJson = join(project, 'test/bench/RESULTS.json');
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
export const jsonOf = (all: readonly Measured[], missing: readonly string[]): string =>
  `${JSON.stringify({ benches: all, missing }, null, 2)}\n`;

const missingText = (missing: readonly string[]): string => missing.map((one) => `\nNot measured: ${one}.\n`).join('');

export function resultsText(all: readonly Measured[], missing: readonly string[]): string {
  const parts = all.map(({ name, about, of, figures }) => `## ${name}\n\n${about}\n\n${of}\n\n${table(figures)}\n`);
  return `${parts.join('\n')}${missingText(missing)}`;
}

/** What stands in `RESULTS.json`; nothing where there is none. */
export function lastResults(): readonly Measured[] {
  if (!existsSync(resultsJson)) return [];
  const { benches } = JSON.parse(readFileSync(resultsJson, 'utf8')) as { readonly benches: readonly Measured[] };
  return benches;
}

export function writeResults(all: readonly Measured[], missing: readonly string[]): void {
  const words = `# What scripts/bench measured last

Median of the runs, least and most of them; "against" is a floor or a peer that was measured in the same run, "ratio" the median
of the ratios run by run. Written by \`scripts/bench\`; \`RESULTS.json\` has every run.

`;
  writeFileSync(join(project, 'test/bench/RESULTS.md'), `${words}${resultsText(all, missing)}`);
  writeFileSync(resultsJson, jsonOf(all, missing));
  const readme = join(project, 'README.md');
  writeFileSync(readme, withShort(readFileSync(readme, 'utf8'), all, missing));
}

/** The figures that have a goal, between the two marks of the README. */
export function withShort(readme: string, all: readonly Measured[], missing: readonly string[] = []): string {
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
${[...new Set(all.map(({ of }) => of))].join('\n')}

| figure | median | against | goal | met |
|---|---|---|---|---|
${rows.join('\n')}
${missingText(missing)}`;
  return `${readme.slice(0, from + begin.length)}${made}${readme.slice(to)}`;
}

/** When, which version, where: `machine` as `machineWords` has it. */
export const ofWords = (machine: string): string =>
  `On ${new Date().toISOString().slice(0, 10)}, ${version()}: ${machine}.`;

function version(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', project, ...args], { encoding: 'utf8' }).trim();
  return `${git('log', '-1', '--format=%h')}${git('status', '--porcelain', '--', 'device', 'ui') === '' ? '' : ' and changes'}`;
}
