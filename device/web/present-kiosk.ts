/** Inner state to what the kiosk page sees: settings and counts, never a pupil. */
import type { Accepting, KioskSnapshot, ReasonTile } from '../contract/kiosk.ts';
import { compareYearGroups } from '../domain/year-group.ts';
import type { Ledger } from '../domain/ledger.ts';
import { heldArrival } from '../desk/presence.ts';
import type { School } from '../desk/school.ts';
import { clockFace } from '../desk/when.ts';

export interface KioskSituation {
  readonly runId: string;
  readonly revision: number;
  readonly accepting: Accepting;
  readonly demo: boolean;
  readonly camera: boolean;
  readonly firstUse: KioskSnapshot['firstUse'];
}

export function kioskSnapshot(school: School, ledger: Ledger, situation: KioskSituation): KioskSnapshot {
  const { settings, clock, roster } = school;
  const years = new Set<string>();
  for (const { yearGroup } of roster.pupils) if (yearGroup !== null) years.add(yearGroup);
  const hold = heldArrival(school, ledger, clock.reading());
  return {
    ...situation,
    school: settings.school.name,
    box: settings.box.name,
    accent: settings.school.accent,
    languages: settings.school.languages,
    nowMs: clock.now(),
    timeZone: settings.school.timeZone,
    clockTrusted: clock.trusted(),
    yearGroups: [...years].filter((year) => !settings.roster.offKiosk.includes(year)).sort(compareYearGroups),
    lateReasons: settings.lateReasons.map(({ id, label, icon }): ReasonTile => ({ id, label, icon, back: 'ask' })),
    leaveReasons: settings.leaveReasons.map(({ id, label, icon, back }): ReasonTile => ({ id, label, icon, back })),
    withWhomAsked: settings.leave.askWithWhom,
    whereNext: settings.late.whereNext,
    approvalsWaiting: ledger.waiting.size,
    heldArrival:
      hold === null ? null : { reason: hold.reason, time: clockFace(hold.touch.earliest, settings.school.timeZone) },
  };
}
