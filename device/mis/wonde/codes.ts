/** The school's attendance codes (mis.md 2.5): matched by letter, exactly; ids are never guessed. */
import type { Clock } from '../../system/ports.ts';
import type { MisAnswer, MisCode } from '../connector.ts';
import type { WondeClient } from './client.ts';
import { readList, rowsPerPage } from './pages.ts';
import { textOf } from './reading.ts';
import type { Fields } from './reading.ts';

const bounds = { maxPages: 20, maxBytes: 4 * 1024 * 1024 };
const oneDayMs = 24 * 3_600_000;

export interface CodeList {
  readonly codes: readonly MisCode[];
  readonly byLetter: ReadonlyMap<string, MisCode>;
  readonly byId: ReadonlyMap<string, MisCode>;
}

export interface CodeBook {
  /** The list, at most `maxAgeMs` old (a day unless given). */
  read(signal: AbortSignal, maxAgeMs?: number): Promise<MisAnswer<CodeList>>;
}

export function createCodeBook(client: WondeClient, schoolId: string, clock: Clock): CodeBook {
  let kept: { readonly list: CodeList; readonly at: number } | null = null;
  return {
    async read(signal, maxAgeMs = oneDayMs) {
      if (kept !== null && clock.mono() - kept.at <= maxAgeMs) return { ok: true, value: kept.list };
      const answer = await pullCodes(client, schoolId, signal);
      if (answer.ok) kept = { list: answer.value, at: clock.mono() };
      return answer;
    },
  };
}

async function pullCodes(client: WondeClient, schoolId: string, signal: AbortSignal): Promise<MisAnswer<CodeList>> {
  const url = client.address(['schools', schoolId, 'attendance-codes'], { per_page: rowsPerPage });
  const codes: MisCode[] = [];
  const take = (row: Fields): void => {
    const id = textOf(row['id']);
    const code = textOf(row['code']);
    if (id !== null && code !== null) codes.push({ id, code, description: textOf(row['description']) ?? '' });
  };
  const answer = await readList(client, url, bounds, take, signal);
  if (!answer.ok) return answer;
  // The first of a letter stands.
  const byLetter = new Map([...codes].reverse().map((code) => [code.code, code]));
  return { ok: true, value: { codes, byLetter, byId: new Map(codes.map((code) => [code.id, code])) } };
}
