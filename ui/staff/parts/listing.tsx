/** A list that sorts, filters, copies and prints: a table where there is room, cards where there is none. */
import { useSignal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { tabbed } from '../csv.ts';
import { Icon } from './icon.tsx';
import { useJustMoved } from './just-moved.ts';
import { say } from './toast.tsx';

export interface Column<Row> {
  readonly name: string;
  /** `hasJustMoved`: of the rows as they are sorted and filtered here; whoever presses means the one that was there before. */
  readonly cell: (row: Row, hasJustMoved: () => boolean) => ComponentChildren;
  /** What is sorted by, filtered by and copied; left out: the column is to look at or to press. */
  readonly text?: (row: Row) => string;
  /** Its place on a card (listing.css). */
  readonly place: 'photo' | 'who' | 'end' | 'sub' | 'tail' | 'wide';
}
interface ListingProps<Row> {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  /** A page of more rows than these: the box sorts and filters. */
  readonly isPage?: boolean;
  /** How many there are, where there was not room for all. */
  readonly total?: number;
}

/** From this many on it is worth a filter. */
const filterFrom = 8;
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function Listing<Row>({
  label,
  rows,
  columns,
  keyOf,
  isPage = false,
  total = 0,
}: ListingProps<Row>): JSX.Element {
  const sort = useSignal<Sort | null>(null);
  const wanted = useSignal('');
  const named = columns.filter(({ text }) => text !== undefined);
  const texts = (row: Row): readonly string[] => named.map(({ text }) => text?.(row) ?? '');
  const by = columns.find(({ name }) => name === sort.value?.name)?.text;
  const shown = sorted(filtered(rows, wanted.value, texts), by, sort.value?.down === true);
  const hasJustMoved = useJustMoved(shown.map(keyOf));
  const copyAll = (): void => {
    const head = named.map(({ name }) => name);
    void copy(head, shown.map(texts));
  };
  return (
    <div class="listing">
      {!isPage && (rows.length >= filterFrom || wanted.value !== '') && <Filter label={label} wanted={wanted} />}
      <table class="rows" role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column, index) => (
              <Head
                key={column.name}
                column={column}
                sorted={sort.value?.name === column.name ? (sort.value.down ? 'descending' : 'ascending') : undefined}
                onSort={isPage ? null : () => (sort.value = nextSort(sort.value, column.name))}
              >
                {index === columns.length - 1 && (
                  <button
                    type="button"
                    class="copies"
                    aria-label={`Copy ${label}`}
                    title="Copy this list"
                    onClick={copyAll}
                  >
                    <Icon of="copy" />
                  </button>
                )}
              </Head>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {shown.map((row) => (
            <tr role="row" key={keyOf(row)}>
              {columns.map(({ name, cell, place }) => (
                <td role="cell" key={name} class={place === 'photo' ? 'photo-place' : place}>
                  {cell(row, hasJustMoved)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p class="empty">Nothing here has these letters.</p>}
      {total > rows.length && <p class="empty">and {total - rows.length} more: find them above.</p>}
    </div>
  );
}

function Filter({ label, wanted }: { readonly label: string; readonly wanted: Signal<string> }): JSX.Element {
  return (
    <div class="tools">
      <input
        class="text"
        type="search"
        aria-label={`Filter ${label}`}
        placeholder="Filter"
        value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)}
      />
    </div>
  );
}

function filtered<Row>(rows: readonly Row[], wanted: string, texts: (row: Row) => readonly string[]): readonly Row[] {
  const words = plain(wanted).split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const all = plain(texts(row).join(' '));
    return words.every((word) => all.includes(word));
  });
}

function sorted<Row>(rows: readonly Row[], by: Column<Row>['text'], down: boolean): readonly Row[] {
  if (by === undefined) return rows;
  return [...rows].sort((a, b) => (down ? -1 : 1) * collator.compare(by(a), by(b)));
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sorted: 'ascending' | 'descending' | undefined;
  readonly onSort: (() => void) | null;
  readonly children: ComponentChildren;
}
function Head<Row>({ column: { name, text }, sorted, onSort, children }: HeadProps<Row>): JSX.Element {
  return (
    <th role="columnheader" scope="col" aria-sort={sorted}>
      {text === undefined ? (
        <span class="for-ears">{name}</span>
      ) : onSort === null ? (
        <span class="on-table">{name}</span>
      ) : (
        <button type="button" class="sorts" onClick={onSort}>
          {name} <Icon of={sorted === 'descending' ? 'down' : 'up'} />
        </button>
      )}
      {children}
    </th>
  );
}

interface Sort {
  /** Of the column. */
  readonly name: string;
  readonly down: boolean;
}
/** Up, down, as it came. */
function nextSort(now: Sort | null, name: string): Sort | null {
  if (now?.name !== name) return { name, down: false };
  return now.down ? null : { name, down: true };
}

async function copy(head: readonly string[], rows: readonly (readonly string[])[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(tabbed(head, rows));
    say(`Copied: ${String(rows.length)} ${rows.length === 1 ? 'row' : 'rows'}.`);
  } catch {
    say('This browser does not let the page copy.');
  }
}

/** Whose row it is. Pressing the name, or anywhere on the row, opens it. */
export function Who(props: {
  readonly row: { readonly pupil: string; readonly registrationGroup: string | null };
  readonly onOpen?: () => void;
}): JSX.Element {
  const { pupil, registrationGroup } = props.row;
  const group = registrationGroup !== null && <span class="group">{registrationGroup}</span>;
  if (props.onOpen === undefined) {
    return (
      <>
        <bdi class="name">{pupil}</bdi>
        {group}
      </>
    );
  }
  return (
    <button type="button" class="opens" onClick={props.onOpen}>
      <bdi>{pupil}</bdi> {group}
    </button>
  );
}

export const whoText = (row: { readonly pupil: string; readonly registrationGroup: string | null }): string =>
  `${row.pupil} ${row.registrationGroup ?? ''}`.trim();

/** A photo, or the place of one. */
export function Photo({ url, pupil }: { readonly url: string | null; readonly pupil: string }): JSX.Element {
  if (url !== null) return <img class="photo" src={url} alt={`Photo of ${pupil}`} loading="lazy" />;
  return (
    <span class="photo nobody">
      <Icon of="me" />
      <span class="for-ears">No photo</span>
    </span>
  );
}
