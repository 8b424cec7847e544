/**
 * What the box knows about people: why, from where, for how long, who sees it and to whom it goes (product.md 10), by the settings
 * in force and the table of roles. The journal's part stands by type of record, so that a new one cannot be left out.
 */
import { roles } from '../../../contract/staff.ts';
import type { Role, ViewName } from '../../../contract/staff.ts';
import type { Body } from '../../../domain/record.ts';
import type { Settings } from '../../../domain/settings.ts';
import { mayCommand, maySeePhotos, mayTakeExports, mayWatch } from '../roles.ts';

export interface DataRow {
  readonly what: string;
  /** Whose. */
  readonly who: 'pupils' | 'staff' | 'nobody';
  /** Each item that is kept. */
  readonly items: readonly string[];
  readonly why: string;
  readonly from: string;
  readonly until: string;
  readonly seenBy: string;
  readonly goesTo: string;
}

export type RowName =
  'roster' | 'comings' | 'marks' | 'photos' | 'live' | 'badges' | 'accounts' | 'log' | 'counts' | 'machine';

/** Where in the map each type of record stands. */
export const rowOfRecord: Readonly<Record<Body['type'], RowName>> = {
  ...{
    movement: 'comings',
    decided: 'marks',
    correction: 'comings',
    change: 'marks',
    verdict: 'marks',
    adopt: 'marks',
  },
  ...{
    request: 'comings',
    answer: 'comings',
    note: 'comings',
    'note-done': 'comings',
    hold: 'photos',
    'access-export': 'comings',
  },
  ...{ 'out-closed': 'comings', 'day-closed': 'log' },
  ...{ badge: 'badges', 'badge-void': 'badges', print: 'badges' },
  ...{ sending: 'marks', report: 'marks', freeze: 'log', thaw: 'log', exported: 'log', 'hold-arrivals': 'log' },
  ...{ roster: 'log', drill: 'log', 'set-aside-seen': 'log', erase: 'log', access: 'log' },
  ...{ setting: 'log', 'setting-undone': 'log' },
  // What they carry of somebody stands under that pupil's key, and is listed with what it was.
  ...{ carried: 'comings', erased: 'counts', prune: 'counts', expiring: 'counts', removed: 'counts' },
  ...{ time: 'machine', run: 'machine' },
};

const roleWords: Readonly<Record<Role, string>> = {
  reception: 'reception',
  attendance: 'attendance officers',
  safeguarding: 'the safeguarding lead',
  'fire-warden': 'fire wardens',
  auditor: 'auditors (they change nothing)',
  administrator: 'administrators',
};
const named = (some: readonly Role[]): string =>
  roles
    .filter((role) => some.includes(role))
    .map((role) => roleWords[role])
    .join(', ');
const watching = (...views: readonly ViewName[]): string => named(views.flatMap((view) => mayWatch[view]));

export function eventsWords({ keep }: Settings): string {
  return keep.events === 'school-year'
    ? 'the end of the school year'
    : `${String(keep.events)} days after the day they are of`;
}
export const photosWords = ({ keep }: Settings): string =>
  keep.photos === 'same-day' ? 'the end of the day' : 'the end of the next school day';

export function dataMap(settings: Settings): Readonly<Record<RowName, DataRow>> {
  const { badge, hardware, mis, roster } = settings;
  const misWords = mis.connector === 'wonde' ? `the MIS, by Wonde (${new URL(mis.baseUrl).host})` : 'no MIS';
  const writes = mis.connector === 'wonde' && mis.writeBack;
  const events = `${eventsWords(settings)}, and never before the day is exported and each of its marks is final`;
  const seesPupils = `the pupil at the kiosk, own answers only; ${watching('now', 'marks')}; that and when only, for an evacuation: fire wardens`;
  const extras = [
    ...(badge.photo ? ['photo'] : []),
    ...(badge.schoolName ? ["the school's name"] : []),
    ...(badge.registrationGroup ? ['registration group'] : []),
  ];
  return {
    roster: {
      what: 'The roster',
      who: 'pupils',
      items: [
        'names',
        'year and registration group',
        'month of birth, without day and year',
        'number in the MIS',
        'flags',
      ],
      why: 'so that a pupil finds their own name, and a mark reaches the right pupil',
      from: roster.source === 'csv' ? 'a file that the school puts on the box' : misWords,
      until:
        'the next reading of the roster: who is no longer on it goes, and the one before it with the reading after',
      seenBy: `whoever stands at the kiosk: the names of one year and month at a time, never of who is not to be displayed; ${watching('pupils')}; names and groups only, for an evacuation: fire wardens`,
      goesTo: 'nobody',
    },
    comings: {
      what: 'Comings and goings',
      who: 'pupils',
      items: [
        'that a pupil came late, left or came back',
        'when',
        'the reason chosen',
        'when they are due back',
        'with whom they went',
        'who let them go',
        'notes for staff',
        'how it ended for who was still out when the day was closed',
      ],
      why: 'to know who is in school, and why a pupil was late or left',
      from: 'the pupil at the kiosk, or staff for the pupil',
      until: events,
      seenBy: seesPupils,
      goesTo: `${writes ? `${misWords}: as part of a mark; ` : ''}the daily export, encrypted, to ${named(mayTakeExports)}`,
    },
    marks: {
      what: 'Attendance marks',
      who: 'pupils',
      items: [
        'code, minutes late, comment',
        'what the MIS held before and after',
        'who decided, by which rule',
        ...(mis.connector === 'none'
          ? []
          : ['of everybody, for an evacuation: the marks of that day, gone on the next']),
      ],
      why: 'the register (in England: regulation 10 of the School Attendance (Pupil Registration) Regulations 2024)',
      from: `the box's rules, staff, and ${misWords}`,
      until: events,
      seenBy: watching('marks'),
      goesTo: writes ? misWords : 'nobody: staff copy them from the day sheet',
    },
    photos: {
      what: 'Photos of pupils who leave early',
      who: 'pupils',
      items:
        hardware.camera.kind === 'none' ? [] : ['one photo for each departure, none of who is not to be photographed'],
      why: 'so that staff know at the door who is out, and who comes back',
      from:
        hardware.camera.kind === 'none'
          ? 'no camera: none are taken'
          : "the box's camera, on a countdown that the pupil sees",
      until: `${photosWords(settings)}; longer while the pupil is out, or while ${named(mayCommand['hold-movement'].roles)} hold it (a reason, 30 days at most, renewable)`,
      seenBy: named(maySeePhotos),
      goesTo: badge.photo ? 'the printed badge' : 'nobody; never in a backup',
    },
    live: {
      what: 'The live picture and badges held before the camera',
      who: 'pupils',
      items: [],
      why: 'to see oneself before the photo, and to come back without typing',
      from: "the box's camera",
      until: 'not stored. No face is looked for or recognised',
      seenBy: 'who stands at the kiosk',
      goesTo: 'nobody',
    },
    badges: {
      what: 'Badges',
      who: 'pupils',
      items: [
        'forename and initial',
        'date, time out and when due back',
        'a number and a QR code with nothing personal in it',
        ...extras,
      ],
      why: 'proof that the pupil may be out, and a quick way back in',
      from: 'the departure',
      until: `on paper: with the pupil. In the box: ${events}`,
      seenBy: `whoever is shown the badge; ${watching('now')}`,
      goesTo: 'the pupil',
    },
    accounts: {
      what: 'Accounts of staff',
      who: 'staff',
      items: ['name', 'role', 'password and PIN, hashed', 'the secret of an authenticator app, where there is one'],
      why: 'so that only who may sees and decides',
      from: 'an administrator',
      until: 'an administrator removes them',
      seenBy: watching('people'),
      goesTo: 'nobody',
    },
    log: {
      what: 'Who did what',
      who: 'staff',
      items: [
        'name, act and time',
        'sign-ins and refusals, with the network address',
        'changes of settings, lists and other files taken, erasures',
      ],
      why: 'proof: why a mark stands, who took and changed what',
      from: 'the staff page and the kiosk',
      until: eventsWords(settings),
      seenBy: watching('log'),
      goesTo: 'nobody',
    },
    counts: {
      what: 'Counts and proofs',
      who: 'nobody',
      items: [
        'how many pupils came late, left and came back: by the day for 400 school days, by the month for ten years',
        'how many records of which kind',
        'check sums',
        'badge serials',
        'that and why something was removed or erased',
      ],
      why: 'so that it can be shown that nothing is missing',
      from: 'the records',
      until: 'the box is given up',
      seenBy: watching('box'),
      goesTo: 'nobody',
    },
    machine: {
      what: 'The machine',
      who: 'nobody',
      items: ['starts and ends', 'how the time is known', 'technical messages without names, photos or tokens'],
      why: 'to mend it',
      from: 'the box',
      until: eventsWords(settings),
      seenBy: watching('box'),
      goesTo: 'nobody',
    },
  };
}
