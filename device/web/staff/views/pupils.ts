/** The roster: how it came and what changed, who waits to be accepted, and its pupils page by page (product.md 6). */
import type {
  ChangedPupils,
  ChangedRow,
  GonePupil,
  HeldRow,
  PupilRow,
  PupilsPage,
  PupilsView,
  RosterChangesView,
} from '../../../contract/staff-views.ts';
import type { Role } from '../../../contract/staff.ts';
import { pupilOf } from '../../../domain/elsewhere.ts';
import type { Ledger } from '../../../domain/ledger.ts';
import type { Pupil, PupilFlag } from '../../../domain/pupil.ts';
import { heldOn } from '../../../domain/retention-fold.ts';
import { localTime } from '../../../domain/school-day.ts';
import { compareYearGroups } from '../../../domain/year-group.ts';
import { groupOf } from '../../../mis/roster-changes.ts';
import type { RosterChanges } from '../../../mis/roster-changes.ts';
import type { School } from '../../../desk/school.ts';
import { shownTime, timeOf, today } from '../../../desk/when.ts';
import { holders } from '../role-groups.ts';
import { holdShown } from './hold.ts';
import { ageWords, dated, nameOf, rowsMax } from './rows.ts';
import { foundPupil, matching } from './search.ts';
import type { RosterSyncView, StaffSituation } from './situation.ts';

const pageRows = 50;

/** Never why. */
export const flagWords: Readonly<Record<PupilFlag, string>> = {
  'no-photo': 'No photo',
  'see-reception': 'See reception',
  'do-not-display': 'Not shown by name',
};
const flagsInOrder: readonly PupilFlag[] = ['no-photo', 'see-reception', 'do-not-display'];

export function pupilsView(school: School, ledger: Ledger, { roster }: StaffSituation, role: Role): PupilsView {
  const { pupils } = school.roster;
  const { held, sync, takenAt } = roster;
  return {
    pupils: pupils.length,
    facts: factsOf(school, takenAt, sync),
    failure: sync?.failure ?? null,
    problems: sync?.problems ?? [],
    held:
      held === null || sync === null || sync.heldChanges === null
        ? null
        : { words: held, changes: changesShown(school, sync.heldChanges, false) },
    changes:
      sync === null || sync.changes === null
        ? null
        : {
            at: dated(sync.changes.at, school.settings.school.timeZone),
            ...changesShown(school, sync.changes, true),
          },
    years: yearsOf(pupils),
    flags: flagsInOrder.map((id) => ({
      id,
      label: flagWords[id],
      pupils: pupils.filter(({ flags }) => flags.includes(id)).length,
    })),
    gone: gonePupils(school, ledger, sync),
    holds: role === 'auditor' || holders.includes(role) ? holdsShown(school, ledger, role) : null,
  };
}

/** The roster has their names no more, but what it last lost. */
function gonePupils(school: School, ledger: Ledger, sync: RosterSyncView | null): readonly GonePupil[] {
  const last = new Map<string, string>();
  for (const movement of ledger.movements.values()) {
    const key = pupilOf(ledger, movement);
    if (key === null || school.roster.byKey(key) !== undefined) continue;
    const { date } = localTime(shownTime(timeOf(school, movement)), school.settings.school.timeZone);
    last.delete(key);
    last.set(key, date);
  }
  const names = new Map((sync?.changes?.left ?? []).map(({ key, pupil }) => [key, pupil]));
  return [...last]
    .reverse()
    .slice(0, rowsMax)
    .map(([key, date]) => ({ key, pupil: names.get(key) ?? nameOf(school, key).pupil, last: date }));
}

function holdsShown(school: School, ledger: Ledger, role: Role): readonly HeldRow[] {
  const rows = heldOn(ledger.holds, today(school)).flatMap((movement) => {
    const hold = holdShown(school, ledger, movement, role);
    const key = ledger.holds.get(movement)?.pupil ?? null;
    return hold === null ? [] : [{ ...hold, movement, key, ...nameOf(school, key ?? '') }];
  });
  return rows.sort((one, other) => one.until.localeCompare(other.until)).slice(0, rowsMax);
}

function factsOf(school: School, takenAt: number | null, sync: RosterSyncView | null): PupilsView['facts'] {
  const at = (epochMs: number): string => {
    const when = dated(epochMs, school.settings.school.timeZone);
    return `${when}, ${ageWords(school.clock.now() - epochMs)} ago`;
  };
  if (takenAt === null || sync === null) return [{ name: 'Roster', words: 'None has been read yet.' }];
  const asked = sync.pulledAt === null ? 'not yet' : at(sync.pulledAt);
  const file = sync.source === 'csv';
  return [
    { name: 'From', words: file ? 'the roster file of the school' : 'the MIS' },
    { name: 'Read', words: at(takenAt) },
    ...(file ? [{ name: 'Looked up in the MIS', words: asked }] : []),
    { name: 'Last try', words: sync.failure === null ? 'went well' : 'failed' },
    ...(sync.unmatched > 0
      ? [{ name: 'Not in the MIS', words: `${String(sync.unmatched)} pupils: their marks cannot be written` }]
      : []),
  ];
}

/** `taken`: they are what the roster shows by now; else the roster is still the one before. */
function changesShown(school: School, changes: RosterChanges, taken: boolean): RosterChangesView {
  const now = (key: string): Pupil | undefined => school.roster.byKey(key);
  const row = (key: string, from: string | null, to: string | null): ChangedRow => ({
    key: now(key) === undefined ? null : key,
    pupil: now(key) === undefined ? 'A new pupil' : nameOf(school, key).pupil,
    from,
    to,
  });
  const group = (key: string): string | null => {
    const pupil = now(key);
    return pupil === undefined ? null : groupOf(pupil);
  };
  return {
    joined: some(changes.joined, (key) => row(key, null, taken ? group(key) : null)),
    left: some(changes.left, ({ key, pupil, group: from }) => ({ ...row(key, from, null), pupil })),
    moved: some(changes.moved, ({ key, from }) => row(key, from, taken ? group(key) : null)),
  };
}

function some<T>(all: readonly T[], shown: (one: T) => ChangedRow): ChangedPupils {
  return { count: all.length, rows: all.slice(0, rowsMax).map(shown) };
}

function yearsOf(pupils: readonly Pupil[]): PupilsView['years'] {
  const years = new Map<string, Map<string, number>>();
  for (const { yearGroup, registrationGroup } of pupils) {
    const groups = years.get(yearGroup ?? '') ?? new Map<string, number>();
    years.set(yearGroup ?? '', groups);
    groups.set(registrationGroup ?? '', (groups.get(registrationGroup ?? '') ?? 0) + 1);
  }
  return [...years]
    .sort(([one], [other]) => compareYearGroups(one, other))
    .map(([id, groups]) => ({
      id,
      label: id === '' ? 'No year group' : id,
      pupils: [...groups.values()].reduce((sum, count) => sum + count, 0),
      groups: [...groups]
        .sort(([one], [other]) => names.compare(one, other))
        .map(([group, count]) => ({ id: group, pupils: count })),
    }));
}

export interface PupilsWanted {
  readonly text: string;
  readonly yearGroup: string | null;
  readonly group: string | null;
  readonly flag: PupilFlag | null;
  readonly from: number;
}

export function pupilsPage(school: School, ledger: Ledger, wanted: PupilsWanted): PupilsPage {
  const { yearGroup, group, flag, text, from } = wanted;
  const isIn = (pupil: Pupil): boolean =>
    (yearGroup === null || (pupil.yearGroup ?? '') === yearGroup) &&
    (group === null || (pupil.registrationGroup ?? '') === group) &&
    (flag === null || pupil.flags.includes(flag));
  const found = matching(ledger, inOrder(school.roster.pupils), text).filter(isIn);
  return {
    rows: found.slice(from, from + pageRows).map((pupil) => pupilRow(school, ledger, pupil)),
    total: found.length,
    from,
  };
}

const pupilRow = (school: School, ledger: Ledger, pupil: Pupil): PupilRow => ({
  ...foundPupil(school, ledger, pupil),
  flags: flagsInOrder.flatMap((flag) => (pupil.flags.includes(flag) ? [flagWords[flag]] : [])),
});

const names = new Intl.Collator('en', { numeric: true });
/** By roster, for as long as it is in force: sorting over a thousand names takes a Pi a while. */
const sorted = new WeakMap<readonly Pupil[], readonly Pupil[]>();

/** By surname, then forename. */
function inOrder(pupils: readonly Pupil[]): readonly Pupil[] {
  const before = sorted.get(pupils);
  if (before !== undefined) return before;
  const now = pupils.toSorted(
    (one, other) => names.compare(one.surname, other.surname) || names.compare(one.forename, other.forename),
  );
  sorted.set(pupils, now);
  return now;
}
