/** The made-up school of the fake device: no pupil here exists. */
import type { KioskSnapshot } from '../../device/contract/kiosk.ts';

interface FakePupil {
  readonly key: string;
  readonly label: string;
  readonly forename: string;
  readonly year: string;
  /** 1 to 12. */
  readonly month: number;
  readonly caught?: 'in' | 'out' | 'reception';
  readonly sixthForm?: boolean;
  readonly noPhoto?: boolean;
  /** Can't be told apart from another on a screen. */
  readonly twin?: boolean;
}

const march7 = [
  'Aisha K',
  'Amara O',
  'Ben T',
  'Charlie W',
  'Dylan P',
  'Ella-Mae R',
  'Farah H',
  'George T',
  'Grace B',
  'Hanna S',
  'Ioan D',
  'Jin L',
  'Kwame A',
  'Lowri E',
  'Sam Okafor 7A',
  'Sam Okafor 7B',
];
/** Every script that a list of names may meet, the longest, and the shortest. */
const scripts9 = [
  'Ólafur Þ',
  'محمد ا',
  'ਗੁਰਪ੍ਰੀਤ ਸ',
  '李小明',
  'さくら 田',
  '지우 김',
  'Ελένη Π',
  'Олександр Ш',
  'தமிழினி ர',
  'Nguyễn T',
  'Bartholomew-Maximilian Featherstonehaugh-Cholmondeley 9C',
  'U B',
];

export const pupils: readonly FakePupil[] = [
  ...march7.map((label) => pupil(label, 'Year 7', 3)),
  ...scripts9.map((label) => pupil(label, 'Year 9', 9)),
  { ...pupil('Ali M', 'Year 8', 1), caught: 'in' },
  { ...pupil('Beth C', 'Year 8', 1), caught: 'out' },
  { ...pupil('Cai J', 'Year 8', 1), caught: 'reception' },
  { ...pupil('Dana F', 'Year 8', 1), noPhoto: true },
  { ...pupil('Ed G', 'Year 8', 2), twin: true },
  { ...pupil('Freya N', 'Year 12', 5), sixthForm: true },
  pupil('Gethin V', 'Year 6', 6),
];

function pupil(label: string, year: string, month: number): FakePupil {
  return { key: `${year}-${label}`, label, forename: label.split(' ')[0] ?? label, year, month };
}

/** An ordinary Monday, 08:52. */
export function school(runId: string): KioskSnapshot {
  return {
    runId,
    revision: 1,
    school: 'Hill View School',
    box: 'Main reception',
    accent: '#1d5f8a',
    languages: ['en'],
    nowMs: Date.UTC(2026, 10, 23, 8, 52),
    timeZone: 'Europe/London',
    clockTrusted: true,
    firstUse: null,
    demo: false,
    yearGroups: ['Year 6', 'Year 7', 'Year 8', 'Year 9', 'Year 10', 'Year 11', 'Year 12', 'Year 13'],
    lateReasons: [
      { id: 'bus', label: { en: 'Bus or train', cy: 'Bws neu drên' }, icon: 'bus', back: 'ask' },
      { id: 'overslept', label: { en: 'I overslept', cy: 'Cysgu yn hwyr' }, icon: 'bed', back: 'ask' },
      { id: 'traffic', label: { en: 'Traffic', cy: 'Traffig' }, icon: 'traffic', back: 'ask' },
      { id: 'appointment', label: { en: 'Appointment', cy: 'Apwyntiad' }, icon: 'appointment', back: 'ask' },
      { id: 'weather', label: { en: 'Weather', cy: 'Y tywydd' }, icon: 'weather', back: 'ask' },
      { id: 'family', label: { en: 'Family', cy: 'Teulu' }, icon: 'family', back: 'ask' },
      { id: 'tell-staff', label: {}, icon: null, back: 'ask' },
    ],
    leaveReasons: [
      { id: 'medical', label: { en: 'Appointment', cy: 'Apwyntiad' }, icon: 'appointment', back: 'ask' },
      { id: 'unwell', label: { en: 'I feel unwell', cy: "Dwi'n teimlo'n sâl" }, icon: 'unwell', back: 'not-today' },
      { id: 'family', label: { en: 'Family', cy: 'Teulu' }, icon: 'family', back: 'ask' },
      { id: 'lunch', label: { en: 'Lunch at home', cy: 'Cinio gartref' }, icon: 'lunch', back: { minutes: 60 } },
      { id: 'tell-staff', label: {}, icon: null, back: 'ask' },
    ],
    withWhomAsked: 'approval',
    whereNext: { en: 'Go to your form room.', cy: 'Dos i dy ystafell ddosbarth.' },
    accepting: { state: 'open' },
    camera: true,
    approvalsWaiting: 0,
    heldArrival: null,
  };
}
