/** A list with names as a file, which is recorded before it is saved: a file goes where nobody is asked who they are. */
import type { JSX } from 'preact';
import { act } from '../act.ts';
import { csvOf, save } from '../csv.ts';
import { Icon } from './icon.tsx';
import type { Column } from './listing.tsx';
import { say } from './toast.tsx';

interface SaveListProps<Row> {
  readonly list: 'marks' | 'day-sheet' | 'late-again';
  /** Its date, or first and last with `-` between. */
  readonly of: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
}
export function SaveList<Row>({ list, of, rows, columns }: SaveListProps<Row>): JSX.Element {
  const take = async (): Promise<void> => {
    const named = columns.flatMap(({ name, text }) => (text === undefined ? [] : [{ name, text }]));
    const head = named.map(({ name }) => name);
    const text = csvOf(
      head,
      rows.map((row) => named.map((column) => column.text(row))),
    );
    const wrong = await act('take-list', { list, of });
    if (wrong === null) save(`${list}-${of}.csv`, text);
    else say(wrong);
  };
  return (
    <button type="button" class="button small" onClick={() => void take()}>
      <Icon of="download" /> CSV
    </button>
  );
}
