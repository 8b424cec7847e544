import type { Role } from '../../../device/contract/staff.ts';

/** What staff call a role, and what it may do. */
export const roleWords: Readonly<Record<Role, readonly [name: string, may: string]>> = {
  reception: ['Reception', 'signs pupils in, out and back, lets them go, prints badges'],
  attendance: ['Attendance', 'the same, and decides marks, rosters and times'],
  safeguarding: ['Safeguarding lead', 'as reception, and holds photos'],
  'fire-warden': ['Fire warden', 'sees the evacuation list only'],
  auditor: ['Auditor', 'sees and changes nothing'],
  administrator: ['Administrator', 'all of it, and people'],
};
