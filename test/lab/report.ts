/** The table of a run of power cuts, its summary, and what counts as well. */
import type { Sum } from '../../device/contract/staff.ts';
import type { CutMode, CutReport } from './volatile-disk.ts';

/** One cut with the start before it; with `number` null, the start after the last one. */
export interface Round {
  readonly number: number | null;
  readonly seed: number | null;
  readonly mode: CutMode | null;
  /** The instant of the cut, in words. */
  readonly when: string;
  /** What the cut left of the disk's cache. */
  readonly left: CutReport | null;
  /** What e2fsck said after the cut, if that was more than to replay the journal. */
  readonly damage: string | null;
  /** Answers so far that promised something. */
  readonly acknowledged: number;
  /** At the start before this cut: promises kept and not kept, marks that are wrong or written twice (checks.ts). */
  readonly found: number;
  readonly lost: readonly string[];
  readonly wrong: readonly string[];
  readonly doubled: readonly string[];
  /** The daemon's own count of marks, and what it complained of. */
  readonly sum?: Sum | undefined;
  readonly faults: readonly string[];
  /** From power to the first page; null: the cut came before. */
  readonly startSeconds: number | null;
  /** False: the box did not come up, and nothing had cut its power. */
  readonly starts: boolean;
  readonly seconds: number;
  /** Where the cut before is kept, if anything was wrong. */
  readonly kept?: string | undefined;
}

export const isWell = ({ lost, wrong, doubled, damage, starts }: Round): boolean =>
  lost.length + wrong.length + doubled.length === 0 && damage === null && starts;

const columns: readonly (readonly [name: string, width: number, of: (round: Round) => string | number | null])[] = [
  ['cut', 5, ({ number }) => number ?? 'end'],
  ['seed', 9, ({ seed }) => seed],
  ['mode', 8, ({ mode }) => mode],
  ['when', 25, ({ when }) => when],
  ['pending', 8, ({ left }) => left?.pending ?? null],
  [
    'kept',
    8,
    ({ left }) => (left === null || left.pieces === 0 ? null : `${String(left.kept)}/${String(left.pieces)}`),
  ],
  ['acked', 6, ({ acknowledged }) => acknowledged],
  ['found', 6, ({ found }) => found],
  ['lost', 5, ({ lost }) => lost.length],
  ['confirmed', 10, ({ sum }) => sum?.confirmed ?? null],
  ['wrong', 6, ({ wrong }) => wrong.length],
  ['twice', 6, ({ doubled }) => doubled.length],
  ['faults', 7, ({ faults }) => faults.length],
  ['fsck', 7, ({ number, damage }) => (number === null ? null : damage === null ? 'ok' : 'damage')],
  ['start s', 8, ({ startSeconds }) => startSeconds?.toFixed(1) ?? null],
  ['s', 5, ({ seconds }) => seconds.toFixed(1)],
];

const line = (cell: (column: (typeof columns)[number]) => string | number | null): string =>
  columns
    .map((column) => String(cell(column) ?? '').padEnd(column[1]))
    .join('')
    .trimEnd();

export const tableHead = (): string => line(([name]) => name);

/** One line, and under it every sentence about what was wrong. */
export function tableRow(round: Round): string {
  const { lost, wrong, doubled, faults, damage, kept } = round;
  const sentences = [
    ...lost.map((what) => `LOST: ${what}`),
    ...wrong.map((what) => `WRONG: ${what}`),
    ...doubled.map((what) => `TWICE: ${what}`),
    ...(damage === null ? [] : [`DAMAGE: ${damage}`]),
    ...(kept === undefined ? [] : [`the cut before is kept in ${kept}`]),
    ...faults.map((what) => `the box says: ${what}`),
  ];
  return [line(([, , of]) => of(round)), ...sentences.map((one) => `     ${one}`)].join('\n');
}

export function summary(rounds: readonly Round[]): string {
  const cuts = rounds.filter(({ number }) => number !== null);
  const count = (of: (round: Round) => number): string => String(rounds.reduce((all, round) => all + of(round), 0));
  const last = rounds.at(-1);
  const withPending = cuts.filter(({ left }) => (left?.pending ?? 0) > 0).length;
  const early = cuts.filter(({ startSeconds }) => startSeconds === null).length;
  const { recorded, confirmed, waiting, needsPerson } = last?.sum ?? {
    recorded: 0,
    confirmed: 0,
    waiting: 0,
    needsPerson: 0,
  };
  return `
${String(cuts.length)} cuts, ${String(early)} of them during a start; ${String(withPending)} with writes in the cache, ${count(({ left }) => left?.pending ?? 0)} writes in all
${String(last?.acknowledged ?? 0)} answers that promised something; lost ${count(({ lost }) => lost.length)}
${String(recorded)} marks: ${String(confirmed)} confirmed, ${String(waiting)} wait, ${String(needsPerson)} need a person; wrong ${count(({ wrong }) => wrong.length)}, written twice ${count(({ doubled }) => doubled.length)}
file system damaged after ${count(({ damage }) => (damage === null ? 0 : 1))} cuts; ${count(({ seconds }) => seconds / 60).replace(/\.\d+$/, '')} minutes
${rounds.every(isWell) ? 'Everything promised was kept.' : 'NOT everything promised was kept.'}`;
}

/** For test/README.md (figures.ts). */
export function figuresLine(rounds: readonly Round[], command: string): string {
  const minutes = rounds.reduce((sum, { seconds }) => sum + seconds / 60, 0).toFixed(0);
  const count = (of: (round: Round) => readonly unknown[]): string =>
    String(rounds.reduce((all, round) => all + of(round).length, 0));
  const answers = String(rounds.at(-1)?.acknowledged ?? 0);
  const [lost, wrong, twice] = [
    count(({ lost }) => lost),
    count(({ wrong }) => wrong),
    count(({ doubled }) => doubled),
  ];
  const whole = rounds.every(({ damage }) => damage === null) ? 'file system whole' : 'FILE SYSTEM DAMAGED';
  return `| \`${command}\` | ${answers} answers, ${lost} lost, ${wrong} wrong, ${twice} doubled, ${whole} | ${minutes} min |`;
}
