/** "Reasons and times" on the staff page: what may be changed, as it is now and as the technician file says it. */
import type { Choice } from './staff-rows.ts';

/** As it would stand in the technician file. */
export type SettingValue = string | number | boolean | readonly SettingValue[] | SettingTable;
export interface SettingTable {
  readonly [name: string]: SettingValue;
}

/** What is typed in for it. */
export type SettingForm =
  | { readonly kind: 'reason'; readonly of: 'late' | 'leave' }
  | { readonly kind: 'register' | 'hours' | 'weekdays' | 'overrides' | 'exception' | 'years' | 'texts' | 'approval' }
  | { readonly kind: 'choice'; readonly choices: readonly (Choice & { readonly value: SettingValue })[] }
  | { readonly kind: 'number'; readonly unit: string; readonly least: number; readonly most: number };

export interface SettingRow {
  /** Its name for `change-setting`: `late.hold_seconds`, `reason.late.bus`, `exception.2026-12-21.2027-01-01`. */
  readonly place: string;
  readonly name: string;
  readonly form: SettingForm;
  /** Null: there is none now. */
  readonly value: SettingValue | null;
  readonly words: string;
  /** What the technician file, or what is shipped where it is silent, has there in words; null: nothing. */
  readonly inFile: string | null;
  /** Staff changed it. */
  readonly changed: boolean;
  /** What comes by itself on a later day. */
  readonly coming: readonly { readonly from: string; readonly words: string }[];
}

export interface SettingSaid {
  readonly setting: string;
  readonly at: string;
  readonly by: string;
  readonly why: string | null;
  readonly name: string;
  readonly words: string;
  readonly from: string;
  readonly state: 'holds' | 'coming' | 'replaced' | 'undone';
  /** Null: nobody took it back. */
  readonly undoneBy: string | null;
}

export interface SettingsView {
  readonly today: string;
  /** What a change is shown on, until somebody says otherwise. */
  readonly example: { readonly date: string; readonly time: string; readonly yearGroup: string };
  readonly languages: readonly Choice[];
  readonly yearGroups: readonly string[];
  /** Pictures that a reason may have. */
  readonly icons: readonly string[];
  /** In the order of the tiles; `tell-staff`, which cannot go, is last. Those that staff took out follow, for coming back. */
  readonly late: readonly SettingRow[];
  readonly leave: readonly SettingRow[];
  readonly times: readonly SettingRow[];
  /** By their days. */
  readonly exceptions: readonly SettingRow[];
  readonly rules: readonly SettingRow[];
  /** Newest first. */
  readonly said: readonly SettingSaid[];
}

/** Query `preview-setting`. */
export interface SettingPreview {
  /** What an example comes to with the settings as they are on that day, and with the change. */
  readonly now: string;
  readonly then: string;
}

/** Query `setting-codes`: `{ date }`. */
export interface SettingCodes {
  /** For a pupil who comes while the register is open. */
  readonly present: readonly Choice[];
  readonly all: readonly Choice[];
  /** Does the MIS have them? A sentence. */
  readonly words: string;
}
