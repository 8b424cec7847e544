/** A row of the attendance code table as this school's MIS has it. */
export interface MisCode {
  /** The Wonde id, which a write must carry. */
  readonly id: string;
  readonly code: string;
  readonly description: string;
  /** Wonde's values are not known (mis.md 11); these are made up. */
  readonly type: string;
}

/** Which table the school has: the plain one, one without `U`, one with a custom `L1` for `L`, one padded with spaces. */
export type CodeVariant = 'full' | 'no-u' | 'custom-l1' | 'padded-codes';

type CodeRow = readonly [code: string, type: string, description: string];

/** England from 19 August 2024 (mis.md 7.2). */
const england2024: readonly CodeRow[] = [
  ['/', 'PRESENT', 'Present (AM)'],
  ['\\', 'PRESENT', 'Present (PM)'],
  ['L', 'PRESENT', 'Late (before registers closed)'],
  ['U', 'UNAUTHORISED', 'Late (after registers closed)'],
  ['N', 'UNAUTHORISED', 'No reason yet provided for absence'],
  ['O', 'UNAUTHORISED', 'Absent in other or unknown circumstances'],
  ['G', 'UNAUTHORISED', 'Holiday not granted by the school'],
  ['B', 'EDUCATIONAL_ACTIVITY', 'Educated off site'],
  ['K', 'EDUCATIONAL_ACTIVITY', 'Education provision arranged by the local authority'],
  ['P', 'EDUCATIONAL_ACTIVITY', 'Approved sporting activity'],
  ['V', 'EDUCATIONAL_ACTIVITY', 'Educational visit or trip'],
  ['W', 'EDUCATIONAL_ACTIVITY', 'Work experience'],
  ['C', 'AUTHORISED', 'Leave of absence for exceptional circumstances'],
  ['C1', 'AUTHORISED', 'Regulated performance or employment abroad'],
  ['C2', 'AUTHORISED', 'Temporary part-time timetable'],
  ['E', 'AUTHORISED', 'Suspended or excluded, no alternative provision'],
  ['I', 'AUTHORISED', 'Illness'],
  ['J1', 'AUTHORISED', 'Interview for employment or another school'],
  ['M', 'AUTHORISED', 'Medical or dental appointment'],
  ['R', 'AUTHORISED', 'Religious observance'],
  ['S', 'AUTHORISED', 'Study leave'],
  ['T', 'AUTHORISED', 'Parent travelling for occupational purposes'],
  ['D', 'NOT_REQUIRED', 'Dual registered at another school'],
  ['Q', 'NOT_REQUIRED', 'Unable to attend: lack of access arrangements'],
  ['X', 'NOT_REQUIRED', 'Non-compulsory school age pupil not required'],
  ['Y1', 'NOT_REQUIRED', 'Transport normally provided not available'],
  ['Y2', 'NOT_REQUIRED', 'Widespread disruption to travel'],
  ['Y3', 'NOT_REQUIRED', 'Part of the school premises closed'],
  ['Y4', 'NOT_REQUIRED', 'Whole school site unexpectedly closed'],
  ['Y5', 'NOT_REQUIRED', 'Criminal justice detention'],
  ['Y6', 'NOT_REQUIRED', 'Public health guidance or law'],
  ['Y7', 'NOT_REQUIRED', 'Any other unavoidable cause'],
  ['Z', 'ADMINISTRATIVE', 'Prospective pupil not on admission register'],
  ['#', 'ADMINISTRATIVE', 'Planned whole or partial school closure'],
  ['-', 'NO_MARK', 'All should attend / No mark recorded'],
];

function rowsOf(variant: CodeVariant): readonly CodeRow[] {
  switch (variant) {
    case 'full':
      return england2024;
    case 'no-u':
      return england2024.filter(([code]) => code !== 'U');
    case 'custom-l1':
      return england2024.map((row): CodeRow => (row[0] === 'L' ? ['L1', row[1], 'Late: school bus'] : row));
    case 'padded-codes':
      return england2024.map(([code, type, description]): CodeRow => [`${code} `, type, description]);
  }
}

/** The code as people say it: `L ` of a padded table is `L`. */
export const letterOf = (code: MisCode): string => code.code.trim();

/** The codes of the school. A code has the same id in each variant; the custom one has its own. */
export function schoolCodes(variant: CodeVariant): readonly MisCode[] {
  return rowsOf(variant).map(([code, type, description]) => {
    const place = england2024.findIndex(([known]) => known === code.trim());
    const id = place === -1 ? 'A1047700900' : `A10477001${String(place + 10)}`;
    return { id, code, type, description };
  });
}

/** The table of `GET /attendance-codes` without a school: other ids, which no school's write accepts. */
export function globalCodes(): readonly MisCode[] {
  return schoolCodes('full').map((row) => ({ ...row, id: row.id.replace('A10', 'A99') }));
}
