/** Pupils out of Wonde's students (mis.md 2.4): the least that the kiosk needs, counted where something is missing. */
import type { Pupil } from '../../domain/pupil.ts';
import { isKnownYearGroup, normaliseYearGroup } from '../../domain/year-group.ts';
import type { MisAnswer, PulledRoster } from '../connector.ts';
import type { WondeClient } from './client.ts';
import { readList, rowsPerPage } from './pages.ts';
import { dateOf, includedOf, textOf, timeTextOf, unwrapped } from './reading.ts';
import type { Fields } from './reading.ts';

/** 20,000 pupils at 50 a page. */
const bounds = { maxPages: 400, maxBytes: 32 * 1024 * 1024 };

/** A pupil and when this enrolment was made and changed: the newest of one `upi` is the one that counts. */
interface Enrolment {
  readonly pupil: Pupil;
  readonly misId: string | null;
  readonly since: string;
}

export async function pullPupils(
  client: WondeClient,
  schoolId: string,
  signal: AbortSignal,
): Promise<MisAnswer<PulledRoster>> {
  const url = client.address(['schools', schoolId, 'students'], {
    include: 'year,registration',
    per_page: rowsPerPage,
    cursor: 'true',
  });
  const enrolments = new Map<string, Enrolment>();
  const missing = { id: 0, name: 0 };
  const take = (row: Fields): void => {
    const read = enrolmentOf(row);
    if (typeof read === 'string') {
      missing[read] += 1;
      return;
    }
    const known = enrolments.get(read.pupil.key);
    if (known === undefined || known.since <= read.since) enrolments.set(read.pupil.key, read);
  };
  const answer = await readList(client, url, bounds, take, signal);
  if (!answer.ok) return answer;
  const read = [...enrolments.values()];
  const pupils = read.map(({ pupil }) => pupil);
  const misIds = new Map(read.flatMap(({ misId, pupil }) => (misId === null ? [] : [[misId, pupil.misId]])));
  return { ok: true, value: { pupils, misIds, problems: problemsOf(pupils, missing) } };
}

/** `id`, `name`: what a row lacks that Porter cannot do without. */
function enrolmentOf(row: Fields): Enrolment | 'id' | 'name' {
  const id = textOf(row['id']);
  const key = textOf(row['upi']) ?? id;
  if (id === null || key === null) return 'id';
  // Never the legal names instead: a pupil may have left one behind.
  const forename = textOf(row['forename']) ?? '';
  const surname = textOf(row['surname']) ?? '';
  if (forename === '' && surname === '') return 'name';
  const pupil: Pupil = {
    key,
    misId: id,
    forename,
    surname,
    yearGroup: yearGroupOf(row['year']),
    registrationGroup: nameOf(row['registration']),
    birthMonth: birthMonthOf(row['date_of_birth']),
    flags: [],
  };
  const since = `${timeTextOf(row['created_at']) ?? ''} ${timeTextOf(row['updated_at']) ?? ''}`;
  return { pupil, misId: textOf(row['mis_id']), since };
}

/**
 * The name where it is a year as everybody counts, else the code where that is (a class called "Kingfishers" of code 3 is Year 3,
 * and its pupils need approval to leave), else the school's own words.
 */
function yearGroupOf(value: unknown): string | null {
  const group = includedOf(value);
  const words = [textOf(group?.['name']), textOf(group?.['code']), group === null ? textOf(unwrapped(value)) : null];
  const years = words
    .flatMap((text) => (text === null ? [] : [normaliseYearGroup(text)]))
    .filter((year) => year !== null);
  return years.find(isKnownYearGroup) ?? years[0] ?? null;
}

function nameOf(value: unknown): string | null {
  const group = includedOf(value);
  return group === null ? textOf(unwrapped(value)) : (textOf(group['name']) ?? textOf(group['code']));
}

function birthMonthOf(value: unknown): number | null {
  const month = Number(dateOf(value)?.slice(5, 7) ?? 0);
  return month >= 1 && month <= 12 ? month : null;
}

/**
 * Something that every pupil lacks is a permission that the school has not given (mis.md 2.2), not bad data: it is said as such.
 */
function problemsOf(
  pupils: readonly Pupil[],
  missing: { readonly id: number; readonly name: number },
): readonly string[] {
  const lacking = (what: string, permission: string, count: number, outOf: number): readonly string[] => {
    if (count === 0) return [];
    if (count < outOf || outOf === 1)
      return [`${count} of ${outOf} pupils have no ${what} in the MIS: they are asked to see reception.`];
    return [
      `No pupil has a ${what}. The school has probably not given Porter the permission for "${permission}" in Wonde.`,
    ];
  };
  const count = (has: (pupil: Pupil) => unknown): number => pupils.filter((pupil) => has(pupil) === null).length;
  return [
    ...(missing.id === 0 ? [] : [`${missing.id} pupils were left out: they have no id.`]),
    ...(missing.name === 0
      ? []
      : [`${missing.name} pupils were left out: they have no name. The permission for names may be missing in Wonde.`]),
    ...lacking(
      'date of birth',
      'date of birth',
      count((pupil) => pupil.birthMonth),
      pupils.length,
    ),
    ...lacking(
      'year group',
      'year',
      count((pupil) => pupil.yearGroup),
      pupils.length,
    ),
  ];
}
