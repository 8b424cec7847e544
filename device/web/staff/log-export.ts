/** A range of days of the log as CSV, safe to open in a spreadsheet; without the names of pupils unless they are asked for. */
import type { Result } from '../../contract/result.ts';
import { logRange } from '../../desk/log.ts';
import type { LogPorts } from '../../desk/log.ts';
import type { AccessBody, Actor } from '../../domain/record.ts';
import type { IsoDate } from '../../domain/settings.ts';
import { csvLine } from '../../journal/csv-line.ts';
import type { Files } from './files.ts';
import { logRow } from './views/log.ts';

export interface LogExportWish {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly names: boolean;
  readonly by: Actor;
  /** Of the staff page, which alone fetches files. */
  readonly session: string | undefined;
}
export interface LogExportPorts extends LogPorts {
  readonly files: Pick<Files, 'offer'>;
  /** Resolves when it is on the disk. */
  readonly record: (body: AccessBody) => Promise<unknown>;
}

/** Where it can be fetched. That it was taken is recorded first. */
export async function exportLog(
  ports: LogExportPorts,
  { from, to, names, by, session }: LogExportWish,
): Promise<Result<{ readonly file: string }>> {
  if (session === undefined) {
    return { ok: false, error: { code: 'wrong_state', detail: 'files are fetched with the staff page' } };
  }
  if (from > to) return { ok: false, error: { code: 'invalid_input', detail: 'the first day comes after the last' } };
  const detail = `${from} to ${to}, ${names ? 'with' : 'without'} names of pupils`;
  await ports.record({ type: 'access', v: 1, what: 'log-taken', person: by, detail, from: null, count: 1, by });
  const file = ports.files.offer(session, {
    name: `porter-log-${from}-${to}.csv`,
    type: 'text/csv; charset=utf-8',
    parts: () => lines(ports, { from, to, names }),
  });
  return { ok: true, value: { file } };
}

async function* lines(
  ports: LogPorts,
  { from, to, names }: Pick<LogExportWish, 'from' | 'to' | 'names'>,
): AsyncGenerator<string> {
  // The mark makes spreadsheets read it as UTF-8.
  yield `\uFEFF${csvLine(['number', 'time', 'by', 'about', 'what'])}`;
  for await (const record of logRange(ports, { kind: null, by: null, staffOnly: false, from, to })) {
    const { number, at, by, kind, words } = logRow(ports.school, record, names ? 'named' : 'left-out');
    yield csvLine([number, at, by, kind, words]);
  }
}
