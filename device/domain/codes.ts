/**
 * Attendance codes as dated tables, one a nation and a date, and what may be written over what (product.md 4, mis.md 7.2).
 * A new law is a new table below; marks keep the code of their own date.
 */
import type { IsoDate, Settings } from './settings.ts';

export type Nation = Settings['school']['nation'];

export type CodeCategory =
  | 'present'
  | 'approved-activity' // off site, counts as attending
  | 'authorised'
  | 'unauthorised'
  | 'not-possible' // not a possible attendance
  | 'administrative'
  | 'no-mark';

export interface CodeEntry {
  readonly meaning: string;
  readonly category: CodeCategory;
  /**
   * `write`: a kiosk may write it. `proposal`: a person decides, unless the school has set the box to write its reasons'
   * codes (`after_close = "code"`, `write_later_session`). `never`: no reason may name it.
   */
  readonly kiosk: 'write' | 'proposal' | 'never';
}
export type CodeTable = ReadonlyMap<string, CodeEntry>;

type Rows = Readonly<Record<string, readonly [CodeCategory, CodeEntry['kiosk'], string]>>;

/** Letters that mean the same in every table. */
const shared: Rows = {
  '/': ['present', 'never', 'present in the morning'],
  '\\': ['present', 'never', 'present in the afternoon'],
  L: ['present', 'write', 'late, before the register closed'],
  B: ['approved-activity', 'never', 'educated off site, supervised'],
  P: ['approved-activity', 'never', 'approved sporting activity'],
  V: ['approved-activity', 'never', 'educational visit or trip'],
  W: ['approved-activity', 'never', 'work experience'],
  C: ['authorised', 'proposal', 'leave of absence in exceptional circumstances'],
  E: ['authorised', 'never', 'suspended or excluded, no other provision'],
  I: ['authorised', 'proposal', 'illness'],
  M: ['authorised', 'proposal', 'medical or dental appointment'],
  R: ['authorised', 'proposal', 'religious observance'],
  S: ['authorised', 'proposal', 'study leave'],
  T: ['authorised', 'proposal', 'parent travelling for work'],
  G: ['unauthorised', 'proposal', 'holiday that was not granted'],
  N: ['unauthorised', 'never', 'reason not known yet'],
  O: ['unauthorised', 'proposal', 'absent in other or unknown circumstances'],
  U: ['unauthorised', 'write', 'late, after the register closed'],
  D: ['not-possible', 'never', 'dual registered, at the other school'],
  X: ['not-possible', 'never', 'not required to attend, not of compulsory school age'],
  Z: ['administrative', 'never', 'not on the roll yet'],
  '#': ['administrative', 'never', 'planned closure'],
  '-': ['no-mark', 'never', 'no mark recorded'],
};

/** In force since 19 August 2024 (mis.md 7.2). Where sources differ on the category: not a possible attendance. */
const england2024: Rows = {
  ...shared,
  K: ['approved-activity', 'never', 'provision arranged by the local authority'],
  C1: ['authorised', 'proposal', 'regulated performance or employment abroad'],
  C2: ['authorised', 'never', 'agreed temporary part-time timetable'],
  J1: ['authorised', 'proposal', 'interview for a job, school or college'],
  Q: ['not-possible', 'never', 'cannot attend: lack of access arrangements'],
  Y1: ['not-possible', 'proposal', 'the usual transport is not there'],
  Y2: ['not-possible', 'proposal', 'widespread disruption of travel'],
  Y3: ['not-possible', 'never', 'part of the premises closed'],
  Y4: ['not-possible', 'never', 'whole site unexpectedly closed'],
  Y5: ['not-possible', 'never', 'in criminal justice detention'],
  Y6: ['not-possible', 'never', 'public health guidance or law'],
  Y7: ['not-possible', 'proposal', 'other unavoidable cause affecting the pupil'],
};

/**
 * Wales has kept its codes of 2010 (mis.md 7.4): none of England's of 2024, and still the letters that England has
 * withdrawn. Not checked with a Welsh school; a consultation on new codes ended on 26 March 2026.
 */
const wales2010: Rows = {
  ...shared,
  F: ['authorised', 'never', 'agreed extended family holiday'],
  H: ['authorised', 'never', 'agreed family holiday'],
  J: ['approved-activity', 'never', 'interview'],
  Y: ['not-possible', 'never', 'partial or forced closure'],
};

interface DatedTable {
  readonly nation: Nation;
  readonly from: IsoDate;
  readonly late: string;
  readonly lateAfterClose: string;
  readonly codes: CodeTable;
}
const table = (rows: Rows): CodeTable =>
  new Map(Object.entries(rows).map(([code, [category, kiosk, meaning]]) => [code, { meaning, category, kiosk }]));

/** Oldest first within a nation. England before 2024 is left out on purpose: nothing is written for those dates. */
const tables: readonly DatedTable[] = [
  { nation: 'england', from: '2024-08-19', late: 'L', lateAfterClose: 'U', codes: table(england2024) },
  { nation: 'wales', from: '2010-09-01', late: 'L', lateAfterClose: 'U', codes: table(wales2010) },
];
const tableOn = (nation: Nation, date: IsoDate): DatedTable | undefined =>
  tables.findLast((dated) => dated.nation === nation && dated.from <= date);

/** The codes in force on a date; empty where no table covers it, so that every code is refused. */
export function codesOf(nation: Nation, date: IsoDate): CodeTable {
  return tableOn(nation, date)?.codes ?? new Map<string, CodeEntry>();
}

/** The codes for lateness on a date; null where no table covers it. */
export function lateCodes(
  nation: Nation,
  date: IsoDate,
): { readonly late: string; readonly afterClose: string } | null {
  const dated = tableOn(nation, date);
  return dated === undefined ? null : { late: dated.late, afterClose: dated.lateAfterClose };
}

/** A letter means one category in all tables (a test holds that); unknown and custom codes have none. */
function categoryOf(code: string): CodeCategory | null {
  return tables.map((dated) => dated.codes.get(code)?.category).find((category) => category !== undefined) ?? null;
}

const isAbsence = (category: CodeCategory | null): boolean =>
  category === 'authorised' || category === 'unauthorised' || category === 'not-possible';

/** Never ours to touch, whatever else applies: suspended, not required, part-time, leave, dual, off site, visit. */
const alwaysTray: ReadonlySet<string> = new Set(['E', 'X', 'C2', 'C', 'D', 'B', 'V']);

export interface OverwriteQuestion {
  /** The code that stands in the MIS at a fresh read; null, empty or `-`: no mark. */
  readonly standing: string | null;
  /** What we would write; null: a proposal that names no code. */
  readonly wanted: string | null;
  /** Is the mark that stands our own earlier one, by durability.md 22? */
  readonly ours: boolean;
  /** From the `decided` record. */
  readonly mayReplacePresent: boolean;
  readonly afterClose: boolean;
}
export type OverwriteAnswer =
  | 'write'
  | 'theirs' // already as wanted, or already L: confirmed as theirs
  | 'keep-theirs' // arrival after close, and an absence code other than N stands: theirs is kept, and noted
  | 'conflict'
  | 'conflict-urgent'; // E

/** May our mark replace the one that stands? product.md 4, "Never overwrite". */
export function mayOverwrite(question: OverwriteQuestion): OverwriteAnswer {
  const { standing, wanted, ours, mayReplacePresent, afterClose } = question;
  if (standing === null || standing === '' || standing === '-') return 'write';
  if (!ours && standing === wanted) return 'theirs';
  if (alwaysTray.has(standing)) return standing === 'E' ? 'conflict-urgent' : 'conflict';
  if (ours || standing === 'N') return 'write';
  if (standing === 'L') return 'theirs';
  if (standing === '/' || standing === '\\') return mayReplacePresent ? 'write' : 'conflict';
  return afterClose && isAbsence(categoryOf(standing)) ? 'keep-theirs' : 'conflict';
}

/**
 * Signing out while the MIS says absent, suspended or on a visit: "Please see reception" (product.md 3). U is no such code,
 * it says that the pupil came. A pupil whom this box has signed in today is here whatever an older read says: ask only
 * about others.
 */
export function seeReceptionOnLeave(standing: string | null): boolean {
  if (standing === null || standing === 'U') return false;
  const category = categoryOf(standing);
  return isAbsence(category) || category === 'approved-activity';
}
