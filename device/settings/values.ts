/** The settings that staff may change, as a technician file would say them with every default written out. */
import type {
  LateReason,
  LeaveReason,
  RegisterTimes,
  Settings,
  TimesException,
  TimesOverride,
  TimesPatch,
} from '../domain/settings.ts';
import { clockTime } from './kinds.ts';
import type { TomlTable } from './toml.ts';

export function fileValues({ times, late, leave, lateReasons, leaveReasons, badge, keep }: Settings): TomlTable {
  return {
    times: {
      school_days: [...times.schoolDays],
      am: register(times.am),
      pm: register(times.pm),
      kiosk: { from: clockTime(times.kiosk.from), to: clockTime(times.kiosk.to) },
      override: times.overrides.map(override),
      exception: times.exceptions.map(exception),
    },
    late: {
      after_close: late.afterClose,
      replace_present: late.replacePresent,
      hold_seconds: late.holdSeconds,
      comes_and_goes: [...late.comesAndGoes],
      where_next: { ...late.whereNext },
    },
    leave: {
      approval: { year_groups: [...leave.approval.yearGroups], reasons: [...leave.approval.reasons] },
      ask_with_whom: leave.askWithWhom,
      write_later_session: leave.writeLaterSession,
    },
    reason: [...lateReasons.map(lateInFile), ...leaveReasons.map(leaveInFile)],
    badge: { photo: badge.photo, school_name: badge.schoolName, registration_group: badge.registrationGroup },
    keep: { photos: keep.photos, events: keep.events },
  };
}

export function lateInFile({ id, label, icon, beforeClose, afterClose }: LateReason): TomlTable {
  const code = { before_close: beforeClose, after_close: afterClose ?? 'none' };
  return { kind: 'late', id, label: { ...label }, ...(icon === null ? {} : { icon }), code };
}
export function leaveInFile({ id, label, icon, laterSessionCode, back }: LeaveReason): TomlTable {
  const rest = { later_session_code: laterSessionCode ?? 'none', back: typeof back === 'object' ? back.minutes : back };
  return { kind: 'leave', id, label: { ...label }, ...(icon === null ? {} : { icon }), ...rest };
}

function register({ opens, starts, closes, ends }: RegisterTimes): TomlTable {
  const from = starts === opens ? {} : { starts: clockTime(starts) };
  return { opens: clockTime(opens), ...from, closes: clockTime(closes), ends: clockTime(ends) };
}
function patch({ am, pm }: TimesPatch): TomlTable {
  return {
    ...(am === undefined ? {} : { am: am === 'none' ? am : register(am) }),
    ...(pm === undefined ? {} : { pm: pm === 'none' ? pm : register(pm) }),
  };
}
const ofYears = (yearGroups: readonly string[] | null): TomlTable =>
  yearGroups === null ? {} : { year_groups: [...yearGroups] };
function override({ weekdays, yearGroups, ...times }: TimesOverride): TomlTable {
  return { ...(weekdays === null ? {} : { weekdays: [...weekdays] }), ...ofYears(yearGroups), ...patch(times) };
}
function exception({ from, to, closed, yearGroups, ...times }: TimesException): TomlTable {
  const days: TomlTable = from === to ? { date: from } : { from, to };
  return { ...days, ...(closed ? { closed } : {}), ...ofYears(yearGroups), ...patch(times) };
}
