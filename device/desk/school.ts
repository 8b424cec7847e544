/** What the flows ask of the world around the desk: today's settings, the roster, the clock, what the MIS showed last. */
import type { LateReason, LeaveReason, Settings } from '../domain/settings.ts';
import type { Pupil } from '../domain/pupil.ts';
import type { Clock, Random } from '../system/ports.ts';

export interface School {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly roster: RosterView;
  /** Keyed hash for badge IDs: HMAC-SHA-256 under the school's badge key. */
  readonly badgeHash: (text: string) => Uint8Array;
  /** The code that stood in the MIS at the last read of that session, if there was one. */
  readonly observed: (pupil: string, date: string, session: 'AM' | 'PM') => string | null;
  /** When that read was, by the wall clock; null: nobody has read that pupil's mark. Milliseconds since the epoch. */
  readonly observedAt: (pupil: string, date: string, session: 'AM' | 'PM') => number | null;
  /** False: a record of a newer version may change what follows for registers; movements are recorded all the same. */
  readonly mayDecide: () => boolean;
  /** Nobody can sign in or out here now: what is known of movements is of before. */
  readonly isOutOfService?: true;
}

export interface RosterView {
  readonly pupils: readonly Pupil[];
  byKey(key: string): Pupil | undefined;
}

/** Null: none was given, or the school no longer has it. */
export function lateReason(settings: Settings, id: string | null): LateReason | null {
  return settings.lateReasons.find((reason) => reason.id === id) ?? null;
}
export function leaveReason(settings: Settings, id: string | null): LeaveReason | null {
  return settings.leaveReasons.find((reason) => reason.id === id) ?? null;
}

/** A reason as staff read it, in the school's first language; its id where the school no longer has it. */
export function reasonLabel(settings: Settings, kind: 'late' | 'leave', id: string | null): string | null {
  if (id === null) return null;
  const reason = kind === 'late' ? lateReason(settings, id) : leaveReason(settings, id);
  return reason?.label[settings.school.languages[0] ?? 'en'] ?? reason?.label.en ?? id;
}

export function forenameOf(school: School, pupil: string | null): string | null {
  return school.roster.byKey(pupil ?? '')?.forename ?? null;
}

/** By the pupil's year group or by the reason: either asks for it. */
export function needsApproval(settings: Settings, pupil: Pick<Pupil, 'yearGroup'>, reason: string): boolean {
  const { yearGroups, reasons } = settings.leave.approval;
  return reasons.includes(reason) || (pupil.yearGroup !== null && yearGroups.includes(pupil.yearGroup));
}
