/** From the file's names to the settings the rest of Porter uses (`domain/settings.ts`). Only for files without a problem. */
import { resolve } from 'node:path';
import { TELL_STAFF, shippedLateReasons, shippedLeaveReasons } from '../domain/settings-defaults.ts';
import type {
  LateReason,
  LeaveReason,
  RegisterTimes,
  Settings,
  TimesException,
  TimesOverride,
  TimesPatch,
} from '../domain/settings.ts';
import { STORED } from './kinds.ts';
import type { FileValues } from './schema.ts';
import { settingsVersion } from './version.ts';

/** Secrets that are `"(stored)"` are left empty (`token`) or null (`badgeKey`): see `withSecrets`. */
export function buildSettings(file: FileValues, baseDir: string): Settings {
  const path = (name: string | undefined) => (name === undefined ? null : resolve(baseDir, name));
  const settings = {
    school: {
      name: file.school.name,
      nation: file.school.nation,
      timeZone: file.school.time_zone,
      languages: file.school.languages,
      accent: file.school.accent.toLowerCase(),
      badgeKey: file.school.badge_key === STORED ? null : (file.school.badge_key ?? null),
    },
    box: file.box,
    times: buildTimes(file.times),
    late: {
      afterClose: file.late.after_close,
      replacePresent: file.late.replace_present,
      holdSeconds: file.late.hold_seconds,
      repeatTimes: file.late.repeat_times,
      comesAndGoes: file.late.comes_and_goes,
      whereNext: file.late.where_next,
    },
    leave: {
      approval: { yearGroups: file.leave.approval.year_groups, reasons: file.leave.approval.reasons },
      askWithWhom: file.leave.ask_with_whom,
      writeLaterSession: file.leave.write_later_session,
    },
    lateReasons: lateReasons(file.reason),
    leaveReasons: leaveReasons(file.reason),
    mis: buildMis(file.mis),
    roster: {
      source: rosterSource(file),
      csv: rosterSource(file) === 'csv' && file.roster.csv !== STORED ? path(file.roster.csv) : null,
      refresh: file.roster.refresh,
      offKiosk: file.roster.off_kiosk,
    },
    hardware: buildHardware(file.hardware),
    badge: {
      photo: file.badge.photo,
      schoolName: file.badge.school_name,
      registrationGroup: file.badge.registration_group,
    },
    web: {
      kioskPort: file.web.kiosk_port,
      staffPort: file.web.staff_port,
      staffBind: file.web.staff_bind,
      tlsCert: path(file.web.tls_cert),
      tlsKey: path(file.web.tls_key),
    },
    keep: file.keep,
    clock: file.clock,
  } satisfies Omit<Settings, 'version'>;
  return { ...settings, version: settingsVersion(settings) };
}

/** Where no MIS is asked, the roster can only be a file. */
export function rosterSource(file: Pick<FileValues, 'mis' | 'roster'>): 'mis' | 'csv' {
  return file.roster.source ?? (file.mis.connector === 'none' ? 'csv' : 'mis');
}

type FileTimes = FileValues['times'];
type FilePatch = Pick<FileTimes['override'][number], 'am' | 'pm'>;

function buildTimes(times: FileTimes): Settings['times'] {
  return {
    schoolDays: times.school_days,
    am: register(times.am),
    pm: register(times.pm),
    kiosk: times.kiosk,
    overrides: times.override.map((given): TimesOverride => ({
      weekdays: given.weekdays ?? null,
      yearGroups: given.year_groups ?? null,
      ...patch(given),
    })),
    exceptions: times.exception.map((given): TimesException => ({
      from: given.date ?? given.from ?? '',
      to: given.date ?? given.to ?? '',
      closed: given.closed,
      yearGroups: given.year_groups ?? null,
      ...patch(given),
    })),
  };
}

function patch(given: FilePatch): TimesPatch {
  return {
    ...(given.am === undefined ? {} : { am: given.am === 'none' ? 'none' : register(given.am) }),
    ...(given.pm === undefined ? {} : { pm: given.pm === 'none' ? 'none' : register(given.pm) }),
  };
}

function register(given: FileTimes['am']): RegisterTimes {
  return { opens: given.opens, starts: given.starts ?? given.opens, closes: given.closes, ends: given.ends };
}

type FileReason = FileValues['reason'][number];

function lateReasons(given: readonly FileReason[]): readonly LateReason[] {
  const own = given
    .filter((reason) => reason.kind === 'late')
    .map((reason): LateReason => ({
      kind: 'late',
      ...tile(reason),
      beforeClose: reason.code.before_close,
      afterClose: codeOrNone(reason.code.after_close),
    }));
  return withTellStaff(own, shippedLateReasons);
}

function leaveReasons(given: readonly FileReason[]): readonly LeaveReason[] {
  const own = given
    .filter((reason) => reason.kind === 'leave')
    .map((reason): LeaveReason => ({
      kind: 'leave',
      ...tile(reason),
      laterSessionCode: codeOrNone(reason.later_session_code),
      back: typeof reason.back === 'number' ? { minutes: reason.back } : reason.back,
    }));
  return withTellStaff(own, shippedLeaveReasons);
}

/** Any reason of a kind replaces the shipped ones of that kind; `tell-staff` stays, last, in the school's form if it gave one. */
function withTellStaff<R extends LateReason | LeaveReason>(own: readonly R[], shipped: readonly R[]): readonly R[] {
  const isTellStaff = (reason: R) => reason.id === TELL_STAFF;
  const others = own.some((reason) => !isTellStaff(reason)) ? own : shipped;
  const last = own.find(isTellStaff) ?? shipped.find(isTellStaff);
  return [...others.filter((reason) => !isTellStaff(reason)), ...(last === undefined ? [] : [{ ...last, icon: null }])];
}

function tile(reason: FileReason) {
  return { id: reason.id, label: reason.label, icon: reason.icon ?? null };
}

function codeOrNone(code: string): string | null {
  return code === 'none' ? null : code;
}

function buildMis(mis: FileValues['mis']): Settings['mis'] {
  if (mis.connector === 'none') return { connector: 'none' };
  return {
    connector: 'wonde',
    baseUrl: mis.base_url,
    schoolId: mis.school_id ?? '',
    token: mis.token === undefined || mis.token === STORED ? '' : mis.token,
    writeBack: mis.write_back,
  };
}

function buildHardware({ printer, camera, lights }: FileValues['hardware']): Settings['hardware'] {
  return {
    printer: {
      kind: printer.kind,
      paperMm: printer.paper_mm,
      vendor: printer.vendor ?? null,
      product: printer.product ?? null,
      density: printer.density ?? null,
      cut: printer.cut,
    },
    camera,
    lights: {
      kind: lights.kind,
      green: lights.green,
      amber: lights.amber,
      red: lights.red,
      activeLow: lights.active_low,
    },
  };
}
