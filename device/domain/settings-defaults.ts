/** What a box ships with where the technician file is silent and the schema alone cannot say it: the reasons. */
import type { LateReason, LeaveReason } from './settings.ts';

/** Always there, always last, whatever reasons a school gives (settings.md). It has no picture. */
export const TELL_STAFF = 'tell-staff';

const tellStaff = {
  id: TELL_STAFF,
  label: { en: "I'd rather tell a member of staff", cy: "Byddai'n well gen i ddweud wrth aelod o staff" },
  icon: null,
} as const;

function late(id: string, en: string, cy: string, icon: string): LateReason {
  return { kind: 'late', id, label: { en, cy }, icon, beforeClose: 'L', afterClose: null };
}

/** No reason has a code of its own for after close: the school decides (product.md 4). */
export const shippedLateReasons: readonly LateReason[] = [
  late('bus', 'Bus or train', 'Bws neu drên', 'bus'),
  late('overslept', 'I overslept', "Wnes i gysgu'n hwyr", 'bed'),
  late('traffic', 'Traffic', 'Traffig', 'traffic'),
  late('appointment', 'Appointment', 'Apwyntiad', 'appointment'),
  late('weather', 'Weather', 'Y tywydd', 'weather'),
  late('family', 'Family', 'Teulu', 'family'),
  { kind: 'late', ...tellStaff, beforeClose: 'L', afterClose: null },
];

export const shippedLeaveReasons: readonly LeaveReason[] = [
  {
    kind: 'leave',
    id: 'medical',
    label: { en: 'Appointment', cy: 'Apwyntiad' },
    icon: 'appointment',
    laterSessionCode: 'M',
    back: 'ask',
  },
  {
    kind: 'leave',
    id: 'unwell',
    label: { en: 'I feel unwell', cy: "Dwi'n teimlo'n sâl" },
    icon: 'unwell',
    // Illness is for the office to say (mis.md 7.2), not for the pupil.
    laterSessionCode: null,
    back: 'ask',
  },
  {
    kind: 'leave',
    id: 'family',
    label: { en: 'Family', cy: 'Teulu' },
    icon: 'family',
    laterSessionCode: null,
    back: 'ask',
  },
  {
    kind: 'leave',
    id: 'lunch',
    label: { en: 'Lunch', cy: 'Cinio' },
    icon: 'lunch',
    laterSessionCode: null,
    back: { minutes: 60 },
  },
  { kind: 'leave', ...tellStaff, laterSessionCode: null, back: 'ask' },
];
