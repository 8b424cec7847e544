/** What the technician file says once it has been read: every default filled in, times in minutes. */
import type { LocalText, Language } from '../contract/kiosk.ts';

/** Minutes since local midnight, 0 to 1439 (1440 only as an end). */
export type MinuteOfDay = number;
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';
/** `YYYY-MM-DD`, school local. */
export type IsoDate = string;
export type SessionName = 'AM' | 'PM';

/** One session's register, local wall time: `opens <= starts <= closes <= ends`. */
export interface RegisterTimes {
  readonly opens: MinuteOfDay;
  /** What minutes late count from. */
  readonly starts: MinuteOfDay;
  readonly closes: MinuteOfDay;
  readonly ends: MinuteOfDay;
}
/** `none`: no such session for these pupils (AM-only year groups). Undefined: inherited. */
export interface TimesPatch {
  readonly am?: RegisterTimes | 'none';
  readonly pm?: RegisterTimes | 'none';
}
export interface TimesOverride extends TimesPatch {
  readonly weekdays: readonly Weekday[] | null;
  readonly yearGroups: readonly string[] | null;
}
export interface TimesException extends TimesPatch {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly closed: boolean;
  readonly yearGroups: readonly string[] | null;
}

interface ReasonBase {
  readonly id: string;
  readonly label: LocalText;
  readonly icon: string | null;
}
export interface LateReason extends ReasonBase {
  readonly kind: 'late';
  /** Code while the register is open (`L` as shipped). */
  readonly beforeClose: string;
  /** Code after close, `none` where the school decides each time. */
  readonly afterClose: string | null;
}
export interface LeaveReason extends ReasonBase {
  readonly kind: 'leave';
  /** Code proposed (or written) for a later session that the pupil misses; null: none proposed. */
  readonly laterSessionCode: string | null;
  readonly back: 'ask' | 'not-today' | { readonly minutes: number };
}

export interface Settings {
  readonly school: {
    readonly name: string;
    readonly nation: 'england' | 'wales';
    readonly timeZone: string;
    readonly languages: readonly Language[];
    readonly accent: string;
    /** Shared by the boxes of one school; null: made by the box and kept in its data folder. */
    readonly badgeKey: string | null;
  };
  readonly box: { readonly id: number; readonly name: string };
  readonly times: {
    readonly schoolDays: readonly Weekday[];
    readonly am: RegisterTimes;
    readonly pm: RegisterTimes;
    readonly kiosk: { readonly from: MinuteOfDay; readonly to: MinuteOfDay };
    readonly overrides: readonly TimesOverride[];
    readonly exceptions: readonly TimesException[];
  };
  readonly late: {
    readonly afterClose: 'office' | 'code';
    readonly replacePresent: boolean;
    readonly holdSeconds: number;
    /** So often late in the time of a report, and a pupil is named in it. */
    readonly repeatTimes: number;
    readonly comesAndGoes: readonly string[];
    readonly whereNext: LocalText;
  };
  readonly leave: {
    readonly approval: { readonly yearGroups: readonly string[]; readonly reasons: readonly string[] };
    readonly askWithWhom: 'approval' | 'always' | 'never';
    readonly writeLaterSession: boolean;
  };
  /** In tile order; `tell-staff` last. */
  readonly lateReasons: readonly LateReason[];
  readonly leaveReasons: readonly LeaveReason[];
  readonly mis:
    | {
        readonly connector: 'wonde';
        readonly baseUrl: string;
        readonly schoolId: string;
        readonly token: string;
        readonly writeBack: boolean;
      }
    | { readonly connector: 'none' };
  readonly roster: {
    readonly source: 'mis' | 'csv';
    /** Absolute path, resolved against the technician file's folder. */
    readonly csv: string | null;
    readonly refresh: MinuteOfDay;
    /** Year groups never shown at the kiosk (product.md 4: Nursery as shipped), normalised. */
    readonly offKiosk: readonly string[];
  };
  readonly hardware: {
    readonly printer: {
      readonly kind: 'usb' | 'simulated' | 'none';
      readonly paperMm: 58 | 80;
      readonly vendor: number | null;
      readonly product: number | null;
      readonly density: number | null;
      readonly cut: boolean;
    };
    readonly camera: { readonly kind: 'auto' | 'libcamera' | 'v4l2' | 'simulated' | 'none' };
    readonly lights: {
      readonly kind: 'gpio' | 'simulated' | 'none';
      readonly green: number;
      readonly amber: number;
      readonly red: number;
      readonly activeLow: boolean;
    };
  };
  readonly badge: { readonly photo: boolean; readonly schoolName: boolean; readonly registrationGroup: boolean };
  readonly web: {
    readonly kioskPort: number;
    readonly staffPort: number;
    readonly staffBind: string;
    readonly tlsCert: string | null;
    readonly tlsKey: string | null;
  };
  readonly keep: { readonly photos: 'same-day' | 'next-school-day'; readonly events: 'school-year' | number };
  readonly clock: { readonly trust: 'auto' | 'system' };
  /** Hash of the settings in force: stands in every `decided` record. */
  readonly version: string;
}
