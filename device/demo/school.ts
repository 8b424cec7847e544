import { createHash } from 'node:crypto';
import { nameFamilies, ownScriptNames } from './names.ts';
import type { NameFamily } from './names.ts';
import { seeded } from './random.ts';
import type { Seeded } from './random.ts';

/** A made-up pupil as an MIS keeps one. Everything an MIS may lack is null. */
export interface DemoPupil {
  /** The Wonde id: changes when a pupil leaves and comes back. */
  readonly id: string;
  /** Survives re-enrolment (mis.md 2.4). */
  readonly upi: string;
  readonly misId: string;
  /** The preferred forename, in any script. */
  readonly forename: string;
  /** null or empty for a pupil with one name. */
  readonly surname: string | null;
  readonly legalForename: string;
  readonly middleNames: string | null;
  readonly gender: string;
  /** `YYYY-MM-DD` */
  readonly birthDate: string | null;
  readonly yearCode: string | null;
  readonly registration: string | null;
  /** Unix time in ms of the last change, as `updated_after` sees it. */
  readonly updatedAt: number;
}

/** An id that is no longer on roll: a leaver, or the old id of a pupil who came back. */
export interface DemoDeletion {
  readonly id: string;
  readonly misId: string;
  /** Unix time in ms. */
  readonly deletedAt: number;
}

/** The pupils that catch careless code out (mis.md 9.2), so that tests need not search for them. */
export interface AwkwardPupils {
  readonly noYear: DemoPupil;
  readonly noBirthDate: DemoPupil;
  readonly noRegistration: DemoPupil;
  readonly diacritics: DemoPupil;
  readonly longName: DemoPupil;
  /** Surname null, and surname an empty text. */
  readonly oneName: readonly [DemoPupil, DemoPupil];
  /** Same name, year group and birth month; 9A and 9C. */
  readonly sameNameOtherGroup: readonly [DemoPupil, DemoPupil];
  /** Same name, year group, birth month and registration group: only reception can tell them apart. */
  readonly sameNameSameGroup: readonly [DemoPupil, DemoPupil];
  /** On roll under a new id; the old one is among the deletions. */
  readonly reEnrolled: DemoPupil;
  /** The Wonde id has the form `school-object`. */
  readonly compoundId: DemoPupil;
}

export interface DemoSchool {
  readonly seed: number;
  readonly id: string;
  readonly name: string;
  readonly pupils: readonly DemoPupil[];
  readonly deletions: readonly DemoDeletion[];
  readonly awkward: AwkwardPupils;
}

export interface DemoYear {
  readonly code: string;
  readonly name: string;
  readonly forms: readonly string[];
  readonly size: number;
}

/** When the made-up roll was last changed before a demo begins. */
export const rollMadeAt = Date.UTC(2026, 8, 1, 6);
const pupilCount = 1200;
const primary = ['1', '2', '3', '4', '5', '6'];
const secondary = ['7', '8', '9', '10', '11'];
const sixthForm = ['12', '13'];

function yearOf(code: string, letters: string, size: number): DemoYear {
  const name = code === 'R' ? 'Reception' : `Year ${code}`;
  return { code, name, forms: [...letters].map((letter) => `${code}${letter}`), size };
}

/** Reception to Year 13: an all-through school, so that both rules of approval are seen. */
export const demoYears: readonly DemoYear[] = [
  yearOf('R', 'AB', 60),
  ...primary.map((code) => yearOf(code, 'AB', 60)),
  ...secondary.map((code) => yearOf(code, 'ABCD', 120)),
  ...sixthForm.map((code) => yearOf(code, 'ABC', 90)),
];

const dateText = (year: number, month: number, day: number): string =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** A birth date for the school year 2026/27. No one in Reception has a February birthday, so one month is empty. */
function birthDate(yearCode: string, random: Seeded): string {
  const yearsInSchool = yearCode === 'R' ? 0 : Number(yearCode);
  const month = 1 + random.below(12);
  if (yearCode === 'R' && month === 2) return birthDate(yearCode, random);
  const year = (month >= 9 ? 2021 : 2022) - yearsInSchool;
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  // One in fifteen is born on the first: an hour's time zone slip would move such a pupil into another month.
  const day = random.below(15) === 0 ? 1 : 1 + random.below(daysInMonth);
  return dateText(year, month, day);
}

function weighted(random: Seeded): NameFamily {
  let left = random.below(nameFamilies.reduce((sum, names) => sum + names.weight, 0));
  for (const names of nameFamilies) {
    left -= names.weight;
    if (left < 0) return names;
  }
  return random.pick(nameFamilies);
}

type Draft = Omit<DemoPupil, 'id' | 'upi' | 'misId' | 'updatedAt'>;

function ordinaryPupil(year: DemoYear, index: number, random: Seeded): Draft {
  const names = weighted(random);
  const girl = random.below(2) === 0;
  const forename = random.pick(girl ? names.girls : names.boys);
  const otherGenders = ['NOT_KNOWN', 'NOT_SPECIFIED', 'NON_BINARY', 'OTHER'];
  return {
    forename,
    surname: random.pick(names.surnames),
    legalForename: forename,
    middleNames: random.below(3) === 0 ? random.pick(girl ? names.girls : names.boys) : null,
    gender: random.below(40) === 0 ? random.pick(otherGenders) : girl ? 'FEMALE' : 'MALE',
    birthDate: birthDate(year.code, random),
    yearCode: year.code,
    registration: year.forms[index % year.forms.length] ?? null,
  };
}

function draft(forename: string, surname: string | null, registration: string | null, born: string | null): Draft {
  const yearCode = registration === null ? null : registration.slice(0, -1);
  return {
    forename,
    surname,
    legalForename: forename,
    middleNames: null,
    gender: 'NOT_SPECIFIED',
    birthDate: born,
    yearCode,
    registration,
  };
}

/** The awkward ones, by the names that AwkwardPupils gives them. */
const awkwardDrafts = {
  noYear: { ...draft('Robin', 'Ashdown', '9B', '2012-11-02'), yearCode: null },
  noBirthDate: draft('Amara', 'Nwachukwu', '8B', null),
  noRegistration: { ...draft('Kacper', 'Żak', null, '2013-10-19'), yearCode: '8' },
  diacritics: draft('Zażółć-Anaïs', "O'Neill-Żółć", '7C', '2015-05-01'),
  longName: draft('Maximiliana-Anastasia', 'Featherstonehaugh-Wolfeschlegelsteinhausenberg', '10D', '2011-12-25'),
  oneName: draft('Suharti', null, '11A', '2011-03-14'),
  oneNameEmpty: draft('Ngawang', '', '10A', '2012-06-01'),
  sameNameOtherGroup: draft('Sam', 'Okafor', '9A', '2013-03-04'),
  sameNameOtherGroup2: draft('Sam', 'Okafor', '9C', '2013-03-22'),
  sameNameSameGroup: draft('Maryam', 'Khan', '7B', '2015-01-09'),
  sameNameSameGroup2: draft('Maryam', 'Khan', '7B', '2015-01-30'),
  reEnrolled: draft('Elif', 'Şahin', '9D', '2013-07-01'),
  compoundId: draft('Tomás', 'de la Fuente', '12A', '2010-04-17'),
} satisfies Record<string, Draft>;

function ownScriptDrafts(): Draft[] {
  return ownScriptNames.map(({ forename, legal, surname }, index) => {
    const born = dateText(2014, 9 + (index % 12), 15);
    const registration = ['7A', '7B', '7C', '7D'][index % 4] ?? '7A';
    return { ...draft(forename, surname, registration, born), legalForename: legal };
  });
}

function allDrafts(random: Seeded): Draft[] {
  const special = [...Object.values(awkwardDrafts), ...ownScriptDrafts()];
  const taken = new Set(special.map((pupil) => `${pupil.forename} ${pupil.surname ?? ''}`));
  const drafts: Draft[] = [...special];
  for (const year of demoYears) {
    const placed = special.filter(
      (pupil) => pupil.yearCode === year.code || (pupil.yearCode === null && pupil.registration?.startsWith(year.code)),
    ).length;
    for (let count = placed; count < year.size;) {
      const pupil = ordinaryPupil(year, count, random);
      const fullName = `${pupil.forename} ${pupil.surname ?? ''}`;
      if (taken.has(fullName)) continue;
      taken.add(fullName);
      drafts.push(pupil);
      count += 1;
    }
  }
  return drafts;
}

/** `upi` is a hash of school id and MIS id, as Wonde makes it (mis.md 2.4). */
function upiOf(schoolId: string, misId: string): string {
  return createHash('sha256').update(`${schoolId}:${misId}`).digest('hex').slice(0, 32);
}

/** An unused Wonde-like id: `A` and ten digits. */
export function newId(random: Seeded, taken: Set<string>): string {
  for (;;) {
    const id = `A${String(random.below(9_000_000_000) + 1_000_000_000)}`;
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

/**
 * The made-up school: 1,200 pupils from Reception to Year 13, the same for the same seed and school id.
 * All but the awkward ones have a full name of their own.
 */
export function demoSchool(seed = 2026, id = 'A1930499544', name = 'Hill View School'): DemoSchool {
  const random = seeded(seed);
  const taken = new Set<string>();
  const drafts = allDrafts(random);
  const pupils = drafts.map((pupil, index): DemoPupil => {
    const misId = String(4001 + index);
    const compound = pupil === awkwardDrafts.compoundId;
    const pupilId = compound ? `${id}-${misId}` : newId(random, taken);
    return { ...pupil, id: pupilId, misId, upi: upiOf(id, misId), updatedAt: rollMadeAt };
  });
  if (pupils.length !== pupilCount) throw new Error(`the made-up school has ${String(pupils.length)} pupils`);
  const at = (draftOf: Draft): DemoPupil => {
    const found = pupils[drafts.indexOf(draftOf)];
    if (found === undefined) throw new Error('an awkward pupil is missing');
    return found;
  };
  const awkward: AwkwardPupils = {
    noYear: at(awkwardDrafts.noYear),
    noBirthDate: at(awkwardDrafts.noBirthDate),
    noRegistration: at(awkwardDrafts.noRegistration),
    diacritics: at(awkwardDrafts.diacritics),
    longName: at(awkwardDrafts.longName),
    oneName: [at(awkwardDrafts.oneName), at(awkwardDrafts.oneNameEmpty)],
    sameNameOtherGroup: [at(awkwardDrafts.sameNameOtherGroup), at(awkwardDrafts.sameNameOtherGroup2)],
    sameNameSameGroup: [at(awkwardDrafts.sameNameSameGroup), at(awkwardDrafts.sameNameSameGroup2)],
    reEnrolled: at(awkwardDrafts.reEnrolled),
    compoundId: at(awkwardDrafts.compoundId),
  };
  const leaverMisIds = ['3988', '3993', '3999'];
  const deletions = [
    ...leaverMisIds.map((misId) => ({ id: newId(random, taken), misId, deletedAt: rollMadeAt })),
    { id: newId(random, taken), misId: awkward.reEnrolled.misId, deletedAt: rollMadeAt },
  ];
  return { seed, id, name, pupils, deletions, awkward };
}
