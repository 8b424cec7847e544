import type { RequestFaults } from './faults.ts';
import type { Answer, Asked } from './answer.ts';
import { jsonAnswer } from './answer.ts';

const usualRows = 50;
/** A real maximum is not known (mis.md 2.3); a client that asks for more has to follow `next` anyway. */
const mostRows = 200;

/** What a list is made of: sorted by id, which is unlike any other of the list. */
export interface Listed {
  readonly id: string;
}

function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : otherwise;
}

const toCursor = (id: string): string => Buffer.from(id).toString('base64url');
const fromCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString();

/** A request for a list, and where `next` leads when that fault is on. */
interface ListCall {
  readonly asked: Asked;
  readonly faults: RequestFaults;
  readonly foreign: string;
}

/**
 * One page of a list as Wonde gives it (mis.md 2.3): by `page`, or by `cursor` once `cursor=true` has been said.
 * No pagination object at all where there are at most 50 rows and all of them are on this page.
 * @param show what is said of one of them
 */
export function pageAnswer<T extends Listed>(call: ListCall, list: readonly T[], show: (one: T) => object): Answer {
  const { asked, faults, foreign } = call;
  const sorted = [...list].sort((one, other) => (one.id < other.id ? -1 : 1));
  const perPage = Math.min(wholeNumber(asked.query.get('per_page'), usualRows), mostRows);
  const cursor = asked.query.get('cursor');
  const page = wholeNumber(asked.query.get('page'), 1);
  const after = cursor === null || cursor === 'true' ? '' : fromCursor(cursor);
  const from = cursor === null ? (page - 1) * perPage : sorted.filter(({ id }) => id <= after).length;
  const shown = sorted.slice(from, from + perPage);
  const data = shown.map(show);
  const includes = (asked.query.get('include') ?? '').split(',').filter((include) => include !== '');
  if (sorted.length <= usualRows && data.length === sorted.length) {
    return jsonAnswer(200, { data, meta: { includes } }, data.length);
  }
  const address = (changes: Readonly<Record<string, string>>, base = `http://${asked.host}`): string => {
    const url = new URL(`${asked.pathname}/`, base);
    const query = new URLSearchParams(asked.query);
    for (const [name, value] of Object.entries(changes)) query.set(name, value);
    url.search = query.toString();
    return url.href;
  };
  const more = from + data.length < sorted.length;
  const here = { page: String(page) };
  const onward = cursor === null ? { page: String(page + 1) } : { cursor: toCursor(shown.at(-1)?.id ?? '') };
  const base = more && faults.has('foreign-next') ? foreign : undefined;
  const next = more ? address(faults.has('endless-next') ? here : onward, base) : null;
  const previous = cursor === null && page > 1 ? address({ page: String(page - 1) }) : null;
  const pagination = {
    next,
    previous,
    more,
    per_page: faults.has('per-page-number') ? perPage : String(perPage),
    ...(cursor === null ? { current_page: page } : {}),
  };
  return jsonAnswer(200, { data, meta: { pagination, includes } }, data.length);
}
