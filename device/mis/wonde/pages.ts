/** Lists, page by page (mis.md 2.3). */
import type { MisAnswer } from '../connector.ts';
import { refused } from './client.ts';
import type { WondeClient } from './client.ts';
import * as failure from './failure.ts';
import { booleanOf, fieldsOf, includedOf, listOf, textOf, wholeOf } from './reading.ts';
import type { Fields } from './reading.ts';

export interface ListBounds {
  readonly maxPages: number;
  /** Sum of all pages. */
  readonly maxBytes: number;
}

/** What is asked for; a server may give fewer and say so, and it may give all and no pagination at all. */
export const rowsPerPage = '200';

/**
 * Gives every row of a list to `take`, page after page, and answers how many there were. Follows `next` as it stands, on the
 * same origin only; where a server says `more` without a `next`, the following page number is asked for.
 */
export async function readList(
  client: WondeClient,
  first: URL,
  bounds: ListBounds,
  take: (row: Fields) => void,
  signal: AbortSignal,
): Promise<MisAnswer<number>> {
  const seen = new Set<string>();
  let rows = 0;
  let bytes = 0;
  let url = first;
  for (;;) {
    if (seen.has(url.href)) return refused(failure.endless());
    if (seen.size >= bounds.maxPages || bytes > bounds.maxBytes) return refused(failure.tooBig());
    seen.add(url.href);
    const answer = await (url === first ? client.get(url, signal) : client.getMore(url, signal));
    if (!answer.ok) return answer;
    bytes += answer.value.bytes;
    const list = listOf(answer.value.json);
    if (list === null) return refused(failure.unreadable());
    for (const entry of list) {
      const row = fieldsOf(entry);
      if (row !== null) take(row);
    }
    rows += list.length;
    const next = linkOf(answer.value.json, url);
    if (next === 'end') return { ok: true, value: rows };
    if (next === 'lost') return refused(failure.unreadable());
    const onward = client.onward(next, url);
    if (onward === null) return refused(failure.elsewhere());
    url = onward;
  }
}

/** Where the next page is. `lost`: there is more, and no way to it. */
function linkOf(json: unknown, url: URL): string {
  const meta = fieldsOf(fieldsOf(json)?.['meta']);
  const pagination = includedOf(meta?.['pagination'] ?? fieldsOf(json)?.['pagination']);
  const next = textOf(pagination?.['next']);
  if (next !== null) return next;
  if (booleanOf(pagination?.['more']) !== true) return 'end';
  const page = wholeOf(pagination?.['current_page']);
  if (page === null) return 'lost';
  const following = new URL(url);
  following.searchParams.set('page', String(page + 1));
  return following.href;
}
