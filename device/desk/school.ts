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
}

export interface RosterView {
  readonly pupils: readonly Pupil[];
  byKey(key: string): Pupil | undefined;
}

export function lateReason(settings: Settings, id: string): LateReason | undefined {
  return settings.lateReasons.find((reason) => reason.id === id);
}
export function leaveReason(settings: Settings, id: string): LeaveReason | undefined {
  return settings.leaveReasons.find((reason) => reason.id === id);
}
