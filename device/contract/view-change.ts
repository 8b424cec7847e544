/**
 * What has changed in a view since it was sent last: a sign-in changes a row or two of some hundreds, and only these go over the
 * line to each page. Both ends of it stand here.
 */
type Row = Readonly<Record<string, unknown>>;

/** A view as text: of a field its JSON, of a list that of each row. */
export type ViewText = ReadonlyMap<string, string | readonly string[]>;

/** As JSON: the fields that are others now; of lists, rows and `[from, count]` for rows that stood there before. */
export type ViewChange = readonly [fields: Row, lists: Readonly<Record<string, readonly (Row | Run)[]>>];
type Run = readonly [from: number, count: number];

/**
 * A view has all its fields at any time: null, and never left out. `before`: a row that stays the same stays the same string, so that
 * nothing new lives on from one push to the next.
 */
export function viewText(view: object, before: ViewText | undefined): ViewText {
  const fieldText = (field: string, value: unknown): string | readonly string[] => {
    if (!isRows(value)) return JSON.stringify(value ?? null);
    const known = new Map(rowsOf(before, field).map((row) => [row, row]));
    return value.map((row) => {
      const text = JSON.stringify(row);
      return known.get(text) ?? text;
    });
  };
  return new Map(Object.entries(view).map(([field, value]) => [field, fieldText(field, value)] as const));
}

/** JSON of a `ViewChange`; null: nothing has changed. `before` undefined: the whole view. */
export function viewChange(before: ViewText | undefined, now: ViewText): string | null {
  const fields: string[] = [];
  const lists: string[] = [];
  for (const [field, is] of now) {
    const named = (text: string): string => `${JSON.stringify(field)}:${text}`;
    const was = before?.get(field);
    if (typeof is === 'string') {
      if (is !== was) fields.push(named(is));
    } else if (typeof was !== 'object' || was.length !== is.length || is.some((row, n) => row !== was[n])) {
      lists.push(named(`[${rowsTold(rowsOf(before, field), is).join()}]`));
    }
  }
  return fields.length + lists.length === 0 ? null : `[{${fields.join()}},{${lists.join()}}]`;
}

function rowsTold(was: readonly string[], is: readonly string[]): readonly string[] {
  const places = new Map(was.map((row, place) => [row, place]));
  const told: (string | [number, number])[] = [];
  for (const row of is) {
    const [place, last] = [places.get(row), told.at(-1)];
    if (place === undefined) told.push(row);
    else if (typeof last === 'object' && last[0] + last[1] === place) last[1] += 1;
    else told.push([place, 1]);
  }
  return told.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
}

/** The view as it is now; rows that stayed are the same objects. `before` undefined: `change` is the whole view. */
export function withChange(before: object | undefined, [fields, lists]: ViewChange): object {
  const old = new Map<string, unknown>(Object.entries(before ?? {}));
  const changed = Object.entries(lists).map(([field, rows]) => {
    const known = old.get(field);
    const stood = isRows(known) ? known : [];
    return [field, rows.flatMap((one) => (isRun(one) ? stood.slice(one[0], one[0] + one[1]) : [one]))] as const;
  });
  return { ...before, ...fields, ...Object.fromEntries(changed) };
}

const rowsOf = (text: ViewText | undefined, field: string): readonly string[] => {
  const rows = text?.get(field);
  return typeof rows === 'object' ? rows : [];
};

const isRows = (value: unknown): value is readonly Row[] =>
  Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));
const isRun = (one: Row | Run): one is Run => Array.isArray(one);
