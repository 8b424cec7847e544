/** Everything about one pupil, others left out: the pupil's page, the records, and the photos that are the pupil's (product.md 10). */
import type { PupilPage } from '../../contract/staff-views.ts';
import type { AboutPupil, PupilRecords } from '../../desk/about-pupil.ts';
import type { Desk } from '../../desk/desk.ts';
import type { Photos } from '../../desk/photos.ts';
import type { School } from '../../desk/school.ts';
import { today } from '../../desk/when.ts';
import type { Ledger } from '../../domain/ledger.ts';
import { samePerson } from '../../domain/prune.ts';
import type { Recorded } from '../../domain/record.ts';
import { goneFrom, pupilPage } from './views/pupil.ts';

export interface EverythingPorts {
  readonly school: School;
  readonly desk: Pick<Desk, 'durable'>;
  readonly pupilRecords: Pick<PupilRecords, 'read'>;
  readonly photos: Pick<Photos, 'get' | 'kept'>;
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

export async function everything(
  { school, desk, pupilRecords, photos }: EverythingPorts,
  pupil: string,
): Promise<Everything> {
  const about = await pupilRecords.read(pupil, 'left-out');
  const kept = await photos.kept();
  const waitsForPrinter = (): boolean => false; // what the records say is taken
  const own = { person: about.person, photos: kept, waitsForPrinter };
  const look = { key: pupil, role: 'administrator', isWhole: true, ...own } as const;
  const page = pupilPage(school, about.ledger, look) ?? nothing(school, pupil);
  const withPhoto = page.movements.flatMap((movement) => {
    const visit = about.ledger.movements.get(movement.movement)?.record.visit;
    return movement.photoUrl === null || visit === undefined ? [] : [{ ...movement, visit }];
  });
  const ofPupil = withPhoto.filter(({ movement, visit }) => !isOfAnother(about, desk.durable, movement, visit));
  const seen: ExportedPhoto[] = [];
  for (const { movement, day, time, visit } of ofPupil) {
    const jpeg = await photos.get(visit);
    if (jpeg !== null) seen.push({ movement, day, time, jpeg });
  }
  return { page, about, photos: seen, photosOfOthers: withPhoto.length - ofPupil.length };
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
  ...goneFrom(school, key),
  movements: [],
  more: 0,
  earlierThan: null,
  today: today(school),
});
