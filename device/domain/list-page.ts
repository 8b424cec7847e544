/** A list on badge paper: in pages, since a printer takes no picture without an end, and paper tears. */

export interface ListRow {
  /** `title`, `words` and `group` over the whole width; `pupil`: with a box to tick, and a few words at the end. */
  readonly kind: 'title' | 'words' | 'group' | 'pupil';
  readonly text: string;
  readonly end?: string;
}
export interface ListPage {
  /** White on black over each page: `DRILL`. Null: none. */
  readonly band: string | null;
  readonly rows: readonly ListRow[];
}

/** Some 15 cm of paper, a few seconds of printing. */
export const rowsOfPage = 36;
/** Two metres of paper. */
export const pagesMax = 12;

/**
 * `rows` in pages, each under a line that says which it is. What has no room in `pagesMax` is counted in the last line: `left` says
 * it in words. A group's name is not left alone at the end of a page.
 */
export function listPages(
  rows: readonly ListRow[],
  {
    band,
    foot,
    left,
  }: { readonly band: string | null; readonly foot: string; readonly left: (pupils: number) => string },
): readonly ListPage[] {
  const pages: ListRow[][] = [[]];
  for (const row of rows) {
    const page = pages.at(-1) ?? [];
    const isFull = page.length >= rowsOfPage || (row.kind === 'group' && page.length >= rowsOfPage - 1);
    if (isFull) pages.push([row]);
    else page.push(row);
  }
  const shown = pages.slice(0, pagesMax);
  const cut = pages
    .slice(pagesMax)
    .flat()
    .filter(({ kind }) => kind === 'pupil').length;
  if (cut > 0) shown.at(-1)?.push({ kind: 'words', text: left(cut) });
  return shown.map((page, i) => ({
    band,
    rows: [...page, { kind: 'words', text: `${foot} · ${String(i + 1)} of ${String(shown.length)}` }],
  }));
}
