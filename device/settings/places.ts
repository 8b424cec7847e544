/**
 * What staff may change, by name, and how a change lies over the technician file (settings.md): per key, per reason, per date.
 *
 * - `late.hold_seconds`: a key of the file, of those in `changeable`
 * - `reason.late.bus`: a reason, as a `[[reason]]` of the file
 * - `order.leave`: the ids of the reasons of one kind, in the order of their tiles
 * - `exception.2026-12-21.2027-01-01`: the exceptions of exactly these days, each without its dates; one day is named twice
 */
import { TELL_STAFF, shippedLateReasons, shippedLeaveReasons } from '../domain/settings-defaults.ts';
import type { SettingChange } from '../domain/record.ts';
import type { Overlay } from '../domain/setting-changes.ts';
import { isTable } from './toml.ts';
import type { TomlTable, TomlValue } from './toml.ts';
import { lateInFile, leaveInFile } from './values.ts';

type Kind = 'late' | 'leave';

/** Keys of the file, in the order in which staff see them. Whatever opens, drives or pays for a part stays with the technician. */
export const changeable: ReadonlySet<string> = new Set([
  ...['school_days', 'am', 'pm', 'kiosk', 'override'].map((name) => `times.${name}`),
  ...['after_close', 'replace_present', 'hold_seconds', 'repeat_times', 'comes_and_goes', 'where_next'].map(
    (name) => `late.${name}`,
  ),
  ...['approval', 'ask_with_whom', 'write_later_session'].map((name) => `leave.${name}`),
  ...['photo', 'school_name', 'registration_group'].map((name) => `badge.${name}`),
  ...['photos', 'events'].map((name) => `keep.${name}`),
]);

const dates = String.raw`(\d{4}-\d{2}-\d{2})\.(\d{4}-\d{2}-\d{2})`;
const shapes = {
  reason: /^reason\.(late|leave)\.([a-z0-9][a-z0-9-]{0,31})$/,
  order: /^order\.(late|leave)$/,
  exception: new RegExp(`^exception\\.${dates}$`),
} as const;

export const isPlace = (place: string): boolean =>
  changeable.has(place) || Object.values(shapes).some((shape) => shape.test(place));

/** The file's values with the changes over them; both stay as they are. A place that this version does not know is passed over. */
export function overlaid(values: TomlTable, changes: Overlay): TomlTable {
  const over: TomlTable = structuredClone(values);
  for (const [place, { change }] of changes) if (change !== 'as-in-file') put(over, place, change);
  // Last: what is put in order may have been added by a change that comes later.
  for (const [place, { change }] of changes) if (change !== 'as-in-file') putInOrder(over, place, change);
  return over;
}

/** What stands there, in the shape that a change would have; undefined: nothing. */
export function at(values: TomlTable, place: string): TomlValue | undefined {
  const [, kind, id] = shapes.reason.exec(place) ?? [];
  if (isKind(kind)) return reasonsOf(values, kind).find((one) => one['id'] === id);
  const [, ordered] = shapes.order.exec(place) ?? [];
  if (isKind(ordered)) return reasonsOf(values, ordered).map((one) => one['id'] ?? '');
  const [, from, to] = shapes.exception.exec(place) ?? [];
  if (from !== undefined && to !== undefined) {
    const there = exceptionsOf(values).filter((one) => isOfDays(one, from, to));
    return there.length === 0 ? undefined : there.map(withoutDays);
  }
  const [section = '', name = ''] = place.split('.');
  const table = values[section];
  return isTable(table) ? table[name] : undefined;
}

function put(over: TomlTable, place: string, change: Exclude<SettingChange, 'as-in-file'>): void {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- it came as JSON, and the file's schema checks it
  const value = change === 'removed' ? undefined : (change.set as TomlValue);
  const [, kind, id] = shapes.reason.exec(place) ?? [];
  if (isKind(kind)) {
    const all = reasonsOf(over, kind);
    const at = all.findIndex((one) => one['id'] === id);
    const given = isTable(value) ? [{ ...value, kind, id: id ?? '' }] : [];
    const next = at < 0 ? [...all, ...given] : [...all.slice(0, at), ...given, ...all.slice(at + 1)];
    over['reason'] = [...reasonsOf(over, otherThan(kind)), ...next];
    return;
  }
  const [, from, to] = shapes.exception.exec(place) ?? [];
  if (from !== undefined && to !== undefined) {
    const days = from === to ? { date: from } : { from, to };
    const given = Array.isArray(value) ? value.filter(isTable).map((one) => ({ ...one, ...days })) : [];
    const others = exceptionsOf(over).filter((one) => !isOfDays(one, from, to));
    over['times'] = { ...tableOf(over['times']), exception: [...others, ...given] };
    return;
  }
  if (!changeable.has(place)) return;
  const [section = '', name = ''] = place.split('.');
  const { [name]: _, ...rest } = tableOf(over[section]);
  over[section] = value === undefined ? rest : { ...rest, [name]: value };
}

function putInOrder(over: TomlTable, place: string, change: Exclude<SettingChange, 'as-in-file'>): void {
  const [, kind] = shapes.order.exec(place) ?? [];
  if (!isKind(kind) || change === 'removed' || !Array.isArray(change.set)) return;
  const rank = new Map(change.set.map((id, at) => [id, at]));
  const rankOf = (one: TomlTable): number => rank.get(one['id']) ?? rank.size;
  const ranked = reasonsOf(over, kind).sort((one, other) => rankOf(one) - rankOf(other));
  over['reason'] = [...reasonsOf(over, otherThan(kind)), ...ranked];
}

/** Those of the file, or the shipped ones where it gives none: any of a kind stand in the place of all of that kind. */
function reasonsOf(values: TomlTable, kind: Kind): TomlTable[] {
  const given = tablesOf(values['reason']).filter((one) => one['kind'] === kind);
  // "I'd rather tell…" is always there, by itself.
  if (given.some((one) => one['id'] !== TELL_STAFF)) return given;
  const shipped = kind === 'late' ? shippedLateReasons.map(lateInFile) : shippedLeaveReasons.map(leaveInFile);
  return [...shipped.filter(({ id }) => id !== TELL_STAFF), ...given];
}

const exceptionsOf = (values: TomlTable): TomlTable[] => tablesOf(tableOf(values['times'])['exception']);
function isOfDays(one: TomlTable, from: string, to: string): boolean {
  return (one['date'] ?? one['from']) === from && (one['date'] ?? one['to']) === to;
}
function withoutDays({ date: _date, from: _from, to: _to, ...rest }: TomlTable): TomlTable {
  return rest;
}

const isKind = (word: string | undefined): word is Kind => word === 'late' || word === 'leave';
const otherThan = (kind: Kind): Kind => (kind === 'late' ? 'leave' : 'late');
const tableOf = (value: TomlValue | undefined): TomlTable => (isTable(value) ? value : {});
const tablesOf = (value: TomlValue | undefined): TomlTable[] => (Array.isArray(value) ? value.filter(isTable) : []);
