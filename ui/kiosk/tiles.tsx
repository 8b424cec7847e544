/** Answers as tiles, a page at a time. Nothing scrolls. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icon.tsx';
import { Words } from './parts.tsx';
import type { Tap } from './visit/event.ts';
import { label } from './view.ts';
import type { Label, View } from './view.ts';

export interface Tile {
  readonly key: string;
  readonly label: Label;
  readonly tap: Tap;
  readonly icon?: ComponentChildren;
  /** A name: in any script, never read aloud. */
  readonly name?: boolean;
}

type Kind = 'short' | 'names' | 'pictures';
interface Page {
  readonly columns: number;
  readonly rows: number;
}

/**
 * How many fit, by kind, by the shape of the screen, plain and in Aa (larger, and only the lower half). The smallest
 * screens are 800x480 and 720x1280; larger ones show the same, larger.
 */
const pages: Readonly<Record<Kind, Readonly<Record<View['shape'], readonly [plain: Page, aa: Page]>>>> = {
  short: {
    wide: [
      { columns: 4, rows: 4 },
      { columns: 4, rows: 2 },
    ],
    tall: [
      { columns: 3, rows: 6 },
      { columns: 3, rows: 4 },
    ],
  },
  names: {
    wide: [
      { columns: 3, rows: 4 },
      { columns: 3, rows: 2 },
    ],
    tall: [
      { columns: 2, rows: 6 },
      { columns: 2, rows: 4 },
    ],
  },
  pictures: {
    wide: [
      { columns: 4, rows: 2 },
      { columns: 3, rows: 2 },
    ],
    tall: [
      { columns: 2, rows: 4 },
      { columns: 2, rows: 4 },
    ],
  },
};

export interface Paged {
  readonly shown: readonly Tile[];
  readonly columns: number;
  /** Names and pages that are not full keep the rows of a full one: tiles never change their size. */
  readonly rows: number;
  readonly more: boolean;
}

/** The tiles of the page that the visit is on; More goes round. */
export function paged(view: View, kind: Kind, tiles: readonly Tile[]): Paged {
  const { columns, rows } = pages[kind][view.shape][view.state.comfort.aa ? 1 : 0];
  const size = columns * rows;
  const more = tiles.length > size;
  if (kind === 'names' && !more) return { shown: tiles, columns, rows, more };
  if (!more) {
    const few = fitting(columns, tiles.length);
    return { shown: tiles, columns: few, rows: Math.ceil(tiles.length / few), more };
  }
  const count = Math.ceil(tiles.length / size);
  const from = (view.state.page % count) * size;
  return { shown: tiles.slice(from, from + size), columns, rows, more };
}

/** A few answers are wider, not lost in the left half. */
function fitting(columns: number, count: number): number {
  if (count === 4) return 2;
  const rows = Math.ceil(count / columns);
  return Math.ceil(count / rows);
}

export function Tiles({ view, kind, paged: { shown, columns, rows } }: { view: View; kind: Kind; paged: Paged }) {
  return (
    <div class={`tiles ${kind}`} style={{ '--columns': columns, '--rows': rows }}>
      {shown.map((tile) => (
        <button type="button" key={tile.key} class="tile" onClick={() => view.tap(tile.tap)}>
          {tile.icon}
          {tile.name === true ? (
            <bdi dir="auto" class={`name ${lengthOf(tile.label.text)}`}>
              {tile.label.text}
            </bdi>
          ) : (
            <Words view={view} label={tile.label} say />
          )}
        </button>
      ))}
    </div>
  );
}

/** Long names are set smaller rather than cut. */
function lengthOf(name: string): string {
  if (name.length > 36) return 'longest';
  return name.length > 17 ? 'long' : '';
}

export function More({ view, paged: { more } }: { readonly view: View; readonly paged: Pick<Paged, 'more'> }) {
  if (!more) return null;
  return (
    <button type="button" class="button more" onClick={() => view.tap({ type: 'more' })}>
      <Words view={view} label={label(view, ({ common }) => common.more)} say={false} />
      <Icon of="more" />
    </button>
  );
}
