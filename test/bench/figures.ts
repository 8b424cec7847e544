/** What a benchmark measured, and how it is told: median, least and most of its runs, the ratio to a floor or peer, its goal. */

export interface Figure {
  readonly what: string;
  /** Of every number here: `ms`, `MB`, `% of a core` … */
  readonly unit: string;
  /** One of each run, in the order in which they were taken. */
  readonly runs: readonly number[];
  /** A floor or a peer, measured in the same run: the n-th of these with the n-th of `runs`. */
  readonly against?: { readonly what: string; readonly runs: readonly number[] };
  readonly goal?: Goal;
  readonly note?: string;
}

/** All that are given must hold. `times` of what it is measured against, and `plus` (0) on top. */
export interface Goal {
  readonly most?: number;
  readonly least?: number;
  readonly times?: number;
  readonly plus?: number;
}

/** A figure with all that is made of it. */
export interface Told extends Omit<Figure, 'against'> {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly against?: { readonly what: string; readonly runs: readonly number[]; readonly median: number };
  /** Median of the ratios run by run: what slows the machine for a while slows both. */
  readonly ratio: number | null;
  /** Null: it has no goal. */
  readonly met: boolean | null;
}

/** Of numbers that there are: the middle one, of an even count the mean of both in the middle. NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** The number below which `share` of them lie: 0.99 of a hundred is the last but one. NaN of none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? NaN;
}

/** Throws where there are no runs, or not as many of both. */
export function told({ against, ...figure }: Figure): Told {
  const { what, runs, goal } = figure;
  if (runs.length === 0 || runs.some(Number.isNaN)) throw new Error(`${what}: nothing was measured`);
  if (against !== undefined && against.runs.length !== runs.length) {
    throw new Error(`${what}: ${String(runs.length)} runs against ${String(against.runs.length)}`);
  }
  const bases = against?.runs ?? [];
  return {
    ...figure,
    median: median(runs),
    min: Math.min(...runs),
    max: Math.max(...runs),
    ...(against === undefined ? {} : { against: { ...against, median: median(bases) } }),
    ratio: against === undefined ? null : median(runs.map((run, at) => run / (bases[at] ?? NaN))),
    met: goal === undefined ? null : isMet(goal, runs, bases),
  };
}

function isMet({ most, least, times, plus = 0 }: Goal, runs: readonly number[], bases: readonly number[]): boolean {
  const middle = median(runs);
  const over = median(runs.map((run, at) => run - (times ?? 0) * (bases[at] ?? NaN)));
  return (
    (most === undefined || middle <= most) &&
    (least === undefined || middle >= least) &&
    !(times !== undefined && !(over <= plus))
  );
}

/** Three digits that say something, none of them lost before the point. */
export function shown(number: number): string {
  if (!Number.isFinite(number)) return '-';
  const size = Math.abs(number);
  if (size >= 1000) return Math.round(number).toLocaleString('en-GB');
  return number.toFixed(size >= 100 || number === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

export function goalWords({ most, least, times, plus }: Goal, unit: string): string {
  const words: string[] = [];
  if (times !== undefined) {
    words.push(
      `<= ${String(times)}x${plus === undefined ? '' : ` ${plus < 0 ? '-' : '+'} ${shown(Math.abs(plus))} ${unit}`}`,
    );
  }
  if (most !== undefined) words.push(`<= ${shown(most)} ${unit}`);
  if (least !== undefined) words.push(`>= ${shown(least)} ${unit}`);
  return words.join(', ');
}

const heads = ['figure', 'median', 'least to most', 'against', 'ratio', 'goal', 'met', ''];

/** Markdown, its columns aligned for whoever reads it plain. */
export function table(figures: readonly Told[]): string {
  const lines = figures.map((one) => [
    one.what,
    `${shown(one.median)} ${one.unit}`,
    one.runs.length === 1 ? '' : `${shown(one.min)} to ${shown(one.max)}`,
    one.against === undefined ? '' : `${one.against.what}: ${shown(one.against.median)}`,
    one.ratio === null ? '' : Number.isFinite(one.ratio) ? one.ratio.toFixed(2) : '-',
    one.goal === undefined ? '' : goalWords(one.goal, one.unit),
    one.met === null ? '' : one.met ? 'yes' : '**no**',
    one.note ?? '',
  ]);
  const used = heads.map((_, column) => lines.some((line) => line[column] !== ''));
  const rows = [heads, ...lines].map((line) => line.filter((_, column) => used[column]));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n');
}

/** Runs all of them, then all again: A B A B, so that what slows the machine for a while slows each. */
export async function turnAbout<Name extends string>(
  times: number,
  works: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const entries = Object.entries(works) as [Name, () => number | Promise<number>][];
  const runs = Object.fromEntries(entries.map(([name]) => [name, []])) as unknown as Record<Name, number[]>;
  for (let time = 0; time < times; time += 1) for (const [name, work] of entries) runs[name].push(await work());
  return runs;
}
