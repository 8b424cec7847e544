/**
 * Everything about one pupil as a file, others left out: a page to read, without script, and the records as JSON (product.md 10). Who
 * takes it, and why, is recorded first.
 */
import type { Result } from '../../contract/result.ts';
import type { ExportAnswer } from '../../contract/staff-views.ts';
import { Refused } from '../../desk/desk.ts';
import type { Desk, DeskCommand } from '../../desk/desk.ts';
import type { School } from '../../desk/school.ts';
import { today } from '../../desk/when.ts';
import type { Ledger } from '../../domain/ledger.ts';
import type { AccessExportBody, Actor, Recorded } from '../../domain/record.ts';
import { everything } from './everything.ts';
import type { Everything, EverythingPorts } from './everything.ts';
import type { Files, OfferedFile } from './files.ts';
import { readablePage } from './readable-page.ts';

export interface ExportWish {
  readonly pupil: string;
  readonly why: string;
  readonly by: Actor;
  /** Of the staff page, which alone fetches files. */
  readonly session: string | undefined;
}
export interface ExportPorts extends EverythingPorts {
  readonly desk: Pick<Desk, 'execute' | 'durable'>;
  readonly files: Pick<Files, 'offer'>;
}

export async function takeExport(
  ports: ExportPorts,
  command: DeskCommand,
  { pupil, why, by, session }: ExportWish,
): Promise<Result<ExportAnswer>> {
  if (session === undefined) {
    return { ok: false, error: { code: 'wrong_state', detail: 'files are fetched with the staff page' } };
  }
  const recorded = await ports.desk.execute(
    command,
    (ahead) => {
      if (!isKnown(ports.school, ahead, pupil)) throw new Refused('not_found', 'nobody is known by this name');
      return [{ type: 'access-export', v: 1, pupil, why, by } satisfies AccessExportBody];
    },
    (first) => first,
  );
  if (!recorded.ok) return recorded;
  const taken = recorded.value;
  const name = `everything-about-a-pupil-${today(ports.school)}`;
  const readable: OfferedFile = {
    name: `${name}.html`,
    type: 'text/html; charset=utf-8',
    parts: () => parts(ports, pupil, (all) => readablePage(ports.school, all, taken)),
  };
  const json: OfferedFile = {
    name: `${name}.json`,
    type: 'application/json; charset=utf-8',
    parts: () => parts(ports, pupil, (all) => machineReadable(ports.school, all, taken)),
  };
  return {
    ok: true,
    value: { readable: ports.files.offer(session, readable), json: ports.files.offer(session, json) },
  };
}

function isKnown({ roster }: School, { byPupil, requests }: Ledger, pupil: string): boolean {
  const asked = [...requests.values()].some(({ record }) => record.pupil === pupil);
  return roster.byKey(pupil) !== undefined || byPupil.has(pupil) || asked;
}

async function* parts(
  ports: ExportPorts,
  pupil: string,
  made: (all: Everything) => Iterable<string>,
): AsyncGenerator<string> {
  yield* made(await everything(ports, pupil));
}

/** Times in milliseconds since the epoch. A command's identity says nothing about the pupil. */
function* machineReadable(
  school: School,
  { page, about, photos, photosOfOthers }: Everything,
  taken: Recorded,
): Generator<string> {
  const head = {
    school: school.settings.school.name,
    box: school.settings.box.name,
    taken: { on: page.today, by: 'by' in taken ? taken.by : null, record: taken.ref },
    roster: [...about.person].flatMap((key) => school.roster.byKey(key) ?? []),
    misToday: page.misToday,
    photosLeftOutAsOfSomebodyElse: photosOfOthers,
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n"records":[\n`;
  for (const [index, { command: _, ...record }] of about.records.entries()) {
    yield `${index === 0 ? '' : ',\n'}${JSON.stringify(record)}`;
  }
  yield '\n],\n"photos":[\n';
  for (const [index, { jpeg, movement }] of photos.entries()) {
    const base64 = Buffer.from(jpeg).toString('base64');
    yield `${index === 0 ? '' : ',\n'}${JSON.stringify({ movement, type: 'image/jpeg', base64 })}`;
  }
  yield '\n]}\n';
}
