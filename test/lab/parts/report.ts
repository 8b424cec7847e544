/** What a fault of a part looks like to everybody, from runs: the table of `scripts/lab parts`. */

export interface Row {
  readonly part: string;
  readonly fault: string;
  readonly pupil: string;
  readonly staff: string;
  readonly lights: string;
  /** From the end of the fault until everything was well again, seconds; null: nothing to recover from. */
  readonly recovery: number | null;
  /** What should have been otherwise. */
  readonly wrong: readonly string[];
}

const heads = ['part', 'fault', 'pupil', 'staff', 'lights', 'recovery s', ''];

export const tableHead = (): string => `| ${heads.join(' | ')} |\n|${'---|'.repeat(heads.length)}`;

export function tableRow({ part, fault, pupil, staff, lights, recovery, wrong }: Row): string {
  const cells = [part, fault, pupil, staff, lights, recovery?.toFixed(1) ?? '', wrong.length === 0 ? 'ok' : 'WRONG'];
  return [`| ${cells.join(' | ')} |`, ...wrong.map((what) => `     WRONG: ${what}`)].join('\n');
}

export function summary(rows: readonly Row[], minutes: number): string {
  const wrong = rows.filter((row) => row.wrong.length > 0).length;
  return `\n${String(rows.length)} rows, ${String(wrong)} wrong, ${minutes.toFixed(0)} minutes`;
}

/** For test/README.md. */
export function figuresLine(rows: readonly Row[]): string {
  const well = rows.filter(({ wrong }) => wrong.length === 0).length;
  const slowest = Math.max(0, ...rows.map(({ recovery }) => recovery ?? 0));
  return `| real interfaces of a kernel | \`scripts/lab parts\` | ${String(well)} of ${String(rows.length)} rows as they should be; well again within ${slowest.toFixed(0)} s, emulated |`;
}
