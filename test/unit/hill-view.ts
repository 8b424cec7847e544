import type { LateReason, LeaveReason, RegisterTimes, Settings } from '../../device/domain/settings.ts';

/** A made-up school with one of everything that the calendar knows. Times as a person writes them. */

const minute = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
};

/** `register('08:40', '09:10', '12:15')`; a fourth time is when lateness starts to count. */
export function register(opens: string, closes: string, ends: string, starts = opens): RegisterTimes {
  return { opens: minute(opens), closes: minute(closes), ends: minute(ends), starts: minute(starts) };
}

const late = (id: string, label: string, afterClose: string | null): LateReason => ({
  id,
  kind: 'late',
  label: { en: label },
  icon: null,
  beforeClose: 'L',
  afterClose,
});
const leave = (id: string, label: string, laterSessionCode: string | null): LeaveReason => ({
  id,
  kind: 'leave',
  label: { en: label },
  icon: null,
  laterSessionCode,
  back: 'ask',
});

export const bus = late('bus', 'Bus', null);
export const dentist = late('appointment', 'Appointment', 'M');
export const tellStaffLate = late('tell-staff', "I'd rather tell a member of staff", null);
export const medical = leave('medical', 'Appointment', 'M');
export const unwell = leave('unwell', 'I feel unwell', null);

export const hillView: Settings = {
  school: {
    name: 'Hill View School',
    nation: 'england',
    timeZone: 'Europe/London',
    languages: ['en'],
    accent: '#1d5f8a',
    badgeKey: null,
  },
  box: { id: 1, name: 'Main reception' },
  times: {
    schoolDays: ['mon', 'tue', 'wed', 'thu', 'fri'],
    am: register('08:40', '09:10', '12:15'),
    pm: register('13:15', '13:45', '15:20'),
    kiosk: { from: minute('07:30'), to: minute('18:00') },
    overrides: [
      // Written before the weekday override on purpose: rank decides, not order.
      { weekdays: null, yearGroups: ['Year 12', 'Year 13'], am: register('09:00', '09:30', '12:15') },
      { weekdays: null, yearGroups: ['Nursery'], pm: 'none' },
      // Assembly: the register opens at 08:50, lateness counts from 09:00.
      { weekdays: ['wed'], yearGroups: null, am: register('08:50', '09:20', '12:15', '09:00') },
    ],
    exceptions: [
      { from: '2026-11-27', to: '2026-11-27', closed: true, yearGroups: null }, // INSET day
      {
        from: '2026-12-18',
        to: '2026-12-18',
        closed: false,
        yearGroups: null,
        pm: register('13:15', '13:30', '14:00'),
      },
      { from: '2026-12-21', to: '2027-01-01', closed: true, yearGroups: null },
    ],
  },
  late: {
    afterClose: 'office',
    replacePresent: true,
    holdSeconds: 60,
    repeatTimes: 5,
    comesAndGoes: ['Year 13'],
    whereNext: { en: 'Go to your form room.' },
  },
  leave: { approval: { yearGroups: [], reasons: [] }, askWithWhom: 'approval', writeLaterSession: false },
  lateReasons: [bus, dentist, tellStaffLate],
  leaveReasons: [medical, unwell],
  mis: { connector: 'none' },
  roster: { source: 'csv', csv: null, refresh: minute('02:30'), offKiosk: ['Nursery'] },
  hardware: {
    printer: {
      kind: 'simulated',
      paperMm: 58,
      vendor: null,
      product: null,
      density: null,
      cut: false,
    },
    camera: { kind: 'simulated' },
    lights: { kind: 'simulated', green: 17, amber: 27, red: 22, activeLow: false },
  },
  badge: { photo: false, schoolName: false, registrationGroup: false },
  web: { kioskPort: 8080, staffPort: 8443, staffBind: '127.0.0.1', tlsCert: null, tlsKey: null },
  keep: { photos: 'next-school-day', events: 'school-year' },
  clock: { trust: 'auto' },
  version: 'test',
};

/** The same school with other times, late rules or leave rules. */
export function hillViewWith(changes: {
  readonly nation?: Settings['school']['nation'];
  readonly times?: Partial<Settings['times']>;
  readonly late?: Partial<Settings['late']>;
  readonly leave?: Partial<Settings['leave']>;
}): Settings {
  return {
    ...hillView,
    school: { ...hillView.school, nation: changes.nation ?? hillView.school.nation },
    times: { ...hillView.times, ...changes.times },
    late: { ...hillView.late, ...changes.late },
    leave: { ...hillView.leave, ...changes.leave },
  };
}
