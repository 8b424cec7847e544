/**
 * Everything about one pupil as a file, others left out: a page to read, without script, and the records as JSON (product.md 10). Who
 * takes it, and why, is recorded first.
 */
import type { Result } from '../../contract/result.ts';
import type { ExportAnswer, PupilPage } from '../../contract/staff-views.ts';
import type { AboutPupil, PupilRecords } from '../../desk/about-pupil.ts';
import { Refused } from '../../desk/desk.ts';
import type { Desk, DeskCommand } from '../../desk/desk.ts';
import type { Photos } from '../../desk/photos.ts';
import type { School } from '../../desk/school.ts';
import { today } from '../../desk/when.ts';
import type { Ledger } from '../../domain/ledger.ts';
import { samePerson } from '../../domain/prune.ts';
import type { AccessExportBody, Actor, Recorded } from '../../domain/record.ts';
import type { Files, OfferedFile } from './files.ts';
import { readablePage } from './readable-page.ts';
import { pupilPage } from './views/pupil.ts';

export interface ExportWish {
  readonly pupil: string;
  readonly why: string;
  readonly by: Actor;
  /** Of the staff page, which alone fetches files. */
  readonly session: string | undefined;
}
export interface ExportPorts {
  readonly school: School;
  readonly desk: Pick<Desk, 'execute' | 'durable'>;
  readonly pupilRecords: Pick<PupilRecords, 'read'>;
  readonly photos: Pick<Photos, 'get' | 'kept'>;
  readonly files: Pick<Files, 'offer'>;
}

/** A photo that is the pupil's, and of which movement. */
export interface ExportedPhoto {
  readonly movement: string;
  readonly day: string;
  readonly time: string | null;
  readonly jpeg: Uint8Array;
}
export interface Everything {
  readonly page: PupilPage;
  readonly about: AboutPupil;
  readonly photos: readonly ExportedPhoto[];
  /** Photos that are kept and that staff have said are of somebody else. */
  readonly photosOfOthers: number;
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

export async function everything(
  { school, desk, pupilRecords, photos }: Omit<ExportPorts, 'files'>,
  pupil: string,
): Promise<Everything> {
  const about = await pupilRecords.read(pupil, 'left-out');
  const kept = await photos.kept();
  const look = { key: pupil, person: about.person, role: 'administrator', photos: kept, isWhole: true } as const;
  const page = pupilPage(school, about.ledger, look) ?? nothing(school, pupil);
  const withPhoto = page.movements.flatMap((movement) => {
    const visit = about.ledger.movements.get(movement.movement)?.record.visit;
    return movement.photoUrl === null || visit === undefined ? [] : [{ ...movement, visit }];
  });
  const own = withPhoto.filter(({ movement, visit }) => !isOfAnother(about, desk.durable, movement, visit));
  const seen: ExportedPhoto[] = [];
  for (const { movement, day, time, visit } of own) {
    const jpeg = await photos.get(visit);
    if (jpeg !== null) seen.push({ movement, day, time, jpeg });
  }
  return { page, about, photos: seen, photosOfOthers: withPhoto.length - own.length };
}

/** Staff have said so: "It was another pupil" gave the visit to that one, "Not this pupil" undid it and held the photo at once. */
function isOfAnother({ person, records }: AboutPupil, durable: Ledger, movement: string, visit: string): boolean {
  const newest = durable.movements.get(durable.visits.get(visit) ?? '')?.record.pupil ?? null;
  if (newest !== null && !samePerson(durable, newest).has([...person][0] ?? '')) return true;
  return records.some(
    (hold) => hold.type === 'hold' && hold.movement === movement && records.some((one) => isUndoneWith(hold, one)),
  );
}

/** In the same commit. */
const isUndoneWith = (hold: Recorded & { readonly movement: string }, one: Recorded): boolean =>
  one.type === 'correction' &&
  one.movement === hold.movement &&
  one.at.boot === hold.at.boot &&
  one.at.mono === hold.at.mono;

/** Known only by a request or a note. */
const nothing = (school: School, key: string): PupilPage => ({
  key,
  pupil: 'No longer on the roster',
  registrationGroup: null,
  yearGroup: null,
  where: '',
  out: false,
  onRoster: false,
  flags: [],
  birthMonth: null,
  misToday: [],
  movements: [],
  more: 0,
  earlierThan: null,
  today: today(school),
});

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
