/** Looks into a setting's value, which stands there as it would in the technician file. */
import type { SettingTable, SettingValue } from '../../../../device/contract/staff-settings.ts';

export const isTable = (value: SettingValue | null | undefined): value is SettingTable =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const tableOf = (value: SettingValue | null | undefined): SettingTable => (isTable(value) ? value : {});
export const listOf = (value: SettingValue | null | undefined): readonly SettingValue[] =>
  Array.isArray(value) ? (value as readonly SettingValue[]) : [];
export const textsOf = (value: SettingValue | null | undefined): readonly string[] => listOf(value).map(scalar);
/** What is no list and no table, as text. */
export const scalar = (value: SettingValue | null | undefined): string =>
  typeof value === 'object' ? '' : String(value ?? '');
export const textOf = (value: SettingValue | null | undefined, name: string): string => scalar(tableOf(value)[name]);

/** The table with another value there; null: without it. */
export function withPart(value: SettingValue | null, name: string, part: SettingValue | null): SettingTable {
  const { [name]: _, ...rest } = tableOf(value);
  return part === null ? rest : { ...rest, [name]: part };
}
