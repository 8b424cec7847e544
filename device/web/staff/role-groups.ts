/** Roles that go together, for the table of who may what (`roles.ts`) and for what a view shows to whom. */
import type { Role } from '../../contract/staff.ts';

/** Those who work with pupils at the desk. They see photos. */
export const desk: readonly Role[] = ['reception', 'attendance', 'safeguarding', 'administrator'];
/** Those who answer for marks. */
export const marks: readonly Role[] = ['attendance', 'administrator'];
/** Those who see pupils. */
export const looks: readonly Role[] = [...desk, 'auditor'];
/** Those who hold photos and movements. */
export const holders: readonly Role[] = ['safeguarding', 'administrator'];
export const administrator: readonly Role[] = ['administrator'];
/** Those who count pupils when the alarm goes. */
export const wardens: readonly Role[] = [...desk, 'fire-warden'];
/** Those who read the log: inspectors and whoever answers for the box. */
export const auditors: readonly Role[] = ['auditor', 'administrator'];
