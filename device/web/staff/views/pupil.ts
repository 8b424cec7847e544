/** One pupil's all: who, where, and every movement with its marks in plain words (product.md 6). */
import type { Role } from '../../../contract/staff.ts';
import { badgeWords } from '../../../contract/staff-rows.ts';
import type { MarkRow } from '../../../contract/staff-rows.ts';
import type { PupilMovement, PupilPage } from '../../../contract/staff-views.ts';
import { journalNumber, spacedId } from '../../../domain/badge.ts';
import { pupilOf } from '../../../domain/elsewhere.ts';
import type { Ledger, Movement } from '../../../domain/ledger.ts';
import { markKey } from '../../../domain/mark.ts';
import type { Pupil } from '../../../domain/pupil.ts';
import { dayOf, localTime } from '../../../domain/school-day.ts';
import { photoUrl } from '../../../desk/photos.ts';
import { dueBack } from '../../../desk/presence.ts';
import { reasonLabel } from '../../../desk/school.ts';
import type { School } from '../../../desk/school.ts';
import { clockFace, shownTime, sureFace, timeOf, today } from '../../../desk/when.ts';
import { desk } from '../role-groups.ts';
import { holdShown } from './hold.ts';
import { markRow } from './mark-words.ts';
import { flagWords } from './pupils.ts';
import { badgeState, nameOf, staffOf } from './rows.ts';
import { foundPupil } from './search.ts';
import type { StaffSituation } from './situation.ts';

/** Movements on one page: a year of one who is late every day. */
const movementsMax = 400;

export interface PupilLook {
  readonly key: string;
  /** All keys that the pupil has had. */
  readonly person: ReadonlySet<string>;
  readonly role: Role;
  /** Visits whose photos are kept, and not locked. */
  readonly photos: ReadonlySet<string>;
  readonly waitsForPrinter: StaffSituation['waitsForPrinter'];
  /** The whole history is here, whatever has left the lists since. */
  readonly isWhole: boolean;
}

/** Null: nobody is called so, neither on the roster nor in what is known. */
export function pupilPage(school: School, ledger: Ledger, look: PupilLook): PupilPage | null {
  const pupil = school.roster.byKey(look.key);
  const movements = movementsOfPerson(ledger, look.person);
  if (pupil === undefined && movements.length === 0) return null;
  return {
    ...(pupil === undefined ? goneFrom(school, look.key) : present(school, ledger, pupil)),
    movements: movements.slice(0, movementsMax).map((movement) => movementShown(school, ledger, movement, look)),
    more: Math.max(0, movements.length - movementsMax),
    earlierThan: look.isWhole || ledger.pruned.before === '' ? null : ledger.pruned.before,
    today: today(school),
  };
}

function present(school: School, ledger: Ledger, pupil: Pupil) {
  const date = today(school);
  const sessions = (['AM', 'PM'] as const).filter((session) => {
    const key = session === 'AM' ? 'am' : 'pm';
    return dayOf(date, pupil.yearGroup, school.settings)[key] !== null;
  });
  return {
    ...foundPupil(school, ledger, pupil),
    onRoster: true,
    flags: pupil.flags.map((flag) => flagWords[flag]),
    birthMonth: pupil.birthMonth === null ? null : (months[pupil.birthMonth - 1] ?? null),
    misToday: sessions.map((session) => ({
      session,
      words: school.observed(pupil.key, date, session) ?? 'no mark, or not read yet',
    })),
  };
}

/** Who is known by records only. */
export const goneFrom = (school: School, key: string) => ({
  key,
  ...nameOf(school, key),
  yearGroup: null,
  where: '',
  out: false,
  onRoster: false,
  flags: [],
  birthMonth: null,
  misToday: [],
});

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** At every box, those that were undone too; newest first. */
function movementsOfPerson(ledger: Ledger, person: ReadonlySet<string>): readonly Movement[] {
  const found = new Map<string, Movement>();
  for (const box of [ledger, ...ledger.others.values()]) {
    for (const [ref, movement] of box.movements) {
      if (!found.has(ref) && person.has(pupilOf(ledger, movement) ?? '')) found.set(ref, movement);
    }
  }
  return [...found.values()].sort(
    (one, other) => shownTime(other.at) - shownTime(one.at) || other.record.n - one.record.n,
  );
}

const kindWords = { 'late-arrival': 'Signed in late', 'early-departure': 'Left', return: 'Came back' } as const;

function movementShown(school: School, ledger: Ledger, movement: Movement, look: PupilLook): PupilMovement {
  const { kind, reason, ref, leave, visit } = movement.record;
  const at = timeOf(school, movement);
  const zone = school.settings.school.timeZone;
  const label =
    kind === 'return' ? null : reasonLabel(school.settings, kind === 'late-arrival' ? 'late' : 'leave', reason);
  const seesPhoto = leave?.photo === 'taken' && look.photos.has(visit) && desk.includes(look.role);
  return {
    movement: ref,
    kind,
    day: localTime(shownTime(at), zone).date,
    time: sureFace(at, zone),
    words: label === null ? kindWords[kind] : `${kindWords[kind]}: ${label}`,
    undone: movement.cancelled,
    facts: factsOf(school, ledger, movement, look),
    marks: marksOf(school, ledger, movement, look.person),
    photoUrl: seesPhoto ? photoUrl(visit) : null,
    hold: holdShown(school, ledger, ref, look.role),
  };
}

const whom = { 'grown-up': 'a grown-up', alone: 'alone', staff: 'a member of staff' } as const;
const backs = {
  'before-lunch': 'before lunch',
  'after-lunch': 'after lunch',
  'not-today': 'not today',
  unknown: 'not known',
};
const photos = { taken: null, declined: 'not wanted', none: null } as const;

function factsOf(
  school: School,
  ledger: Ledger,
  movement: Movement,
  { waitsForPrinter }: PupilLook,
): PupilMovement['facts'] {
  const { by, leave, n, forRegistration } = movement.record;
  const badge = [ledger, ...ledger.others.values()].map((box) => box.badges.get(movement.badge ?? '')).find(Boolean);
  const due = dueBack(school, movement);
  const back = leave?.back ?? null;
  const facts: readonly (readonly [string, string | null])[] = [
    ['With', leave === undefined ? null : (leave.adult ?? (leave.withWhom === null ? null : whom[leave.withWhom]))],
    ['Due back', due !== null ? clockFace(due, school.settings.school.timeZone) : back === null ? null : backs[back]],
    [
      'Badge',
      badge === undefined ? null : `${spacedId(badge.record.id)}, ${badgeWords[badgeState(badge, waitsForPrinter)]}`,
    ],
    ['Photo', leave === undefined ? null : photos[leave.photo]],
    ['For registration', forRegistration === true ? 'yes' : null],
    ['Recorded by', staffOf(by) ?? 'the pupil, at the box'],
    ['Journal number', journalNumber(school.settings.box.id, n)],
  ];
  return facts.flatMap(([name, words]) => (words === null ? [] : [{ name, words }]));
}

function marksOf(
  school: School,
  ledger: Ledger,
  { decided }: Movement,
  person: ReadonlySet<string>,
): readonly MarkRow[] {
  const keys = decided.flatMap(({ date, session }) =>
    session === null ? [] : [...person].map((key) => markKey(key, date, session)),
  );
  return [...new Set(keys)].flatMap((key) => {
    const mark = ledger.mark(key);
    return mark === undefined ? [] : [markRow(school, mark)];
  });
}
