/** What a fault of a part looks like to everybody, from runs: the table of `scripts/lab parts`. */

export interface Row {
  /** As `scripts/lab parts` takes it. */
  readonly scenario: string;
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

function cells({ scenario, fault, pupil, staff, lights, recovery }: Row, how: string): string {
  return `| ${[scenario, fault, pupil, staff, lights, recovery?.toFixed(1) ?? '', how].join(' | ')} |`;
}

export const tableRow = (row: Row): string =>
  [cells(row, row.wrong.length === 0 ? 'ok' : 'WRONG'), ...row.wrong.map((what) => `     WRONG: ${what}`)].join('\n');

export function summary(rows: readonly Row[], minutes: number): string {
  const wrong = rows.filter((row) => row.wrong.length > 0).length;
  return `\n${String(rows.length)} rows, ${String(wrong)} wrong, ${minutes.toFixed(0)} minutes`;
}

/** For test/README.md: one line for each scenario. `minutes`: how long each took. */
export function figuresLines(rows: readonly Row[], minutes: ReadonlyMap<string, number>): readonly string[] {
  return [...minutes].map(([name, took]) => {
    const its = rows.filter(({ scenario }) => scenario === name);
    const well = its.filter(({ wrong }) => wrong.length === 0).length;
    const recoveries = its.flatMap(({ recovery }) => recovery ?? []);
    const again = recoveries.length === 0 ? '' : `; well again within ${Math.max(...recoveries).toFixed(1)} s`;
    const command = `\`scripts/lab parts ${name}\``;
    return `| ${command} | ${String(well)} of ${String(its.length)} rows as they should be${again} | ${took.toFixed(0)} min |`;
  });
}

/** For test/README.md: what faults of parts look like. Of the contract, which is a list of tests, only what was wrong. */
export function figuresTable(rows: readonly Row[]): string {
  const shown = rows.filter(({ scenario, wrong }) => scenario !== 'contract' || wrong.length > 0);
  return [tableHead(), ...shown.map((row) => cells(row, row.wrong.join('; ') || 'ok'))].join('\n');
}
